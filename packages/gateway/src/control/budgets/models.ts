import { modelReserve, usageReader, type UsageReader } from '@sallyport/core/budget'
import type { ModelBill, ModelBudgetPort, ModelRequest } from '../../boundary/ports-budget.ts'
import type { Random } from '../../boundary/ports.ts'
import type { Reservation } from './reservation.ts'
import { modelCosts, modelHosts, type BudgetRule, type Reserve } from './rules.ts'

/** What asks a model nothing. */
const FREE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS', 'DELETE'])
const FREE_PATH = /\/count_tokens$/
/** Answers by which a service says that it has not done it. */
const NOT_DONE = new Set([503, 529])
const DECODER = new TextDecoder()

const costsTokens = ({ method, path }: Pick<ModelRequest, 'method' | 'path'>): boolean =>
  !FREE_METHODS.has(method) && !FREE_PATH.test(path)

/** Budgets for what the ways out ask of models. */
export function createModelBudgets(rules: readonly BudgetRule[], reserve: Reserve, random: Random): ModelBudgetPort {
  return {
    covers: (holder, host, port) => modelCosts(rules, { holder, host, port }).length > 0,
    hostsOf: (holder) => modelHosts(rules, holder),
    reserve(request) {
      const costs = costsTokens(request) ? modelCosts(rules, request) : []
      if (costs.length === 0) return undefined
      const body = request.body === undefined ? undefined : DECODER.decode(request.body)
      const due = costs.map((one) => ({ rule: one.rule, units: modelReserve(body, one.reserve) }))
      const { holder: agent, instance, host: what } = request
      return reserve(due, { auditId: random.uuid(), agent, instance, what }).then((held) =>
        held.ok
          ? {
              ok: true,
              value: modelBill(
                held.value,
                due.map(({ units }) => units),
              ),
            }
          : held,
      )
    },
  }
}

/** @param reserved units in each budget */
function modelBill(reservation: Reservation, reserved: readonly number[]): ModelBill {
  let [hasBegun, isClosed, isRefused] = [false, false, false]
  let usage: UsageReader | undefined
  const spent = (): readonly number[] => {
    if (!hasBegun || isRefused) return reserved.map(() => 0)
    const said = usage?.end()
    if (said?.tokens === undefined) return reserved
    const { tokens, isWhole } = said
    // who hangs up before the end has not been told what it came to
    return reserved.map((units) => (isWhole ? tokens : Math.max(units, tokens)))
  }
  return {
    began() {
      hasBegun = true
    },
    answered({ status, type, encoding }) {
      isRefused = (status >= 400 && status < 500) || NOT_DONE.has(status)
      if (isRefused || encoding !== 'identity') return undefined
      usage = usageReader(/^text\/event-stream\b/i.test(type))
      return usage.push
    },
    async close() {
      if (isClosed) return
      isClosed = true
      await reservation.settle(spent())
    },
  }
}
