import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { toSallyportError, type InnerException } from '@sallyport/core'
import type { Borrowed, CredentialPort } from '../../boundary/ports-credential.ts'
import { clearNamed, dial, type Cleared, type Resolve } from './dial.ts'
import { forward, passed } from './forward.ts'
import { secured } from './secured.ts'

/** Who is behind a listener, and what may be lent to it. */
export interface Lender {
  readonly port: CredentialPort
  readonly holder: string
  readonly instance: string
  readonly exceptions: readonly InnerException[]
  readonly authorities: readonly string[]
}

/** How a request in base-URL mode ended, before there is an answer. */
export type Lent = { readonly refused: string } | { readonly unreachable: true } | { readonly done: true }

export interface LendDeps {
  readonly lender: Lender
  readonly resolve: Resolve
  /** Told where it goes before anything is connected; what it throws refuses the request. */
  readonly allowed: (target: string, rule: string) => Promise<void>
  readonly keep: (socket: Socket) => void
}

/** `/sallyport/NAME/…`: the origin is the credential's own (base-URL mode, E-87). */
const LENT = /^\/sallyport\/([a-z0-9][a-z0-9._-]{0,63})(\/[^?#]*)?(\?[^#]*)?$/

/** What of a request is ours to say: the answer comes whole and readable, so that it can be looked through. */
const OURS = ['range', 'if-range', 'accept-encoding', 'expect', 'host']

/**
 * Sends a request of a sandbox with a credential that the sandbox never sees: the host, its address and the certificate are judged, then
 * the credential is borrowed for this one request, and what comes back is looked through (HB-88, HB-90).
 * @param asked path and query at the listener
 */
export async function lend(
  asked: string,
  request: IncomingMessage,
  response: ServerResponse,
  { lender, resolve, allowed, keep }: LendDeps,
): Promise<Lent> {
  const [, name = '', rest = '/', search = ''] = LENT.exec(asked) ?? []
  const base = lender.port.base(name)
  if (base === undefined) return { refused: 'credential_unknown' }
  const isSecure = base.protocol === 'https:'
  const host = base.hostname.replace(/^\[|\]$/g, '')
  const port = Number(base.port === '' ? (isSecure ? 443 : 80) : base.port)
  const path = `${base.pathname.replace(/\/$/, '')}${rest}`
  const cleared = await clearNamed({ host, port }, lender.exceptions, resolve)
  if (cleared.kind === 'barred') return { refused: cleared.reason }
  const borrowed = await borrow(lender, name, request, { host, port, path, search })
  if ('refused' in borrowed) return borrowed
  try {
    await allowed(`${base.origin}${path}`, `credential ${name}`)
    const upstream = await reach(cleared, host, isSecure, lender.authorities)
    if (upstream === undefined) return { unreachable: true }
    keep(upstream)
    borrowed.signal.addEventListener('abort', () => upstream.destroy(), { once: true })
    if (borrowed.signal.aborted) return { refused: 'credential_revoked' }
    const { head, scrubber } = borrowed
    const headers = { ...head.headers, host: base.host, 'accept-encoding': 'identity' }
    await forward(request, response, { path: head.path + head.search, headers, upstream, scrubber })
    return { done: true }
  } catch (thrown) {
    if (response.headersSent) throw thrown
    return { unreachable: true }
  } finally {
    borrowed.done()
  }
}

async function borrow(
  { port: credentials, holder, instance }: Lender,
  name: string,
  request: IncomingMessage,
  { host, port, path, search }: { host: string; port: number; path: string; search: string },
): Promise<Borrowed | { readonly refused: string }> {
  const headers = Object.fromEntries(Object.entries(passed(request.headers)).filter(([each]) => !OURS.includes(each)))
  const use = { agent: holder, host, port, method: request.method ?? '', path }
  try {
    return await credentials.borrow({ name, holder, instance, use, head: { headers, path, search } })
  } catch (thrown) {
    const { code } = toSallyportError(thrown)
    return { refused: REASONS[code] ?? 'credential_unavailable' }
  }
}

/** Outward reasons: nothing that tells a credential that is there from one that is not, but for what its holder may know. */
const REASONS: Readonly<Record<string, string>> = {
  SP_VAULT_SCOPE: 'credential_scope',
  SP_VAULT_EXPIRED: 'credential_expired',
  SP_VAULT_REVOKED: 'credential_revoked',
}

async function reach(
  cleared: Cleared,
  host: string,
  isSecure: boolean,
  authorities: readonly string[],
): Promise<Socket | undefined> {
  const socket = await dial(cleared)
  return socket === undefined || !isSecure ? socket : secured(socket, host, authorities)
}
