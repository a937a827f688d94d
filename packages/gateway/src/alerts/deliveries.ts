import { backoff, type Json, type Notice } from '@sallyport/core'
import type { Clock, Random } from '../boundary/ports.ts'
import { everyDocument } from '../store/every.ts'
import type { Document, Store } from '../store/ports.ts'
import { wordsOf, type Sink } from './sink.ts'

/** One notice on its way to one sink. */
export interface Delivery {
  readonly id: string
  readonly sink: string
  /** Number of the notice of its alert. */
  readonly number: number
  readonly notice: Notice
  readonly tries: number
  /** Not before, ms since 1970. */
  readonly nextAt: number
  readonly createdAt: number
  readonly error: string
}

export interface DeliveryNews {
  readonly delivery: Delivery
  readonly state: 'retrying' | 'sent' | 'dead' | 'dropped'
}

export interface DeliveriesDeps {
  readonly store: Pick<Store, 'get' | 'list' | 'put' | 'remove'>
  readonly clock: Clock
  readonly random: Random
  readonly sinks: ReadonlyMap<string, Sink>
  /** After so many tries in vain a notice is a dead letter. */
  readonly attempts: number
  /** Longest a sink may take, ms. */
  readonly timeoutMs: number
  /** Wait after the first failure, ms; default a second. */
  readonly retryMs?: number
  /** Must not throw. */
  readonly news: (news: DeliveryNews) => Promise<void>
}

/** Notices that wait for one sink; more are dropped, which is said. */
const MOST_QUEUED = 1_000
/** ms */
const KEPT = 30 * 86_400_000
/**
 * So long after its time a delivery is taken over, ms: its gateway is gone, or behind. Writing it down is the lease, which one
 * gateway gets; a gateway that dies while it sends holds it for as long as a sink may take.
 */
const ABANDONED = 5_000

/** What is known of a delivery: `version` 0 means that the store has not taken it yet. */
interface Held {
  delivery: Delivery
  version: number
}

/**
 * A queue for each sink, in the store: at least once, in order of age, one at a time, so that a sink that hangs delays nobody but itself.
 * Every try is written down before it is made.
 */
export class Deliveries {
  readonly #deps: DeliveriesDeps
  readonly #queues = new Map<string, Map<string, Held>>()
  readonly #running = new Map<string, Promise<void>>()
  readonly #timers = new Map<string, NodeJS.Timeout>()
  /** Sinks that failed, how often in a row, and until when nothing is tried there. */
  readonly #resting = new Map<string, { readonly failures: number; readonly until: number }>()
  readonly #stop = new AbortController()
  #isStarted = false

  constructor(deps: DeliveriesDeps) {
    this.#deps = deps
    for (const name of deps.sinks.keys()) this.#queues.set(name, new Map())
  }

  /** Takes over what was waiting when the gateway ended; nothing is sent before. */
  async start(): Promise<void> {
    this.#isStarted = true
    await this.adopt(0)
  }

