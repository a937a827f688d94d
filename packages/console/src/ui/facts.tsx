import type { ReactNode } from 'react'
import { cx } from './cx.ts'
import styles from './facts.module.css'

export interface Fact {
  readonly label: string
  readonly value: ReactNode
  readonly note?: ReactNode
  /** Unusual: a human should look. */
  readonly odd?: boolean
}

/** Two to four facts side by side. */
export function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl className={styles.facts}>
      {facts.slice(0, 4).map(({ label, value, note, odd = false }) => (
        <div key={label} className={styles.fact}>
          <dt>{label}</dt>
          <dd className={cx(styles.value, odd && styles.odd)}>{value}</dd>
          {note !== undefined && <dd className={styles.note}>{note}</dd>}
        </div>
      ))}
    </dl>
  )
}
