import type { Severity } from './decision.ts'
import type { EstPolicy } from './est.ts'

/**
 * What a matching policy does. `ask` is `@decision("approve") forbid … unless { context.approved }`; `advisory` is
 * reported but decides nothing (`@enforcement("advisory")`, E-52).
 */
export type PolicyKind = 'permit' | 'forbid' | 'ask' | 'advisory'

/** The annotations of a policy, checked. */
export interface PolicyMeta {
  readonly id: string
  readonly kind: PolicyKind
  readonly severity?: Severity
  /** Who may agree; empty = any operator. */
  readonly approvers: readonly string[]
  readonly quorum: number
  readonly ttlSeconds: number
  readonly remember: boolean
  /** Only a passkey on another machine than the gateway's counts. */
  readonly presence?: 'device'
  /** Text for the agent; `{count}`, `{tool}` and `{server}` are filled in. */
  readonly advice?: string
  readonly alert: boolean
}

export const DEFAULT_TTL_SECONDS = 300
const MAX_TTL_SECONDS = 86_400
const SEVERITIES: ReadonlySet<string> = new Set(['critical', 'high', 'medium', 'low', 'info'])
const KNOWN = Object.freeze([
  'advice',
  'alert',
  'approvers',
  'decision',
  'enforcement',
  'id',
  'presence',
  'quorum',
  'remember',
  'severity',
  'ttl',
])
/** For tools that print or generate policies; no meaning for decisions. */
const FREE: ReadonlySet<string> = new Set(['audit', 'description', 'source'])

export type MetaResult =
  | { readonly ok: true; readonly meta: PolicyMeta }
  | { readonly ok: false; readonly problem: string; readonly annotation: string }

/** Reads the annotations of a policy. Unknown ones are errors: a misspelt `@decision` must not turn an ask into a denial. */
export function readAnnotations(policy: EstPolicy, fallbackId: string): MetaResult {
  const given = policy.annotations ?? {}
  for (const name of Object.keys(given)) {
    if (!KNOWN.includes(name) && !FREE.has(name)) {
      return { ok: false, annotation: name, problem: `unknown annotation @${name}; known are ${KNOWN.join(', ')}` }
    }
  }
  const text = (name: string): string | undefined => (Object.hasOwn(given, name) ? (given[name] ?? '') : undefined)
  const wrong = (annotation: string, problem: string): MetaResult => ({ ok: false, annotation, problem })

  const decision = text('decision')
  if (decision !== undefined && decision !== 'approve') return wrong('decision', '@decision knows only "approve"')
  if (decision !== undefined && policy.effect !== 'forbid') {
    return wrong('decision', '@decision("approve") belongs on a forbid: stock Cedar then reads a denial')
  }
  if (decision !== undefined && !policy.conditions.some(isUnlessApproved)) {
    return wrong(
      'decision',
      '@decision("approve") needs `unless { context.approved }`, or no approval could ever count',
    )
  }
  if (decision === undefined && policy.conditions.some(isUnlessApproved) && policy.effect === 'forbid') {
    return wrong('id', 'a forbid with `unless { context.approved }` needs @decision("approve")')
  }
  const enforcement = text('enforcement')
  if (enforcement !== undefined && enforcement !== 'advisory' && enforcement !== 'mandatory') {
    return wrong('enforcement', '@enforcement is "mandatory" or "advisory"')
  }
  const severity = text('severity')
  if (severity !== undefined && !SEVERITIES.has(severity)) {
    return wrong('severity', '@severity is one of critical, high, medium, low, info')
  }
  const quorum = whole(text('quorum') ?? '1', 1, 10)
  if (quorum === undefined) return wrong('quorum', '@quorum is a whole number from 1 to 10')
  const ttlSeconds = whole(text('ttl') ?? String(DEFAULT_TTL_SECONDS), 1, MAX_TTL_SECONDS)
  if (ttlSeconds === undefined) return wrong('ttl', `@ttl is a whole number of seconds from 1 to ${MAX_TTL_SECONDS}`)
  const remember = text('remember')
  if (remember !== undefined && remember !== 'never') return wrong('remember', '@remember knows only "never"')
  const presence = text('presence')
  if (presence !== undefined && presence !== 'device') return wrong('presence', '@presence knows only "device"')
  const id = text('id')
  if (id !== undefined && !/^[\w.:/@ -]{1,128}$/.test(id)) {
    return wrong('id', '@id is 1 to 128 letters, digits, spaces or any of . : / @ _ -')
  }
  const forbidKind: PolicyKind = decision === undefined ? 'forbid' : 'ask'
  const kind = policy.effect === 'permit' ? 'permit' : forbidKind
  const advice = text('advice')
  const meta: PolicyMeta = {
    id: id ?? fallbackId,
    kind: enforcement === 'advisory' ? 'advisory' : kind,
    approvers: list(text('approvers')),
    quorum,
    ttlSeconds,
    remember: remember === undefined,
    alert: text('alert') !== undefined && text('alert') !== 'false',
    ...(severity === undefined ? {} : { severity: severity as Severity }),
    ...(advice === undefined ? {} : { advice }),
    ...(presence === undefined ? {} : { presence }),
  }
  return { ok: true, meta }
}

function isUnlessApproved(clause: EstPolicy['conditions'][number]): boolean {
  const access = clause.body['.'] as { left?: { Var?: unknown }; attr?: unknown } | undefined
  return clause.kind === 'unless' && access?.left?.Var === 'context' && access.attr === 'approved'
}

function whole(text: string, from: number, to: number): number | undefined {
  const value = /^[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN
  return value >= from && value <= to ? value : undefined
}

const list = (text: string | undefined): readonly string[] =>
  (text ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
