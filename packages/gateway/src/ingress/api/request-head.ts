import type { IncomingMessage } from 'node:http'
import { refuse, type Verdict } from '../../boundary/ports.ts'
import type { ConsoleOrigin } from '../console/origin.ts'
import type { TrustedProxies } from './peer.ts'

/** The listener a request came in on. */
export type Channel = LocalChannel | ConsoleChannel

export interface LocalChannel {
  readonly plane: 'agent' | 'operator'
  readonly kind: 'unix' | 'tcp'
  /** `Host` values that mean this listener; unused on Unix sockets. */
  readonly hosts: ReadonlySet<string>
  /** Whether it speaks TLS; default not. */
  readonly isSecure?: boolean
}

export interface ConsoleChannel {
  readonly plane: 'operator'
  readonly kind: 'console'
  readonly site: ConsoleOrigin
  readonly proxies: TrustedProxies
}

export interface RequestHead {
  /** Address of the client; `unix` on sockets. Only a trusted proxy may say that it asks for another one (E-26). */
  readonly peer: string
  /** A browser went there from somewhere else, as with a link; only what shows nothing and changes nothing answers that. */
  readonly isArrival: boolean
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
}

/** Headers that may come more than once; all others must not, whoever would have taken the first or the last of them. */
const REPEATABLE: ReadonlySet<string> = new Set(['accept', 'accept-encoding', 'accept-language', 'cache-control'])

/** Claims of identity, overrides of method and target, and trailers: refused, not ignored (T-003, T-076). */
const REFUSED =
  /^(?:x-(?:user|username|agent|principal|approver|operator|actor|roles?|scopes?|groups?|tenant|remote-user|forwarded-user|auth|authenticated|http-method|method-override|original|rewrite)(?:-.*)?|remote-user|agent-id|approver|proxy-.*|trailer|content-md5)$/

/** One or more plain segments. No `%`, no `\`, no `;`, no empty segment, no trailing slash (AC-2.1.4). */
const PATH = /^(?:\/[A-Za-z0-9_.~:@-]+)+$/
const DOTS = /\/\.{1,2}(?:\/|$)/
const MAX_TARGET = 2048

type Headers = Readonly<Record<string, string>>

/** Everything about the head of a request that is checked before anybody is identified. */
export function readHead(request: IncomingMessage, channel: Channel, maxHeaders: number): Verdict<RequestHead> {
  if (request.httpVersion !== '1.1') return refuse('SP_API_HEADER', 'Only HTTP/1.1 is spoken here.')
  const headers = readHeaders(request.rawHeaders, maxHeaders)
  if (!headers.ok) return headers
  const framing = checkFraming(request.method ?? '', headers.value)
  if (!framing.ok) return framing
  const origin = checkOrigin(request.method ?? '', headers.value, channel)
  if (!origin.ok) return origin
  const { remoteAddress } = request.socket
  const peer =
    channel.kind === 'console'
      ? channel.proxies.peer(remoteAddress, headers.value)
      : channel.kind === 'unix'
        ? 'unix'
        : (remoteAddress ?? '')

  const target = request.url ?? ''
  if (target.length > MAX_TARGET) return refuse('SP_AUTHZ_UNMAPPED')
  const mark = target.indexOf('?')
  const path = mark < 0 ? target : target.slice(0, mark)
  const isRoot = path === '/' && channel.kind === 'console'
  if (!isRoot && (!PATH.test(path) || DOTS.test(path))) return refuse('SP_AUTHZ_UNMAPPED')
  const query = readQuery(mark < 0 ? '' : target.slice(mark + 1))
  if (!query.ok) return query
  return {
    ok: true,
    value: { peer, isArrival: origin.value.isArrival, path, query: query.value, headers: headers.value },
  }
}

function readHeaders(raw: readonly string[], maxHeaders: number): Verdict<Headers> {
  if (raw.length / 2 > maxHeaders) return refuse('SP_API_HEADER', `There are more than ${maxHeaders} headers.`)
  const headers = Object.create(null) as Record<string, string>
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] ?? '').toLowerCase()
    const value = raw[index + 1] ?? ''
    if (REFUSED.test(name) || name.includes('_'))
      return refuse('SP_API_HEADER', `${name.slice(0, 60)} is not accepted.`)
    if (name in headers && !REPEATABLE.has(name)) return refuse('SP_API_HEADER', `${name.slice(0, 60)} comes twice.`)
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value
  }
  return { ok: true, value: Object.freeze(headers) }
}

