import { addressFacts } from '../net/address.ts'
import { labelScripts } from '../net/host-script.ts'
import { linksIn } from '../net/links-in.ts'
import { nameClass } from '../net/local-names.ts'
import { readUrl, type UrlFault } from '../net/url.ts'
import type { ArgumentFacts } from '../policy/request.ts'

/** A user name and no password is how these are addressed. */
const LOGIN = /^(?:(?:git\+)?ssh|sftp):\/\/[\w.-]{1,64}@[^@:/\\]+(?:[:/]|$)/i
/** URLs of one call that are read; more of them are a sign of their own (T-160). */
const MOST = 256
/** No faults of a URL: the text is something else, or leads to no host. */
const NO_URL: ReadonlySet<UrlFault> = new Set<UrlFault>(['relative', 'no-authority'])

const NOTHING = Object.freeze({ ports: [], urlSigns: [] })

/**
 * URLs of an argument. A text that begins with a scheme and has no spaces is one URL, with whatever a parser would drop from
 * it; in other texts they end where a reader sees them end.
 */
export function urlTexts(text: string): readonly string[] {
  if (!text.includes(':')) return []
  return /^[a-z][a-z0-9+.-]{0,30}:[/\\]/i.test(text) && !text.includes(' ')
    ? [text]
    : linksIn(text).links.map((link) => link.text)
}

/** Ports and signs of the URLs of a call. */
export function urlFactsOf(urls: readonly string[]): Pick<ArgumentFacts, 'ports' | 'urlSigns'> {
  if (urls.length === 0) return NOTHING
  const ports = new Set<number>()
  const signs = new Set<string>(urls.length > MOST ? ['too-many'] : [])
  for (const url of urls.slice(0, MOST)) {
    const { port, signs: found } = urlSigns(url)
    if (port !== 0) ports.add(port)
    for (const sign of found) signs.add(sign)
  }
  return { ports: [...ports], urlSigns: [...signs] }
}

/**
 * Port and signs of one URL (T-101, T-116). A sign is a fault for which parsers disagree about the URL (`userinfo`,
 * `backslash`, `percent` …), or `address-spelling`, `punycode`, `mixed-scripts`. Nothing is resolved.
 */
function urlSigns(text: string): { readonly port: number; readonly signs: readonly string[] } {
  const reading = readUrl(text)
  if (reading.kind === 'refused') {
    const { fault } = reading.refused
    const ordinary = NO_URL.has(fault) || (fault === 'userinfo' && LOGIN.test(text))
    return { port: 0, signs: ordinary ? [] : [fault] }
  }
  const { host, port, oddSpelling } = reading.url
  const signs: string[] = oddSpelling ? ['address-spelling'] : []
  if (host.includes('xn--')) {
    signs.push('punycode')
    if (labelScripts(host).mixed) signs.push('mixed-scripts')
  }
  return { port, signs }
}

/**
 * Where a host lies, as far as its spelling tells: the class of an address and of the address that it carries (6to4, NAT64),
 * or of a name that means one (`localhost`, `metadata.google.internal`). `name`: any other name, wherever it resolves to.
 */
export function networksOf(host: string): readonly string[] {
  if (host === '') return []
  const address = addressFacts(host.replace(/^\[|\]$/g, ''))
  if (address === undefined) {
    const meaning = nameClass(host)
    return [meaning === 'ordinary' ? 'name' : meaning]
  }
  const classes = [address.class, ...(address.embedded === undefined ? [] : [address.embedded.class])]
  return classes.map((name) => name.replace('_', '-'))
}
