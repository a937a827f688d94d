import { canonicalJson } from '../json/canonical.ts'
import { readAnnotations, type PolicyMeta } from './annotations.ts'
import type { EstPolicy } from './est.ts'
import type { Json } from '../json/types.ts'

/** What a diff needs of a policy. */
export interface DiffPolicy {
  readonly id: string
  readonly est: EstPolicy
  readonly text: string
}

/** ND-5.4.a. */
export interface PolicyDiff {
  readonly rulesAdded: readonly string[]
  readonly rulesRemoved: readonly string[]
  readonly rulesModified: readonly string[]
  readonly detailedChanges: readonly {
    readonly rule: string
    readonly field: string
    readonly old: string
    readonly new: string
  }[]
}

const FIELDS = ['effect', 'principal', 'action', 'resource', 'conditions'] as const
const text = (value: unknown): string => (value === undefined ? '' : canonicalJson(value as Json))

/** Differences between two sets of policies, by id, in the order of ids. Layout and comments are no difference. */
export function diffPolicies(before: readonly DiffPolicy[], after: readonly DiffPolicy[]): PolicyDiff {
  const old = new Map(before.map((policy) => [policy.id, policy]))
  const now = new Map(after.map((policy) => [policy.id, policy]))
  const rulesAdded = [...now.keys()].filter((id) => !old.has(id)).sort()
  const rulesRemoved = [...old.keys()].filter((id) => !now.has(id)).sort()
  const detailedChanges: PolicyDiff['detailedChanges'][number][] = []
  const rulesModified: string[] = []
  for (const [id, policy] of [...now].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const previous = old.get(id)
    if (previous === undefined) continue
    const changes = [...changedFields(previous, policy)]
    if (changes.length > 0) rulesModified.push(id)
    detailedChanges.push(...changes.map((change) => ({ rule: id, ...change })))
  }
  return { rulesAdded, rulesRemoved, rulesModified, detailedChanges }
}

function* changedFields(a: DiffPolicy, b: DiffPolicy): Iterable<{ field: string; old: string; new: string }> {
  for (const field of FIELDS) {
    const [old, now] = [text(a.est[field]), text(b.est[field])]
    if (old !== now) yield field === 'conditions' ? { field, old: a.text, new: b.text } : { field, old, new: now }
  }
  const names = new Set([...Object.keys(a.est.annotations ?? {}), ...Object.keys(b.est.annotations ?? {})])
  for (const name of [...names].sort()) {
    const [old, now] = [a.est.annotations?.[name], b.est.annotations?.[name]]
    if (old !== now) yield { field: `@${name}`, old: old ?? '', new: now ?? '' }
  }
}

export const isEmptyDiff = (diff: PolicyDiff): boolean =>
  diff.rulesAdded.length + diff.rulesRemoved.length + diff.rulesModified.length === 0

/**
 * Why a change could allow something that was not allowed before; empty when it can only narrow (T-049). Judged rule by
 * rule and on the safe side: new permits, lost or changed forbids, and weaker approval demands count as widening.
 */
export function wideningReasons(before: readonly DiffPolicy[], after: readonly DiffPolicy[]): readonly string[] {
  const reasons: string[] = []
  const metaOf = (policy: DiffPolicy): PolicyMeta | undefined => {
    const read = readAnnotations(policy.est, policy.id)
    return read.ok ? read.meta : undefined
  }
  const body = (policy: DiffPolicy): string => text(FIELDS.map((field) => policy.est[field] as Json))
  const old = new Map(before.map((policy) => [policy.id, policy]))
  const now = new Map(after.map((policy) => [policy.id, policy]))
  const oldPermits = new Set(before.filter((policy) => metaOf(policy)?.kind === 'permit').map(body))
  for (const policy of after) {
    if (metaOf(policy)?.kind !== 'permit' || oldPermits.has(body(policy))) continue
    reasons.push(`${policy.id}: ${old.has(policy.id) ? 'a permit that changed' : 'a new permit'}`)
  }
  const strength = { permit: 0, advisory: 0, ask: 1, forbid: 2 }
  const nowByBody = new Map<string, DiffPolicy[]>()
  for (const policy of after) nowByBody.set(body(policy), [...(nowByBody.get(body(policy)) ?? []), policy])
  for (const policy of before) {
    const meta = metaOf(policy)
    if (meta === undefined || strength[meta.kind] === 0) continue
    const standIns = (nowByBody.get(body(policy)) ?? []).map(metaOf).filter((m) => m !== undefined)
    if (standIns.some((m) => strength[m.kind] >= strength[meta.kind] && !weaker(meta, m))) continue
    if (standIns.length > 0) reasons.push(`${policy.id}: asks for less than before`)
    else reasons.push(`${policy.id}: a forbid that is ${now.has(policy.id) ? 'changed' : 'gone'}`)
  }
  return reasons.sort()
}

function weaker(before: PolicyMeta, after: PolicyMeta): boolean {
  if (after.kind === 'forbid') return false
  const approvers = before.approvers.join() !== after.approvers.join()
  return (
    approvers ||
    after.quorum < before.quorum ||
    after.ttlSeconds > before.ttlSeconds ||
    (!before.remember && after.remember) ||
    (before.presence === 'device' && after.presence !== 'device')
  )
}
