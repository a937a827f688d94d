// What agents may spend (HB-135).
export { BUDGET_CYCLES, budgetTurn, type BudgetCycle, type BudgetTurn } from './budget/cycle.ts'
export { costOf, reportedUnits, type BudgetCost } from './budget/cost.ts'
export { modelReserve } from './budget/estimate.ts'
export {
  applyBudget,
  EMPTY_BUDGET,
  forfeit,
  reservedUnits,
  type BudgetHold,
  type BudgetLedger,
  type BudgetNews,
  type BudgetOrder,
  type BudgetStep,
} from './budget/ledger.ts'
export { usageReader, type UsageReader } from './budget/usage.ts'
