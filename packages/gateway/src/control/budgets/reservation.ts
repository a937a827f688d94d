import type { LogRecord } from '@sallyport/core'
import type { Reserved } from '../../boundary/ports-budget.ts'
import { refuse } from '../../boundary/ports.ts'
import { isoTime } from '../../clock.ts'
import type { Account, Applied, Terms } from './account.ts'

/** For whom and what units are set aside. */
export interface Spender {
  readonly auditId: string
  readonly agent: string
  readonly instance: string
  /** `server.tool`, or the host of a model. */
  readonly what: string
}

/** Units that were set aside in every budget that counts this call. */
export interface Reservation {
  /**
   * What it came to in each, in the order of the charges. Resolves when that is written, or will be written later; never rejects.
   */
  settle(spent: readonly number[]): Promise<void>
  /** More was spent than it was settled with. Less is not believed. */
  raise(spent: readonly number[]): Promise<void>
}

export interface Charge {
  readonly account: Account
  readonly units: number
}

export interface ReservationDeps {
  readonly now: () => number
  readonly enqueue: (records: readonly LogRecord[]) => void
}

interface Held extends Charge {
  readonly by: string
  charged: number
}

/** Sets units aside in all accounts, or in none of them. */
export async function reserveAll(
  charges: readonly Charge[],
  spender: Spender,
  deps: ReservationDeps,
): Promise<Reserved<Reservation>> {
  const held: Held[] = []
  const giveBack = (): void => {
    for (const { account, units, by } of held)
      account.order({ kind: 'settle', by, units, spent: 0 }).catch(() => undefined)
  }
  for (const { account, units } of charges) {
    let applied: Applied
    try {
      applied = await account.order({ kind: 'reserve', units })
    } catch {
      giveBack()
      const { budget } = account.terms
      return { ...refuse('SP_BUDGET_UNAVAILABLE', `Budget ${budget}.`), budget, retryAfterSeconds: 1 }
    }
    if (!applied.ok) {
      giveBack()
      return spent(account.terms, deps.now())
    }
    held.push({ account, units, by: applied.by, charged: 0 })
  }
  return { ok: true, value: reservationOf(held, spender, deps) }
}

/** Names the budget, and when there is more of it. */
function spent({ budget, endsAt, limit }: Terms, now: number): Reserved<never> {
  const until = endsAt === undefined ? 'It is for this session.' : `It is full again at ${isoTime(endsAt)}.`
  const reason = `Budget ${budget} of ${limit} units has no room for this. ${until}`
  const refusal = { ...refuse('SP_BUDGET_SPENT', reason), budget }
  if (endsAt === undefined) return refusal
  return { ...refusal, retryAfterSeconds: Math.max(1, Math.ceil((endsAt - now) / 1_000)) }
}

function reservationOf(held: readonly Held[], spender: Spender, { now, enqueue }: ReservationDeps): Reservation {
  const note = (one: Held, spent: number, event: string): void => {
    const { budget, who, turn, limit } = one.account.terms
    enqueue([
      {
        ...{ kind: 'gateway', auditId: spender.auditId, timestamp: isoTime(now()), level: 'info', event },
        ...{ agentId: spender.agent, instance: spender.instance, toolName: spender.what },
        ...{ budget, account: who, turn, limit, reserved: one.units, units: spent },
      },
    ])
  }
  return {
    async settle(spent) {
      await Promise.all(
        held.map(async (one, n) => {
          const { account, units, by } = one
          one.charged = spent[n] ?? units
          if (one.charged > 0) note(one, one.charged, 'budget.spent')
          const written = account.order({ kind: 'settle', by, units, spent: one.charged }).catch(() => undefined)
          // what was set aside is there already; only what came on top has to be before anybody gets more
          if (one.charged > units) await written
        }),
      )
    },
    async raise(spent) {
      await Promise.all(
        held.map(async (one, n) => {
          const more = (spent[n] ?? 0) - one.charged
          if (more <= 0) return
          one.charged += more
          note(one, more, 'budget.raised')
          await one.account.order({ kind: 'settle', by: one.by, units: 0, spent: more }).catch(() => undefined)
        }),
      )
    },
  }
}
