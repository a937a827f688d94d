import { useContext } from 'react'
import { cx } from '../../ui/cx.ts'
import { Labels } from '../../ui/labels.tsx'
import { Value } from '../../ui/value.tsx'
import { sentence } from './detail.tsx'
import type { ArgumentRow } from './model.ts'
import { Seen } from './seen.ts'
import styles from './arguments.module.css'

/** Shown of a long value before its fold. */
const HEAD = 151

/** Arguments as a typed tree: name and role, value, where it came from. */
export function Arguments({ rows, unfolded }: { readonly rows: readonly ArgumentRow[]; readonly unfolded: boolean }) {
  if (rows.length === 0) return <p className={styles.none}>This call has no arguments.</p>
  const sourced = rows.some((row) => row.source !== undefined || row.integrity !== undefined)
  return (
    <ul className={cx(styles.card, !sourced && styles.two)}>
      {rows.map((row, at) => (
        <Row key={`${at} ${row.name}`} row={row} name={`fold:${at}:${row.name}`} unfolded={unfolded} />
      ))}
    </ul>
  )
}

function Row({ row, name, unfolded }: { row: ArgumentRow; name: string; unfolded: boolean }) {
  const { opened } = useContext(Seen)
  const tinted = row.warnings.length > 0 || (row.integrity ?? 3) < 2 || (row.confidentiality ?? 0) > 1
  return (
    <li className={cx(styles.row, tinted && styles.tinted)}>
      <div className={styles.name} style={{ paddingInlineStart: Math.min(row.depth, 8) * 12 }}>
        <Value escaped={row.name} />
        <div className={styles.role}>{row.role}</div>
      </div>
      <div className={styles.value}>
        {row.text !== '' && (
          <Value
            escaped={row.text}
            marks={row.marks}
            {...(row.fold === undefined ? {} : { foldAt: HEAD, digest: row.fold })}
            open={unfolded}
            onOpen={() => opened(name)}
          />
        )}
        {row.warnings.map((text) => (
          <p key={text} className={styles.warning}>
            {sentence(text)}
          </p>
        ))}
      </div>
      <div className={styles.source}>
        <Labels
          {...(row.integrity === undefined ? {} : { integrity: row.integrity })}
          {...(row.confidentiality === undefined ? {} : { confidentiality: row.confidentiality })}
        />
        {row.source !== undefined && <div className={styles.from}>{row.source}</div>}
      </div>
    </li>
  )
}
