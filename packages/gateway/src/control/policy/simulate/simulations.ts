import { SallyportError, toSallyportError, type RegisteredTool } from '@sallyport/core'
import type { Clock } from '../../../boundary/ports.ts'
import { OrderThread } from '../../../order-thread.ts'
import type { Store } from '../../../store/ports.ts'
import type { Prepared } from '../prepared.ts'
import type { ChangedCall } from './compare.ts'
import type { SimulateAnswer, SimulateOrder } from './simulate-worker.ts'

export type SimulationWindow = 'day' | 'week' | 'month'

/** What a simulation has come to so far. Counts are exact; of the calls that change, the first ones are listed. */
export interface SimulationView {
  readonly id: string
  readonly draft: string
  /** Digest of the draft's files that are judged. */
  readonly digest: string
  readonly window: SimulationWindow
  readonly state: 'running' | 'done' | 'cancelled' | 'failed'
  readonly problem: string
  /** ms since 1970. */
  readonly from: number
  readonly to: number
  /** Share of the window that has been read, 0 to 1. */
  readonly progress: number
  readonly calls: number
  readonly callsPerSecond: number
  readonly left: number
  readonly drifted: number
  readonly groups: readonly SimulationGroup[]
  readonly changes: readonly ChangedCall[]
}
/** Calls of one agent and tool that change in the same way. */
interface SimulationGroup extends Pick<ChangedCall, 'agent' | 'tool' | 'before' | 'after'> {
  readonly count: number
}

export interface SimulationsDeps {
  readonly store: Pick<Store, 'readLog' | 'streams'>
  readonly clock: Clock
  readonly protectedPaths: readonly string[]
}

const WINDOWS: Readonly<Record<SimulationWindow, number>> = {
  day: 86_400_000,
  week: 7 * 86_400_000,
  month: 30 * 86_400_000,
}
const PAGE = 500
const MOST_LISTED = 500
/** Simulations that are remembered, the running one included. */
const MOST_KEPT = 8

type Growing<T> = { -readonly [K in keyof T]: T[K] }
type Running = Growing<Omit<SimulationView, 'groups' | 'callsPerSecond'>> & {
  readonly counts: Map<string, SimulationGroup>
  readonly startedAt: number
  endedAt: number
  thread: OrderThread<SimulateOrder, SimulateAnswer> | undefined
}

/** Judges the calls of the last day, week or month by a draft, on a thread of its own, one simulation at a time. */
export class Simulations {
  readonly #deps: SimulationsDeps
  readonly #kept = new Map<string, Running>()
  #number = 0

  constructor(deps: SimulationsDeps) {
    this.#deps = deps
  }

  list(): readonly SimulationView[] {
    return [...this.#kept.values()].map((one) => this.#view(one)).reverse()
  }

  /** @throws SallyportError SP_POLICY_DRAFT */
  get(id: string): SimulationView {
    return this.#view(this.#known(id))
  }

  /** @throws SallyportError SP_POLICY_BUSY while another one runs */
  start(of: {
    readonly draft: string
    readonly window: SimulationWindow
    readonly live: Prepared
    readonly prepared: Prepared
    readonly tools: readonly RegisteredTool[]
  }): SimulationView {
    if ([...this.#kept.values()].some(({ state }) => state === 'running'))
      throw new SallyportError('SP_POLICY_BUSY', 'A simulation is running; cancel it or wait for its end.')
    const { clock } = this.#deps
    const to = clock.now()
    const one: Running = {
      ...{ id: `sim-${++this.#number}`, draft: of.draft, digest: of.prepared.digest, window: of.window },
      ...{ state: 'running', problem: '', from: to - WINDOWS[of.window], to, progress: 0 },
      ...{ calls: 0, left: 0, drifted: 0, changes: [], counts: new Map() },
      ...{ startedAt: clock.monotonic(), endedAt: 0, thread: undefined },
    }
    this.#kept.set(one.id, one)
    for (const id of [...this.#kept.keys()].slice(0, -MOST_KEPT)) this.#kept.delete(id)
    void this.#run(one, of).catch((thrown: unknown) => {
      if (one.state !== 'running') return
      one.problem = toSallyportError(thrown, 'SP_POLICY_INVALID').message
      this.#end(one, 'failed')
    })
    return this.#view(one)
  }

  /** Stops at once; what has been counted stays. */
  cancel(id: string): SimulationView {
    const one = this.#known(id)
    if (one.state === 'running') this.#end(one, 'cancelled')
    return this.#view(one)
  }

  close(): void {
    for (const one of this.#kept.values()) if (one.state === 'running') this.#end(one, 'cancelled')
  }

  async #run(
    one: Running,
    { live, prepared, tools }: { live: Prepared; prepared: Prepared; tools: readonly RegisteredTool[] },
  ): Promise<void> {
    const { store, protectedPaths } = this.#deps
    const thread = new OrderThread<SimulateOrder, SimulateAnswer>({
      name: 'control/policy/simulate/simulate-worker',
      options: { resourceLimits: { maxOldGenerationSizeMb: 512 } },
      limitMs: 60_000,
      idleMs: 5_000,
      failed: (how, cause) => new SallyportError('SP_POLICY_INVALID', `The simulation ${how}.`, { cause }),
    })
    one.thread = thread
    await thread.run({ live, draft: prepared, tools: tools.map(plainTool), protectedPaths })
    const streams = await store.streams()
    for (const [at, stream] of streams.entries()) {
      for (let afterSeq = 0; one.state === 'running';) {
        const query = { stream, kind: 'decision', from: one.from, to: one.to, afterSeq, limit: PAGE }
        const records = await store.readLog(query)
        const last = records.at(-1)
        if (last === undefined || one.state !== 'running') break
        afterSeq = last.seq
        this.#add(one, await thread.run({ records: records.map(({ body }) => ({ body })) }))
        const read = (Date.parse(JSON.parse(last.body).timestamp) - one.from) / (one.to - one.from)
        one.progress = (at + Math.min(1, Math.max(0, read))) / streams.length
        if (records.length < PAGE) break
      }
    }
    if (one.state === 'running') this.#end(one, 'done')
  }

  #add(one: Running, { calls, left, drifted, changes }: SimulateAnswer): void {
    one.calls += calls
    one.left += left
    one.drifted += drifted
    for (const change of changes) {
      const { agent, tool, before, after } = change
      const key = JSON.stringify([agent, tool, before, after])
      one.counts.set(key, { agent, tool, before, after, count: (one.counts.get(key)?.count ?? 0) + 1 })
    }
    one.changes = [...one.changes, ...changes].slice(0, MOST_LISTED)
  }

  #end(one: Running, state: Exclude<SimulationView['state'], 'running'>): void {
    one.state = state
    if (state === 'done') one.progress = 1
    one.endedAt = this.#deps.clock.monotonic()
    one.thread?.close()
    one.thread = undefined
  }

  #known(id: string): Running {
    const one = this.#kept.get(id)
    if (one === undefined) throw new SallyportError('SP_POLICY_DRAFT', `There is no simulation ${id}.`)
    return one
  }

  #view({ counts, startedAt, endedAt, thread: _thread, ...one }: Running): SimulationView {
    const seconds = ((endedAt || this.#deps.clock.monotonic()) - startedAt) / 1000
    const groups = [...counts.values()].sort((a, b) => b.count - a.count)
    return { ...one, groups, callsPerSecond: seconds > 0 ? Math.round(one.calls / seconds) : 0 }
  }
}

/** Nothing but data, as threads pass it on. */
const plainTool = (tool: RegisteredTool): RegisteredTool => JSON.parse(JSON.stringify(tool)) as RegisteredTool
