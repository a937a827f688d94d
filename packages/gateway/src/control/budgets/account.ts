import { SallyportError, type JsonObject } from '@sallyport/core'
import {
  applyBudget,
  EMPTY_BUDGET,
  forfeit,
  type BudgetHold,
  type BudgetLedger,
  type BudgetNews,
  type BudgetOrder,
} from '@sallyport/core/budget'
import type { Clock, Random } from '../../boundary/ports.ts'
import type { Document, Store } from '../../store/ports.ts'

export interface AccountDeps {
  readonly store: Pick<Store, 'get' | 'put'>
  readonly clock: Clock
  readonly random: Random
  /** A row of this id was not written by a gateway: it counts as spent until somebody resets it. */
  readonly isTampered: (id: string) => boolean
  /** Told once in all nodes and in each turn. */
  readonly told: (account: Terms, news: BudgetNews, ledger: BudgetLedger) => void
  /** Units of a gateway that says nothing any more were counted as spent. */
  readonly forfeited: (account: Terms, units: number, ledger: BudgetLedger) => void
}

/** Whose ledger it is, and what holds for it. */
export interface Terms {
  /** `name|who|turn` */
  readonly id: string
  readonly budget: string
  readonly who: string
  /** Whose instance `who` is, where it is one. */
  readonly agent: string
  readonly turn: string
  /** ms since 1970; absent: not by time. */
  readonly endsAt?: number
  readonly limit: number
  readonly alertAt: number
}

interface Waiting {
  readonly order: Given
  readonly done: (result: Applied) => void
  readonly failed: (error: unknown) => void
}
export interface Applied {
  readonly ok: boolean
  readonly ledger: BudgetLedger
  /** Under which hold units were set aside. */
  readonly by: string
}
/** A reservation gets the hold that is in use when it is written. */
type Given = Exclude<BudgetOrder, { kind: 'reserve' }> | Omit<Extract<BudgetOrder, { kind: 'reserve' }>, 'by'>

/** How long what is set aside may stay so without a word of its gateway, and how early before that the word is given, ms. */
export const LEASE = 120_000
const RENEW = 60_000
const MOST_AT_ONCE = 1_000
const MOST_TRIES = 100
/** How long a ledger is kept behind its end, or behind the last call of a session, ms. */
const KEPT = 7 * 86_400_000

/**
 * The ledger of one budget in one turn. Orders wait for the one write that is under way and go together with the next: each write is a
 * compare-and-set, so that calls at the same time, and gateways on one store, never take the same units (HB-135, T-161).
 */
export class Account {
  readonly terms: Terms
  readonly #deps: AccountDeps
  readonly #waiting: Waiting[] = []
  /** Units set aside and not settled, by hold. A hold is not used any more when it is not known what is in it. */
  readonly #live = new Map<string, number>()
  #by: string
  #isKnown = false
  #writing: Promise<void> | undefined

  constructor(terms: Terms, deps: AccountDeps) {
    this.terms = terms
    this.#deps = deps
    this.#by = deps.random.uuid()
  }

  get isIdle(): boolean {
    return this.#waiting.length === 0 && this.#writing === undefined && this.#live.size === 0
  }

  /** Rejects when it cannot be written; a settlement is then kept and written later. */
  async order(order: Given): Promise<Applied> {
    return new Promise((done, failed) => {
      this.#waiting.push({ order, done, failed })
      this.#writing ??= Promise.resolve().then(() => this.#write())
    })
  }

  /** Gives the whole amount again, whatever stands in its row; what is set aside stays so. */
  async reset(): Promise<BudgetLedger> {
    this.#isKnown = false
    return (await this.order({ kind: 'reset' })).ledger
  }

  /** Writes what waits, and keeps what is set aside from being forfeited. */
  async tick(): Promise<void> {
    if (this.#waiting.length > 0) this.#writing ??= this.#write()
    await this.#writing
    if (this.#live.size === 0) return
    const row = await this.#read()
    const soon = this.#deps.clock.now() + RENEW
    const due = row.ledger.holds.filter(({ by, until }) => this.#live.has(by) && until < soon)
    await Promise.all(due.map(({ by }) => this.order({ kind: 'renew', by })))
  }

  async #write(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const batch = this.#waiting.splice(0, MOST_AT_ONCE)
        try {
          await this.#apply(batch)
        } catch (thrown) {
          // it may have been written: what is in that hold is not known any more
          this.#by = this.#deps.random.uuid()
          const kept = batch.filter(({ order }) => order.kind === 'settle')
          for (const { order, failed } of batch) if (order.kind !== 'settle') failed(thrown)
          this.#waiting.unshift(...kept.map((one) => ({ ...one, failed: () => undefined })))
          for (const { failed } of kept) failed(thrown)
          return
        }
      }
    } finally {
      this.#writing = undefined
    }
  }

