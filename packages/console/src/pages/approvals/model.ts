import type { Risk } from '../../ui/chip.tsx'
import type { Reason } from '../../ui/because.tsx'

export type ApprovalState =
  'pending' | 'partially_approved' | 'approved' | 'consumed' | 'denied' | 'expired' | 'superseded' | 'cancelled'

/** One request as the list has it. Times in ms since 1970. */
export interface Summary {
  readonly id: string
  readonly sessionId: string
  readonly agentId: string
  readonly instance?: string
  readonly tool: string
  readonly state: ApprovalState
  readonly severity: Risk
  readonly reason: string
  readonly quorum: number
  readonly approvals: readonly string[]
  readonly createdAt: number
  readonly expiresAt: number
  readonly decidedBy?: string
  readonly decidedAt?: number
  /** What it wants, verb first, composed by the gateway; escaped. */
  readonly what?: string
  /** False: this person may not decide it, and `whyNot` says why. */
  readonly mayDecide?: boolean
  readonly whyNot?: string
  /** Scopes that policy allows for an approval. */
  readonly scopes?: readonly string[]
  /** What it reaches, in the singular: `recipient`. */
  readonly target?: string
  /** Its record in the log. */
  readonly auditId?: string
}

/** A piece of a value that the gateway marks; `text` is escaped. */
interface Span {
  readonly text: string
  readonly kind: 'plain' | 'hidden' | 'break' | 'lookalike' | 'mixed' | 'domain'
  readonly code?: string
  readonly count?: number
}

/** A row of the view exactly as the gateway composed it; `text` is escaped. */
export interface ViewRow {
  readonly label: string
  readonly type: string
  readonly text: string
  readonly depth: number
  readonly warnings: readonly string[]
  readonly fold?: string
  readonly spans?: readonly Span[]
  readonly role?: string
  readonly origin?: Origin
  readonly why?: string
}

/** Whose a value is, as the gateway found out. */
export type Origin = 'user' | 'known' | 'trusted' | 'record' | 'model' | 'ambiguous' | 'untrusted'

type SectionId =
  'decision' | 'affected' | 'warnings' | 'arguments' | 'reads' | 'earlier' | 'together' | 'record' | 'claimed'

/** What is looked at and what the digest covers. */
interface View {
  readonly renderer: string
  readonly locale: string
  readonly subject: string
  readonly sections: readonly { readonly id: SectionId; readonly title: string; readonly rows: readonly ViewRow[] }[]
}

export interface Answer extends Summary {
  readonly callDigest: string
  /** Exactly what will run. */
  readonly arguments: unknown
  readonly view: View
}

/** Everything the detail shows, in the order of the page: each row of the view is in exactly one place. */
export interface Detail {
  /** Escaped; values of the call stand in “…”. */
  readonly sentence: string
  readonly reasons: readonly Reason[]
  /** Rows about the call as a whole. */
  readonly facts: readonly ViewRow[]
  readonly affected: readonly ViewRow[]
  /** What no other row says. */
  readonly warnings: readonly ViewRow[]
  readonly rows: readonly ViewRow[]
  readonly reads: readonly ViewRow[]
  readonly earlier: readonly ViewRow[]
  readonly together: readonly ViewRow[]
  readonly claimed: readonly ViewRow[]
  readonly record: readonly ViewRow[]
  readonly isFinal: boolean
}

export const isWaiting = ({ state }: Summary): boolean => state === 'pending' || state === 'partially_approved'

/** Risk first, then least time left; or only time. */
export function sorted(items: readonly Summary[], by: string): readonly Summary[] {
  const rank = { critical: 0, high: 1, medium: 2, low: 3 }
  return items.toSorted(
    (a, b) => (by === 'risk' ? rank[a.severity] - rank[b.severity] : 0) || a.expiresAt - b.expiresAt,
  )
}

const ABOVE: ReadonlySet<string> = new Set([
  'can be undone',
  'in directory',
  'on behalf of',
  'people needed',
  'proof needed',
])

/** The view as the page draws it. */
export function detailOf({ view, agentId, tool, reason }: Answer): Detail {
  const of = (id: SectionId): readonly ViewRow[] =>
    view.sections.filter((section) => section.id === id).flatMap((section) => section.rows)
  const decision = of('decision')
  const affected = of('affected')
  const rows = of('arguments')
  const inPlace = new Set([...affected, ...rows].flatMap((row) => row.warnings.map((text) => `${row.label} ${text}`)))
  const reasons = decision.filter(({ type }) => type === 'reason').map(({ text }) => text)
  const rule = decision.find(({ type, label }) => type === 'rules' || label === 'held by')?.text
  const facts = decision.filter(({ label }) => ABOVE.has(label))
  return {
    sentence: decision.find(({ type }) => type === 'sentence')?.text ?? `${agentId} wants to use ${tool}.`,
    reasons: (reasons.length === 0 ? [reason] : reasons).map((text, at) => ({
      ...claimOf(text),
      ...(at === 0 && rule !== undefined && rule !== '' ? { rule } : {}),
    })),
    facts,
    affected,
    warnings: of('warnings').filter(({ label, text }) => !inPlace.has(`${label} ${text}`)),
    rows,
    reads: of('reads'),
    earlier: of('earlier'),
    together: of('together'),
    claimed: of('claimed'),
    record: [...decision.filter((row) => row.type === '' && !ABOVE.has(row.label)), ...of('record')],
    isFinal: facts.some(({ label, text }) => label === 'can be undone' && text.startsWith('no')),
  }
}

/** The first sentence carries the claim, the rest is its evidence. */
function claimOf(text: string): Reason {
  const end = text.search(/[.!?]\s/) + 1
  return end === 0 ? { claim: text } : { claim: text.slice(0, end), evidence: text.slice(end + 1) }
}
