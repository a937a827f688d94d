import { reportedUnits } from '@sallyport/core/budget'
import type { Bill } from '../../boundary/ports-budget.ts'
import type { Reservation } from './reservation.ts'
import type { Cost } from './rules.ts'

/** The bill of one call, over all budgets that count it. */
export function callBill(reservation: Reservation, costs: readonly Cost[]): Bill {
  let [hasBegun, isClosed] = [false, false]
  let spent = costs.map(({ units }) => units)
  return {
    began() {
      hasBegun = true
    },
    undone() {
      hasBegun = false
    },
    answered(resultText) {
      const said = costs.map(({ reported, units }) =>
        reported === undefined ? units : (reportedUnits(resultText, reported) ?? units),
      )
      if (isClosed) void reservation.raise(said)
      else spent = said
    },
    async close() {
      if (isClosed) return
      isClosed = true
      await reservation.settle(hasBegun ? spent : costs.map(() => 0))
    },
  }
}
