import type { ErrorCode } from '../errors/codes.ts'
import { CAPABILITY_MS } from './token.ts'

/** What may be asked of the issuer (HB-62): one tool, one agent, at most 30 seconds. */
export interface CapabilityAsk {
  /** `tool:<server>.<tool>` */
  readonly scope: string
  /** `agent:<id>` */
  readonly subject: string
  /** Seconds, 1 to 30. */
  readonly maxAge: number
}

const SCOPE = /^tool:[a-z0-9][a-z0-9-]{0,31}\.[A-Za-z0-9_.:/-]{1,128}$/
const SUBJECT = /^agent:[^\s*]{1,128}$/

/** Why such a token is not issued: `scope: all`, wildcards, lists and long lives are refused (HB-59, HB-63, T-114). */
export function whyCapabilityIsTooWide(
  ask: CapabilityAsk,
): { readonly code: ErrorCode; readonly reason: string } | undefined {
  if (!SCOPE.test(ask.scope))
    return { code: 'SP_AUTHZ_GRANT', reason: 'A capability is for one tool: scope tool:<name>.' }
  if (!SUBJECT.test(ask.subject))
    return { code: 'SP_AUTHZ_GRANT', reason: 'A capability is for one agent: subject agent:<id>.' }
  if (!Number.isInteger(ask.maxAge) || ask.maxAge < 1 || ask.maxAge * 1000 > CAPABILITY_MS) {
    return { code: 'SP_AUTHZ_GRANT', reason: 'A capability lives 1 to 30 seconds: maxAge.' }
  }
  return undefined
}
