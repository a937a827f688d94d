// Controls of budgets, taken out one each.
const LEDGER = 'packages/core/src/budget/ledger.ts'
const BUDGETS = 'packages/gateway/src/control/budgets'
const CALLS = 'test/budgets/calls.test.ts'
const MODELS = 'test/budgets/models.test.ts'

export const BUDGET_MUTATIONS = [
  {
    id: 'budget-not-reserved',
    proves: 'HB-135 T-161 TM-IMPACT-002',
    file: 'packages/gateway/src/boundary/crossing.ts',
    find: '  const reserving = ports.budgets?.reserve(caller, call, auditId)\n',
    replace: "  const reserving = undefined as ReturnType<BudgetPort['reserve']>\n",
    test: CALLS,
  },
  {
    id: 'budget-without-holds',
    proves: 'HB-135 T-161',
    file: LEDGER,
    find: 'terms.limit - ledger.spent - reservedUnits(ledger)',
    replace: 'terms.limit - ledger.spent',
    test: CALLS,
  },
  {
    id: 'budget-of-the-dead-free',
    proves: 'T-161',
    file: LEDGER,
    find: 'const spent = lost.reduce((sum, { units }) => added(sum, units), ledger.spent)',
    replace: 'const { spent } = ledger',
    test: CALLS,
  },
  {
    id: 'budget-tampered-new',
    proves: 'T-004',
    file: `${BUDGETS}/account.ts`,
    find: 'if (row === undefined && (this.#isKnown || isTampered(this.terms.id)))',
    replace: "if (row === undefined && isTampered(''))",
    test: CALLS,
  },
  {
    id: 'budget-hang-up-cheap',
    proves: 'T-161',
    file: `${BUDGETS}/models.ts`,
    find: 'isWhole ? tokens : Math.max(units, tokens)',
    replace: 'isWhole ? tokens : tokens',
    test: MODELS,
  },
  {
    id: 'budget-tunnel-unseen',
    proves: 'HB-135',
    file: 'packages/gateway/src/execution/egress/lending.ts',
    find: '      lender.budgets?.covers(holder, host, port) === true ||\n',
    replace: '',
    test: MODELS,
  },
]
