import { isJsonObject, type JsonObject } from '../json/types.ts'
import { NO_FLOW, type FlowFacts } from './facts.ts'

/** What policy was told of a call beside its arguments and labels; a record of the call keeps it, so that it can be judged again. */
export interface Judged {
  readonly flow: FlowFacts
  readonly cwd: string
  readonly channel: string
  readonly chatType: string
  readonly contentTrust: string
  readonly trustLevel: number
}

/** An ordinary call: what a record need not say. */
export const ORDINARY: Judged = Object.freeze({
  flow: NO_FLOW,
  cwd: '',
  channel: '',
  chatType: '',
  contentTrust: 'trusted',
  trustLevel: 2,
})

const MEMBERS = (Object.keys(ORDINARY) as (keyof Judged)[]).filter((name) => name !== 'flow').sort()
const FACTS = (Object.keys(NO_FLOW) as (keyof FlowFacts)[]).sort()

/** Only what differs from an ordinary call, members in canonical order; undefined when nothing does. */
export function judgedRecord(judged: Judged): JsonObject | undefined {
  const told: Record<string, unknown> = {}
  for (const name of MEMBERS) {
    if (name > 'flow') addFlow(told, judged.flow)
    if (judged[name] !== ORDINARY[name]) told[name] = judged[name]
  }
  return Object.keys(told).length === 0 ? undefined : (told as JsonObject)
}

function addFlow(told: Record<string, unknown>, flow: FlowFacts): void {
  if (told['flow'] !== undefined) return
  const facts: Record<string, unknown> = {}
  let differs = false
  for (const name of FACTS) {
    const value = flow[name]
    if (Array.isArray(value) ? value.length === 0 : value === NO_FLOW[name]) continue
    facts[name] = value
    differs = true
  }
  if (differs) told['flow'] = facts
}

/** The other way round. A member that is not of the right type counts as absent. */
export function judgedFrom(record: unknown): Judged {
  if (!isJsonObject(record as never)) return ORDINARY
  const told = record as JsonObject
  const known = MEMBERS.filter((name) => typeof told[name] === typeof ORDINARY[name])
  const facts = isJsonObject(told['flow']) ? told['flow'] : {}
  const sameType = (name: keyof FlowFacts): boolean =>
    Array.isArray(NO_FLOW[name]) ? Array.isArray(facts[name]) : typeof facts[name] === typeof NO_FLOW[name]
  return {
    ...ORDINARY,
    ...Object.fromEntries(known.map((name) => [name, told[name]])),
    flow: { ...NO_FLOW, ...Object.fromEntries(FACTS.filter(sameType).map((name) => [name, facts[name]])) },
  } as Judged
}
