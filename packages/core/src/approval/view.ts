import type { ArgRole } from '../action/tool.ts'
import { isJsonObject, type Json, type JsonObject } from '../json/types.ts'
import type { ApprovalRequest, ArgumentLeaf } from './approval.ts'
import { earlierRows, readRows, reasonRows, recordRows, togetherRows } from './background.ts'
import { escapeText } from './escape.ts'
import { row } from './row.ts'
import { sentenceOf } from './sentence.ts'
import { spansOf, type Span } from './spans.ts'
import type { ArgumentProvenance } from './story.ts'
import { treeRows } from './tree.ts'
import { warningsFor } from './warnings.ts'

/** Changes whenever the same request would give other rows: old proofs then do not fit and the human is asked again. */
export const VIEW_VERSION = 'sallyport-view/2'

/** One row. `text` is complete and already escaped; a renderer may fold it only where `fold` is set (T-035). */
export interface ViewRow {
  readonly label: string
  readonly type: string
  readonly text: string
  readonly depth: number
  readonly warnings: readonly string[]
  /** Short digest of a long content value that a screen may fold. Sinks, selectors and commands never fold. */
  readonly fold?: string
  /** The value without its quotes, in pieces that need to be marked; joined they are what `text` shows. */
  readonly spans?: readonly Span[]
  readonly role?: ArgRole
  /** Where the value came from, and why we think so. */
  readonly origin?: ArgumentProvenance['origin']
  readonly why?: string
}

/** Sections in the order shown. `decision` and `affected` hold facts only, never text the model chose freely (T-036). */
export interface ViewSection {
  readonly id:
    'decision' | 'affected' | 'warnings' | 'arguments' | 'reads' | 'earlier' | 'together' | 'record' | 'claimed'
  readonly title: string
  readonly rows: readonly ViewRow[]
}

/** What a human looks at, for every surface, and what `view_digest` covers. */
export interface ApprovalView {
  readonly renderer: string
  readonly locale: 'en'
  readonly subject: string
  readonly sections: readonly ViewSection[]
}

/** What the view needs of a request; `claims` is text of the agent, shown apart and last. */
export interface ViewInput {
  readonly request: Omit<ApprovalRequest, 'createdAt' | 'requestId'>
  /** Counterparties to compare look-alikes with. */
  readonly known?: readonly string[]
  readonly claims?: Readonly<Record<string, string>>
}

/** The view of an approval request: sinks, selectors and destinations first and complete, then everything else. */
export function approvalView(input: ViewInput): ApprovalView {
  const { request } = input
  const { binding } = request
  const { story = {} } = request
  const known = input.known ?? story.known ?? []
  const affected = affectedRows(binding.sinks, binding.facts, known)
  const secret = new Set(secretPaths(binding.sinks, story.provenance ?? []))
  const tree = treeRows(request.args, secret, story.provenance)
  const claimed = Object.entries(input.claims ?? story.claims ?? {}).map(([label, text]) =>
    row(label, `"${escapeText(text)}"`, 'claim'),
  )
  return {
    renderer: VIEW_VERSION,
    locale: 'en',
    subject: escapeText(request.id),
    sections: [
      { id: 'decision', title: 'An agent asks to', rows: decisionRows(request) },
      { id: 'affected', title: 'Who and what is affected', rows: affected },
      { id: 'warnings', title: 'Look twice', rows: warningRows(request, [...affected, ...tree]) },
      { id: 'arguments', title: 'All arguments, chosen by the agent', rows: tree },
      ...filled('reads', 'What this agent read before', readRows(story.reads ?? [])),
      ...filled('earlier', 'Compared with earlier calls of this tool', earlierRows(story.earlier, binding.sinks)),
      ...filled('together', 'What it may do already without asking', togetherRows(story.grants ?? [])),
      { id: 'record', title: 'Record', rows: recordRows(request) },
      ...(claimed.length === 0
        ? []
        : [{ id: 'claimed' as const, title: 'Claimed by the agent, not checked', rows: claimed }]),
    ],
  }
}

const filled = (id: ViewSection['id'], title: string, rows: readonly ViewRow[]): readonly ViewSection[] =>
  rows.length === 0 ? [] : [{ id, title, rows }]

const secretPaths = (sinks: readonly ArgumentLeaf[], provenance: readonly ArgumentProvenance[]): readonly string[] =>
  [...sinks, ...provenance].filter(({ role }) => role === 'secret').map(({ path }) => path)

/** View of a decision that is not about a call (resume, policy, trust level): same frame, same digest, same rules. */
export function operatorView(kind: string, title: string, payload: Json): ApprovalView {
  const rows = treeRows(payload, new Set())
  const found = [...new Set(rows.flatMap((each) => each.warnings.map((text) => `${each.label}: ${text}`)))]
  return {
    renderer: VIEW_VERSION,
    locale: 'en',
    subject: escapeText(kind),
    sections: [
      { id: 'decision', title: 'You are asked to', rows: [row('decision', title)] },
      { id: 'warnings', title: 'Look twice', rows: found.map((text) => row('', text, 'warning')) },
      { id: 'arguments', title: 'Exactly this', rows },
    ],
  }
}

