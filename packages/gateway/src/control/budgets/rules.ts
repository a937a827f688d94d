import { globMatches, hostMatches, parseHostRule, type HostRule } from '@sallyport/core'
import { budgetTurn, costOf, type BudgetCost, type BudgetCycle } from '@sallyport/core/budget'
import type { BudgetConfig } from '../../config/budgets-schema.ts'
import type { Reserved } from '../../boundary/ports-budget.ts'
import type { Terms } from './account.ts'
import type { Reservation, Spender } from './reservation.ts'

/** One budget, with its hosts read. */
export interface BudgetRule {
  readonly name: string
  readonly agents: readonly string[]
  readonly isShared: boolean
  readonly cycle: BudgetCycle
  readonly limit: number
  readonly alertAt: number
  readonly costs: readonly BudgetCost[]
  readonly models: readonly { readonly rule: HostRule; readonly text: string; readonly reserve: number }[]
}

/** What one call costs in one budget. */
export interface Cost {
  readonly rule: BudgetRule
  readonly units: number
  readonly reported?: string
}

export const budgetRule = ({ agents = ['*'], shared, models, ...rest }: BudgetConfig): BudgetRule => ({
  ...{ ...rest, agents, isShared: shared },
  models: models.map(({ host, reserve }) => ({ rule: parseHostRule(host), text: host, reserve })),
})

/** Sets units aside in the ledgers of these budgets. Never rejects. */
export type Reserve = (
  due: readonly { readonly rule: BudgetRule; readonly units: number }[],
  spender: Spender,
) => Promise<Reserved<Reservation>>

/** By agent and tool, as often as they are asked for: which budgets there are does not change. */
export function createCosts(rules: readonly BudgetRule[]): (agent: string, tool: string) => readonly Cost[] {
  const known = new Map<string, readonly Cost[]>()
  return (agent, tool) => {
    const key = `${agent}\n${tool}`
    const found = known.get(key)
    if (found !== undefined) return found
    const costs = rules.flatMap((rule) => {
      const cost = globMatches(rule.agents, agent) ? costOf(rule.costs, tool) : undefined
      return cost === undefined ? [] : [{ rule, ...cost }]
    })
    // agents make up names of tools
    if (known.size >= MOST_KNOWN) known.clear()
    known.set(key, costs)
    return costs
  }
}

const MOST_KNOWN = 10_000

/** What is set aside for an answer of this host, by each budget that counts it. */
export const modelCosts = (
  rules: readonly BudgetRule[],
  { holder, host, port }: { readonly holder: string; readonly host: string; readonly port: number },
): readonly { readonly rule: BudgetRule; readonly reserve: number }[] =>
  rules.flatMap((rule) => {
    const model = globMatches(rule.agents, holder)
      ? rule.models.find((one) => hostMatches(one.rule, host, port))
      : undefined
    return model === undefined ? [] : [{ rule, reserve: model.reserve }]
  })

/** Names of models' hosts that are counted for a holder. */
export const modelHosts = (rules: readonly BudgetRule[], holder: string): readonly string[] =>
  rules
    .filter(({ agents }) => globMatches(agents, holder))
    .flatMap(({ models }) => models.map(({ rule: { host, below } }) => (below ? `*.${host}` : host)))

/** Which ledger somebody spends from at this time, ms since 1970. */
export function termsOf(
  { name, isShared, cycle, limit, alertAt }: BudgetRule,
  { agent, instance }: { readonly agent: string; readonly instance: string },
  now: number,
): Terms {
  const { key, endsAt } = budgetTurn(cycle, now)
  // agents name their sessions themselves, as many as they like: the instance is what counts (T-088)
  const who = isShared ? '*' : cycle === 'session' && instance !== '' ? instance : agent
  return {
    ...{ id: `${name}|${who}|${key}`, budget: name, who, agent: isShared ? '*' : agent, turn: key, limit, alertAt },
    ...(endsAt === undefined ? {} : { endsAt }),
  }
}
