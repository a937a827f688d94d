/** 0 hostile · 1 untrusted · 2 semi-trusted · 3 trusted. Joins take the minimum. */
export type Integrity = 0 | 1 | 2 | 3
/** 0 public · 1 internal · 2 confidential · 3 secret. Joins take the maximum. */
export type Confidentiality = 0 | 1 | 2 | 3

/** Label state of an agent instance or a result. Labels only get worse (architecture §5). */
export interface Label {
  readonly integrity: Integrity
  readonly confidentiality: Confidentiality
  readonly sources: readonly string[]
}

export const CLEAN: Label = Object.freeze({ integrity: 3, confidentiality: 0, sources: Object.freeze([]) })
/** What an instance has whose state was lost: fail closed (T-093). */
export const LOST: Label = Object.freeze({ integrity: 1, confidentiality: 2, sources: Object.freeze(['state-lost']) })

export function joinLabels(a: Label, b: Label): Label {
  if (covers(a, b)) return a
  return {
    integrity: Math.min(a.integrity, b.integrity) as Integrity,
    confidentiality: Math.max(a.confidentiality, b.confidentiality) as Confidentiality,
    sources: [...new Set([...a.sources, ...b.sources])].sort().slice(0, 64),
  }
}

/** True when joining `b` would change nothing: the usual case, as labels settle early in a session. */
const covers = (a: Label, b: Label): boolean =>
  a.integrity <= b.integrity &&
  a.confidentiality >= b.confidentiality &&
  b.sources.every((source) => a.sources.includes(source))

export const isTainted = (label: Label): boolean => label.integrity < 2
