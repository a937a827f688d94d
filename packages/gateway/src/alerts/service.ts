import {
  delivered,
  isLive,
  isNotice,
  noticed,
  noticeOf,
  resolved,
  SallyportError,
  silences,
  sinksFor,
  taken,
  LONGEST_SILENCE,
  type Alert,
  type AlertRoute,
  type JsonObject,
  type Notice,
  type Signal,
  type Silence,
  type SilenceMatcher,
  type SinkType,
} from '@sallyport/core'
import type { Clock, EvidencePort, Random } from '../boundary/ports.ts'
import type { PublishLive } from '../boundary/ports-live.ts'
import type { Store } from '../store/ports.ts'
import { AlertBook } from './book.ts'
import { Deliveries, type Delivery, type DeliveryNews } from './deliveries.ts'
import { lostSignal, troubleSignal, unknown } from './own-signals.ts'
import { aggregateRecord, alertRecord, noteRecord } from './records.ts'
import { Silences } from './silences.ts'
import type { Sink } from './sink.ts'
import { Telling } from './telling.ts'
import { testSink } from './test-sink.ts'

export interface AlertServiceDeps {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  /** Called after `open` only. */
  readonly evidence: () => EvidencePort
  readonly sinks: ReadonlyMap<string, { readonly type: SinkType; readonly sink: Sink }>
  readonly routes: readonly AlertRoute[]
  /** The log that is always on: one line for each signal that is told. Must not throw. */
  readonly log: (signal: Signal, alert: Alert) => void
  readonly publish: PublishLive
  readonly repeatMs: number
  readonly retentionMs: number
  readonly delivery: { readonly attempts: number; readonly timeout: number; readonly retry: number }
}

/** A notice that was decided on, and not yet queued. */
interface Told {
  readonly alert: Alert
  readonly sinks: readonly string[]
  readonly why: Notice['why']
}

/** Signals become alerts here: counted, kept, told, and taken care of by people. */
export class AlertService {
  readonly #deps: AlertServiceDeps
  readonly #book: AlertBook
  readonly #silences: Silences
  readonly #deliveries: Deliveries
  readonly #telling = new Telling()
  readonly #types: ReadonlyMap<string, SinkType>
  #unwatch: () => void = () => undefined

