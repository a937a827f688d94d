import { join } from 'node:path'
import type { LogRecord } from '@sallyport/core'
import type { Clock } from '../../packages/gateway/src/boundary/ports.ts'
import { budgetsSchema } from '../../packages/gateway/src/config/budgets-schema.ts'
import { createBudgets, type Budgets } from '../../packages/gateway/src/control/budgets/budgets.ts'
import { systemRandom } from '../../packages/gateway/src/random.ts'
import { openStore } from '../../packages/gateway/src/store/open.ts'
import type { Store, StoreKeys } from '../../packages/gateway/src/store/ports.ts'
import { makeClock, makeKeys } from '../store/temporary.ts'

export const sqliteIn = (directory: string, keys: StoreKeys = makeKeys(), clock: Clock = makeClock()) =>
  openStore({ driver: 'sqlite', path: join(directory, 'state.db') }, keys, clock)

export interface Spending {
  readonly budgets: Budgets
  readonly records: LogRecord[]
  readonly alerts: string[]
  /** What was charged, by the log. */
  readonly charged: () => number
  /** Of the only line there is. */
  readonly left: () => Promise<{ readonly spent: number; readonly reserved: number }>
}

/** Budgets as `sallyport.yaml` has them, over this store. */
export function spendingOf(config: unknown, store: Store, clock: Clock): Spending {
  const [records, alerts] = [[] as LogRecord[], [] as string[]]
  const budgets = createBudgets({
    config: budgetsSchema.parse(config),
    ...{ store, clock, random: systemRandom },
    evidence: { enqueue: (added) => void records.push(...added) },
    alert: (name, _severity, message) => void alerts.push(`${name}: ${message}`),
  })
  return {
    ...{ budgets, records, alerts },
    charged: () => records.reduce((sum, { units }) => sum + (typeof units === 'number' ? units : 0), 0),
    async left() {
      const [{ spent, reserved } = { spent: -1, reserved: -1 }, ...others] = await budgets.list()
      if (others.length > 0) throw new Error('There are more lines.')
      return { spent, reserved }
    },
  }
}
