import { addressFacts, inBlock, type AddressFacts } from './address.ts'
import { labelScripts } from './host-script.ts'
import { nameClass } from './local-names.ts'
import { readUrl, type StrictUrl, type UrlFault } from './url.ts'

/** What is refused where reasonable products differ. The defaults are `STRICT_GUARD`. */
export interface UrlGuard {
  readonly schemes: readonly string[]
  readonly ports: readonly number[]
  /** Redirects followed at most. */
  readonly redirects: number
  /** NAT64 addresses (64:ff9b::/96): judged by the IPv4 address in them, or refused. Internal ones always are. */
  readonly nat64: 'embedded' | 'refuse'
  /** 6to4 addresses (2002::/16), likewise. */
  readonly sixToFour: 'embedded' | 'refuse'
  /** Public IPv4 addresses that are not written as four decimal numbers. */
  readonly oddSpellings: 'accept' | 'refuse'
  /** `*.local`, `*.internal`, single labels and the like: judged by what they resolve to, or refused. */
  readonly privateNames: 'answers' | 'refuse'
  /** Host labels that mix scripts as no language does (UTS 39, highly restrictive). */
  readonly mixedScripts: 'accept' | 'refuse'
  /** A name with one internal answer: refused, or used with the public answers alone. */
  readonly mixedAnswers: 'refuse' | 'drop'
  /** Addresses and blocks refused besides: the own interfaces and listeners (T-120). */
  readonly refuse: readonly string[]
  /** Intranet blocks that may be reached, with their ports. Metadata addresses never are. */
  readonly allow: readonly { readonly block: string; readonly ports: readonly number[] }[]
}

export const STRICT_GUARD: UrlGuard = Object.freeze<UrlGuard>({
  schemes: ['http', 'https'],
  ports: [80, 443],
  redirects: 5,
  nat64: 'embedded',
  sixToFour: 'refuse',
  oddSpellings: 'refuse',
  privateNames: 'answers',
  mixedScripts: 'accept',
  mixedAnswers: 'refuse',
  refuse: [],
  allow: [],
})

/** Outward reason of a refusal. Never says what a name resolved to. */
export type RefusalReason =
  | 'dns_failed'
  | 'dns_mixed'
  | 'ip_embedded'
  | 'ip_link_local'
  | 'ip_loopback'
  | 'ip_metadata'
  | 'ip_private'
  | 'ip_special'
  | 'malformed'
  | 'port'
  | 'redirects'
  | 'scheme'
  | 'userinfo'

interface HopRefusal {
  readonly reason: RefusalReason
  /** Id of the rule, e.g. `url.backslash`, `url.answer`. */
  readonly rule: string
  readonly start: number
  readonly end: number
}

/** `look-up`: nothing speaks against the URL itself, and its host is to be resolved, once. */
export type HopVerdict =
  | { readonly kind: 'connect'; readonly url: StrictUrl; readonly addresses: readonly string[] }
  | { readonly kind: 'look-up'; readonly url: StrictUrl }
  | { readonly kind: 'refused'; readonly refusal: HopRefusal }

/** Judges a URL before anything is resolved: most refusals need no look-up, and an address in it needs none. */
export function judgeHop(text: string, guard: UrlGuard = STRICT_GUARD): HopVerdict {
  const whole = { start: 0, end: text.length }
  const reading = readUrl(text)
  if (reading.kind === 'refused') {
    const { fault, scheme, start, end } = reading.refused
    return refused(scheme !== '' && !guard.schemes.includes(scheme) ? 'scheme' : reasonOf(fault), fault, { start, end })
  }
  const { url } = reading
  if (!guard.schemes.includes(url.scheme)) return refused('scheme', 'scheme', { start: 0, end: url.scheme.length })
  if (url.address !== undefined) {
    const reason = addressRefusal(url.address, url.port, guard)
    if (reason !== undefined) return refused(reason, 'address', whole)
    if (url.oddSpelling && guard.oddSpellings === 'refuse') return refused('malformed', 'address-spelling', whole)
  } else {
    const reason = nameRefusal(url.host, guard)
    if (reason !== undefined) return refused(reason, 'name', whole)
  }
  if (!guard.ports.includes(url.port) && !allowedPort(url, guard)) return refused('port', 'port', whole)
  return url.address === undefined
    ? { kind: 'look-up', url }
    : { kind: 'connect', url, addresses: [url.address.address] }
}

