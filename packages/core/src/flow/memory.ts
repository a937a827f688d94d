import type { ArgumentScalar } from '../action/leaves.ts'
import type { ArgRole, Effect, RegisteredTool } from '../action/tool.ts'
import { assessCall } from './assess.ts'
import type { FlowAssessment, Origin } from './facts.ts'
import { isTainted, type Label } from './label.ts'
import { placeKey } from './normal.ts'
import { RecordBook } from './records.ts'
import { Trail, type TrailSource, type TrailText } from './trail.ts'
import { UserWords, type WordsChannel } from './words.ts'

/**
 * What one agent instance has been told, has read and has written, as far as flow decisions need it (policy.md §2.2). In memory
 * only: after a restart it is empty and `lost`, and then nothing is vouched for but what is said or known from then on (T-093).
 */
export class FlowMemory {
  readonly trail: Trail
  readonly words = new UserWords()
  readonly records = new RecordBook()
  /** Values that a human endorsed for this session, as keys of places. */
  readonly endorsed = new Set<string>()
  /** Tool ids of the declared plan; undefined when none was declared. */
  #plan: ReadonlySet<string> | undefined
  /** Amounts that no user named, minor units, of calls that were released while tainted. */
  unvouchedMinor = 0
  /** Letters and digits that nobody vouches for and that calls carried outside while tainted. */
  unvouchedOut = 0
  #blind: boolean
  /** Servers that were given what nobody vouches for. */
  readonly #given: string[] = []
  #awaited = 0

  constructor(options: { readonly lost?: boolean; readonly pieces?: number } = {}) {
    this.#blind = options.lost ?? false
    this.trail = new Trail(options.pieces)
  }

  /** The agent has seen something that is not in here: no match shows any more that a value is harmless. */
  unseen(): void {
    this.#blind = true
  }

  /** A host shows the agent a result and will report it. */
  awaits(): void {
    this.#awaited++
  }

  arrived(): void {
    this.#awaited = Math.max(0, this.#awaited - 1)
  }

  get isComplete(): boolean {
    return !this.#blind && this.#awaited === 0 && !this.trail.full
  }

  get plan(): ReadonlySet<string> | undefined {
    return this.#plan
  }

  /** Takes in words of the user. Only typed ones vouch for anything. */
  hear(words: string, channel: WordsChannel): void {
    this.words.hear(words, channel, (word) => this.trail.heldByUntrusted(word))
    if (channel === 'typed') this.trail.hear(words)
  }

  /**
   * Takes in one text of a result, as the model sees it. What comes back from a server that was given what nobody vouches for may
   * be that, whatever its tools promise (T-090).
   * @param from what was found about the arguments of the call that returned it
   * @param parts the same text, cut where its fields have labels of their own
   */
  read(
    text: string,
    source: TrailSource,
    from?: FlowAssessment,
    parts: readonly TrailText[] = [{ text, source }],
  ): void {
    const isGiven = this.#given.some((server) => source.name.startsWith(`${server}.`))
    for (const part of parts) {
      const isLaundered = isGiven && part.source.integrity >= 2
      this.trail.read(part.text, isLaundered ? { ...part.source, integrity: 1 } : part.source)
    }
    // records that the agent was led to are not the user's own
    if (from?.leaves.some(({ role, origin }) => NAMING.has(role) && DOUBTFUL.has(origin)) !== true)
      this.records.note(text)
  }

  /**
   * Declares the tools this session will need. Before anything untrusted was read any plan may be declared; later it can only
   * shrink.
   * @returns false when it would widen the plan of a tainted session
   */
  declare(tools: readonly string[], tainted: boolean): boolean {
    const plan = this.#plan
    if (tainted && (plan === undefined || tools.some((tool) => !plan.has(tool)))) return false
    this.#plan = new Set(tools)
    return true
  }

  /** A human vouches for one value in this session. */
  endorse(value: string): void {
    this.endorsed.add(placeKey(value))
  }

  assess(
    tool: RegisteredTool,
    leaves: readonly ArgumentScalar[],
    effect: Effect,
    label: Label,
    known: (value: string) => boolean,
  ): FlowAssessment {
    return assessCall({ memory: this, tool, leaves, effect, label, known })
  }

  /**
   * What a released call has done to the state: texts that were given away while tainted are untrusted when they come back, through
   * whatever tool (T-090, T-095).
   */
  wrote(tool: RegisteredTool, assessment: FlowAssessment, label: Label): void {
    const { facts } = assessment
    this.unvouchedMinor = Math.max(this.unvouchedMinor, facts.unvouchedMinor)
    if (!isTainted(label)) return
    // more than a word was asked about: a human has seen it
    if (facts.reaches && !facts.untrustedContent) this.unvouchedOut += assessment.unvouched
    const source: TrailSource = { name: `${tool.id} (written)`, integrity: 1, confidentiality: label.confidentiality }
    const given = assessment.leaves.filter(({ origin }) => origin === 'untrusted')
    for (const { value } of given) this.trail.read(value, source)
    if (given.length > 0 && tool.annotation.effect !== 'read' && !this.#given.includes(tool.server)) {
      this.#given.push(tool.server)
    }
  }
}

const NAMING: ReadonlySet<ArgRole> = new Set(['sink', 'selector', 'audience'])
const DOUBTFUL: ReadonlySet<Origin> = new Set(['untrusted', 'ambiguous'])
