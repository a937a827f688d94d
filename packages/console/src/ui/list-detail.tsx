import { Link, useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useKeys } from '../shell/keys.ts'
import { cx } from './cx.ts'
import styles from './list-detail.module.css'
import { useWide } from './use-wide.ts'

export interface ListRow {
  readonly id: string
  /** Icon of the state. */
  readonly icon: ReactNode
  readonly name: ReactNode
  /** A number or a chip at the end of the first line. */
  readonly end?: ReactNode
  readonly note: ReactNode
}

/** What is shown beside a list: what is chosen in it, and where there is room for both and nothing is, its first row. */
export function useShown(selected: string | undefined, first: string | undefined): string | undefined {
  const wide = useWide()
  return selected ?? (wide ? first : undefined)
}

interface ListDetailProps {
  readonly label: string
  readonly rows: readonly ListRow[]
  readonly selected: string | undefined
  /** Address of the page; a row is below it. */
  readonly base: string
  readonly children: ReactNode
}

/** A list and what is chosen in it; on phones one of the two. `j` and `k` walk the list. */
export function ListDetail({ label, rows, selected, base, children }: ListDetailProps) {
  const navigate = useNavigate()
  const step = (by: number): void => {
    const at = rows.findIndex(({ id }) => id === selected)
    const next = rows[Math.max(0, Math.min(rows.length - 1, at + by))]
    if (next !== undefined) void navigate({ to: `${base}/${next.id}` })
  }
  useKeys({
    j: { say: 'Next in the list', run: () => step(1) },
    k: { say: 'One before in the list', run: () => step(-1) },
    Escape: { say: 'Back to the list', run: () => void navigate({ to: base }) },
  })
  return (
    <div className={cx(styles.panes, selected !== undefined && styles.open)}>
      <section className={styles.list} aria-label={label}>
        <ul>
          {rows.map(({ id, icon, name, end, note }) => (
            <li key={id} className={cx(styles.row, id === selected && styles.current)}>
              <Link to={`${base}/${id}`} aria-current={id === selected ? 'true' : undefined}>
                {icon}
                <span className={styles.name}>{name}</span>
                <span className="num">{end}</span>
                <span className={styles.note}>{note}</span>
              </Link>
            </li>
          ))}
        </ul>
      </section>
      <section className={styles.detail} aria-label="Chosen">
        <Link to={base} className={styles.back}>
          Back to the list
        </Link>
        {children}
      </section>
    </div>
  )
}
