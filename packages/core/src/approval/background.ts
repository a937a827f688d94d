import type { Origin } from '../flow/facts.ts'
import type { ApprovalRequest, ArgumentLeaf } from './approval.ts'
import { escapeText } from './escape.ts'
import { row } from './row.ts'
import type { ApprovalStory, ArgumentProvenance, EarlierCalls } from './story.ts'
import type { ViewRow } from './view.ts'

const DOUBTFUL: ReadonlySet<Origin> = new Set<Origin>(['untrusted', 'ambiguous'])
/** Doubtful arguments that are named among the reasons; the tree marks all of them. */
const MOST_DOUBTS = 3

/** Why policy stopped it: its words, its rules, and the arguments that nobody vouches for. */
export function reasonRows({ policyRule, reason, binding, story }: ReasonInput): readonly ViewRow[] {
  const leaves = binding.sinks as readonly (ArgumentLeaf & Partial<ArgumentProvenance>)[]
  const sources = new Map((story?.provenance ?? []).map(({ path, from }) => [path, from]))
  const doubts = leaves.filter(({ origin }) => origin !== undefined && DOUBTFUL.has(origin)).slice(0, MOST_DOUBTS)
  return [
    row('because', escapeText(reason), 'reason'),
    row('held by', policyRule.map(escapeText).join(', '), 'rules'),
    ...doubts.map(({ path, why = '' }) => {
      const from = (sources.get(path) ?? []).map(escapeText).join(', ')
      const text = `${escapeText(path)}: ${why === '' ? 'nobody vouches for it.' : escapeText(why)}`
      return row('and', from === '' ? text : `${text} It stands in what ${from} returned.`, 'reason')
    }),
  ]
}
type ReasonInput = Pick<ApprovalRequest, 'policyRule' | 'reason' | 'binding' | 'story'>

const MOST_READS = 4

export const readRows = (reads: NonNullable<ApprovalStory['reads']>): readonly ViewRow[] =>
  reads.slice(-MOST_READS).map(({ at, text }) => row(escapeText(at), escapeText(text), 'fact'))

/** Counts only, so that a person sees what is new without reading old calls. */
export function earlierRows(earlier: EarlierCalls | undefined, sinks: readonly ArgumentLeaf[]): readonly ViewRow[] {
  if (earlier === undefined) return []
  const { calls, allowed, denied, more, same, newArguments } = earlier
  if (calls === 0) return [row('earlier calls', 'none: this agent has not used this tool before', 'fact')]
  const total = `${more ? 'at least ' : ''}${calls}, ${allowed} allowed, ${denied} denied`
  const values = new Map(sinks.map(({ path, value }) => [path, value]))
  return [
    row('earlier calls', total, 'fact'),
    ...same.map(({ path, count }) => {
      const value = values.get(path) ?? ''
      const shown = value.length > 200 ? `${value.length} characters` : `"${escapeText(value)}"`
      const often = count === 0 ? 'never before' : `the same in ${count} of ${calls}`
      return row(escapeText(path), `${shown}: ${often}`, count === 0 ? 'new' : 'fact')
    }),
    ...newArguments.map((path) => row(escapeText(path), 'no earlier call had this argument', 'new')),
  ]
}

/** Grants in force that this call would stand beside (T-037). */
export const togetherRows = (grants: NonNullable<ApprovalStory['grants']>): readonly ViewRow[] =>
  grants.map(({ tool, sinks, until }) => {
    const to = sinks.length === 0 ? '' : ` to ${sinks.map((each) => `"${escapeText(each)}"`).join(', ')}`
    return row(escapeText(tool), `without asking${to}, until ${new Date(until).toISOString()}`, 'fact')
  })

export const recordRows = ({ id, callDigest, binding }: RecordInput): readonly ViewRow[] => [
  row('request', escapeText(id)),
  row('call', callDigest),
  row('definition', escapeText(binding.pin)),
  row('policy', escapeText(binding.bundle)),
  row('look at it', `sallyport approvals show ${escapeText(id)}`),
]
type RecordInput = Pick<ApprovalRequest, 'id' | 'callDigest' | 'binding'>
