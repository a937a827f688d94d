import { Link } from '@tanstack/react-router'
import { BellOff } from 'lucide-react'
import { RiskBars } from '../../ui/chip.tsx'
import { cx } from '../../ui/cx.ts'
import { Words } from '../../ui/words.tsx'
import { countText, personOf, timeText, type Row } from './model.ts'
import styles from './rows.module.css'

/** Alerts, newest first. Nothing can be done here but open one. */
export function Rows({ rows, selected, now }: { rows: readonly Row[]; selected: string | undefined; now: number }) {
  return (
    <ul>
      {rows.map((row) => (
        <li key={row.id} className={cx(styles.row, row.id === selected && styles.current)}>
          <Link to={`/alerts/${row.id}`} search aria-current={row.id === selected ? 'true' : undefined}>
            <span className={styles.line}>
              <RiskBars risk={row.severity} />
              <span className={styles.agent}>{row.agent === '' ? 'gateway' : <Words text={row.agent} />}</span>
              {row.silence !== '' && <BellOff size={14} strokeWidth={1.75} aria-label="Silenced" />}
              <time className={cx(styles.time, 'num')} dateTime={new Date(row.last).toISOString()}>
                {timeText(row.last, now)}
              </time>
            </span>
            <span className={cx(styles.what, row.state === 'resolved' && styles.over)}>
              <Words text={row.sentence} />
            </span>
            <span className={styles.more}>{moreOf(row)}</span>
          </Link>
        </li>
      ))}
    </ul>
  )
}

function moreOf(row: Row): string {
  const who = row.state === 'resolved' ? 'resolved' : row.holder === '' ? 'nobody has it' : personOf(row.holder)
  return `${countText(row)} · ${who}`
}
