import { useNavigate } from '@tanstack/react-router'
import { useEffect, useMemo, useRef } from 'react'
import { approvals, type ApprovalList } from '../../api/approvals.ts'
import { useAsk } from '../../api/query.ts'
import { useKeys } from '../../shell/keys.ts'
import { useTitle } from '../../shell/title.ts'
import { useObject, useView } from '../../shell/view.ts'
import { useWide } from '../../ui/use-wide.ts'
import { cx } from '../../ui/cx.ts'
import { Screen } from '../../ui/screen.tsx'
import { Answered, Empty } from '../../ui/states.tsx'
import { DetailPane } from './detail-pane.tsx'
import { Inbox } from './inbox.tsx'
import { isWaiting, sorted, type Summary } from './model.ts'
import { useStill } from './still.ts'
import styles from './page.module.css'

/** Should this happen? What waits, and one request with everything that is known about it. */
export function Page() {
  const list = useAsk(approvals<Summary>())
  if (list.data !== undefined) return <Approvals {...list.data} />
  return (
    <Screen title="Approvals">
      <Answered of={list} failed="The approvals could not be loaded." rows={8}>
        {() => null}
      </Answered>
    </Screen>
  )
}

const HOUR = 3_600_000

function Approvals({ items, maxPending }: ApprovalList<Summary>) {
  const navigate = useNavigate()
  const [named] = useObject()
  const [{ tab, sort }] = useView({ tab: 'waiting', sort: 'risk' })
  const wide = useWide()
  const list = useRef<HTMLElement>(null)
  useTitle('Approvals')

  const waiting = useMemo(
    () =>
      sorted(
        items.filter((item) => isWaiting(item) && (tab !== 'mine' || item.mayDecide !== false)),
        sort,
      ),
    [items, tab, sort],
  )
  const still = useStill(
    waiting,
    items,
    named,
    `${tab} ${sort}`,
    () => list.current?.matches(':hover, :focus-within') === true || named !== undefined,
  )
  const decided = items
    .filter((item) => !isWaiting(item) && !still.rows.some(({ id }) => id === item.id))
    .toSorted((a, b) => (b.decidedAt ?? b.expiresAt) - (a.decidedAt ?? a.expiresAt))
  const newest = Math.max(0, ...decided.map((item) => item.decidedAt ?? item.expiresAt))
  const shown =
    tab === 'decided'
      ? decided
      : [...still.rows, ...decided.filter((item) => (item.decidedAt ?? item.expiresAt) > newest - HOUR)]
  const first = wide && tab !== 'decided' ? still.rows.find(isWaiting)?.id : undefined
  const selected = named ?? first

  const open = (id: string, replace = false): void => {
    void navigate({ to: `/approvals/${id}`, search: true, replace })
  }
  useEffect(() => {
    // the address follows what is shown
    if (named === undefined && first !== undefined) open(first, true)
  })
  const step = (by: number): void => {
    const at = shown.findIndex(({ id }) => id === selected)
    const next = shown[Math.max(0, Math.min(shown.length - 1, at + by))]
    if (next !== undefined) open(next.id)
  }
  useKeys({
    j: { say: 'Next request', run: () => step(1) },
    ArrowDown: { say: 'Next request', run: () => step(1) },
    k: { say: 'Request before', run: () => step(-1) },
    ArrowUp: { say: 'Request before', run: () => step(-1) },
    n: { say: 'Show new requests', run: still.showNew },
    Escape: { say: 'Back to the list', run: () => void navigate({ to: '/approvals', search: true }) },
  })

  const at = still.rows.findIndex(({ id }) => id === selected)
  /** The next one that waits, after this one was decided. */
  const goOn = (): void => {
    const next = [...still.rows.slice(at + 1), ...still.rows.slice(0, Math.max(0, at))].find(isWaiting)
    if (next !== undefined && wide) open(next.id)
  }
  return (
    <div className={cx(styles.panes, selected !== undefined && styles.detailOpen)}>
      <section ref={list} className={styles.list} aria-label="Requests">
        <Inbox
          all={items}
          limit={maxPending}
          waiting={still.rows}
          decided={
            tab === 'decided' ? decided : decided.filter((item) => (item.decidedAt ?? item.expiresAt) > newest - HOUR)
          }
          fresh={still.fresh}
          showNew={still.showNew}
          counts={{
            waiting: items.filter(isWaiting).length,
            mine: items.filter((item) => isWaiting(item) && item.mayDecide !== false).length,
          }}
          tab={tab}
          sort={sort}
          selected={selected}
        />
      </section>
      <section className={styles.detail} aria-label="Request">
        {selected === undefined ? (
          <Empty>{shown.length === 0 ? null : 'Choose a request.'}</Empty>
        ) : (
          <DetailPane
            key={selected}
            id={selected}
            position={at < 0 ? undefined : { at: at + 1, of: still.rows.length }}
            goOn={goOn}
          />
        )}
      </section>
    </div>
  )
}
