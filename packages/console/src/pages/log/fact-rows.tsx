import type { ReactNode } from 'react'
import styles from './record.module.css'

export type FactRow = readonly [label: string, value: ReactNode]

/** What is known of a record, a fact a line; those without a value are left out. */
export function FactRows({ rows }: { readonly rows: readonly FactRow[] }) {
  return (
    <dl className={styles.facts}>
      {rows
        .filter(([, value]) => value !== '' && value !== false && value !== undefined)
        .map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  )
}
