import type { Principal, Scope } from '@sallyport/core'
import { SallyportError, validateCredentialScope } from '@sallyport/core'
import type { Refusal, Verdict } from '../../boundary/ports.ts'
import { refuse } from '../../boundary/ports.ts'
import type { MatrixEntry } from './matrix.ts'
import type { ApiIdentity } from './ports.ts'
import type { Channel } from './request-head.ts'

/** Whoever can open the operator socket: may look, deny and kill. Everything else proves presence (threat-model §4). */
export const LOCAL_OPERATOR: Principal = Object.freeze({
  kind: 'human',
  id: 'local:operator',
  chain: Object.freeze([]),
  scopes: Object.freeze<Scope[]>(['read']),
  trustLevel: 0,
  instance: '',
})

/** Nobody, for public entries. */
const NOBODY: Principal = Object.freeze({
  kind: 'service',
  id: '',
  chain: Object.freeze([]),
  scopes: Object.freeze([]),
  trustLevel: 0,
  instance: '',
})

const BEARER = /^Bearer ([A-Za-z0-9._~+/=-]{1,4096})$/

export type Guarded =
  | { readonly ok: true; readonly principal: Principal }
  | {
      readonly ok: false
      readonly error: SallyportError
      readonly retryAfterSeconds?: number
      readonly principal?: Principal
    }

/**
 * Who is asking, and may they ask this: credential, kill switch, scope, rate, in this order and before a handler or a body
 * is touched (AC-2.1.2). Identity comes from the channel and the credential, from nothing else (T-003).
 */
export function guardRequest(
  identity: ApiIdentity,
  entry: MatrixEntry,
  channel: Channel,
  authorization: string | undefined,
): Guarded {
  if (entry.scope === 'public') return { ok: true, principal: NOBODY }
  const found = channel.plane === 'operator' ? localOperator(authorization) : agent(identity, entry, authorization)
  if (!found.ok) return failed(identity, found, channel)
  const principal = found.value
  const alive = identity.alive(principal)
  if (!alive.ok) return { ok: false, error: errorOf(alive), principal }
  const presence = 'presence' in entry ? entry.presence : undefined
  const verdict = validateCredentialScope({ required: [entry.scope], actual: actualOf(principal, entry, channel) })
  if (!verdict.ok) return { ok: false, error: new SallyportError('SP_AUTHZ_SCOPE', verdict.reason), principal }
  // Denying and killing stay possible under any flood.
  const taken = presence === 'free' ? { ok: true as const } : identity.requests.take(principal.id)
  if (!taken.ok)
    return {
      ok: false,
      error: rateError(taken.retryAfterSeconds),
      principal,
      retryAfterSeconds: taken.retryAfterSeconds,
    }
  return { ok: true, principal }
}

/** What stands behind a request: on the operator socket also a proof that the route asks for itself, and for an exchange the key. */
function actualOf({ scopes }: Principal, entry: MatrixEntry, { plane }: Channel): readonly string[] {
  const isProved = plane === 'agent' ? entry.auth === 'key' : 'presence' in entry && entry.presence !== undefined
  return isProved ? [...scopes, entry.scope] : scopes
}

function agent(identity: ApiIdentity, entry: MatrixEntry, authorization: string | undefined): Verdict<Principal> {
  if (authorization === undefined) return refuse('SP_AUTHN_REQUIRED')
  const token = BEARER.exec(authorization)?.[1]
  if (token === undefined) return refuse('SP_AUTHN_INVALID', 'It is not a bearer credential.')
  return entry.auth === 'key' ? identity.verifyKey(token) : identity.verify(token)
}

function localOperator(authorization: string | undefined): Verdict<Principal> {
  if (authorization === undefined) return { ok: true, value: LOCAL_OPERATOR }
  return refuse('SP_API_HEADER', 'The operator socket takes no credential.')
}

/** Guesses are counted by where they come from; beyond the limit they are not even answered with 401 (E-25). */
function failed(identity: ApiIdentity, refusal: Refusal, channel: Channel): Guarded {
  const taken = identity.failures.take(`${channel.plane}:${channel.kind}`)
  if (taken.ok) return { ok: false, error: errorOf(refusal) }
  return { ok: false, error: rateError(taken.retryAfterSeconds), retryAfterSeconds: taken.retryAfterSeconds }
}

const errorOf = ({ code, reason }: Refusal): SallyportError => new SallyportError(code, reason)
const rateError = (seconds: number): SallyportError =>
  new SallyportError('SP_AUTHZ_RATE', `Retry after ${seconds} seconds.`)
