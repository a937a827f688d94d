import { budgetTurn, forfeit, reservedUnits, type BudgetCycle } from '@sallyport/core/budget'
import type { Clock } from '../../boundary/ports.ts'
import type { Store } from '../../store/ports.ts'
import { ledgerOf } from './account.ts'
import type { BudgetRule } from './rules.ts'

/** What somebody has spent of a budget in the turn that is now; a budget that nobody has used has one line. */
export interface BudgetView {
  readonly name: string
  /** An agent, an agent instance, or the agents whose budget it is. */
  readonly who: string
  /** `all` where they share it, and where nobody has used it. */
  readonly agent: string
  readonly cycle: BudgetCycle
  readonly spent: number
  /** Set aside for what is under way. */
  readonly reserved: number
  readonly limit: number
  /** ms since 1970; null: not by time. */
  readonly resetsAt: number | null
}

/** More ledgers of one budget are not listed. */
export const MOST_LISTED = 10_000

/** Those of the turn that is now. @throws SallyportError SP_STORE_*, SP_BUDGET_UNAVAILABLE */
export async function viewsOf(
  { name, cycle, agents, isShared, limit }: BudgetRule,
  store: Pick<Store, 'list'>,
  clock: Clock,
): Promise<readonly BudgetView[]> {
  const now = clock.now()
  const { key, endsAt = null } = budgetTurn(cycle, now)
  const rows = await store.list('budget', { state: name, limit: MOST_LISTED })
  const everyone = agents.join(' ')
  const common = { name, cycle, limit, resetsAt: endsAt }
  const views = rows.flatMap(({ id, body }): readonly BudgetView[] => {
    const [, who = ''] = id.split('|')
    // sharing it or not makes other ledgers of it
    if (body['turn'] !== key || (who === '*') !== isShared) return []
    const ledger = forfeit(ledgerOf({ body }), new Set(), now)
    const agent = typeof body['agent'] === 'string' && !isShared ? body['agent'] : 'all'
    const amounts = { spent: ledger.spent, reserved: reservedUnits(ledger) }
    return [{ ...common, ...amounts, who: isShared ? everyone : who, agent }]
  })
  return views.length > 0 ? views : [{ ...common, who: everyone, agent: 'all', spent: 0, reserved: 0 }]
}
