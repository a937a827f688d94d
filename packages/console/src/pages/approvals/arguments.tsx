import { useContext } from 'react'
import { cx } from '../../ui/cx.ts'
import { Integrity } from '../../ui/labels.tsx'
import { Value } from '../../ui/value.tsx'
import type { Origin, ViewRow } from './model.ts'
import { RowValue } from './row-value.tsx'
import { Seen } from './seen.ts'
import styles from './arguments.module.css'

const TRUST: Readonly<Record<Origin, number>> = {
  user: 3,
  trusted: 3,
  known: 2,
  record: 2,
  model: 2,
  ambiguous: 1,
  untrusted: 1,
}
const ROLES: ReadonlyMap<string, string> = new Map([
  ['sink', 'destination'],
  ['audience', 'who sees it'],
  ['quantity', 'amount'],
])

/** Arguments as a typed tree: name and role, value, where it came from. */
export function Arguments({ rows, unfolded }: { readonly rows: readonly ViewRow[]; readonly unfolded: boolean }) {
  if (rows.length === 0) return <p className={styles.none}>This call has no arguments.</p>
  const sourced = rows.some((row) => row.origin !== undefined)
  return (
    <ul className={cx(styles.card, !sourced && styles.two)}>
      {rows.map((row, at) => (
        <Row key={`${at} ${row.label}`} row={row} name={`fold:${at}:${row.label}`} unfolded={unfolded} />
      ))}
    </ul>
  )
}

function Row({ row, name, unfolded }: { readonly row: ViewRow; readonly name: string; readonly unfolded: boolean }) {
  const { opened } = useContext(Seen)
  const { origin, role } = row
  const tinted = row.warnings.length > 0 || (origin !== undefined && TRUST[origin] < 2)
  return (
    <li className={cx(styles.row, tinted && styles.tinted)}>
      <div className={styles.name} style={{ paddingInlineStart: Math.min(row.depth, 8) * 12 }}>
        <Value escaped={row.label} />
        <div className={styles.role}>
          {role !== undefined && `${ROLES.get(role) ?? role} · `}
          {row.type}
        </div>
      </div>
      <div className={styles.value}>
        <RowValue row={row} unfolded={unfolded} onOpen={() => opened(name)} />
      </div>
      <div className={styles.source}>
        {origin !== undefined && <Integrity level={TRUST[origin]} />}
        {row.why !== undefined && <div className={styles.from}>{row.why}</div>}
      </div>
    </li>
  )
}
