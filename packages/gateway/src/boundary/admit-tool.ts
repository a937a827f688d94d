import { toolId, type Principal, type RegisteredTool } from '@sallyport/core'
import { refuse, type IncomingCall, type Refusal, type Verdict } from './ports.ts'
import type { SurfacePort } from './ports-surface.ts'

/** Tools of another surface and effects beyond the credential: one for reads cannot send, whoever holds it (HB-7, HB-64). */
export function admitTool(surfaces: SurfacePort, principal: Principal, tool: RegisteredTool): Verdict<null> {
  const { effect } = tool.annotation
  const { effects } = principal
  if (effects !== undefined && !effects.includes(effect))
    return refuse('SP_AUTHZ_SCOPE', `The credential is for ${effects.join(', ')}; this tool is ${effect}.`)
  return surfaces.admit(principal, tool)
}

/** Why a call leads nowhere. Strangers are not told which tools there are besides theirs (T-173). */
export function unresolved(
  surfaces: SurfacePort,
  principal: Principal,
  { server, tool }: IncomingCall,
  why: Refusal,
): Refusal {
  const offered = surfaces.offers(principal, toolId(server, tool))
  return offered.ok ? why : offered
}
