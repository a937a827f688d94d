import type { Json, JsonObject } from '@sallyport/core'
import { z } from 'zod'
import { PROOF, requirePresence } from './operator-presence.ts'
import type { PresencePort } from './ports.ts'
import { readAs } from './read-as.ts'
import type { Route } from './route.ts'

export interface BudgetsRoutesDeps {
  readonly budgets: {
    list(): Promise<readonly object[]>
    /** @throws SallyportError SP_BUDGET_UNKNOWN */
    reset(name: string): Promise<number>
    /** @throws SallyportError SP_BUDGET_UNKNOWN */
    known(name: string): unknown
  }
  readonly presence: PresencePort
  readonly note: (event: string, body: JsonObject) => Promise<void>
}

const RESET = z.strictObject({ name: z.string().max(64), reason: z.string().min(1).max(500), proof: PROOF })

/** `/api/v1/budgets`: what was spent, and giving it again before its time, which needs presence. */
export function budgetsRoutes({ budgets, presence, note }: BudgetsRoutesDeps): Route[] {
  return [
    {
      method: 'GET',
      path: '/api/v1/budgets',
      plane: 'operator',
      scope: 'read',
      summary:
        'What was spent and is set aside of each budget in the cycle that is now, by whom, and when it is full again.',
      handle: async () => ({ status: 200, body: { budgets: (await budgets.list()) as unknown as Json } }),
    },
    {
      method: 'POST',
      path: '/api/v1/budgets/reset',
      plane: 'operator',
      scope: 'admin',
      presence: 'route',
      summary: 'Give all amounts of budget {name} again before their time, for a {reason}.',
      handle: async ({ body }) => {
        const { proof, ...asked } = readAs(RESET, body)
        budgets.known(asked.name)
        const by = await requirePresence(presence, 'budgets.reset', asked, proof, 'refuse')
        await note('budgets.reset', { budget: asked.name, reason: asked.reason, actor: by })
        return { status: 200, body: { name: asked.name, reset: await budgets.reset(asked.name) } }
      },
    },
  ]
}
