import type { JsonObject } from '@sallyport/core'
import { z } from 'zod'
import { readAs } from './read-as.ts'
import type { Route } from './route.ts'

export interface HealthSource {
  report(): Promise<object>
  check(): Promise<object>
  history(days: 7 | 30): Promise<object>
}

const Query = z.strictObject({ days: z.enum(['7', '30']).default('30') })

/** `/api/v1/health`: what the gateway found out about itself (SEC-7.4). The bare `/health` says nothing of it. */
export function healthRoutes(health: HealthSource): readonly Route[] {
  const base = { plane: 'operator', scope: 'read' } as const
  return [
    {
      ...{ ...base, method: 'GET', path: '/api/v1/health' },
      summary: 'Security score, findings with what they cost and what to do, what works, what could not be looked at.',
      handle: async () => ({ status: 200, body: (await health.report()) as JsonObject }),
    },
    {
      ...{ ...base, method: 'POST', path: '/api/v1/health/check' },
      summary: 'Looks now, and returns what came of it; who asks meanwhile gets the same answer.',
      handle: async () => ({ status: 200, body: (await health.check()) as JsonObject }),
    },
    {
      ...{ ...base, method: 'GET', path: '/api/v1/health/history' },
      summary: 'Scores and figures of each of the last 7 or 30 days (`days`), and grave findings of that time.',
      handle: async ({ query }) => {
        const { days } = readAs(Query, query)
        return { status: 200, body: (await health.history(days === '7' ? 7 : 30)) as JsonObject }
      },
    },
  ]
}
