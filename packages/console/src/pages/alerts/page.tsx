import { useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { serverNow } from '../../api/clock.ts'
import { useMe } from '../../api/me.ts'
import { useGet } from '../../api/query.ts'
import { useKeys } from '../../shell/keys.ts'
import { useTitle } from '../../shell/title.ts'
import { useObject, useView } from '../../shell/view.ts'
import { cx } from '../../ui/cx.ts'
import { Answered, Empty } from '../../ui/states.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { useWide } from '../../ui/use-wide.ts'
import { DetailPane } from './detail-pane.tsx'
import { Rows } from './rows.tsx'
import { SilenceList } from './silence-list.tsx'
import { SinkTrouble } from './sink-trouble.tsx'
import { timeText, type Listing, type Row } from './model.ts'
import styles from './page.module.css'

const TABS = [
  ['open', 'Open'],
  ['mine', 'Mine'],
  ['resolved', 'Resolved'],
  ['silences', 'Silences'],
] as const

/** What went wrong, and who has it? */
export function Page() {
  const [{ state }] = useView({ state: 'open' })
  const [selected] = useObject()
  const { data: me } = useMe()
  const asked = state === 'resolved' ? { state: 'resolved', limit: 200 } : { limit: 200 }
  const list = useGet<Listing>('/api/v1/alerts', asked, { topics: ['alerts'], keep: true })
  const navigate = useNavigate()
  const wide = useWide()
  useTitle('Alerts')
  const mine = (rows: readonly Row[]): readonly Row[] => rows.filter(({ holder }) => holder === me?.id)
  const items = list.data?.items ?? []
  const rows = state === 'mine' ? mine(items) : items
  const open = (id: string, replace = false): void => void navigate({ to: `/alerts/${id}`, search: true, replace })
  const first = state === 'silences' ? undefined : rows[0]?.id
  useEffect(() => {
    if (wide && selected === undefined && first !== undefined) open(first, true)
  })
  const step = (by: number): void => {
    const at = rows.findIndex(({ id }) => id === selected)
    const next = rows[Math.max(0, Math.min(rows.length - 1, at + by))]
    if (next !== undefined) open(next.id)
  }
  useKeys({
    j: { say: 'Next alert', run: () => step(1) },
    ArrowDown: { say: 'Next alert', run: () => step(1) },
    k: { say: 'Alert before', run: () => step(-1) },
    ArrowUp: { say: 'Alert before', run: () => step(-1) },
    Escape: { say: 'Back to the list', run: () => void navigate({ to: '/alerts', search: true }) },
  })
  const counts = state === 'resolved' ? {} : { open: items.length, mine: mine(items).length }
  return (
    <div className={cx(styles.panes, selected !== undefined && styles.detailOpen)}>
      <section className={styles.list} aria-label="Alerts">
        <header className={styles.head}>
          <h1>Alerts</h1>
          <Tabs
            label="Which alerts"
            form="segments"
            param="state"
            current={state}
            tabs={TABS.map(([id, words]) => ({ id, words, count: (counts as Record<string, number>)[id] }))}
          />
        </header>
        <div className={styles.scroll}>
          <SinkTrouble />
          {state === 'silences' ? (
            <SilenceList />
          ) : (
            <Answered
              of={list}
              failed="The alerts could not be loaded."
              forbidden="Alerts are for people with a role at this gateway."
              rows={8}
            >
              {({ lastResolved }) =>
                rows.length === 0 ? (
                  <Empty>{nothing(state, lastResolved)}</Empty>
                ) : (
                  <Rows rows={rows} selected={selected} now={serverNow()} />
                )
              }
            </Answered>
          )}
        </div>
      </section>
      <section className={styles.detail} aria-label="Alert">
        {selected === undefined ? (
          <Empty>{beside(state, rows.length)}</Empty>
        ) : (
          <DetailPane key={selected} id={selected} />
        )}
      </section>
    </div>
  )
}

function beside(state: string, count: number): string | null {
  if (state === 'silences')
    return 'A silence keeps alerts from being told, never from the list or the log. It ends by itself.'
  return count === 0 ? null : 'Choose an alert.'
}

function nothing(state: string, lastResolved: number | null): string {
  if (state === 'mine') return 'You have no alert. Take one with T.'
  if (state === 'resolved') return 'No alert was resolved in the last 30 days.'
  if (lastResolved === null) return 'No open alert. When something goes wrong, it is here.'
  return `No open alert. Last one resolved ${timeText(lastResolved, serverNow())}.`
}