  /** Takes over what nobody tends to: of a gateway that is gone, or of a sink that is configured again. */
  async adopt(late = ABANDONED): Promise<void> {
    const due = this.#deps.clock.now() - late
    for (const document of await this.#documents('queued')) {
      const delivery = document.body as unknown as Delivery
      const queue = this.#queues.get(delivery.sink)
      if (queue === undefined || queue.has(delivery.id)) continue
      if (late === 0 || delivery.nextAt <= due) this.#hold(queue, { delivery, version: document.version })
    }
    for (const name of this.#queues.keys()) this.#run(name)
  }

  /** Durable when it resolves, if the store takes it; on its way in any case. Never rejects. */
  async add(sink: string, number: number, notice: Notice): Promise<void> {
    const queue = this.#queues.get(sink)
    if (queue === undefined || this.#stop.signal.aborted) return
    const id = `${notice.id}.${sink}`
    if (queue.has(id)) return
    const now = this.#deps.clock.now()
    const delivery: Delivery = { id, sink, number, notice, tries: 0, nextAt: now, createdAt: now, error: '' }
    const held = { delivery, version: 0 }
    if (queue.size >= MOST_QUEUED) {
      await this.#deps.news({ delivery: { ...delivery, error: 'too many wait' }, state: 'dropped' })
      return
    }
    // only then is it in the queue: whoever tried it before would take its own row for that of another gateway
    if (!(await this.#write(held))) return
    this.#hold(queue, held)
    this.#run(sink)
  }

  /** How many wait for each sink, since when, and why. */
  async waiting(): Promise<readonly { sink: string; waiting: number; since: number; error: string }[]> {
    return [...this.#queues].map(([sink, queue]) => {
      const all = [...queue.values()].map(({ delivery }) => delivery)
      const failed = all.filter(({ error }) => error !== '')
      const since = failed.length === 0 ? 0 : Math.min(...failed.map(({ createdAt }) => createdAt))
      return { sink, waiting: all.length, since, error: failed.at(0)?.error ?? '' }
    })
  }

  async dead(): Promise<readonly Delivery[]> {
    return (await this.#documents('dead')).map(({ body }) => body as unknown as Delivery)
  }

  /** Puts dead letters back into the queue. @returns how many */
  async revive(): Promise<number> {
    let count = 0
    for (const { id, version, body } of await this.#documents('dead')) {
      const delivery = { ...(body as unknown as Delivery), tries: 0, nextAt: this.#deps.clock.now() }
      const queue = this.#queues.get(delivery.sink)
      if (queue === undefined || !(await this.#deps.store.put(documentOf(delivery, 'queued'), version))) continue
      this.#hold(queue, { delivery: { ...delivery, id }, version: version + 1 })
      count += 1
    }
    for (const name of this.#queues.keys()) this.#run(name)
    return count
  }

  /** Ends what is on its way; it stays in the store and is sent again after the next start. */
  async close(): Promise<void> {
    this.#stop.abort()
    for (const timer of this.#timers.values()) clearTimeout(timer)
    await Promise.all(this.#running.values())
    for (const sink of this.#deps.sinks.values()) sink.close?.()
  }

  #hold(queue: Map<string, Held>, held: Held): void {
    queue.set(held.delivery.id, held)
  }

  #run(name: string): void {
    if (!this.#isStarted || this.#running.has(name) || this.#stop.signal.aborted) return
    clearTimeout(this.#timers.get(name))
    const running = this.#drain(name).finally(() => {
      this.#running.delete(name)
      this.#schedule(name)
    })
    this.#running.set(name, running)
  }

  #schedule(name: string): void {
    const queue = this.#queues.get(name)
    if (queue === undefined || queue.size === 0 || this.#stop.signal.aborted) return
    const next = Math.min(...[...queue.values()].map(({ delivery }) => delivery.nextAt))
    const wait = Math.max(
      1,
      next - this.#deps.clock.now(),
      (this.#resting.get(name)?.until ?? 0) - this.#deps.clock.now(),
    )
    const timer = setTimeout(() => this.#run(name), Math.min(wait, 60_000))
    timer.unref()
    this.#timers.set(name, timer)
  }

  async #drain(name: string): Promise<void> {
    const queue = this.#queues.get(name) ?? new Map<string, Held>()
    while (!this.#stop.signal.aborted) {
      const now = this.#deps.clock.now()
      const due = [...queue.values()].find(({ delivery }) => delivery.nextAt <= now)
      if (due === undefined || (this.#resting.get(name)?.until ?? 0) > now) return
      await this.#try(name, queue, due)
    }
  }

  async #try(name: string, queue: Map<string, Held>, held: Held): Promise<void> {
    const { attempts, clock, sinks, timeoutMs, retryMs } = this.#deps
    const tries = held.delivery.tries + 1
    // if this is the last that is heard of this gateway, another one does not take it up before it is over
    held.delivery = { ...held.delivery, tries, nextAt: clock.now() + timeoutMs }
    if (!(await this.#write(held))) return void queue.delete(held.delivery.id)
    const failure = await this.#send(sinks.get(name), held.delivery.notice)
    if (failure === undefined) {
      this.#resting.delete(name)
      queue.delete(held.delivery.id)
      // said first: who is killed in between sends it twice, and never not at all
      await this.#deps.news({ delivery: held.delivery, state: 'sent' })
      await this.#deps.store.remove('delivery', held.delivery.id, held.version).catch(() => undefined)
      return
    }
    if (this.#stop.signal.aborted) return
    const failures = (this.#resting.get(name)?.failures ?? 0) + 1
    const until = clock.now() + backoff(failures, (this.#deps.random.bytes(1)[0] ?? 0) / 255, retryMs)
    this.#resting.set(name, { failures, until })
    const isDead = tries >= attempts
    held.delivery = { ...held.delivery, error: wordsOf(failure), nextAt: until }
    // the others are not behind it for ever: it goes to the end
    queue.delete(held.delivery.id)
    if (!isDead) queue.set(held.delivery.id, held)
    await this.#write(held, isDead ? 'dead' : 'queued')
    await this.#deps.news({ delivery: held.delivery, state: isDead ? 'dead' : 'retrying' })
  }

  /** @returns what went wrong */
  async #send(sink: Sink | undefined, notice: Notice): Promise<unknown> {
    if (sink === undefined) return new Error('no such sink')
    const limit = AbortSignal.timeout(this.#deps.timeoutMs)
    const signal = AbortSignal.any([limit, this.#stop.signal])
    let given: (() => void) | undefined
    const over = new Promise<never>((_, reject) => {
      given = () => reject(signal.reason as Error)
      signal.addEventListener('abort', given, { once: true })
    })
    over.catch(() => undefined)
    try {
      // a sink that does not listen to the signal is not waited for either
      await Promise.race([sink.send(notice, signal), over])
      return undefined
    } catch (thrown) {
      return thrown ?? new Error('failed')
    } finally {
      if (given !== undefined) signal.removeEventListener('abort', given)
    }
  }

  /** @returns false when another gateway has it; a store that fails does not keep a notice back */
  async #write(held: Held, state: 'queued' | 'dead' = 'queued'): Promise<boolean> {
    try {
      if (!(await this.#deps.store.put(documentOf(held.delivery, state), held.version))) return false
      held.version += 1
      return true
    } catch {
      return true
    }
  }

  #documents(state: string): Promise<readonly Document[]> {
    return everyDocument(this.#deps.store, 'delivery', { state })
  }
}

const documentOf = (delivery: Delivery, state: string): Omit<Document, 'version' | 'updatedAt'> => ({
  ...{ kind: 'delivery', id: delivery.id, state, body: delivery as unknown as Record<string, Json> },
  // what waits for a sink that is configured no more ends as well
  expiresAt: delivery.createdAt + KEPT,
})