  private constructor(deps: AlertServiceDeps, book: AlertBook, silenced: Silences) {
    this.#deps = deps
    this.#book = book
    this.#silences = silenced
    this.#types = new Map([...deps.sinks].map(([name, { type }]) => [name, type]))
    this.#deliveries = new Deliveries({
      ...{ store: deps.store, clock: deps.clock, random: deps.random },
      sinks: new Map([...deps.sinks].map(([name, { sink }]) => [name, sink])),
      ...{ attempts: deps.delivery.attempts, timeoutMs: deps.delivery.timeout, retryMs: deps.delivery.retry },
      news: (news) => this.#heard(news),
    })
  }

  static async open(deps: AlertServiceDeps): Promise<AlertService> {
    const book = await AlertBook.open({
      ...{ store: deps.store, clock: deps.clock, random: deps.random, retentionMs: deps.retentionMs },
      trouble: (error) => void service.raise(troubleSignal(error)),
      dropped: (alert) =>
        void service.note('alert.dropped', alert, 'gateway', 'There were too many open alerts.').catch(() => undefined),
    })
    const service = new AlertService(deps, book, await Silences.open(deps.store, deps.clock))
    return service
  }

  /** Sends what was waiting when the gateway ended, and what was promised and not yet in the queue. */
  async start(): Promise<void> {
    // on any gateway: consoles are told of what is in the store
    this.#unwatch = this.#deps.store.watch(({ kind, id }) => {
      if (kind === 'alert') void this.#publish(id).catch(() => undefined)
    })
    await this.#deliveries.start()
    for (const alert of this.#book.open.filter(({ noticedBy }) => noticedBy === this.#deps.store.stream))
      for (const [sink, { state, notice }] of Object.entries(alert.channels))
        if (state === 'queued' && notice === alert.notices) await this.#queue(alert, [sink], 'new')
  }

  /**
   * One signal. What it needs is on its way when this returns; nothing of it waits for a sink.
   * @param record the record it comes from, when the log does not have it as an alert already
   * @returns the record of the alert, if it gets one of its own, and when the alert is durable
   */
  raise(signal: Signal, record?: JsonObject): { readonly record?: JsonObject; readonly durable: Promise<void> } {
    const { clock } = this.#deps
    const alert = this.#book.note(signal)
    const silence = this.#silences.of(alert)
    if ((silence?.id ?? '') !== alert.silence)
      this.#book.set(alert.id, (was) => ({ ...was, silence: silence?.id ?? '' }))
    const isTold = this.#telling.isTold(alert.id, clock.monotonic())
    if (isTold) this.#deps.log(signal, alert)
    const told = this.#tell(alert.id)
    const durable = this.#book.save(alert.id)
    if (told !== undefined) void durable.then(() => this.#queueOwn(told))
    return { durable, ...(isTold && record !== undefined ? { record: alertRecord(signal, alert, record) } : {}) }
  }

  /** Every few seconds: what is due. */
  async sweep(): Promise<void> {
    this.#writeWithheld(false)
    for (const alert of this.#book.open) {
      const isMarked = this.#markSilence(alert)
      const told = this.#tell(alert.id)
      if (told !== undefined) void this.#book.save(alert.id).then(() => this.#queueOwn(told))
      else if (isMarked) void this.#book.save(alert.id)
    }
    await this.#deliveries.adopt()
  }

  async list(states: readonly Alert['state'][]): Promise<readonly Alert[]> {
    return this.#book.list(states)
  }

  /** @throws SallyportError SP_ALERT_UNKNOWN */
  async get(id: string): Promise<Alert> {
    return (await this.#book.get(id)) ?? unknown(id)
  }

  /** @throws SallyportError SP_ALERT_UNKNOWN, SP_AUDIT_* */
  async take(id: string, by: string): Promise<Alert> {
    const alert = await this.get(id)
    if (alert.state === 'resolved') throw new SallyportError('SP_ALERT_STATE', 'It is resolved.')
    await this.note('alert.taken', alert, by, '')
    return (await this.#book.change(id, (was) => taken(was, by, this.#deps.clock.now()))) ?? unknown(id)
  }

  /** @throws SallyportError SP_ALERT_UNKNOWN for any of them, before any is resolved; SP_AUDIT_* */
  async resolve(ids: readonly string[], by: string, reason: string): Promise<readonly Alert[]> {
    const known = await Promise.all(ids.map((id) => this.get(id)))
    const done: Alert[] = []
    for (const alert of known) {
      if (alert.state === 'resolved') continue
      await this.note('alert.resolved', alert, by, reason)
      const changed = await this.#book.change(alert.id, (was) => resolved(was, by, reason, this.#deps.clock.now()))
      if (changed !== undefined) done.push(changed)
    }
    return done
  }

  get silences(): readonly Silence[] {
    return this.#silences.list
  }

  /** Alerts that a silence would have kept from the sinks, of those that happened since then. Critical ones are never among them. */
  async wouldHide(matcher: SilenceMatcher, since: number): Promise<readonly Alert[]> {
    const all = await this.list(['open', 'taken', 'resolved'])
    return all.filter((alert) => alert.last >= since && silences({ matcher }, alert))
  }

  /** @param until ms since 1970. @throws SallyportError SP_API_INVALID, SP_ALERT_STATE, SP_AUDIT_* */
  async silence(matcher: SilenceMatcher, until: number, reason: string, by: string): Promise<Silence> {
    const now = this.#deps.clock.now()
    if (until <= now || until > now + LONGEST_SILENCE)
      throw new SallyportError('SP_API_INVALID', 'A silence ends within 30 days, and not in the past.')
    if (this.#silences.isFull) throw new SallyportError('SP_ALERT_STATE', 'There are too many silences; end one first.')
    const silence: Silence = { id: this.#deps.random.uuid(), matcher, from: now, until, reason, by }
    await this.#record(
      noteRecord('alert.silenced', by, this.#stamp(), { silence: silence.id, reason, until, ...matcher }),
    )
    await this.#silences.add(silence)
    return silence
  }

  /** @throws SallyportError SP_ALERT_UNKNOWN, SP_AUDIT_* */
  async unsilence(id: string, by: string): Promise<Silence> {
    const known = this.#silences.list.find((silence) => silence.id === id)
    if (known === undefined) throw new SallyportError('SP_ALERT_UNKNOWN', `No silence has the id ${id.slice(0, 80)}.`)
    await this.#silences.end(id)
    for (const alert of this.#book.open) if (this.#markSilence(alert)) void this.#book.save(alert.id)
    await this.#record(noteRecord('alert.unsilenced', by, this.#stamp(), { silence: id }))
    return known
  }

  /** Every sink, how many notices wait for it and why. */
  async sinks(): Promise<
    readonly { name: string; type: string; waiting: number; since: number; error: string; dead: number }[]
  > {
    const [waiting, dead] = await Promise.all([this.#deliveries.waiting(), this.#deliveries.dead()])
    return waiting.map(({ sink, ...rest }) => ({
      ...{ name: sink, type: this.#types.get(sink) ?? '' },
      ...rest,
      dead: dead.filter((each) => each.sink === sink).length,
    }))
  }

  async dead(): Promise<readonly Delivery[]> {
    return this.#deliveries.dead()
  }

  async revive(): Promise<number> {
    return this.#deliveries.revive()
  }

  /** Sends one test notice, now and without the queue. @returns undefined when it was taken, else what went wrong */
  async test(name: string): Promise<string | undefined> {
    const known = this.#deps.sinks.get(name)
    if (known === undefined) throw new SallyportError('SP_ALERT_UNKNOWN', `No sink has the name ${name.slice(0, 80)}.`)
    return testSink(known.sink, this.#deps)
  }

  /** Writes down what somebody did with an alert. Durable when it resolves. @throws SallyportError SP_AUDIT_* */
  async note(event: string, alert: Alert, by: string, reason: string): Promise<void> {
    const { id, name, severity, count, first, last, agent } = alert
    const body = { alertId: id, name, severity, count, first, last, agentId: agent, reason }
    await this.#record(noteRecord(event, by, this.#stamp(), body))
  }

  async close(): Promise<void> {
    this.#writeWithheld(true)
    this.#unwatch()
    this.#silences.close()
    await this.#deliveries.close()
    await this.#book.close()
  }

  /** @returns whether it is silenced now and was not before, or the other way round */
  #markSilence(alert: Alert): boolean {
    const silence = this.#silences.of(alert)?.id ?? ''
    if (silence === alert.silence) return false
    this.#book.set(alert.id, (was) => ({ ...was, silence }))
    return true
  }

  /** Decides whether the sinks hear of it, and promises it in the alert itself. */
  #tell(id: string): Told | undefined {
    const was = this.#book.held(id)
    const now = this.#deps.clock.now()
    if (was === undefined || !isNotice(was, now, this.#deps.repeatMs)) return undefined
    const why = was.notices === 0 ? 'new' : was.noticedAs !== was.severity ? 'worse' : 'again'
    // a sink that fails is not told of it through itself
    const sinks = sinksFor(was.severity, this.#types, this.#deps.routes).filter((name) => was.cause['sink'] !== name)
    const alert = this.#book.set(id, (one) => noticed(one, sinks, now, this.#deps.store.stream))
    return alert === undefined ? undefined : { alert, sinks, why }
  }

  /** Where two gateways decided to tell the same, the one whose alert the store took first does. */
  async #queueOwn({ alert, sinks, why }: Told): Promise<void> {
    const now = this.#book.held(alert.id)
    const isTheirs = now?.notices === alert.notices && now.noticedBy !== this.#deps.store.stream
    if (!isTheirs) await this.#queue(alert, sinks, why)
  }

  async #queue(alert: Alert, sinks: readonly string[], why: Notice['why']): Promise<void> {
    const notice = noticeOf(`${alert.id}.${alert.notices}`, why, alert, this.#deps.clock.now())
    await Promise.all(sinks.map((sink) => this.#deliveries.add(sink, alert.notices, notice)))
  }

  async #heard({ delivery, state }: DeliveryNews): Promise<void> {
    const { sink, number, notice, tries, error } = delivery
    const at = this.#deps.clock.now()
    const news = { state, notice: number, at, tries, ...(error === '' ? {} : { error }) }
    await this.#book.change(notice.alert.id, (was) => delivered(was, sink, news)).catch(() => undefined)
    if (state === 'dead' || state === 'dropped') this.raise(lostSignal(sink, state, tries, error))
  }

  async #publish(id: string): Promise<void> {
    const alert = await this.#book.get(id)
    if (alert !== undefined && isLive(alert.severity)) this.#deps.publish({ topic: 'alerts', id })
  }

  #writeWithheld(all: boolean): void {
    for (const [id, withheld] of this.#telling.due(this.#deps.clock.monotonic(), all)) {
      const alert = this.#book.held(id)
      if (alert !== undefined) this.#deps.evidence().enqueue([aggregateRecord(alert, withheld, this.#stamp())])
    }
  }

  #stamp(): { readonly auditId: string; readonly timestamp: string } {
    return { auditId: this.#deps.random.uuid(), timestamp: new Date(this.#deps.clock.now()).toISOString() }
  }

  async #record(record: ReturnType<typeof noteRecord>): Promise<void> {
    await this.#deps.evidence().append([record])
  }
}
