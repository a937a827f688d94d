import { addressFacts, type AddressFacts } from './address.ts'
import { unicodeHost } from './punycode.ts'

/** Why a text is not taken for a URL, though some parser might take it (T-116: refuse, do not repair). */
export type UrlFault =
  | 'address-spelling'
  | 'backslash'
  | 'bidi'
  | 'control'
  | 'empty-host'
  | 'host'
  | 'invisible'
  | 'no-authority'
  | 'percent'
  | 'port'
  | 'relative'
  | 'slashes'
  | 'too-long'
  | 'userinfo'
  | 'white-space'
  | 'zone'

export interface StrictUrl {
  /** The URL as the WHATWG parser writes it: what a client must be given. */
  readonly href: string
  readonly scheme: string
  /** Lower case, punycode, without brackets and trailing dot. */
  readonly host: string
  readonly address?: AddressFacts
  /** The address was not written in its usual form: `0x7f.1`, `１２７.0.0.1`. */
  readonly oddSpelling: boolean
  /** Port in the URL, or the default of the scheme; 0 when neither is known. */
  readonly port: number
  readonly path: string
  readonly query: string
}

export interface RefusedUrl {
  readonly fault: UrlFault
  /** Scheme as far as one could be read, else empty. */
  readonly scheme: string
  readonly start: number
  readonly end: number
}

export type UrlReading =
  { readonly kind: 'url'; readonly url: StrictUrl } | { readonly kind: 'refused'; readonly refused: RefusedUrl }

/** UTF-16 units. Longer than any URL that servers take. */
const LONGEST = 65_536
/** Ports that go without saying, by scheme. */
export const DEFAULT_PORTS: ReadonlyMap<string, number> = new Map([
  ['http', 80],
  ['https', 443],
  ['ws', 80],
  ['wss', 443],
  ['ftp', 21],
  ['ssh', 22],
  ['git', 9418],
  ['ldap', 389],
  ['ldaps', 636],
])
/** Schemes that the WHATWG parser normalises itself. */
const SPECIAL = new Set(['http', 'https', 'ws', 'wss', 'ftp'])

const NOWHERE: readonly (readonly [UrlFault, RegExp])[] = [
  // eslint-disable-next-line no-control-regex
  ['control', /[\u0000-\u001f\u007f-\u009f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/],
  ['white-space', /[\s\u180e\u2800\u3164]/],
  ['bidi', /[\u202a-\u202e\u2066-\u2069]/],
  ['backslash', /\\/],
]
const SCHEME = /^[a-z][a-z0-9+.-]{0,30}(?=:)/i
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/u
const JOINERS = /[\u200c\u200d]/g
const EMOJI_STYLE = /(?<=\p{Extended_Pictographic})\ufe0f/gu
const LABEL = /^(?!-)[a-z0-9_-]{1,63}$/

/**
 * Reads an absolute URL as all parsers would, or says where they would disagree: user information, backslashes, white space
 * and controls anywhere, `%` in the host, missing or extra slashes, invisible characters in the host, empty or overlong
 * labels, characters that no resolver takes. Linear in the text.
 */
export function readUrl(text: string): UrlReading {
  if (text.length > LONGEST) return refuse('too-long', '', LONGEST, text.length)
  const scheme = (SCHEME.exec(text)?.[0] ?? '').toLowerCase()
  for (const [fault, pattern] of NOWHERE) {
    const match = pattern.exec(text)
    if (match !== null) return refuse(fault, scheme, match.index, match.index + match[0].length)
  }
  if (scheme === '') return refuse('relative', '', 0, text.length)
  const from = scheme.length + 3
  if (!text.startsWith('://', scheme.length)) {
    return refuse(SPECIAL.has(scheme) ? 'slashes' : 'no-authority', scheme, 0, Math.min(from, text.length))
  }
  if (text[from] === '/') return refuse(SPECIAL.has(scheme) ? 'slashes' : 'no-authority', scheme, from, from + 1)
  const length = /[/?#]/.exec(text.slice(from))?.index ?? text.length - from
  const authority = text.slice(from, from + length)
  const read = readAuthority(authority, scheme)
  if (typeof read === 'string') return refuse(read, scheme, from, from + length)
  return assemble(text, from + length, scheme, read)
}

const refuse = (fault: UrlFault, scheme: string, start: number, end: number): UrlReading => ({
  kind: 'refused',
  refused: { fault, scheme, start, end: Math.max(start, end) },
})

type Authority = Pick<StrictUrl, 'host' | 'address' | 'oddSpelling' | 'port'>

function readAuthority(authority: string, scheme: string): Authority | UrlFault {
  if (authority.includes('@')) return 'userinfo'
  if (authority.includes('%')) return authority.startsWith('[') ? 'zone' : 'percent'
  const match = /^(\[[^\]]*\]|[^:[\]]*)(?::(.*))?$/s.exec(authority)
  if (match === null) return 'host'
  const [, given = '', portText = ''] = match
  if (given === '') return 'empty-host'
  if (!/^\d{0,5}$/.test(portText) || Number(portText) > 65_535) return 'port'
  const port = portText === '' ? (DEFAULT_PORTS.get(scheme) ?? 0) : Number(portText)
  const host = readHost(given)
  return typeof host === 'string' ? host : { ...host, port }
}

/**
 * Canonical form of a host as it stands in a URL or by itself: IDNA to punycode, every IPv4 spelling to four decimals, IPv6
 * (in brackets) to its shortest form, one trailing dot gone.
 */
export function readHost(given: string): Omit<Authority, 'port'> | UrlFault {
  const canonical = whatwgHost(given)
  if (hides(given, canonical ?? '')) return 'invisible'
  if (canonical === undefined) return 'host'
  const plain = canonical.startsWith('[') ? canonical.slice(1, -1) : canonical.replace(/\.$/, '')
  if (plain === '') return 'empty-host'
  const address = addressFacts(plain)
  if (address !== undefined) {
    const odd = address.family === 4 && given.replace(/\.$/, '') !== plain
    return { host: address.address, address, oddSpelling: odd }
  }
  if (plain.length > 253 || !plain.split('.').every((label) => LABEL.test(label))) return 'host'
  return { host: plain, oddSpelling: false }
}

/** Invisible characters, but for joiners that stay in the name (Persian, Indic scripts) and the style of an emoji. */
function hides(given: string, canonical: string): boolean {
  const rest = given.replace(EMOJI_STYLE, '')
  if (!INVISIBLE.test(rest)) return false
  const joiners = rest.match(JOINERS) ?? []
  return INVISIBLE.test(rest.replace(JOINERS, '')) || joiners.length !== unicodeHost(canonical).match(JOINERS)?.length
}

function whatwgHost(given: string): string | undefined {
  if (/[\s/\\?#@%]/.test(given)) return undefined
  try {
    return new URL(`http://${given}/`).hostname
  } catch {
    return undefined
  }
}

function assemble(text: string, end: number, scheme: string, authority: Authority): UrlReading {
  const { host, address, port } = authority
  const written = address?.family === 6 ? `[${host}]` : host
  const suffix = port === 0 || port === DEFAULT_PORTS.get(scheme) ? '' : `:${port}`
  const base = `${SPECIAL.has(scheme) ? scheme : 'http'}://${written}`
  let parsed: URL
  try {
    parsed = new URL(`${base}${text.slice(end)}`)
  } catch {
    return refuse('host', scheme, 0, text.length)
  }
  const { pathname: path, search: query, hash } = parsed
  return {
    kind: 'url',
    url: { ...authority, scheme, path, query, href: `${scheme}://${written}${suffix}${path}${query}${hash}` },
  }
}
