import { Link } from '@tanstack/react-router'
import { ArrowUpDown } from 'lucide-react'
import { useView } from '../../shell/view.ts'
import { Button } from '../../ui/button.tsx'
import { RiskBars, State, type StateName } from '../../ui/chip.tsx'
import { TimeLeft } from '../../ui/countdown.tsx'
import { cx } from '../../ui/cx.ts'
import { Empty } from '../../ui/states.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { Value } from '../../ui/value.tsx'
import { Flood } from './flood.tsx'
import { isWaiting, type ApprovalState, type Summary } from './model.ts'
import { Quoted } from './quoted.tsx'
import styles from './inbox.module.css'

interface InboxProps {
  readonly all: readonly Summary[]
  /** Requests of one session that may wait at once. */
  readonly limit: number | undefined
  readonly waiting: readonly Summary[]
  readonly decided: readonly Summary[]
  readonly fresh: readonly Summary[]
  readonly showNew: () => void
  readonly counts: { readonly waiting: number; readonly mine: number }
  readonly tab: string
  readonly sort: string
  readonly selected: string | undefined
}

/** The list: what waits, by risk, and what was decided in the last hour. Nothing can be decided here. */
export function Inbox({ all, limit, waiting, decided, fresh, showNew, counts, tab, sort, selected }: InboxProps) {
  const [, setView] = useView({ tab: 'waiting', sort: 'risk' })
  return (
    <>
      <header className={styles.head}>
        <div className={styles.title}>
          <h1>Approvals</h1>
          <Button
            kind="quiet"
            small
            icon={<ArrowUpDown size={14} strokeWidth={1.75} aria-hidden="true" />}
            aria-label={`Sorted by ${sort}. Sort by ${sort === 'risk' ? 'time' : 'risk'}`}
            onClick={() => setView({ sort: sort === 'risk' ? 'time' : 'risk' })}
          >
            {sort === 'risk' ? 'Risk' : 'Time'}
          </Button>
        </div>
        <Tabs
          label="Which requests"
          form="segments"
          current={tab}
          tabs={[
            { id: 'waiting', words: 'Waiting', count: counts.waiting },
            { id: 'mine', words: 'For me', count: counts.mine },
            { id: 'decided', words: 'Decided' },
          ]}
        />
      </header>
      <div className={styles.scroll}>
        <p className="hidden-text" role="status">
          {fresh.length > 0 && `${fresh.length} new, highest risk ${fresh[0]?.severity ?? ''}`}
        </p>
        {tab !== 'decided' && fresh.length > 0 && (
          <button type="button" className={styles.fresh} onClick={showNew}>
            {fresh.length} new
          </button>
        )}
        {tab !== 'decided' && <Flood items={all} limit={limit} />}
        {tab !== 'decided' && (
          <ul>
            {waiting.map((item) => (
              <WaitingRow key={item.id} item={item} current={item.id === selected} />
            ))}
          </ul>
        )}
        {tab !== 'decided' && waiting.length === 0 && <Empty>{nothing(decided)}</Empty>}
        {tab === 'decided' && decided.length === 0 && <Empty>Nothing was decided yet.</Empty>}
        {decided.length > 0 && (
          <>
            {tab !== 'decided' && <h2 className={styles.divider}>Decided in the last hour</h2>}
            <ul>
              {decided.map((item) => (
                <DecidedRow key={item.id} item={item} current={item.id === selected} />
              ))}
            </ul>
          </>
        )}
      </div>
    </>
  )
}

function nothing(decided: readonly Summary[]): string {
  if (decided.length === 0) return 'Nothing waits. When a call needs a human, it is here.'
  const approved = decided.filter(({ state }) => state === 'consumed' || state === 'approved').length
  return `Nothing waits. ${decided.length} ${decided.length === 1 ? 'call was' : 'calls were'} asked lately, ${approved} approved.`
}

interface RowProps {
  readonly item: Summary
  readonly current: boolean
}

function WaitingRow({ item, current }: RowProps) {
  const ended = !isWaiting(item)
  return (
    <li className={cx(styles.row, current && styles.current, ended && styles.ended)}>
      <Link to={`/approvals/${item.id}`} search aria-current={current ? 'true' : undefined}>
        <span className={styles.line}>
          <RiskBars risk={item.severity} />
          <span className={styles.agent}>{item.agentId}</span>
          <span className={styles.time}>
            {ended ? <State name={STATE[item.state]} quiet /> : <TimeLeft until={item.expiresAt} />}
          </span>
        </span>
        <What item={item} />
        <span className={styles.why}>
          {item.reason}
          {item.quorum > 1 && item.approvals.length < item.quorum && ' · second approver needed'}
          {item.mayDecide === false && !ended && ' · not yours to approve'}
        </span>
      </Link>
    </li>
  )
}

function DecidedRow({ item, current }: RowProps) {
  const at = item.decidedAt ?? item.expiresAt
  return (
    <li className={cx(styles.row, styles.decided, current && styles.current)}>
      <Link to={`/approvals/${item.id}`} search aria-current={current ? 'true' : undefined}>
        <span className={styles.line}>
          <span className={styles.agent}>
            <State name={STATE[item.state]} quiet /> · {item.agentId}
          </span>
          <time className={cx(styles.time, 'num')} dateTime={new Date(at).toISOString()}>
            {new Date(at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })}
          </time>
        </span>
        <What item={item} />
        <span className={styles.why}>{outcome(item)}</span>
      </Link>
    </li>
  )
}

const What = ({ item }: { readonly item: Summary }) => (
  <span className={styles.what}>
    {item.what === undefined ? <Value text={item.tool} /> : <Quoted text={item.what} />}
  </span>
)

/** Words of the product for the states of the workflow. */
export const STATE: Readonly<Record<ApprovalState, StateName>> = {
  pending: 'waiting',
  partially_approved: 'waiting',
  approved: 'approved',
  consumed: 'approved',
  denied: 'denied',
  expired: 'expired',
  superseded: 'superseded',
  cancelled: 'cancelled',
}

function outcome({ state, decidedBy, approvals }: Summary): string {
  const by = (decidedBy ?? approvals.at(-1) ?? '').replace(/^operator:/, '')
  if (state === 'denied') return `Denied by ${by}`
  if (state === 'approved') return `Approved by ${by}, waits for the agent`
  if (state === 'consumed') return `Approved by ${by}, ran`
  if (state === 'expired') return 'Nobody answered in time, so it was denied'
  if (state === 'superseded') return 'Changed before it ran, asked again'
  return 'The agent does not wait for it any more'
}
