import type { Finding } from '../detect/finding.ts'
import {
  judgeAnswers,
  judgeHop,
  STRICT_GUARD,
  type HopVerdict,
  type RefusalReason,
  type UrlGuard,
} from './url-guard.ts'
import { readUrl, type StrictUrl } from './url.ts'

export interface ChainInput {
  readonly url: string
  /** Answers of the resolver for the host of the URL, in the order it was asked. Only the first set counts. */
  readonly answers: readonly (readonly unknown[])[]
  /** `Location` values, hop by hop, as the servers sent them. */
  readonly redirects: readonly string[]
  /** Answers for hosts that only redirects name, by lower-case name. */
  readonly names: ReadonlyMap<string, readonly unknown[]>
}

export interface UrlVerdict {
  readonly verdict: 'block' | 'clean'
  /** Every address that may be connected to along the chain; empty when blocked. */
  readonly connect: readonly string[]
  /** The URLs that were let through, as a client must be given them, with the addresses of each. */
  readonly hops: readonly { readonly url: string; readonly host: string; readonly addresses: readonly string[] }[]
  readonly reason?: RefusalReason
  readonly findings: readonly Finding[]
}

/**
 * Judges a URL together with what a resolver and the servers say: one refused hop blocks the chain. Pure: the egress proxy
 * asks hop by hop with `judgeHop` and `judgeAnswers` and a real resolver instead.
 */
export function judgeUrl(input: ChainInput, guard: UrlGuard = STRICT_GUARD): UrlVerdict {
  const pins = new Map<string, readonly unknown[]>()
  const hops: { url: string; host: string; addresses: readonly string[] }[] = []
  let text = input.url
  for (let hop = 0; ; hop++) {
    const verdict = judgeOne(text, hop === 0 ? input.answers[0] : undefined, input.names, pins, guard)
    if (verdict.kind === 'refused') return blocked(verdict.refusal, hop, input.url, hops)
    if (verdict.kind === 'look-up') return blocked(UNRESOLVED, hop, input.url, hops)
    hops.push({ url: verdict.url.href, host: verdict.url.host, addresses: verdict.addresses })
    const location = input.redirects[hop]
    if (location === undefined) break
    if (hop >= guard.redirects) return blocked(TOO_MANY, hop, input.url, hops)
    text = redirectTarget(location, verdict.url)
  }
  return { verdict: 'clean', connect: [...new Set(hops.flatMap((hop) => hop.addresses))], hops, findings: [] }
}

const UNRESOLVED = { reason: 'dns_failed', rule: 'url.no-answer', start: 0, end: 0 } as const
const TOO_MANY = { reason: 'redirects', rule: 'url.redirects', start: 0, end: 0 } as const

/** A host keeps the answers that it had when it was first met. */
function judgeOne(
  text: string,
  given: readonly unknown[] | undefined,
  names: ChainInput['names'],
  pins: Map<string, readonly unknown[]>,
  guard: UrlGuard,
): HopVerdict {
  const verdict = judgeHop(text, guard)
  if (verdict.kind !== 'look-up') return verdict
  const { host } = verdict.url
  const answers = pins.get(host) ?? given ?? names.get(host) ?? []
  pins.set(host, answers)
  return judgeAnswers(verdict.url, answers, guard)
}

/** The URL that a `Location` leads to. What is not plainly relative is left as it is, for the strict reader to refuse. */
export function redirectTarget(location: string, from: StrictUrl): string {
  if (/^[a-z][a-z0-9+.-]*:/i.test(location) || /[\\\s]/.test(location)) return location
  if (location.startsWith('//')) return `${from.scheme}:${location}`
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f-\u009f]/.test(location)) return location
  try {
    return new URL(location, from.href).href
  } catch {
    return location
  }
}

function blocked(
  refusal: { readonly reason: RefusalReason; readonly rule: string; readonly start: number; readonly end: number },
  hop: number,
  text: string,
  hops: UrlVerdict['hops'],
): UrlVerdict {
  const here = hop === 0
  const { reason, rule } = refusal
  const [start, end] = here ? [refusal.start, Math.min(refusal.end, text.length)] : [0, text.length]
  const severity = reason === 'ip_metadata' ? 'critical' : 'high'
  const finding: Finding = { rule, category: here ? 'ssrf' : 'ssrf-redirect', severity, start, end }
  return { verdict: 'block', connect: [], hops, reason, findings: [finding] }
}

/** Canonical host of a resolver table's key: `Example.COM.` and `bücher.example` as the strict reader writes them. */
export function tableHost(name: string): string {
  const reading = readUrl(`http://${name}/`)
  return reading.kind === 'url' ? reading.url.host : name.toLowerCase()
}
