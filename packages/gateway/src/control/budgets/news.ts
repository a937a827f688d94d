import type { BudgetLedger, BudgetNews } from '@sallyport/core/budget'
import type { Clock, EvidencePort, Random } from '../../boundary/ports.ts'
import { isoTime } from '../../clock.ts'
import type { AccountDeps, Terms } from './account.ts'

interface NewsDeps {
  readonly evidence: Pick<EvidencePort, 'enqueue'>
  readonly clock: Clock
  readonly random: Random
  readonly alert: (name: string, severity: string, message: string) => void
}

const ALERTS: Readonly<
  Record<
    BudgetNews,
    { readonly name: string; readonly severity: string; readonly says: (terms: Terms, spent: number) => string }
  >
> = {
  near: {
    name: 'budget-near',
    severity: 'medium',
    says: ({ limit }, spent) => `${Math.floor((spent / limit) * 100)}% of it is spent`,
  },
  spent: {
    name: 'budget-spent',
    severity: 'high',
    says: () => 'it has no room for more, and calls are denied',
  },
  over: {
    name: 'budget-over',
    severity: 'medium',
    says: () => 'a call cost more than was set aside for it, and was charged in full',
  },
}

/** What people hear of budgets: alerts, once a turn, and a record of what was counted as spent without being settled. */
export function newsOf({ evidence, clock, random, alert }: NewsDeps): Pick<AccountDeps, 'told' | 'forfeited'> {
  return {
    told(terms, news, { spent }) {
      const { name, severity, says } = ALERTS[news]
      alert(name, severity, `Budget ${terms.budget} ${ofWhom(terms)}: ${says(terms, spent)}${untilWhen(terms)}.`)
    },
    forfeited({ budget, who, turn, limit }: Terms, units: number, { spent }: BudgetLedger) {
      evidence.enqueue([
        {
          ...{ kind: 'gateway', auditId: random.uuid(), timestamp: isoTime(clock.now()), level: 'warn' },
          ...{ event: 'budget.forfeited', budget, account: who, turn, limit, units, spent },
        },
      ])
    },
  }
}

const ofWhom = ({ who, agent }: Terms): string =>
  who === '*' ? 'of all its agents' : who === agent ? `of ${agent}` : `of a session of ${agent}`

const untilWhen = ({ endsAt }: Terms): string => (endsAt === undefined ? '' : `, until ${isoTime(endsAt)}`)
