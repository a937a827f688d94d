/** How long a budget lasts before it is full again: parts of the UTC calendar, or as long as an agent instance lives. */
export const BUDGET_CYCLES = ['hour', 'day', 'week', 'month', 'session'] as const
export type BudgetCycle = (typeof BUDGET_CYCLES)[number]

/** One turn of a cycle. */
export interface BudgetTurn {
  /** `day:2026-11-29`: the same for every gateway; weeks are named by their Monday. */
  readonly key: string
  /** When the budget is full again, ms since 1970; absent: not by time. */
  readonly endsAt?: number
}

/** Characters of an ISO time that name a turn. */
const NAMED = { hour: 13, day: 10, week: 10, month: 7 } as const
const DAY = 86_400_000

/** The turn of a cycle that holds a time, ms since 1970. The border belongs to the turn that begins with it. */
export function budgetTurn(cycle: BudgetCycle, now: number): BudgetTurn {
  if (cycle === 'session') return { key: 'session' }
  const [from, to] = bordersOf(cycle, now)
  return { key: `${cycle}:${new Date(from).toISOString().slice(0, NAMED[cycle])}`, endsAt: to }
}

function bordersOf(cycle: Exclude<BudgetCycle, 'session'>, now: number): readonly [number, number] {
  const at = new Date(now)
  const [year, month] = [at.getUTCFullYear(), at.getUTCMonth()]
  if (cycle === 'month') return [Date.UTC(year, month), Date.UTC(year, month + 1)]
  if (cycle === 'hour') {
    const from = Math.floor(now / 3_600_000) * 3_600_000
    return [from, from + 3_600_000]
  }
  const today = Math.floor(now / DAY) * DAY
  if (cycle === 'day') return [today, today + DAY]
  // Sunday is the seventh day (ISO 8601)
  const monday = today - ((at.getUTCDay() + 6) % 7) * DAY
  return [monday, monday + 7 * DAY]
}
