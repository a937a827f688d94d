import { CONFIDENTIALITY_WORDS, INTEGRITY_WORDS } from '../audit/search/facets.ts'
import { isJsonObject, type JsonObject } from '../json/types.ts'
import { callsOf, labelsOf, type CallState, type Carried, type StoryCall, type StoryRecord } from './calls.ts'
import { leadOf } from './lead.ts'
import { objectOf, originsOf, shorten, type Sentence } from './sentence.ts'

/** Something that came in: what the user said, or the result of a call. */
export interface StoryRead {
  readonly id: string
  readonly place: string
  readonly n: number
  readonly at: number
  readonly from: 'words' | 'tool'
  readonly tool: string
  readonly object: string
  /** The session's labels from here on. */
  readonly carries: Carried
  /** What got worse by it. */
  readonly changed: { readonly integrity: boolean; readonly confidentiality: boolean }
  /** What the gate found in it. */
  readonly findings: number
  readonly redactions: number
}

/** Something that was tried. */
export interface StoryAction {
  readonly id: string
  readonly place: string
  readonly n: number
  readonly at: number
  readonly tool: string
  readonly effect: string
  readonly object: string
  readonly state: CallState
  readonly reason: string
  readonly rule: string
  readonly approvalId: string | null
}

/** Calls that say nothing new, one after the other. */
export interface StoryFold {
  readonly calls: readonly StoryAction[]
  /** `drive.list ×5`, the most frequent first. */
  readonly tools: readonly { readonly tool: string; readonly n: number }[]
}

/** One step. Time runs in steps, not in seconds. */
export interface StoryColumn {
  readonly at: number
  readonly read?: StoryRead
  readonly action?: StoryAction
  readonly fold?: StoryFold
}

/** An argument whose value came from a read: from column to column. */
export interface StoryThread {
  readonly from: number
  readonly to: number
  readonly argument: string
  readonly origin: string
  /** Colour: the label of the value. */
  readonly tone: 'trusted' | 'semi-trusted' | 'untrusted' | 'confidential'
}

export interface Story {
  readonly session: string
  readonly agent: string
  readonly person: string
  readonly started: number
  readonly ended: number
  readonly records: number
  readonly state: 'waiting' | 'denied' | 'quiet'
  readonly counts: { readonly allowed: number; readonly denied: number; readonly waiting: number }
  readonly lead: Sentence
  readonly start: Carried
  readonly carries: Carried
  readonly columns: readonly StoryColumn[]
  readonly threads: readonly StoryThread[]
  /** Where values came from is no longer known (after a restart). */
  readonly lost: boolean
}

export interface StoryOptions {
  /** Shows every call in a column of its own. */
  readonly all?: boolean
}

const BEST: Carried = { integrity: 3, confidentiality: 0 }
/** What stops a person, or was stopped. */
const TELLING: ReadonlySet<CallState> = new Set<CallState>(['denied', 'waiting', 'approved', 'refused', 'expired'])

interface Step {
  readonly call: StoryCall | undefined
  readonly read: StoryRead | undefined
  readonly action: StoryAction | undefined
  isShown: boolean
}

/**
 * The story of a session from its records (console.md §7.2): what came in, what that changed, what was tried, and which value came
 * from where. Pure, in one pass over the records, which must be in their order.
 */
export function storyOf(session: string, records: readonly StoryRecord[], { all = false }: StoryOptions = {}): Story {
  const calls = callsOf(records)
  const first = records[0]?.record
  const start = labelsOf(calls[0]?.decision, BEST)
  const steps = [...wordSteps(records, start), ...callSteps(calls, start)].sort((a, b) => timeOf(a) - timeOf(b))
  const threads = threadsOf(steps)
  for (const step of steps) step.isShown = all || isTelling(step)
  for (const { from, to } of threads) if (steps[to]?.isShown) (steps[from] as Step).isShown = true
  const { columns, columnOf } = columnsOf(steps)
  const carries = calls.reduce<Carried>(
    (label, { outcome, decision }) => labelsOf(outcome, labelsOf(decision, label)),
    start,
  )
  const states = calls.map(({ state }) => state)
  const count = (...wanted: readonly CallState[]): number => states.filter((state) => wanted.includes(state)).length
  const counts = {
    allowed: count('allowed', 'approved', 'failed'),
    ...{ denied: count('denied', 'refused', 'expired'), waiting: count('waiting') },
  }
  const shown = threads.flatMap((thread) => {
    const [from, to] = [columnOf.get(thread.from), columnOf.get(thread.to)]
    return from === undefined || to === undefined ? [] : [{ ...thread, from, to }]
  })
  const story: Omit<Story, 'lead'> = {
    ...{ session, start, carries, counts, columns, threads: shown, records: records.length },
    agent: textOf(calls[0]?.decision ?? first, 'agentId'),
    person: textOf(calls[0]?.decision, 'actor').split(' > ')[0] ?? '',
    started: Date.parse(textOf(first, 'timestamp')) || 0,
    ended: Date.parse(textOf(records.at(-1)?.record, 'timestamp')) || 0,
    state: counts.waiting > 0 ? 'waiting' : counts.denied > 0 ? 'denied' : 'quiet',
    lost: start.integrity === 1 && start.confidentiality === 2,
  }
  return { ...story, lead: leadOf(story) }
}

function textOf(record: JsonObject | undefined, name: string): string {
  const value = record?.[name]
  return typeof value === 'string' ? value : ''
}

const timeOf = ({ read, action }: Step): number => action?.at ?? read?.at ?? 0
const isTelling = ({ read, action }: Step): boolean =>
  (read !== undefined && (read.from === 'words' || read.changed.integrity || read.changed.confidentiality)) ||
  (action !== undefined && TELLING.has(action.state))

