import { Link } from '@tanstack/react-router'
import { Equal, Plus } from 'lucide-react'
import { Value } from '../../ui/value.tsx'
import type { Answer, Detail, ViewRow } from './model.ts'
import styles from './background.module.css'

/** What the session read before, how the call compares with earlier ones, and what the agent may do already. */
export function Background({ answer, detail }: { readonly answer: Answer; readonly detail: Detail }) {
  const { reads, earlier, together } = detail
  return (
    <div className={styles.cards}>
      {reads.length > 0 && (
        <section>
          <header>
            <h3>What this agent read before</h3>
            <Link to={`/sessions/${answer.sessionId}`}>Open story</Link>
          </header>
          <Rows rows={reads} />
        </section>
      )}
      {earlier.length > 0 && (
        <section>
          <header>
            <h3>Compared with earlier calls</h3>
          </header>
          <Rows rows={earlier} compared />
        </section>
      )}
      {together.length > 0 && (
        <section>
          <header>
            <h3>What it may do already without asking</h3>
          </header>
          <Rows rows={together} />
        </section>
      )}
    </div>
  )
}

function Rows({ rows, compared = false }: { readonly rows: readonly ViewRow[]; readonly compared?: boolean }) {
  return (
    <ul className={styles.card}>
      {rows.map((row, at) => (
        <li key={`${at} ${row.label}`}>
          {compared &&
            (row.type === 'new' ? (
              <Plus size={14} strokeWidth={1.75} className={styles.fresh} aria-label="new" />
            ) : (
              <Equal size={14} strokeWidth={1.75} aria-hidden="true" />
            ))}
          <span className={styles.label}>{row.label}</span>
          <span className={styles.text}>
            <Value escaped={row.text} />
          </span>
        </li>
      ))}
    </ul>
  )
}
