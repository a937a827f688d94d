import { SallyportError } from '@sallyport/core'
import type { Route } from './route.ts'

export interface MetricsSource {
  readonly contentType: string
  text(which: 'all' | 'security'): Promise<string>
}

const PAGES = [
  { path: '/metrics', which: 'all', summary: 'Metrics for Prometheus, text format 0.0.4 (docs/guides/metrics.md).' },
  { path: '/metrics/security', which: 'security', summary: 'The same for security alone: findings, score, refusals.' },
] as const

/**
 * `/metrics` and `/metrics/security` (E-28), for operators and for monitors with a credential. How often a detector fired is what
 * somebody learns from who looks for a way round it, so an agent that may call tools gets none of it (TM-RECON).
 */
export function metricsRoutes(metrics: MetricsSource): readonly Route[] {
  return (['operator', 'agent'] as const).flatMap((plane) =>
    PAGES.map(({ path, which, summary }): Route => ({
      ...{ method: 'GET', path, plane, scope: 'read' },
      summary: plane === 'agent' ? `${summary} For monitors: a credential that reads and does nothing else.` : summary,
      handle: async ({ principal }) => {
        if (plane === 'agent' && principal.scopes.some((scope) => scope !== 'read'))
          throw new SallyportError('SP_AUTHZ_SCOPE', 'Metrics are for credentials that only read.')
        return { status: 200, text: await metrics.text(which), headers: { 'content-type': metrics.contentType } }
      },
    })),
  )
}