/** What the user said. The words themselves are not in the log, only that there were some. */
function wordSteps(records: readonly StoryRecord[], carries: Carried): readonly Step[] {
  return records.flatMap(({ record, stream, seq }, index) => {
    if (record['event'] !== 'flow.words') return []
    const read: StoryRead = {
      ...{ id: textOf(record, 'auditId'), place: `${stream}:${seq}`, n: index + 1, from: 'words', tool: 'user' },
      at: Date.parse(textOf(record, 'timestamp')),
      object: `${Number(record['length'] ?? 0)} characters, ${textOf(record, 'channel')}`,
      ...{ carries, changed: { integrity: false, confidentiality: false }, findings: 0, redactions: 0 },
    }
    return [{ call: undefined, read, action: undefined, isShown: false }]
  })
}

function callSteps(calls: readonly StoryCall[], start: Carried): readonly Step[] {
  let label = start
  return calls.map((call) => {
    const before = labelsOf(call.decision, label)
    const after = labelsOf(call.outcome, before)
    label = after
    const changed = {
      integrity: after.integrity < before.integrity,
      confidentiality: after.confidentiality > before.confidentiality,
    }
    const cameIn = call.outcome !== undefined && textOf(call.outcome, 'outcome') !== 'not_executed'
    const isRead = call.effect === 'read' || changed.integrity || changed.confidentiality
    const read = cameIn && isRead ? readOf(call, after, changed) : undefined
    const action = read !== undefined && call.effect === 'read' && !TELLING.has(call.state) ? undefined : actionOf(call)
    return { call, read, action, isShown: false }
  })
}

function readOf(call: StoryCall, carries: Carried, changed: StoryRead['changed']): StoryRead {
  const inspection = isJsonObject(call.outcome?.['inspection']) ? call.outcome['inspection'] : {}
  const findings = Array.isArray(inspection['findings']) ? inspection['findings'].length : 0
  return {
    ...{ id: call.id, place: call.place, n: call.n, at: call.at, from: 'tool', tool: call.tool },
    ...{ object: shorten(objectOf(call.decision)?.value ?? ''), carries, changed, findings },
    redactions: Number(call.outcome?.['redactions'] ?? 0),
  }
}

function actionOf({ id, place, n, at, tool, effect, decision, state, approvalId }: StoryCall): StoryAction {
  const rules = decision['policyRule']
  return {
    ...{ id, place, n, at, tool, effect, state, object: shorten(objectOf(decision)?.value ?? '') },
    ...{ reason: textOf(decision, 'reason'), rule: Array.isArray(rules) ? String(rules[0] ?? '') : '' },
    approvalId: approvalId ?? null,
  }
}

const DOUBTFUL: ReadonlySet<string> = new Set(['untrusted', 'ambiguous'])

/** Arguments whose value stands in something that was read. Of several results of one tool the newest is meant. */
function threadsOf(steps: readonly Step[]): readonly StoryThread[] {
  const newest = new Map<string, number>()
  return steps.flatMap(({ call, read }, to) => {
    const threads = (call ? originsOf(call.decision) : []).flatMap(({ path, origin, from }): StoryThread[] => {
      const found = (origin === 'user' ? ['user'] : from).flatMap((tool) => newest.get(tool) ?? [])
      if (found.length === 0) return []
      const source = Math.max(...found)
      const carried = steps[source]?.read?.carries.confidentiality ?? 0
      return [{ from: source, to, argument: path, origin, tone: toneOf(origin, carried) }]
    })
    if (read) newest.set(read.tool, to)
    return threads
  })
}

function toneOf(origin: string, confidentiality: number): StoryThread['tone'] {
  if (DOUBTFUL.has(origin)) return 'untrusted'
  if (origin === 'user' || origin === 'known') return 'trusted'
  if (confidentiality >= 2) return 'confidential'
  return origin === 'record' ? 'semi-trusted' : 'trusted'
}

/** Shown steps one by one, what lies between them folded; a read and the action right after it share a column. */
function columnsOf(steps: readonly Step[]) {
  const columns: { at: number; read?: StoryRead; action?: StoryAction; fold?: StoryFold }[] = []
  const columnOf = new Map<number, number>()
  let folded: StoryAction[] = []
  const unfold = (): void => {
    if (folded.length === 0) return
    const fold = { calls: folded, tools: tally(folded) }
    const last = columns.at(-1)
    if (last && last.action === undefined && last.fold === undefined) last.fold = fold
    else columns.push({ at: folded[0]?.at ?? 0, fold })
    folded = []
  }
  steps.forEach(({ read, action, call, isShown }, index) => {
    if (!isShown) {
      if (call) folded.push(action ?? actionOf(call))
      return
    }
    unfold()
    const last = columns.at(-1)
    if (read) columns.push({ at: read.at, read, ...(action ? { action } : {}) })
    else if (action && last && last.action === undefined && last.fold === undefined) last.action = action
    else if (action) columns.push({ at: action.at, action })
    columnOf.set(index, columns.length - 1)
  })
  unfold()
  return { columns: columns as readonly StoryColumn[], columnOf }
}

function tally(calls: readonly StoryAction[]): StoryFold['tools'] {
  const counts = new Map<string, number>()
  for (const { tool } of calls) counts.set(tool, (counts.get(tool) ?? 0) + 1)
  return [...counts].map(([tool, n]) => ({ tool, n })).sort((a, b) => b.n - a.n || (a.tool < b.tool ? -1 : 1))
}

/** Labels in words, as on every surface. */
export const labelWords = ({ integrity, confidentiality }: Carried) => ({
  integrity: INTEGRITY_WORDS[integrity] ?? 'hostile',
  confidentiality: CONFIDENTIALITY_WORDS[confidentiality] ?? 'secret',
})
