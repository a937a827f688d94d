import {
  addSpreads,
  isJsonObject,
  withValue,
  type Json,
  type JsonObject,
  type LogRecord,
  type Spread,
} from '@sallyport/core'
import type { Clock } from '../../boundary/ports.ts'
import type { Document, Store } from '../../store/ports.ts'
import type { Answer } from '../answers.ts'

/** What happened on one day (UTC), at one gateway or at all of them. */
export interface Day {
  /** `2026-11-20` */
  readonly day: string
  readonly calls: number
  readonly asked: number
  readonly denied: number
  readonly approvedByPeople: number
  readonly deniedByPeople: number
  /** From question to answer, ms. */
  readonly answers: Spread
  /** What the gateway added to a call, ms. */
  readonly added: Spread
  /** Last score of that day, and the lowest; absent: nobody looked. */
  readonly score?: number
  readonly lowest?: number
}

type Growing<T> = { -readonly [K in keyof T]: T[K] }

const DAY_MS = 86_400_000
const KEPT = 90 * DAY_MS
const PREFIX = 'day:'
const TRIES = 5

export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

const blank = (day: string): Growing<Day> => ({
  ...{ day, calls: 0, asked: 0, denied: 0, approvedByPeople: 0, deniedByPeople: 0, answers: {}, added: {} },
})

/**
 * Figures by day, from records, kept in the store for 90 days. What came since the last writing is lost with a gateway that is
 * killed: at most a minute.
 */
export class Days {
  readonly #store: Store
  readonly #clock: Clock
  #today: Growing<Day>
  /** Of this day, as it was stored when this gateway started. */
  #before: Day | undefined
  #changed = false

  private constructor(store: Store, clock: Clock, before: Day | undefined) {
    this.#store = store
    this.#clock = clock
    this.#before = before
    this.#today = blank(dayOf(clock.now()))
  }

  static async open(store: Store, clock: Clock): Promise<Days> {
    const stored = await store.get('health', idOf(dayOf(clock.now()), store.stream))
    return new Days(store, clock, stored === undefined ? undefined : dayFrom(stored))
  }

  /** Takes in a record, and the answer of a person that it tells of. */
  note(record: LogRecord, answer: Answer | undefined): void {
    const today = this.#now()
    if (record.kind === 'decision') {
      today.calls += 1
      if (record['policyDecision'] === 'approval_required') today.asked += 1
      if (record['policyDecision'] === 'denied') today.denied += 1
      this.#changed = true
    }
    if (record.kind === 'outcome' && typeof record['addedMs'] === 'number') {
      today.added = withValue(today.added, record['addedMs'])
      this.#changed = true
    }
    if (answer === undefined) return
    if (answer.resolution === 'approve') today.approvedByPeople += 1
    else today.deniedByPeople += 1
    today.answers = withValue(today.answers, answer.ms)
    this.#changed = true
  }

  scored(score: number): void {
    const today = this.#now()
    today.score = score
    today.lowest = Math.min(score, today.lowest ?? score, this.#before?.lowest ?? score)
    this.#changed = true
  }

  /** Writes what came. @throws SallyportError SP_STORE_* */
  async flush(): Promise<void> {
    this.#now()
    if (!this.#changed) return
    this.#changed = false
    await this.#write()
  }

  /** The last `count` days up to today, all gateways together; a day that nothing is known of has no calls and no score. */
  async last(count: number): Promise<readonly Day[]> {
    const today = this.#clock.now()
    const from = dayOf(today - (count - 1) * DAY_MS)
    const stored = await this.#store.list('health', { after: `${PREFIX}${from}`, limit: 10_000 })
    const own = idOf(this.#now().day, this.#store.stream)
    const days = stored
      .filter(({ id }) => id.startsWith(PREFIX) && id !== own)
      .map(dayFrom)
      .filter((day) => day !== undefined)
    const all = [...days, this.#sum()]
    return Array.from({ length: count }, (_, back) => {
      const day = dayOf(today - (count - 1 - back) * DAY_MS)
      return addDays(
        day,
        all.filter((one) => one.day === day),
      )
    })
  }

  #sum(): Day {
    return addDays(this.#today.day, this.#before === undefined ? [this.#today] : [this.#before, this.#today])
  }

  /** Today's figures; those of yesterday are written when the day is over. */
  #now(): Growing<Day> {
    const day = dayOf(this.#clock.now())
    if (day === this.#today.day) return this.#today
    if (this.#changed) void this.#write().catch(() => undefined)
    this.#changed = false
    this.#before = undefined
    this.#today = blank(day)
    return this.#today
  }

  async #write(): Promise<void> {
    const sum = this.#sum()
    const row = {
      ...({ kind: 'health', id: idOf(sum.day, this.#store.stream), state: '' } as const),
      ...{ expiresAt: Date.parse(sum.day) + KEPT, body: { ...sum } as unknown as JsonObject },
    }
    for (let tries = 0; tries < TRIES; tries += 1) {
      const stored = await this.#store.get('health', row.id)
      if (await this.#store.put(row, stored?.version ?? 0)) return
    }
  }
}

const idOf = (day: string, stream: string): string => `${PREFIX}${day}:${stream}`

const numberOf = (value: Json | undefined): number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : 0

function spreadOf(value: Json | undefined): Spread {
  if (value === undefined || !isJsonObject(value)) return {}
  return Object.fromEntries(Object.entries(value).map(([place, count]) => [place, numberOf(count)]))
}

function dayFrom({ body }: Document): Day | undefined {
  const { day, score, lowest } = body
  if (typeof day !== 'string') return undefined
  return {
    day,
    calls: numberOf(body['calls']),
    asked: numberOf(body['asked']),
    denied: numberOf(body['denied']),
    approvedByPeople: numberOf(body['approvedByPeople']),
    deniedByPeople: numberOf(body['deniedByPeople']),
    answers: spreadOf(body['answers']),
    added: spreadOf(body['added']),
    ...(typeof score === 'number' ? { score } : {}),
    ...(typeof lowest === 'number' ? { lowest } : {}),
  }
}

/** Several gateways, or several days, as one: figures add up, of scores the newest and the lowest count. */
export function addDays(day: string, days: readonly Day[]): Day {
  const sum = (of: (one: Day) => number): number => days.reduce((total, one) => total + of(one), 0)
  const scores = days.flatMap(({ score }) => (score === undefined ? [] : [score]))
  const lows = days.flatMap(({ lowest }) => (lowest === undefined ? [] : [lowest]))
  const last = scores.at(-1)
  return {
    day,
    calls: sum((one) => one.calls),
    asked: sum((one) => one.asked),
    denied: sum((one) => one.denied),
    approvedByPeople: sum((one) => one.approvedByPeople),
    deniedByPeople: sum((one) => one.deniedByPeople),
    answers: addSpreads(days.map(({ answers }) => answers)),
    added: addSpreads(days.map(({ added }) => added)),
    ...(last === undefined ? {} : { score: last }),
    ...(lows.length === 0 ? {} : { lowest: Math.min(...lows) }),
  }
}
