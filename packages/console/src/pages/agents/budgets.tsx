import { useGet } from '../../api/query.ts'
import { Chip } from '../../ui/chip.tsx'
import { Copy } from '../../ui/copy.tsx'
import { cx } from '../../ui/cx.ts'
import { Card } from '../../ui/screen.tsx'
import { Answered } from '../../ui/states.tsx'
import { isOf, leftWords, resetWords, spentPart, tone, whose, type Budget } from './budget.ts'
import styles from './budgets.module.css'

interface Answer {
  readonly budgets: readonly Budget[]
}

const useBudgets = () => useGet<Answer>('/api/v1/budgets', {}, { topics: ['activity'], every: 15_000 })

/** What agents may spend, and have spent in the cycle that is now; those nearest to their limit first. */
export function Budgets() {
  const list = useBudgets()
  return (
    <Answered of={list} failed="The budgets could not be loaded." rows={2}>
      {({ budgets }) => (
        <Card title="Budgets" aside={budgets.length === 0 ? undefined : 'spent in the cycle that is now'} flush>
          {budgets.length === 0 ? (
            <p className={styles.none}>
              No budget is set: how often agents may call is limited, what it costs is not. Set <code>budgets</code> in
              the configuration.
            </p>
          ) : (
            <ul>
              {nearestFirst(budgets).map((budget) => (
                <Row key={`${budget.name} ${budget.who}`} budget={budget} />
              ))}
            </ul>
          )}
        </Card>
      )}
    </Answered>
  )
}

/** Budgets that count one agent's calls, in its own detail. */
export function AgentBudgets({ agent }: { readonly agent: string }) {
  return (
    <Answered of={useBudgets()} failed="The budgets could not be loaded." rows={1}>
      {({ budgets }) => {
        const own = nearestFirst(budgets.filter((budget) => isOf(budget, agent)))
        return own.length === 0 ? (
          'No limit of cost is set; how often it may call is limited.'
        ) : (
          <ul className={styles.few}>
            {own.map((budget) => (
              <Row key={`${budget.name} ${budget.who}`} budget={budget} />
            ))}
          </ul>
        )
      }}
    </Answered>
  )
}

const nearestFirst = (budgets: readonly Budget[]): readonly Budget[] =>
  budgets.toSorted((a, b) => spentPart(b) - spentPart(a) || (a.name < b.name ? -1 : 1))

const number = (units: number): string => units.toLocaleString('en-GB')
const part = (units: number, limit: number): string => `${Math.min(100, (100 * units) / limit)}%`

function Row({ budget }: { readonly budget: Budget }) {
  const { name, spent, reserved, limit } = budget
  const how = tone(budget)
  const rest = Math.max(0, Math.min(reserved, limit - spent))
  return (
    <li className={styles.row}>
      <div className={styles.head}>
        <strong>{name}</strong>
        <span className={styles.who}>{whose(budget)}</span>
        {how !== 'plain' && <Chip tone={how === 'bad' ? 'deny' : 'ask'}>{leftWords(budget)}</Chip>}
        {how === 'bad' && <Copy text={`sallyport budgets reset ${name} --reason WHY`} label="Copy command" />}
      </div>
      <div className={cx(styles.bar, styles[how])} aria-hidden="true">
        <span className={styles.spent} style={{ '--part': part(spent, limit) } as object} />
        <span className={styles.reserved} style={{ '--part': part(rest, limit) } as object} />
      </div>
      <p className={styles.words}>
        <span className="num">
          {number(spent)} of {number(limit)} units spent
          {reserved > 0 && `, ${number(reserved)} set aside for calls under way`}
          {how === 'plain' && `, ${leftWords(budget)}`}.
        </span>{' '}
        <span className={styles.quiet}>{resetWords(budget)}</span>
      </p>
    </li>
  )
}
