import { getDomain, parse } from 'tldts'

export interface Destinations {
  readonly hosts: readonly string[]
  readonly schemes: readonly string[]
}

/** Schemes that a URL parser reads with any number of slashes, also none, and with backslashes. */
const SPECIAL = ['https', 'http', 'wss', 'ws', 'ftp'] as const
const SCHEME_END = /[a-z][a-z0-9+.-]{0,30}$/i
const AUTHORITY_END = /[/\\?#\s"'<>`|^{}]/g
const BARE_HOST = /^[/\\]{0,2}(?:[^\s/\\?#@:"']{1,253}|\[[0-9a-f:.]{2,64}\])(?::\d{1,5})?(?=[/\\?#]|$)/i

const NOWHERE: Destinations = Object.freeze({ hosts: Object.freeze([]), schemes: Object.freeze([]) })

/** Host of a URL, lower case and in punycode; empty when there is none. */
export function hostOf(url: string): string {
  try {
    return new URL(url).hostname.toLowerCase().replace(/\.$/, '')
  } catch {
    return ''
  }
}

export const domainOf = (host: string): string => getDomain(host, { allowPrivateDomains: true }) ?? host

/**
 * Every host that a text names with a URL, wherever in the text, in the spellings a URL parser takes (WHATWG URL: no or
 * odd slashes, tabs and line breaks inside). One pass, linear in the text.
 */
export function urlsIn(text: string): Destinations {
  if (!text.includes(':')) return NOWHERE
  const hosts = new Set<string>()
  const schemes = new Set<string>()
  scan(text, hosts, schemes)
  const joined = text.replace(/[\t\n\r]/g, '')
  if (joined.length !== text.length) scan(joined, hosts, schemes)
  return { hosts: [...hosts], schemes: [...schemes] }
}

function scan(text: string, hosts: Set<string>, schemes: Set<string>): void {
  for (let at = text.indexOf(':'); at >= 0; at = text.indexOf(':', at + 1)) {
    if (text[at - 1] === ':') continue
    const word = (SCHEME_END.exec(text.slice(Math.max(0, at - 31), at))?.[0] ?? '').toLowerCase()
    const special = SPECIAL.find((name) => word.endsWith(name))
    const slashes = text.startsWith('//', at + 1)
    const scheme = special ?? (slashes ? word : '')
    if (scheme === '') continue
    let from = at + 1
    while (text[from] === '/' || text[from] === '\\') from++
    AUTHORITY_END.lastIndex = from
    const to = AUTHORITY_END.exec(text)?.index ?? text.length
    // a long authority is not read again for every colon in it
    if (to - from > 300) at = to - 1
    const authority = text.slice(from, to)
    const read = [...readings(authority)]
      .map((reading) => hostOf(`${scheme}://${reading}`))
      .filter((host) => host !== '')
    const named = read.length > 0 ? read : [hostOf(`${scheme}://${authority}`)].filter((host) => host !== '')
    if (named.length === 0 && special !== undefined && !slashes) continue
    schemes.add(scheme)
    for (const host of named) hosts.add(host)
  }
}

/** An authority without the punctuation of the sentence around it, and as it is when there is more than that. */
function readings(authority: string): ReadonlySet<string> {
  const cut = /[,;()]/.exec(authority)?.index ?? authority.length
  let end = cut
  while (end > 0 && '.:)]'.includes(authority[end - 1] ?? '')) end--
  const short = authority.slice(0, end)
  return /^[.,:;()\]]*$/.test(authority.slice(end)) ? new Set([short]) : new Set([short, authority])
}

/** The host of a text that is `host.tld`, an IP address or either with a port or a path behind it. */
export function bareHost(text: string): string {
  const match = BARE_HOST.exec(text)
  if (match === null || match[0].startsWith('/') !== /^[/\\]{2}/.test(match[0])) return ''
  const host = hostOf(`http://${match[0].replace(/^[/\\]+/, '')}`)
  if (host === '') return ''
  const { isIp, isIcann, domain } = parse(host, { allowPrivateDomains: true })
  // `7` and `10.5` are numbers long before they are addresses
  if (isIp === true) return /^\d+(?:\.\d+)?$/.test(text) ? '' : host
  return domain !== null && isIcann !== null && isKnownEnding(host) ? host : ''
}

const isKnownEnding = (host: string): boolean => {
  const { isIcann, isPrivate } = parse(host, { allowPrivateDomains: true })
  return isIcann === true || isPrivate === true
}

const ADDRESS_BREAK = /[\s<>"',;:()[\]]+/

/** Mail-like addresses, lower case, wherever in the text. One pass: nothing is tried twice. */
export function addressesIn(text: string): readonly string[] {
  if (!text.includes('@')) return []
  return text
    .split(ADDRESS_BREAK)
    .filter((word) => word.indexOf('@', 1) > 0 && !word.endsWith('@'))
    .map((word) => word.toLowerCase())
}
