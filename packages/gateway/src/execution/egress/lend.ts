import type { Socket } from 'node:net'
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import {
  authorityText,
  SallyportError,
  toSallyportError,
  type Confidentiality,
  type Integrity,
  type EgressRules,
  type EgressTarget,
  type InnerException,
  type RequestHead,
} from '@sallyport/core'
import type { ModelBudgetPort } from '../../boundary/ports-budget.ts'
import type { Borrowed, CredentialPort } from '../../boundary/ports-credential.ts'
import { passed } from './answer.ts'
import type { Admission } from './admission.ts'
import type { Authority } from './authority.ts'
import type { HolderRules } from './book.ts'
import type { Message } from './body.ts'
import type { Failure } from './denial.ts'
import { clearNamed, type Resolve } from './dial.ts'
import { forward } from './forward.ts'
import type { FindSecrets } from './judged.ts'
import type { Admitted } from './limits.ts'
import { watched, type Spend } from './spending.ts'
import { UpgradeResponse } from './websocket.ts'
import type { ForwardLimits, Metered, Pool, Upstream } from './pool.ts'

/** Who is behind a listener, and what may be lent to it. */
export interface Lender {
  readonly port: CredentialPort
  readonly holder: string
  readonly instance: string
  /** Where it runs, in words that stay the same (AC-4.5.3). */
  readonly source: string
  readonly exceptions: readonly InnerException[]
  /** How names are resolved; default: as this machine does. */
  readonly resolve?: Resolve
  readonly authorities: readonly string[]
  /** One more request of this holder: whether it may go out now (HB-89). */
  readonly take: () => Take
  /** What answers inside for hosts whose requests are looked into; absent: tunnels to them cannot be opened. */
  readonly authority?: Authority
  /** Counts one more request or tunnel to a place it may go to, or refuses it. */
  readonly admit: (target: EgressTarget) => Admitted
  /** Rules of the operator for this holder, as they are now. */
  readonly rules: () => HolderRules
  /** @returns stops calling back */
  readonly onChange: (listener: () => void) => () => void
  readonly findSecrets: FindSecrets
  /** Told of every connection that is made to the outside. */
  readonly opened?: (target: string, socket: Socket, isInspected: boolean) => void
  /** Of the session of an agent; absent: there is none. */
  readonly flow?: SessionFlow
  /** Asks a person about a host that no list names; resolves when it is answered, or when nobody did for so long. */
  readonly ask: (asked: HostQuestion, signal: AbortSignal) => Promise<HostAnswer>
  readonly limits?: LendLimits
  /** What may be spent on models; absent: as much as there is. */
  readonly budgets?: ModelBudgetPort | undefined
}

/** What the session behind a way out has read, and reads now. */
export interface SessionFlow {
  readonly confidentiality: () => Confidentiality
  /** Resolves when it is certain that the session has the label. */
  readonly reads: (host: string, integrity: Integrity) => Promise<void>
}

/** A host that somebody inside would like to reach. */
interface HostQuestion extends EgressTarget {
  /** As the client asked for it. */
  readonly asked: string
}
/** `reason` goes to the client. */
type HostAnswer =
  | { readonly ok: true; readonly rule: string }
  | { readonly ok: false; readonly reason: 'not_allowlisted' | 'approval_required' | 'approval_denied' }

type Take = { readonly ok: true } | { readonly ok: false; readonly retryAfterSeconds: number }

/** Where a request goes, and which credential with it. */
export interface LentTarget {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly isSecure: boolean
  readonly path: string
  readonly search: string
}

/** How a request ended, before there is an answer. */
export type Lent = Failure | { readonly done: true }

/** How long others may take, ms. */
export interface LendLimits extends ForwardLimits {
  /** The client, for a body that is read before it goes on. */
  readonly body: number
}

const LIMITS: LendLimits = { body: 30_000, answer: 600_000, idle: 600_000 }

export interface LendDeps {
  readonly lender: Lender
  /** What they block is reached with no credential either. */
  readonly rules: EgressRules
  readonly resolve: Resolve
  /** Told where it goes before anything is connected; what it throws refuses the request. */
  readonly allowed: (target: string, rule: string) => Promise<void>
  readonly admit: () => Promise<Admission>
  /** Sets aside what it may cost. */
  readonly spend: Spend
  readonly pool: Pool
  readonly message: Message
  /** Of the request, where it was read and decoded already. */
  readonly body?: Buffer
}