/**
 * Judges the answers of a resolver for a host that `judgeHop` let through. The connection may go to these addresses and
 * nowhere else, and the name is not asked again (rebinding, T-117). No answer and an unreadable answer refuse.
 */
export function judgeAnswers(url: StrictUrl, answers: readonly unknown[], guard: UrlGuard = STRICT_GUARD): HopVerdict {
  const whole = { start: 0, end: url.href.length }
  if (answers.length === 0) return refused('dns_failed', 'no-answer', whole)
  const good: string[] = []
  let internal: RefusalReason | undefined
  for (const answer of answers) {
    const facts = typeof answer === 'string' ? addressFacts(answer) : undefined
    if (facts === undefined) return refused('dns_failed', 'unreadable-answer', whole)
    const reason = addressRefusal(facts, url.port, guard)
    if (reason === undefined) good.push(facts.address)
    else internal ??= reason
  }
  if (internal !== undefined && (good.length === 0 || guard.mixedAnswers === 'refuse')) {
    return refused(good.length === 0 ? internal : 'dns_mixed', 'answer', whole)
  }
  if (!guard.ports.includes(url.port) && !good.every((address) => isAllowed(address, url.port, guard))) {
    return refused('port', 'port', whole)
  }
  return { kind: 'connect', url, addresses: [...new Set(good)] }
}

const refused = (
  reason: RefusalReason,
  rule: string,
  span: { readonly start: number; readonly end: number },
): HopVerdict => ({
  kind: 'refused',
  refusal: { reason, rule: `url.${rule}`, ...span },
})

const reasonOf = (fault: UrlFault): RefusalReason =>
  fault === 'userinfo' ? 'userinfo' : fault === 'port' ? 'port' : 'malformed'

/** Why a connection to an address is refused; undefined when it is not. */
export function addressRefusal(
  facts: AddressFacts,
  port: number,
  guard: UrlGuard = STRICT_GUARD,
): RefusalReason | undefined {
  const carried = facts.embedded
  if (facts.class === 'metadata' || carried?.class === 'metadata') {
    return facts.class === 'embedded' ? 'ip_embedded' : 'ip_metadata'
  }
  if (guard.refuse.some((block) => inBlock(facts.address, block))) return 'ip_private'
  if (carried !== undefined && guard.refuse.some((block) => inBlock(carried.address, block))) return 'ip_private'
  if (facts.class === 'public' || isAllowed(facts.address, port, guard)) return undefined
  if (facts.class !== 'embedded') return `ip_${facts.class}`
  const rule = facts.address.startsWith('2002:') ? guard.sixToFour : guard.nat64
  return carried?.class === 'public' && rule === 'embedded' ? undefined : 'ip_embedded'
}

const isAllowed = (address: string, port: number, guard: UrlGuard): boolean =>
  guard.allow.some(({ block, ports }) => ports.includes(port) && inBlock(address, block))

/** A name with an unusual port goes on to its answers when some intranet block has that port. */
const allowedPort = (url: StrictUrl, guard: UrlGuard): boolean =>
  url.address === undefined
    ? guard.allow.some(({ ports }) => ports.includes(url.port))
    : isAllowed(url.address.address, url.port, guard)

function nameRefusal(host: string, guard: UrlGuard): RefusalReason | undefined {
  const kind = nameClass(host)
  if (kind === 'loopback') return 'ip_loopback'
  if (kind === 'metadata') return 'ip_metadata'
  if (kind === 'private' && guard.privateNames === 'refuse') return 'ip_private'
  return guard.mixedScripts === 'refuse' && labelScripts(host).mixed ? 'malformed' : undefined
}
