import {
  fieldTexts,
  FlowMemory,
  isTainted,
  joinLabels,
  placeKey,
  UNKNOWN_RESULT,
  type FlowAssessment,
  type Integrity,
  type Json,
  type JsonObject,
  type Label,
  type RegisteredTool,
  type TrailSource,
  type TrailText,
  type WordsChannel,
} from '@sallyport/core'
import type { DescribedCall, FlowPort, SeenResult } from '../../boundary/ports.ts'
import { InstanceLabels, resultLabel } from './labels.ts'
import { resultTexts, type ResultText } from './result-texts.ts'
import { Story } from './story.ts'
import type { WrittenTaint } from './written.ts'

/** Live memories; the one that was used least recently goes and counts as lost. */
const MEMORIES = 256
/** Characters of one result that are taken in; the rest makes the memory incomplete. */
const RESULT_LENGTH = 2_000_000

export interface FlowDeps {
  readonly labels: InstanceLabels
  readonly written: WrittenTaint
  /** Addresses, accounts and names of the operator's book. Never filled by use (T-100). */
  readonly known: readonly string[]
  readonly now: () => number
}

/** What may be asked of flow control besides deciding. */
interface FlowControl {
  /** False when the session is tainted and the plan would widen. */
  declare(instance: string, tools: readonly string[]): boolean
  endorse(instance: string, value: string): void
  /** Labels, plan and story, for people. */
  show(instance: string): JsonObject
}

interface Instance {
  readonly memory: FlowMemory
  readonly story: Story
  /** Calls under way, by tool; each `settle` takes one `begin` out. */
  readonly open: Map<RegisteredTool, Begun[]>
}

/** A call under way: the label its result may bring, and what was found about its arguments. */
interface Begun {
  readonly label: Label
  readonly assessment: FlowAssessment | undefined
}

/**
 * Information flow of agent instances: labels that last, and the memory of what each was told and shown (policy.md §2.2). All
 * connections of an agent share one (T-088).
 */
export class InstanceFlow implements FlowPort, FlowControl {
  readonly #labels: InstanceLabels
  readonly #written: WrittenTaint
  readonly #known: ReadonlySet<string>
  readonly #now: () => number
  readonly #instances = new Map<string, Instance>()
  /** Instances whose memory was dropped. */
  readonly #dropped = new Set<string>()

  constructor({ labels, written, known, now }: FlowDeps) {
    this.#labels = labels
    this.#written = written
    this.#known = new Set(known.map(placeKey))
    this.#now = now
  }

  snapshot(instance: string): Label {
    return this.#labels.snapshot(instance)
  }

  assess(instance: string, tool: RegisteredTool, { leaves, effect }: DescribedCall, label: Label): FlowAssessment {
    return this.#of(instance).memory.assess(tool, leaves, effect, label, (value) => this.#known.has(value))
  }

  held(instance: string, tool: RegisteredTool, assessment: FlowAssessment, rules: readonly string[]): void {
    this.#of(instance).story.held(this.#now(), tool.id, assessment.leaves, rules)
  }

  begin(instance: string, tool: RegisteredTool, assessment?: FlowAssessment): void {
    const { memory, open } = this.#of(instance)
    if (assessment !== undefined) {
      const label = this.snapshot(instance)
      memory.wrote(tool, assessment, label)
      if (isTainted(label) && tool.annotation.effect !== 'read') {
        this.#written.note(tool.server, carried(assessment), label.confidentiality)
      }
    }
    const label = this.#resultOf(instance, tool, assessment)
    open.set(tool, [...(open.get(tool) ?? []), { label, assessment }])
    this.#labels.begin(instance, label)
  }

