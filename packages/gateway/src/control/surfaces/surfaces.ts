import { toolId, type Principal, type RegisteredTool } from '@sallyport/core'
import { serves, unfit, type SurfaceTool, type SurfaceTools } from '@sallyport/core/surface'
import { pass, refuse, type Clock, type Verdict } from '../../boundary/ports.ts'
import type { SurfacePort } from '../../boundary/ports-surface.ts'
import { RateLimiter } from '../identity/rate-limiter.ts'

const INTERNAL: SurfaceTool = Object.freeze({ scope: 'internal' })
const NOT_OFFERED = refuse('SP_SURFACE_SCOPE', 'There is no such tool on this surface.')

/** The ceiling of each surface, from the table `surfaces.tools` and from what is known of each tool now (HB-18, E-91). */
export function createSurfaces({ tools, clock }: { readonly tools: SurfaceTools; readonly clock: Clock }): SurfacePort {
  const table = new Map(Object.entries(tools))
  const limits = new Map(
    [...table].flatMap(([id, { perHour }]) =>
      perHour === undefined ? [] : [[id, new RateLimiter(clock, perHour / 60, perHour)] as const],
    ),
  )
  const entryOf = (id: string): SurfaceTool => table.get(id) ?? INTERNAL
  const surfaceOf = ({ surface = 'local' }: Principal) => surface

  const offers = (principal: Principal, id: string): Verdict<null> =>
    serves(entryOf(id).scope, surfaceOf(principal)) ? pass(null) : NOT_OFFERED
  const fits = (principal: Principal, tool: RegisteredTool): Verdict<null> => {
    const id = toolId(tool.server, tool.name)
    const offered = offers(principal, id)
    if (!offered.ok || surfaceOf(principal) !== 'public') return offered
    const why = unfit(tool, entryOf(id))
    return why === undefined ? offered : refuse('SP_SURFACE_TOOL', why)
  }

  return Object.freeze<SurfacePort>({
    offers,
    shows: (principal, tool) => fits(principal, tool).ok,
    admit(principal, tool) {
      const fitting = fits(principal, tool)
      if (!fitting.ok || surfaceOf(principal) !== 'public') return fitting
      const taken = limits.get(tool.id)?.take(principal.id) ?? { ok: true }
      return taken.ok ? fitting : refuse('SP_AUTHZ_RATE', `Retry after ${taken.retryAfterSeconds} seconds.`)
    },
  })
}