/** One way to say how long the body is, and no body where none belongs (T-076). */
function checkFraming(method: string, headers: Headers): Verdict<null> {
  const length = headers['content-length']
  const transfer = headers['transfer-encoding']
  if (length !== undefined && transfer !== undefined) return refuse('SP_API_HEADER', 'The body has two lengths.')
  if (transfer !== undefined && transfer !== 'chunked') return refuse('SP_API_HEADER', 'Only chunked is accepted.')
  if (length !== undefined && !/^(?:0|[1-9][0-9]{0,14})$/.test(length))
    return refuse('SP_API_HEADER', 'The length is odd.')
  const bodyless = method === 'GET' || method === 'HEAD' || method === 'DELETE' || method === 'OPTIONS'
  if (bodyless && (transfer !== undefined || (length !== undefined && length !== '0'))) {
    return refuse('SP_API_HEADER', `A ${method} has no body.`)
  }
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity')
    return refuse('SP_API_MEDIA_TYPE', 'Compressed bodies are not read.')
  return { ok: true, value: null }
}

interface Arrival {
  readonly isArrival: boolean
}

/** No web page talks to this server: not from another site, not from a rebound name, not from a local one (T-006). */
function checkOrigin(method: string, headers: Headers, channel: Channel): Verdict<Arrival> {
  const { host } = headers
  if (host === undefined) return refuse('SP_API_HEADER', 'There is no Host header.')
  if (channel.kind === 'console') return checkBrowser(method, headers, channel.site)
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin') return refuse('SP_AUTHN_ORIGIN', 'A page of another site asked.')
  if (channel.kind === 'tcp' && !channel.hosts.has(host.toLowerCase())) {
    return refuse('SP_AUTHN_ORIGIN', 'Host is not the name of this gateway.')
  }
  const origin = headers['origin']
  if (origin === undefined) return { ok: true, value: { isArrival: false } }
  const scheme = channel.isSecure === true ? 'https' : 'http'
  const own = channel.kind === 'tcp' && origin.toLowerCase() === `${scheme}://${host.toLowerCase()}`
  return own ? { ok: true, value: { isArrival: false } } : refuse('SP_AUTHN_ORIGIN', 'Origin is not this gateway.')
}

/**
 * The console's own pages and nobody else: `Host` and `Origin` are compared as a whole, with port; what changes something
 * must say that it is `same-origin`; from elsewhere only a navigation may come (threat-model §3.3).
 */
function checkBrowser(method: string, headers: Headers, { host, origin }: ConsoleOrigin): Verdict<Arrival> {
  if (headers['host'] !== host) return refuse('SP_AUTHN_ORIGIN', 'Host is not the name of this console.')
  const from = headers['origin']
  if (from !== undefined && from !== origin) return refuse('SP_AUTHN_ORIGIN', 'Origin is not this console.')
  const site = headers['sec-fetch-site']
  const isRead = method === 'GET' || method === 'HEAD'
  if (!isRead && (from === undefined || site !== 'same-origin')) {
    return refuse('SP_AUTHN_ORIGIN', 'Only pages of this console change something here.')
  }
  if (site === undefined || site === 'same-origin') return { ok: true, value: { isArrival: false } }
  const isArrival = isRead && headers['sec-fetch-mode'] === 'navigate'
  return isArrival ? { ok: true, value: { isArrival } } : refuse('SP_AUTHN_ORIGIN', 'A page of another site asked.')
}

function readQuery(text: string): Verdict<Readonly<Record<string, string>>> {
  const query = Object.create(null) as Record<string, string>
  for (const [name, value] of new URLSearchParams(text)) {
    if (name in query || name === '__proto__') return refuse('SP_API_INVALID', 'A query parameter comes twice.')
    query[name] = value
  }
  return { ok: true, value: Object.freeze(query) }
}
