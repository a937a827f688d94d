import { useVirtualizer } from '@tanstack/react-virtual'
import { useRef, type ReactNode } from 'react'
import { cx } from './cx.ts'
import styles from './table.module.css'

export interface Column<T> {
  readonly id: string
  readonly title: ReactNode
  /** Width of a grid track, e.g. `120px` or `minmax(0, 2fr)`. */
  readonly width: string
  readonly cell: (row: T) => ReactNode
  /** Numbers stand right. */
  readonly end?: boolean
  /** Left out below 768 px, where rows have two lines. */
  readonly wideOnly?: boolean
}

interface TableProps<T> {
  readonly label: string
  readonly rows: readonly T[]
  readonly columns: readonly Column<T>[]
  readonly rowKey: (row: T) => string
  readonly selected?: string | undefined
  /** Pixels of a row; 34 for logs. */
  readonly rowHeight?: number
  /** Fewer rows than this are all in the document and scroll with the page. */
  readonly virtualFrom?: number
}

/** Rows and columns; long tables keep only what is seen in the document. The first cell holds the link of the row. */
export function Table<T>(props: TableProps<T>) {
  const { rows, virtualFrom = 200 } = props
  return rows.length < virtualFrom ? <PlainTable {...props} /> : <LongTable {...props} />
}

const tracks = <T,>(columns: readonly Column<T>[]): string => columns.map(({ width }) => width).join(' ')

function PlainTable<T>({ label, rows, columns, rowKey, selected }: TableProps<T>) {
  return (
    <div role="table" aria-label={label} className={styles.table} style={{ '--tracks': tracks(columns) } as object}>
      <Head columns={columns} />
      <div role="rowgroup">
        {rows.map((row) => (
          <Row key={rowKey(row)} row={row} columns={columns} selected={rowKey(row) === selected} />
        ))}
      </div>
    </div>
  )
}

function LongTable<T>({ label, rows, columns, rowKey, selected, rowHeight = 34 }: TableProps<T>) {
  const scroller = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  })
  return (
    <div
      role="table"
      aria-label={label}
      aria-rowcount={rows.length + 1}
      className={cx(styles.table, styles.long)}
      style={{ '--tracks': tracks(columns) } as object}
      ref={scroller}
      // the scrolled part is reached by keyboard too
      tabIndex={0}
    >
      <Head columns={columns} />
      <div role="rowgroup" className={styles.virtual} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start, size }) => {
          const row = rows[index]
          if (row === undefined) return null
          return (
            <Row
              key={rowKey(row)}
              row={row}
              columns={columns}
              selected={rowKey(row) === selected}
              at={{ index, start, size }}
            />
          )
        })}
      </div>
    </div>
  )
}

function Head<T>({ columns }: { readonly columns: readonly Column<T>[] }) {
  return (
    <div role="rowgroup" className={styles.headGroup}>
      <div role="row" className={cx(styles.row, styles.headRow)}>
        {columns.map(({ id, title, end = false }) => (
          <div key={id} role="columnheader" className={cx(end && styles.end)}>
            {title}
          </div>
        ))}
      </div>
    </div>
  )
}

interface RowProps<T> {
  readonly row: T
  readonly columns: readonly Column<T>[]
  readonly selected: boolean
  readonly at?: { readonly index: number; readonly start: number; readonly size: number }
}

function Row<T>({ row, columns, selected, at }: RowProps<T>) {
  const place = at === undefined ? undefined : { transform: `translateY(${at.start}px)`, height: at.size }
  return (
    <div
      role="row"
      className={cx(styles.row, styles.bodyRow, selected && styles.selected, at !== undefined && styles.placed)}
      {...(at === undefined ? {} : { 'aria-rowindex': at.index + 2 })}
      style={place}
    >
      {columns.map(({ id, cell, end = false, wideOnly = false }) => (
        <div key={id} role="cell" className={cx(styles.cell, end && styles.end, wideOnly && styles.wideOnly)}>
          {cell(row)}
        </div>
      ))}
    </div>
  )
}
