import type { Principal, Scope } from '@sallyport/core'
import { networkOf, SallyportError, validateCredentialScope } from '@sallyport/core'
import type { Refusal, Verdict } from '../../boundary/ports.ts'
import { refuse } from '../../boundary/ports.ts'
import type { Take } from '../../boundary/ports-limits.ts'
import { rateOf, type MatrixEntry } from './matrix.ts'
import type { ApiIdentity, ConsoleSession, ConsoleSessions } from './ports.ts'
import type { Channel, RequestHead } from './request-head.ts'

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

/** Nobody can sign in where no sessions are kept. */
export const NO_SESSIONS: ConsoleSessions = Object.freeze<ConsoleSessions>({
  verify: () => refuse('SP_AUTHN_REQUIRED'),
  whileAlive: () => () => undefined,
})

export type Guarded =
  | { readonly ok: true; readonly principal: Principal; readonly session?: string }
  | {
      readonly ok: false
      readonly error: SallyportError
      readonly retryAfterSeconds?: number
      readonly principal?: Principal
    }

/**
 * Who is asking, and may they ask this: credential, kill switch, surface, scope, rate, in this order and before a handler or a body
 * is touched (AC-2.1.2). Identity comes from the channel and the credential, from nothing else (T-003).
 */
export function guardRequest(
  { identity, sessions }: { readonly identity: ApiIdentity; readonly sessions: ConsoleSessions },
  entry: MatrixEntry,
  channel: Channel,
  head: RequestHead,
  isRead: boolean,
): Guarded {
  const rate = rateOf(entry, channel.kind === 'console' ? 'console' : 'socket')
  const from = sourceOf(channel, head)
  if (entry.scope === 'public') return limited(identity.limits.take(rate, from), NOBODY)
  const found = whoAsks(identity, sessions, entry, channel, head, isRead)
  if (!found.ok) return failed(identity, found, channel, from)
  const { principal, session } = found.value
  const alive = identity.alive(principal)
  if (!alive.ok) return { ok: false, error: errorOf(alive), principal }
  if (principal.surface === 'public' && entry.visitors !== true)
    return { ok: false, error: new SallyportError('SP_SURFACE_SCOPE', 'This way in is not for it.'), principal }
  const presence = 'presence' in entry ? entry.presence : undefined
  const verdict = validateCredentialScope(scopesFor(principal, entry, channel))
  if (!verdict.ok) return { ok: false, error: new SallyportError('SP_AUTHZ_SCOPE', verdict.reason), principal }
  // Denying and killing stay possible under any flood.
  const taken: Take =
    presence === 'free' ? { ok: true } : identity.limits.take(rate, `${channel.plane}:${principal.id}`)
  return limited(taken, principal, session)
}

function limited(taken: Take, principal: Principal, session?: string): Guarded {
  if (taken.ok) return { ok: true, principal, ...(session === undefined ? {} : { session }) }
  const { retryAfterSeconds } = taken
  return { ok: false, error: rateError(retryAfterSeconds), principal, retryAfterSeconds }
}

/** What stands for somebody who is not known: the network they come from (E-26). */
const sourceOf = (channel: Channel, { peer }: RequestHead): string =>
  channel.kind === 'unix' ? `unix:${channel.plane}` : `net:${networkOf(peer)}`

type Asking = { readonly principal: Principal; readonly session?: string }

function whoAsks(
  identity: ApiIdentity,
  sessions: ConsoleSessions,
  entry: MatrixEntry,
  channel: Channel,
  head: RequestHead,
  isRead: boolean,
): Verdict<Asking> {
  const authorization = head.headers['authorization']
  // What the console does by itself does not keep the session open (E-47): it says so, and reconnecting is never more.
  const isActive = entry.rate !== 'live' && (!isRead || head.headers['sallyport-background'] === undefined)
  if (channel.kind === 'console') return sessionOf(sessions, channel, head, isActive)
  const found = channel.plane === 'operator' ? localOperator(authorization) : agent(identity, entry, authorization)
  return found.ok ? { ok: true, value: { principal: found.value } } : found
}

/**
 * What an entry wants, and what stands behind the request. On the console that are the person's roles, always: a proof of
 * presence comes on top of them. On the operator socket it is a proof that the route asks for itself, and for an exchange the key.
 */
function scopesFor({ scopes }: Principal, entry: MatrixEntry, { plane, kind }: Channel) {
  const presence = 'presence' in entry ? entry.presence : undefined
  if (kind === 'console') return { required: [presence === 'free' ? 'write' : entry.scope], actual: scopes }
  const isProved = plane === 'agent' ? entry.auth === 'key' : presence !== undefined
  return { required: [entry.scope], actual: isProved ? [...scopes, entry.scope] : scopes }
}

/** Who is signed in, by the cookie; nobody on any other channel. */
export function sessionOf(
  sessions: ConsoleSessions,
  channel: Channel,
  { headers, peer }: RequestHead,
  isActive: boolean,
): Verdict<ConsoleSession> {
  if (channel.kind !== 'console') return refuse('SP_AUTHN_REQUIRED')
  if (headers['authorization'] !== undefined) return refuse('SP_API_HEADER', 'The console takes no credential.')
  const token = cookieOf(headers['cookie'], channel.site.cookie)
  if (!token.ok) return token
  return sessions.verify(token.value, { address: peer }, isActive)
}

/** The one cookie of this name. Two of them mean that somebody else set one: neither counts. */
export function cookieOf(header: string | undefined, name: string): Verdict<string> {
  const found = (header ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
  if (found.length === 0) return refuse('SP_AUTHN_REQUIRED')
  const value = found[0]?.slice(name.length + 1) ?? ''
  if (found.length > 1 || !/^[A-Za-z0-9._~+/=-]{16,512}$/.test(value)) {
    return refuse('SP_AUTHN_INVALID', 'The session cookie is not one of this console.')
  }
  return { ok: true, value }
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

/**
 * Nobody asks: counted by where it comes from. Beyond the limit of guesses they are not even answered with 401 (E-25). A
 * session cookie is no guess: it has 256 bits, and pages whose session ended send theirs a few times more.
 */
function failed(identity: ApiIdentity, refusal: Refusal, channel: Channel, from: string): Guarded {
  const isGuess = refusal.code === 'SP_AUTHN_INVALID' && channel.kind !== 'console'
  const taken = isGuess ? identity.lockout.failed([from]) : identity.limits.take('default', from)
  if (taken.ok) return { ok: false, error: errorOf(refusal) }
  return { ok: false, error: rateError(taken.retryAfterSeconds), retryAfterSeconds: taken.retryAfterSeconds }
}

const errorOf = ({ code, reason }: Refusal): SallyportError => new SallyportError(code, reason)
const rateError = (seconds: number): SallyportError =>
  new SallyportError('SP_AUTHZ_RATE', `Retry after ${seconds} seconds.`)
