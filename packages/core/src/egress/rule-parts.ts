import type { Confidentiality, Integrity } from '../flow/label.ts'
import type { RequestShape } from './requests.ts'

/** What becomes of credentials that a client brings itself (T-115): taken out, a reason to refuse, or left, for its own account there. */
export type ForeignCredentials = 'strip' | 'refuse' | 'client'
/** What becomes of a request with a secret in it. */
export type SecretsInRequests = 'refuse' | 'mask' | 'record'

/** What a rule of egress says. */
export interface EgressRuleParts {
  /** Agents, and servers as `server:NAME`; absent: everyone with a way out. */
  readonly agents?: readonly string[] | undefined
  readonly hosts?: readonly string[] | undefined
  /** Absent: whatever is asked of these hosts, in a tunnel that nobody looks into. */
  readonly allow?: readonly RequestShape[] | undefined
  readonly deny?: readonly RequestShape[] | undefined
  readonly credentials?: ForeignCredentials | undefined
  readonly secrets?: SecretsInRequests | undefined
  readonly bodyBytes?: number | undefined
  /** Most that the session of an agent may know whose requests pass; default 3. */
  readonly confidentiality?: Confidentiality | undefined
  /** What is read there is worth to the session of an agent; default 3. */
  readonly integrity?: Integrity | undefined
}
