import { Value } from '../../ui/value.tsx'
import type { ViewRow } from './model.ts'
import { sentence } from './words.ts'
import styles from './detail.module.css'

interface RowValueProps {
  readonly row: ViewRow
  readonly unfolded?: boolean
  readonly onOpen?: () => void
}

/** Shown of a long value before its fold. */
const HEAD = 151

/** The value of a row with its marks and, below, what a human should know about it. */
export function RowValue({ row, unfolded = false, onOpen }: RowValueProps) {
  return (
    <>
      {row.text !== '' && (
        <Value
          escaped={unquoted(row)}
          pieces={row.spans}
          open={unfolded}
          {...(row.fold === undefined ? {} : { foldAt: HEAD, digest: row.fold })}
          {...(onOpen === undefined ? {} : { onOpen })}
        />
      )}
      {row.warnings.map((text) => (
        <p key={text} className={styles.warning}>
          {sentence(text)}
        </p>
      ))}
    </>
  )
}

/** The frame says that it is a value; quotes are for terminals. */
const unquoted = ({ text }: ViewRow): string => /^"(.*)"$/su.exec(text)?.[1] ?? text