  async settle(instance: string, tool: RegisteredTool, seen?: SeenResult | 'awaited'): Promise<Label> {
    const { memory, open, story } = this.#of(instance)
    if (typeof seen === 'object' && seen.late === true) {
      memory.arrived()
      const result = this.#read(memory, tool, hostile(resultLabel(tool), seen), seen.text)
      return this.#labels.join(instance, result)
    }
    const waiting = open.get(tool)
    const { label: begun, assessment } = waiting?.shift() ?? { label: resultLabel(tool), assessment: undefined }
    if (waiting?.length === 0) open.delete(tool)
    let result = begun
    if (seen === undefined) memory.unseen()
    else if (seen === 'awaited') memory.awaits()
    else result = this.#read(memory, tool, hostile(begun, seen), seen.text, assessment)
    await this.#written.flush(tool.server)
    const after = await this.#labels.settle(instance, begun, result)
    story.ran(this.#now(), tool.id, result, after)
    return after
  }

  /** What an instance has read from its first moment on, past us: nothing shows any more that a value is harmless. Durable when it resolves. */
  async startsWith(instance: string, label: Label): Promise<void> {
    this.#of(instance).memory.unseen()
    await this.#labels.join(instance, label)
  }

  hear(instance: string, words: string, channel: WordsChannel): void {
    const { memory, story } = this.#of(instance)
    memory.hear(words, channel)
    story.heard(this.#now(), channel, words.length)
  }

  /** The agent reads from a host by itself, past every tool: what it is shown nobody sees. Durable when it resolves (T-093). */
  async reads(instance: string, host: string, integrity: Integrity): Promise<void> {
    const { memory, story } = this.#of(instance)
    memory.unseen()
    const result: Label = { integrity, confidentiality: 0, sources: [`host:${host}`] }
    story.ran(this.#now(), `egress ${host}`, result, await this.#labels.join(instance, result))
  }

  declare(instance: string, tools: readonly string[]): boolean {
    const { memory, story } = this.#of(instance)
    const declared = memory.declare(tools, isTainted(this.snapshot(instance)))
    if (declared) story.declared(this.#now(), tools)
    return declared
  }

  endorse(instance: string, value: string): void {
    const { memory, story } = this.#of(instance)
    memory.endorse(value)
    story.endorsed(this.#now(), value)
  }

  show(instance: string): JsonObject {
    const { integrity, confidentiality, sources } = this.snapshot(instance)
    const known = this.#instances.get(instance)
    const story = (known?.story.entries ?? []).map(({ at, ...entry }) => ({ at: new Date(at).toISOString(), ...entry }))
    return { integrity, confidentiality, sources, plan: [...(known?.memory.plan ?? [])], story }
  }

  /** A tool that was fed what nobody vouches for returns what nobody vouches for (T-095). */
  #resultOf(instance: string, tool: RegisteredTool, assessment: FlowAssessment | undefined): Label {
    const result = resultLabel(tool)
    if (assessment === undefined || result.integrity < 2 || !isTainted(this.snapshot(instance))) return result
    const fed = assessment.leaves.some(({ origin, role }) => origin === 'untrusted' && role !== 'quantity')
    return fed ? joinLabels(result, { ...result, integrity: 1 as Integrity }) : result
  }

  /** Takes in a result. @returns its label, worse when something in it was written by a tainted agent */
  #read(memory: FlowMemory, tool: RegisteredTool, begun: Label, text: string, from?: FlowAssessment): Label {
    let label = begun
    let texts: readonly ResultText[]
    try {
      label = withHosts(begun, tool, text)
      texts = resultTexts(text, isPlain(tool, label, from) ? tool.annotation.fields : undefined)
    } catch {
      // what cannot be taken apart has not been taken in
      memory.unseen()
      return label
    }
    const written = this.#written.touched(
      tool.server,
      texts.map((each) => each.text),
    )
    const result =
      written === undefined
        ? label
        : joinLabels(label, { integrity: 1, confidentiality: written, sources: label.sources })
    const source = { name: tool.id, integrity: result.integrity, confidentiality: result.confidentiality }
    let left = RESULT_LENGTH
    for (const { text: each, parts } of texts) {
      const isWhole = each.length <= left
      if (!isWhole) memory.unseen()
      const labelled = isWhole && written === undefined ? partsOf(parts, source) : undefined
      if (left > 0) memory.read(each.slice(0, left), source, from, labelled)
      left -= each.length
    }
    return result
  }

  #of(instance: string): Instance {
    let found = this.#instances.get(instance)
    if (found === undefined) {
      const lost = this.#labels.wasRestored(instance) || this.#dropped.delete(instance)
      found = { memory: new FlowMemory({ lost }), story: new Story(), open: new Map() }
      if (this.#instances.size >= MEMORIES) this.#drop()
    } else this.#instances.delete(instance)
    this.#instances.set(instance, found)
    return found
  }

  #drop(): void {
    for (const [instance, { open }] of this.#instances) {
      if (open.size > 0) continue
      this.#instances.delete(instance)
      this.#dropped.add(instance)
      return
    }
  }
}

const partsOf = (parts: ResultText['parts'], source: TrailSource): readonly TrailText[] | undefined =>
  parts && [
    { text: parts.rest, source },
    ...parts.labelled.map(({ text, label }) => ({ text, source: { ...source, ...label } })),
  ]

/** The label of a result with the hosts that it came from among its sources. */
function withHosts(label: Label, { annotation: { cameFrom } }: RegisteredTool, text: string): Label {
  if (cameFrom === undefined) return label
  const hosts = fieldTexts(JSON.parse(text) as Json, `structuredContent.${cameFrom}`)
  return { ...label, sources: [...new Set([...label.sources, ...hosts.slice(0, MOST_HOSTS).map(sourceOf)])] }
}

const MOST_HOSTS = 8
const sourceOf = (host: string): string => `host:${host.slice(0, 253)}`

/** Fields are what their labels say only when nothing is known against the result: no attack in it, nothing doubtful went in. */
const isPlain = (tool: RegisteredTool, label: Label, from: FlowAssessment | undefined): boolean =>
  label.integrity >= (tool.annotation.result ?? UNKNOWN_RESULT).integrity &&
  from?.leaves.some(({ origin, role }) => origin === 'untrusted' && role !== 'quantity') === false

/** What tries to steer the agent is hostile, whoever vouched for its source (policy.md §2.2). */
const hostile = (label: Label, seen: SeenResult): Label =>
  seen.hostile === true ? joinLabels(label, { ...label, integrity: 0 }) : label

/** Texts of a call that nobody vouches for. */
const carried = ({ leaves }: FlowAssessment): readonly string[] =>
  leaves.filter(({ origin }) => origin === 'untrusted').map(({ value }) => value)