function decisionRows(request: ViewInput['request']): readonly ViewRow[] {
  const { binding, demand, grave, sessionId, expiresAt } = request
  return [
    { ...row('', sentenceOf(binding), 'sentence') },
    row('run', escapeText(binding.tool)),
    row('on server', escapeText(binding.server)),
    ...(binding.cwd === '' ? [] : [row('in directory', escapeText(binding.cwd))]),
    row('for agent', escapeText(binding.principal)),
    ...(binding.chain.length === 0 ? [] : [row('on behalf of', binding.chain.map(escapeText).join(' > '))]),
    row('session', escapeText(sessionId)),
    row('severity', demand.severity),
    row('can be undone', grave ? 'no, or it leaves this system' : 'yes'),
    ...reasonRows(request),
    row('people needed', String(demand.quorum)),
    ...(demand.presence === undefined ? [] : [row('proof needed', 'a passkey on another device')]),
    row('expires', new Date(expiresAt).toISOString()),
  ]
}

const AFFECTED: readonly (readonly [ArgRole, string])[] = [
  ['sink', 'goes to'],
  ['audience', 'visible to'],
  ['selector', 'which'],
  ['quantity', 'how much'],
]
const FACTS: readonly (readonly [string, string])[] = [
  ['domains', 'domain'],
  ['hosts', 'host'],
  ['addresses', 'address'],
  ['paths', 'path'],
  ['commands', 'program'],
]

function affectedRows(leaves: readonly ArgumentLeaf[], facts: Json, known: readonly string[]): readonly ViewRow[] {
  const rows: ViewRow[] = []
  for (const [role, label] of AFFECTED) {
    for (const leaf of leaves.filter((each) => each.role === role)) {
      const warnings = warningsFor(leaf.value, known)
      const marks = spansOf(leaf.value)
      const { origin, why } = leaf as Partial<ArgumentProvenance>
      rows.push({
        ...{ label, type: escapeText(leaf.path), text: `"${escapeText(leaf.value)}"`, depth: 0, warnings, role },
        ...(marks === undefined ? {} : { spans: marks }),
        ...(origin === undefined ? {} : { origin }),
        ...(why === undefined || why === '' ? {} : { why: escapeText(why) }),
      })
    }
  }
  for (const [key, label] of FACTS) {
    for (const text of strings(facts, key))
      rows.push({ ...row(label, escapeText(text), 'fact'), warnings: warningsFor(text, known) })
  }
  const count = isJsonObject(facts) ? facts['count'] : undefined
  if (typeof count === 'number' && count > 1) rows.push(row('objects touched', String(count), 'fact'))
  const amount = isJsonObject(facts) ? facts['amountMinor'] : undefined
  if (typeof amount === 'number' && amount > 0) rows.push(row('amount (minor units)', String(amount), 'fact'))
  return rows
}

function warningRows({ binding }: ViewInput['request'], rows: readonly ViewRow[]): readonly ViewRow[] {
  const found = rows.flatMap((each) => each.warnings.map((text) => row(each.label, text, 'warning')))
  const facts = binding.facts
  for (const path of strings(facts, 'undeclared'))
    found.push(row(escapeText(path), 'is not declared by the tool', 'warning'))
  for (const path of strings(facts, 'omitted')) {
    found.push(row(escapeText(path), 'is left out; the server decides what that means', 'warning'))
  }
  if (isJsonObject(facts) && facts['pathUnresolved'] === true)
    found.push(row('path', 'could not be resolved', 'warning'))
  const { integrity, confidentiality } = labelNumbers(binding.labels)
  if (integrity < 2) found.push(row('agent', 'has read text that nobody vouches for', 'warning'))
  if (confidentiality > 1) found.push(row('agent', 'has read confidential data', 'warning'))
  return found.filter(
    (each, index) => found.findIndex((other) => other.label === each.label && other.text === each.text) === index,
  )
}

/** Label numbers of a binding; what is missing counts as the worst. */
export function labelNumbers(labels: JsonObject): { readonly integrity: number; readonly confidentiality: number } {
  const { integrity, confidentiality } = labels
  return {
    integrity: typeof integrity === 'number' ? integrity : 0,
    confidentiality: typeof confidentiality === 'number' ? confidentiality : 3,
  }
}

function strings(facts: Json, key: string): readonly string[] {
  const list = isJsonObject(facts) ? facts[key] : undefined
  return Array.isArray(list) ? (list as readonly Json[]).filter((item) => typeof item === 'string') : []
}