/** `/sallyport/NAME/…`: the origin is the credential's own (base-URL mode, E-87). */
const LENT = /^\/sallyport\/([a-z0-9][a-z0-9._-]{0,63})(\/[^?#]*)?(\?[^#]*)?$/

/** The target of a request in base-URL mode; undefined for a credential that there is not. */
export function targetOf(asked: string, port: CredentialPort): LentTarget | undefined {
  const [, name = '', rest = '/', search = ''] = LENT.exec(asked) ?? []
  const base = port.base(name)
  if (base === undefined) return undefined
  const isSecure = base.protocol === 'https:'
  return {
    ...{ name, search, isSecure },
    host: base.hostname.replace(/^\[|\]$/g, ''),
    port: Number(base.port === '' ? (isSecure ? 443 : 80) : base.port),
    path: `${base.pathname.replace(/\/$/, '')}${rest}`,
  }
}

/**
 * What of a request is ours to say: the answer comes whole and readable, so that it can be looked through; method, path, host and who asks
 * are those that were judged, whatever some servers would rather read.
 */
const OURS = new Set(['range', 'if-range', 'accept-encoding', 'expect', 'host', 'forwarded', 'sudo', 'via'])
const OVERRIDES =
  /^x[-_](?:(?:http[-_])?method|original|rewrite|forwarded|real|remote|client|cluster|on[-_]behalf)(?:[-_]|$)|[-_]override$/

/** Headers of a request as they may be thought about: those of the connection, and what is ours to say, are not among them. */
export const headersOf = (request: Pick<IncomingMessage, 'headers'>): RequestHead['headers'] =>
  Object.fromEntries(
    Object.entries(passed(request.headers)).filter(([each]) => !OURS.has(each) && !OVERRIDES.test(each)),
  )

/**
 * Sends a request of a sandbox with a credential that the sandbox never sees: the host, its address and the certificate are judged, then
 * the credential is borrowed for this one request, and what comes back is looked through (HB-88, HB-90).
 */
export async function lend(
  target: LentTarget,
  request: IncomingMessage,
  response: ServerResponse,
  { lender, rules, resolve, admit, spend, allowed, pool, message, body: given }: LendDeps,
): Promise<Lent> {
  const { name, host, port, isSecure, path } = target
  const { limits = LIMITS } = lender
  const cleared = await clearNamed({ host, port }, { ...rules, exceptions: lender.exceptions }, resolve)
  if (cleared.kind === 'barred') return { refused: cleared.reason }
  const { refused, meter } = { meter: undefined, ...(await admit()) }
  if (refused !== undefined) return refused
  const { method = '' } = request
  const shown = { target: `${name} ${path}`, method }
  const spent = await spend(shown, { host, port, method, path, message, body: given, response })
  if (spent.failure !== undefined) return spent.failure
  const { bill, body: read } = spent
  const borrowed = await borrow(lender, target, method, {
    message,
    ...(read === undefined ? {} : { body: read }),
  })
  if ('refused' in borrowed) {
    await bill?.close()
    return borrowed
  }
  try {
    await allowed(`${isSecure ? 'https' : 'http'}://${authorityText(target, isSecure)}${path}`, `credential ${name}`)
    const { head, scrubber, signal, body = read } = borrowed
    const route = { right: signal, cleared, host, isSecure }
    const upstream = async (mostIdle: number): Promise<Upstream> => {
      const taken = await pool.take(route, mostIdle)
      bill?.began()
      return taken
    }
    const sent = { path: head.path + head.search, headers: head.headers as OutgoingHttpHeaders, upstream, scrubber }
    await forward(request, response, {
      ...{ ...sent, limits, ...metered(meter), ...watched(bill) },
      ...(body === undefined ? {} : { body }),
    })
    return { done: true }
  } catch (thrown) {
    if (response.headersSent) throw thrown
    return borrowed.signal.aborted ? { refused: 'credential_revoked' } : { unreachable: true }
  } finally {
    await bill?.close()
    // a WebSocket goes on
    if (response instanceof UpgradeResponse && !request.socket.destroyed) request.socket.once('close', borrowed.done)
    else borrowed.done()
  }
}

export const metered = (meter: Metered | undefined): { readonly meter?: Metered } =>
  meter === undefined ? {} : { meter }

async function borrow(
  { port: credentials, holder, instance, source }: Lender,
  target: LentTarget,
  method: string,
  { message, body: read }: Pick<LendDeps, 'message' | 'body'>,
): Promise<Borrowed | { readonly refused: string; readonly detail?: string }> {
  const { name, host, port, path, search } = target
  const use = { agent: holder, host, port, method, path }
  const { 'content-encoding': encoding, ...said } = headersOf(message)
  // what was read before was decoded
  const encoded = encoding === undefined || read !== undefined ? {} : { 'content-encoding': encoding }
  const headers = { ...said, ...encoded, host: authorityText(target, target.isSecure), 'accept-encoding': 'identity' }
  const body = async (most: number): Promise<Uint8Array> => {
    const all = read ?? (await message.read(most))
    if (typeof all !== 'string' && all.length <= most) return all
    if (all === 'unfinished') throw new SallyportError('SP_VAULT_BODY', 'Its body did not come to its end.')
    if (all === 'crowded') throw new SallyportError('SP_VAULT_BODY', 'Too many bodies are on their way.')
    throw new SallyportError('SP_VAULT_BODY', `Its body may have ${most} bytes at most.`)
  }
  try {
    return await credentials.borrow({ name, instance, source, use, head: { headers, path, search }, body })
  } catch (thrown) {
    const { code, detail, details } = toSallyportError(thrown)
    const refused = REASONS[code] ?? 'credential_unavailable'
    // its own holder may know what it is for; anybody else learns nothing of it
    return TOLD.has(code) && details['member'] !== 'agents' ? { refused, detail: detail.slice(0, 500) } : { refused }
  }
}

/** Outward reasons: nothing that tells a credential that is there from one that is not, but for what its holder may know. */
const REASONS: Readonly<Record<string, string>> = {
  SP_VAULT_SCOPE: 'credential_scope',
  SP_VAULT_BODY: 'credential_body',
  SP_VAULT_EXPIRED: 'credential_expired',
  SP_VAULT_REVOKED: 'credential_revoked',
}
const TOLD = new Set(['SP_VAULT_SCOPE', 'SP_VAULT_BODY'])
