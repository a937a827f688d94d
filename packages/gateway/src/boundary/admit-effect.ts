import type { Principal, RegisteredTool } from '@sallyport/core'
import { refuse, type Verdict } from './ports.ts'

/** A credential may be narrower than its agent: one for reads cannot send, whoever holds it (HB-64). */
export function admitEffect(principal: Principal, tool: RegisteredTool): Verdict<null> {
  const { effect } = tool.annotation
  if (principal.effects?.includes(effect) ?? true) return { ok: true, value: null }
  return refuse('SP_AUTHZ_SCOPE', `The credential is for ${principal.effects?.join(', ')}; this tool is ${effect}.`)
}
