import type { Risk } from '../../ui/chip.tsx'
import type { Reason } from '../../ui/because.tsx'
import type { Mark } from '../../ui/value.tsx'

export type ApprovalState =
  'pending' | 'partially_approved' | 'approved' | 'consumed' | 'denied' | 'expired' | 'superseded' | 'cancelled'

/** One request as the list has it. Times in ms since 1970. */
export interface Summary {
  readonly id: string
  readonly sessionId: string
  readonly agentId: string
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
  /** What the scope `value` is called here: "This recipient, this session". */
  readonly valueWords?: string
  /** Its record in the log. */
  readonly auditId?: string
}

/** A row of the view exactly as the gateway composed it; `text` is escaped. */
export interface ViewRow {
  readonly label: string
  readonly type: string
  readonly text: string
  readonly depth: number
  readonly warnings: readonly string[]
  readonly fold?: string
}

interface ViewSection {
  readonly id: 'decision' | 'affected' | 'warnings' | 'arguments' | 'claimed'
  readonly title: string
  readonly rows: readonly ViewRow[]
}

/** What is looked at and what the digest covers. */
export interface View {
  readonly renderer: string
  readonly locale: string
  readonly subject: string
  readonly sections: readonly ViewSection[]
}

export interface Answer extends Summary {
  readonly callDigest: string
  /** Exactly what will run. */
  readonly arguments: unknown
  readonly view: View
}

/** One argument as it is drawn. */
export interface ArgumentRow {
  readonly name: string
  readonly role: string
  readonly text: string
  readonly depth: number
  readonly warnings: readonly string[]
  readonly marks: readonly Mark[]
  readonly fold?: string
  readonly integrity?: number
  readonly confidentiality?: number
  readonly source?: string
}

/** Everything the detail shows, in the order of the page. */
export interface Detail {
  readonly sentence: string
  /** "Approve this e-mail?" */
  readonly question: string
  /** What happens if it is approved, one sentence. */
  readonly consequence: string
  readonly reasons: readonly Reason[]
  readonly affected: readonly ArgumentRow[]
  readonly warnings: readonly ViewRow[]
  readonly rows: readonly ArgumentRow[]
  readonly claimed: readonly ViewRow[]
  readonly record: readonly ViewRow[]
}

export const isWaiting = ({ state }: Summary): boolean => state === 'pending' || state === 'partially_approved'

/** Risk first, then least time left; or only time. */
export function sorted(items: readonly Summary[], by: string): readonly Summary[] {
  const rank = { critical: 0, high: 1, medium: 2, low: 3 }
  return items.toSorted(
    (a, b) => (by === 'risk' ? rank[a.severity] - rank[b.severity] : 0) || a.expiresAt - b.expiresAt,
  )
}

/** The view as the page draws it: every row of it is in exactly one place. */
export function detailOf(answer: Answer): Detail {
  const rows = (id: ViewSection['id']): readonly ViewRow[] =>
    answer.view.sections.filter((section) => section.id === id).flatMap((section) => section.rows)
  return {
    sentence: answer.what === undefined ? `${answer.agentId} wants to call ${answer.tool}` : answer.what,
    question: 'Approve this call?',
    consequence: `${answer.agentId} calls ${answer.tool} once, exactly as shown.`,
    reasons: [{ claim: answer.reason }],
    affected: rows('affected').map(argumentRow),
    warnings: rows('warnings'),
    rows: rows('arguments').map(argumentRow),
    claimed: rows('claimed'),
    record: rows('decision'),
  }
}

const argumentRow = ({ label, type, text, depth, warnings, fold }: ViewRow): ArgumentRow => ({
  name: label,
  role: type,
  text,
  depth,
  warnings,
  marks: [],
  ...(fold === undefined ? {} : { fold }),
})