  async #apply(batch: readonly Waiting[]): Promise<void> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const row = await this.#read()
      const plan = this.#plan(row.ledger, batch)
      if (plan.ledger !== row.ledger && !(await this.#put(plan.ledger, row.version))) continue
      this.#live.clear()
      for (const [by, units] of plan.live) this.#live.set(by, units)
      if (plan.lost > 0) this.#deps.forfeited(this.terms, plan.lost, plan.ledger)
      for (const news of plan.news) this.#deps.told(this.terms, news, plan.ledger)
      batch.forEach(({ done }, n) => done({ ok: plan.oks[n] === true, ledger: plan.ledger, by: this.#by }))
      return
    }
    throw new SallyportError('SP_BUDGET_UNAVAILABLE', `${this.terms.budget} changes faster than it can be written.`)
  }

  /** What the ledger would be with these orders; nothing is changed yet. */
  #plan(before: BudgetLedger, batch: readonly Waiting[]) {
    const { clock, random } = this.#deps
    const now = clock.now()
    const { limit, alertAt } = this.terms
    const live = new Map(this.#live)
    // somebody else has counted it as spent
    for (const by of live.keys()) if (!before.holds.some((hold) => hold.by === by)) live.delete(by)
    if (this.#live.has(this.#by) && !live.has(this.#by)) this.#by = random.uuid()
    let ledger = forfeit(before, new Set(live.keys()), now)
    const lost = ledger.spent - before.spent
    const [oks, news] = [[] as boolean[], [] as BudgetNews[]]
    for (const { order } of batch) {
      const whole = order.kind === 'reserve' ? { ...order, by: this.#by } : order
      const step = applyBudget(ledger, whole, { limit, alertAt, now, lease: LEASE })
      ledger = step.ledger
      oks.push(step.ok)
      news.push(...step.news)
      if (whole.kind === 'reserve' && step.ok) live.set(whole.by, (live.get(whole.by) ?? 0) + whole.units)
      if (whole.kind === 'settle' && live.has(whole.by)) {
        const left = (live.get(whole.by) ?? 0) - whole.units
        if (left > 0) live.set(whole.by, left)
        else live.delete(whole.by)
      }
    }
    return { ledger, lost, oks, news, live }
  }

  async #read(): Promise<{ readonly ledger: BudgetLedger; readonly version: number }> {
    const { store, isTampered } = this.#deps
    const row = await store.get('budget', this.terms.id)
    // one that was there and is not any more is no new one
    if (row === undefined && (this.#isKnown || isTampered(this.terms.id)))
      throw new SallyportError('SP_BUDGET_UNAVAILABLE', `The row of ${this.terms.budget} was not written by a gateway.`)
    if (row === undefined) return { ledger: EMPTY_BUDGET, version: 0 }
    this.#isKnown = true
    return { ledger: ledgerOf(row), version: row.version }
  }

  async #put(ledger: BudgetLedger, version: number): Promise<boolean> {
    const { id, budget, who, agent, turn, endsAt, limit } = this.terms
    const body = { ...ledger, budget, who, agent, turn, limit } as unknown as JsonObject
    const expiresAt = Math.max(endsAt ?? 0, this.#deps.clock.now()) + KEPT
    return this.#deps.store.put({ kind: 'budget', id, state: budget, expiresAt, body }, version)
  }
}

/** @throws SallyportError SP_BUDGET_UNAVAILABLE for a row that is none */
export function ledgerOf({ body }: Pick<Document, 'body'>): BudgetLedger {
  const { spent, holds, told } = body
  if (typeof spent !== 'number' || !Array.isArray(holds) || !Array.isArray(told))
    throw new SallyportError('SP_BUDGET_UNAVAILABLE', 'Its row is not one of a budget.')
  return { spent, holds: holds as unknown as readonly BudgetHold[], told: told as readonly BudgetNews[] }
}
