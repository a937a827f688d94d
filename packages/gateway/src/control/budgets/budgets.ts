import { budgetTurn, SallyportError, type LogRecord } from '@sallyport/core'
import type { BudgetPort, ModelBudgetPort } from '../../boundary/ports-budget.ts'
import type { Clock, EvidencePort, Random } from '../../boundary/ports.ts'
import type { BudgetConfig } from '../../config/budgets-schema.ts'
import type { Store } from '../../store/ports.ts'
import { Account, type AccountDeps, type Terms } from './account.ts'
import { callBill } from './bill.ts'
import { createModelBudgets } from './models.ts'
import { newsOf } from './news.ts'
import { reserveAll, type Charge } from './reservation.ts'
import { budgetRule, createCosts, termsOf, type BudgetRule, type Reserve } from './rules.ts'
import { MOST_LISTED, viewsOf, type BudgetView } from './views.ts'

export interface BudgetsDeps {
  readonly config: readonly BudgetConfig[]
  readonly store: Pick<Store, 'get' | 'put' | 'list' | 'onTampered'>
  readonly evidence: Pick<EvidencePort, 'enqueue'>
  readonly clock: Clock
  readonly random: Random
  readonly alert: (name: string, severity: string, message: string) => void
}

/** What agents may spend in a while (HB-135). */
export interface Budgets {
  /** For the boundary; absent: no call costs anything. */
  readonly calls: BudgetPort | undefined
  /** For the ways out; absent: no model is counted. */
  readonly models: ModelBudgetPort | undefined
  list(): Promise<readonly BudgetView[]>
  /** @throws SallyportError SP_BUDGET_UNKNOWN */
  known(name: string): BudgetRule
  /**
   * Gives every amount of one budget again, in the turn that is now; what is set aside stays so.
   * @returns how many there were
   * @throws SallyportError SP_BUDGET_UNKNOWN, SP_STORE_*
   */
  reset(name: string): Promise<number>
  /** Writes what is not written yet, and keeps what runs long; every few seconds, and at the end. */
  tick(): Promise<void>
}

export function createBudgets(deps: BudgetsDeps): Budgets {
  const { config, store, clock, random, evidence } = deps
  const rules = config.map(budgetRule)
  const accounts = new Map<string, Account>()
  const tampered = new Set<string>()
  store.onTampered(({ kind, id }) => {
    if (kind === 'budget') tampered.add(id)
  })
  const accountDeps: AccountDeps = {
    ...{ store, clock, random, ...newsOf(deps) },
    isTampered: (id) => tampered.has(id),
  }
  const accountOf = (terms: Terms): Account => {
    const known = accounts.get(terms.id)
    if (known !== undefined) return known
    const made = new Account(terms, accountDeps)
    accounts.set(terms.id, made)
    return made
  }
  const reserving = { now: () => clock.now(), enqueue: (records: readonly LogRecord[]) => evidence.enqueue(records) }
  const reserve: Reserve = async (due, spender) => {
    const now = clock.now()
    const charges = due.map(({ rule, units }): Charge => ({ account: accountOf(termsOf(rule, spender, now)), units }))
    return reserveAll(charges, spender, reserving)
  }
  const costs = createCosts(rules)
  const known = (name: string): BudgetRule => {
    const rule = rules.find((one) => one.name === name)
    if (rule === undefined) throw new SallyportError('SP_BUDGET_UNKNOWN', JSON.stringify(name.slice(0, 64)))
    return rule
  }
  const turnOf = ({ cycle }: BudgetRule) => budgetTurn(cycle, clock.now())

  return {
    calls: rules.every((rule) => rule.costs.length === 0)
      ? undefined
      : {
          reserve({ principal: { id: agent, instance } }, { server, tool }, auditId) {
            const what = `${server}.${tool}`
            const due = costs(agent, what)
            if (due.length === 0) return undefined
            return reserve(due, { auditId, agent, instance, what }).then((held) =>
              held.ok ? { ok: true, value: callBill(held.value, due) } : held,
            )
          },
        },
    models: rules.every((rule) => rule.models.length === 0) ? undefined : createModelBudgets(rules, reserve, random),
    async list() {
      const views = await Promise.all(rules.map((rule) => viewsOf(rule, store, clock)))
      return views.flat()
    },
    known,
    async reset(name) {
      const rule = known(name)
      const { key } = turnOf(rule)
      const rows = await store.list('budget', { state: name, limit: MOST_LISTED })
      const written = rows.filter(({ body }) => body['turn'] === key)
      const ids = new Set([...written.map(({ id }) => id), ...[...tampered].filter((id) => isOf(id, name, key))])
      for (const id of ids) {
        tampered.delete(id)
        const [, who = ''] = id.split('|')
        const said = written.find((row) => row.id === id)?.body['agent']
        const agent = typeof said === 'string' ? said : who
        await accountOf({ ...termsOf(rule, { agent, instance: who }, clock.now()), id, who }).reset()
      }
      return ids.size
    },
    async tick() {
      for (const [id, account] of accounts) {
        await account.tick().catch(() => undefined)
        if (account.isIdle) accounts.delete(id)
      }
    },
  }
}

const isOf = (id: string, name: string, turn: string): boolean => id.startsWith(`${name}|`) && id.endsWith(`|${turn}`)
