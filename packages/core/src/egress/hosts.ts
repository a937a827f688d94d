import { SallyportError } from '../errors/error.ts'
import { judgeAnswers, judgeHop, STRICT_GUARD, type HopVerdict, type UrlGuard } from '../net/url-guard.ts'
import { readHost } from '../net/url.ts'
import type { AddressFacts } from '../net/address.ts'

/** One entry of a list of hosts (ND-6.5.a): `api.example.com`, `*.example.com:8443`, `10.1.2.3:5432`, `metadata.google.internal:*`. */
export interface HostRule {
  /** As it was written. */
  readonly text: string
  /** Canonical, as `readHost` has it; for `*.example.com` that of `example.com`. */
  readonly host: string
  readonly address: AddressFacts | undefined
  /** Any name below `host`, but not `host` itself. */
  readonly below: boolean
  /** Undefined: every port. */
  readonly port: number | undefined
}

/** Who may be reached. What both lists name is blocked. */
export interface EgressRules {
  readonly allowed: readonly HostRule[]
  readonly blocked: readonly HostRule[]
  readonly exceptions?: readonly InnerException[]
  /** Blocks of addresses that are refused besides those that always are (HB-73). */
  readonly refuse?: readonly string[]
}

/** A host that may lead to addresses inside (HB-73). It still has to be allowed. */
export interface InnerException {
  readonly rule: HostRule
  /** Blocks of addresses, as `10.1.0.0/16`. Metadata services are never among them. */
  readonly blocks: readonly string[]
}

/** Why a connection is refused; goes into the answer, so it never says what a name resolved to. */
export type EgressRefusal =
  'not_allowlisted' | 'blocked' | Extract<HopVerdict, { kind: 'refused' }>['refusal']['reason']

export type EgressVerdict =
  | { readonly kind: 'refused'; readonly reason: EgressRefusal; readonly rule?: string }
  /** The host is to be resolved, once, and `answers` is to judge what comes back. */
  | {
      readonly kind: 'look-up'
      readonly host: string
      readonly rule: string
      readonly answers: (addresses: readonly string[]) => EgressVerdict
    }
  | { readonly kind: 'connect'; readonly addresses: readonly string[]; readonly rule: string }

/** Where a client wants to be connected to. */
export interface EgressTarget {
  readonly host: string
  readonly port: number
}

const HTTPS = 443

/** @throws SallyportError SP_SANDBOX_PROFILE for what is no host of a list */
export function parseHostRule(text: string): HostRule {
  const match = /^(\*\.)?(\[[^\]]+\]|[^:[\]*]+)(?::(\d{1,5}|\*))?$/.exec(text)
  const host = match?.[2] === undefined ? 'host' : readHost(match[2])
  const port = match?.[3] === '*' ? undefined : Number(match?.[3] ?? HTTPS)
  if (match === null || typeof host === 'string' || host.oddSpelling || port === 0 || (port ?? 1) > 65_535)
    throw new SallyportError('SP_SANDBOX_PROFILE', `${JSON.stringify(text)} is not a host, host:port or *.domain.`)
  const below = match[1] !== undefined
  if (below && (host.address !== undefined || !host.host.includes('.')))
    throw new SallyportError('SP_SANDBOX_PROFILE', `${JSON.stringify(text)} would name more than one domain.`)
  return { text, host: host.host, address: host.address, below, port }
}

/** `host:port` of a CONNECT request, and nothing else that a parser might take for one (T-116); undefined otherwise. */
export function readEgressTarget(text: string): EgressTarget | undefined {
  const match = /^(\[[^\]]+\]|[^:[\]/@\\?#%]+):(\d{1,5})$/.exec(text)
  if (match?.[1] === undefined) return undefined
  const host = readHost(match[1])
  const port = Number(match[2])
  return typeof host === 'string' || host.oddSpelling || port === 0 || port > 65_535
    ? undefined
    : { host: host.host, port }
}

/** `host:port`, as a URL and a CONNECT request write it: an IPv6 address in brackets. */
export const placeText = ({ host, port }: EgressTarget): string => `${bracketed(host)}:${port}`

/** The same as `Host` has it, without the port that is usual (RFC 9110 section 7.2). */
export const authorityText = ({ host, port }: EgressTarget, isSecure: boolean): string =>
  port === (isSecure ? 443 : 80) ? bracketed(host) : placeText({ host, port })

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host)

/**
 * Decides about one connection: default deny, the block list first, then the guard of addresses, from which only a rule that names
 * an address in figures, or an exception for the very host, makes one. Metadata services are never reached (AC-6.5.2, E-66, HB-67).
 */
export function decideEgress({ host, port }: EgressTarget, rules: EgressRules): EgressVerdict {
  const { allowed, blocked, exceptions = [], refuse = [] } = rules
  const stop = blocked.find((rule) => hostMatches(rule, host, port))
  if (stop !== undefined) return { kind: 'refused', reason: 'blocked', rule: stop.text }
  const rule = allowed.find((each) => hostMatches(each, host, port))
  if (rule === undefined) return { kind: 'refused', reason: 'not_allowlisted' }
  const inner = exceptions.filter((one) => hostMatches(one.rule, host, port)).flatMap(({ blocks }) => blocks)
  const blocks = rule.address === undefined ? inner : [rule.address.address]
  const allow = blocks.map((block) => ({ block, ports: [port] }))
  const guard: UrlGuard = { ...STRICT_GUARD, ports: [port], allow, refuse }
  const judged = (verdict: HopVerdict): EgressVerdict => {
    if (verdict.kind === 'refused') return { kind: 'refused', reason: verdict.refusal.reason, rule: rule.text }
    if (verdict.kind === 'connect') return { kind: 'connect', addresses: verdict.addresses, rule: rule.text }
    const { url } = verdict
    return {
      kind: 'look-up',
      host: url.host,
      rule: rule.text,
      answers: (addresses) => judged(judgeAnswers(url, addresses, guard)),
    }
  }
  return judged(judgeHop(`https://${placeText({ host, port })}/`, guard))
}

/**
 * Why a person need not be asked about a place that no list names: an address inside in figures, a metadata service. What leads there is an
 * operator's to write, never an agent's to ask for (T-120); undefined: it may be asked.
 */
export function insideOf(target: EgressTarget): EgressRefusal | undefined {
  const verdict = judgeHop(`https://${placeText(target)}/`, { ...STRICT_GUARD, ports: [target.port] })
  return verdict.kind === 'refused' ? verdict.refusal.reason : undefined
}

/** @param host canonical, as `readEgressTarget` gives it */
export function hostMatches(rule: HostRule, host: string, port: number): boolean {
  if (rule.port !== undefined && rule.port !== port) return false
  return rule.below ? host.endsWith(`.${rule.host}`) : host === rule.host
}
