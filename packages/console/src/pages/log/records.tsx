import { useLocation } from '@tanstack/react-router'
import { useVirtualizer } from '@tanstack/react-virtual'
import { memo, useEffect, useMemo, useRef, type MouseEvent } from 'react'
import { cx } from '../../ui/cx.ts'
import { useWide } from '../../ui/use-wide.ts'
import { columnsOf, tracksOf, USUAL, type LogColumn } from './columns.tsx'
import { clock, placeOf, stateOf, text, type LogItem } from './model.ts'
import styles from './records.module.css'

interface RecordsProps {
  readonly items: readonly LogItem[]
  /** Names of the columns; a narrow screen has the usual ones in two lines. */
  readonly cols: string
  readonly selected: string | undefined
  readonly zone: string
  readonly setZone: (zone: string) => void
  readonly open: (place: string) => void
  /** Called when the end comes near. */
  readonly more: () => void
  /** Old rows while the next answer is awaited. */
  readonly stale: boolean
  readonly foot: string
}

const WIDE_ROW = 34
const NARROW_ROW = 64
const NEAR_END = 40

/** The records of a search; only the rows that are seen are in the document. */
export function Records({ items, cols, selected, zone, setZone, open, more, stale, foot }: RecordsProps) {
  const search = useLocation({ select: ({ searchStr }) => searchStr })
  const wide = useWide()
  const scroller = useRef<HTMLDivElement>(null)
  const columns = useMemo(() => columnsOf(wide ? cols : USUAL), [cols, wide])
  const { tracks, least } = tracksOf(columns)
  const size = wide ? WIDE_ROW : NARROW_ROW
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => size,
    overscan: 6,
  })
  useEffect(() => virtual.measure(), [virtual, size])
  const shown = virtual.getVirtualItems()
  const last = shown.at(-1)?.index ?? 0
  useEffect(() => {
    if (items.length > 0 && last >= items.length - NEAR_END) more()
  }, [last, items.length, more])
  useEffect(() => {
    const index = items.findIndex((item) => placeOf(item) === selected)
    if (index >= 0) virtual.scrollToIndex(index, { align: 'auto' })
    // only when the selection moves: rows that come in must not scroll
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [selected])
  return (
    <div
      ref={scroller}
      role="table"
      aria-label="Records"
      aria-rowcount={items.length + 1}
      className={cx(styles.table, stale && styles.stale)}
      style={{ '--tracks': tracks, '--least': `${least}px` } as object}
      tabIndex={0}
    >
      <div role="rowgroup" className={styles.head}>
        <div role="row" className={styles.row}>
          <span role="columnheader">
            Time{' '}
            <button type="button" onClick={() => setZone(zone === 'utc' ? 'local' : 'utc')}>
              {zone === 'utc' ? '(UTC)' : '(here)'}
            </button>
          </span>
          {columns.map(({ id, title, end = false }) => (
            <span key={id} role="columnheader" className={cx(end && styles.end)}>
              {title}
            </span>
          ))}
        </div>
      </div>
      <div role="rowgroup" className={styles.body} style={{ height: virtual.getTotalSize() }}>
        {shown.map(({ index, start }) => {
          const item = items[index]
          return item === undefined ? null : (
            <Row
              key={placeOf(item)}
              {...{ item, columns, index, start, size, zone, search, open }}
              current={placeOf(item) === selected}
            />
          )
        })}
      </div>
      <p className={styles.foot}>{foot}</p>
    </div>
  )
}

/** Asked for another tab or window. */
const isElsewhere = (event: MouseEvent): boolean =>
  event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0

interface RowProps {
  readonly item: LogItem
  readonly columns: readonly LogColumn[]
  readonly index: number
  readonly start: number
  readonly size: number
  readonly zone: string
  readonly current: boolean
  readonly search: string
  readonly open: (place: string) => void
}

/** A plain link: a link of the router costs more than the rest of the row, and rows come and go while they scroll. */
const Row = memo(function Row({ item, columns, index, start, size, zone, current, search, open }: RowProps) {
  const { record } = item
  const state = stateOf(record)
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      className={cx(styles.row, styles.line, current && styles.current, state && styles[state])}
      style={{ transform: `translateY(${start}px)`, height: size }}
    >
      <span role="cell">
        <a
          href={`/log/${placeOf(item)}${search}`}
          onClick={(event) => {
            if (isElsewhere(event)) return
            event.preventDefault()
            open(placeOf(item))
          }}
          className={styles.time}
          aria-current={current ? 'true' : undefined}
        >
          {clock(Date.parse(text(record, 'timestamp')), zone)}
        </a>
      </span>
      {columns.map(({ id, cell, end = false }) => (
        <span key={id} role="cell" className={cx(styles[id], end && styles.end)} dir="ltr">
          {cell(item)}
        </span>
      ))}
    </div>
  )
})
