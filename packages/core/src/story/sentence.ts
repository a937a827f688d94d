import { isJsonObject, type Json, type JsonObject } from '../json/types.ts'

/** A sentence of ours; `value` is text of others and is shown framed, `tool` a name that an operator gave. */
export type Segment = { readonly text: string } | { readonly value: string } | { readonly tool: string }
export type Sentence = readonly Segment[]

/** Longer values are cut in sentences; the record has them whole. */
const LONGEST = 60

/** An argument and where its value came from, as a decision record holds it. */
export interface RecordedOrigin {
  readonly path: string
  readonly role: string
  readonly origin: string
  /** Tools in whose results the value stands. */
  readonly from: readonly string[]
}

const text = (record: JsonObject, name: string): string => {
  const value = record[name]
  return typeof value === 'string' ? value : ''
}

/** Origins of a decision record; those that cannot be read are left out. */
export function originsOf(record: JsonObject): readonly RecordedOrigin[] {
  const list = record['origins']
  if (!Array.isArray(list)) return []
  return (list as readonly Json[]).filter(isJsonObject).map((each) => ({
    ...{ path: text(each, 'path'), role: text(each, 'role'), origin: text(each, 'origin') },
    from: Array.isArray(each['from']) ? (each['from'] as readonly Json[]).map(String) : [],
  }))
}

/** The scalar at a path such as `to[0]` or `message.subject`, as text; `undefined` where there is none. */
export function valueAt(parameters: Json | undefined, path: string): string | undefined {
  let at: Json | undefined = parameters
  for (const [, name, index] of path.matchAll(/([^.[\]]+)|\[(\d+)\]/g)) {
    if (index !== undefined) at = Array.isArray(at) ? (at as readonly Json[])[Number(index)] : undefined
    else at = isJsonObject(at) && name !== undefined && Object.hasOwn(at, name) ? at[name] : undefined
  }
  return at === undefined || at === null || typeof at === 'object' ? undefined : String(at)
}

/** What a call is about, the first that there is: where it goes, which one it means, else its first argument. */
export function objectOf(record: JsonObject): { readonly path: string; readonly value: string } | undefined {
  const { parameters } = record
  const origins = originsOf(record)
  for (const role of ['sink', 'audience', 'command', 'selector']) {
    for (const { path } of origins.filter((each) => each.role === role)) {
      const value = valueAt(parameters, path)
      if (value !== undefined) return { path, value }
    }
  }
  return firstScalar(parameters)
}

function firstScalar(parameters: Json | undefined): { readonly path: string; readonly value: string } | undefined {
  if (!isJsonObject(parameters)) return undefined
  for (const [path, value] of Object.entries(parameters)) {
    if (typeof value === 'string' || typeof value === 'number') return { path, value: String(value) }
    const first = Array.isArray(value) ? (value as readonly Json[])[0] : undefined
    if (typeof first === 'string') return { path: `${path}[0]`, value: first }
  }
  return undefined
}

export const shorten = (value: string): string => (value.length <= LONGEST ? value : `${value.slice(0, LONGEST - 1)}…`)

const DECIDED: Readonly<Record<string, string>> = {
  allowed: ' ran ',
  elevated: ' ran ',
  denied: ' tried to run ',
  approval_required: ' wants to run ',
}
const EVENTS: Readonly<Record<string, string>> = {
  'approval.requested': 'A human was asked about ',
  outcome: 'Result of ',
}

/** What a record tells, in one sentence made of facts (rule 2 of the console; never of what an agent says about itself). */
export function sentenceOf(record: JsonObject): Sentence {
  const [kind, tool, agent] = [text(record, 'kind'), text(record, 'toolName'), text(record, 'agentId')]
  const about = objectOf(record)
  const object: Sentence = about === undefined ? [] : [{ text: `, ${about.path} ` }, { value: shorten(about.value) }]
  switch (kind) {
    case 'decision':
      return [{ text: `${agent}${DECIDED[text(record, 'policyDecision')] ?? ' called '}` }, { tool }, ...object]
    case 'release':
      return [{ text: `${agent} was let run ` }, { tool }, ...object]
    case 'approval.resolved':
      return resolved(record, tool)
    case 'refusal':
      return [{ text: `A request${agent === '' ? '' : ` of ${agent}`} was refused before it was a call` }]
    case 'egress':
      return [
        { text: `A connection to ` },
        { value: shorten(text(record, 'target')) },
        { text: ` was ${wordOf(record)}` },
      ]
    case 'credential':
      return [
        { text: `Credential ` },
        { value: shorten(text(record, 'credential')) },
        { text: `: ${text(record, 'operation')}` },
      ]
    default: {
      const lead = EVENTS[kind]
      if (lead !== undefined) return [{ text: lead }, { tool }]
      return [{ text: `${kind}: ${text(record, 'event') || text(record, 'name') || text(record, 'message')}` }]
    }
  }
}

const wordOf = (record: JsonObject): string => (text(record, 'verdict').startsWith('allow') ? 'allowed' : 'denied')

function resolved(record: JsonObject, tool: string): Sentence {
  const by = text(record, 'decidedBy')
  const words: Readonly<Record<string, string>> = {
    approve: `${by === '' ? 'A human' : by} approved `,
    deny: `${by === '' ? 'A human' : by} denied `,
    expire: 'Nobody answered, so it was denied: ',
    cancel: 'The agent took back ',
    supersede: 'What was asked is out of date: ',
  }
  return [{ text: words[text(record, 'resolution')] ?? 'Resolved: ' }, { tool }]
}
