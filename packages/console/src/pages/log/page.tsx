import { useNavigate } from '@tanstack/react-router'
import { BadgeCheck } from 'lucide-react'
import { useCallback, useRef, useState } from 'react'
import { useGet } from '../../api/query.ts'
import { serverNow } from '../../api/clock.ts'
import { useKeys } from '../../shell/keys.ts'
import { useObject, useView } from '../../shell/view.ts'
import { Chip } from '../../ui/chip.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Notice } from '../../ui/states.tsx'
import { LogActions } from './actions.tsx'
import { Facets, toggled } from './facets.tsx'
import { Found } from './found.tsx'
import { Histogram } from './histogram.tsx'
import {
  countWords,
  placeOf,
  rangeOf,
  rangeWords,
  ruleOf,
  text,
  VIEW,
  type Bucket,
  type FacetsAnswer,
} from './model.ts'
import styles from './page.module.css'
import { QueryLine, readOr } from './query-line.tsx'
import { RecordPane } from './record.tsx'
import { Records } from './records.tsx'
import { useLog } from './use-log.ts'

interface Checkpoints {
  readonly items: readonly { readonly ts: number; readonly size: number }[]
}

const NO_BUCKETS: readonly Bucket[] = []

/** What happened, and can I prove it? */
export function Page() {
  const [view, setView] = useView(VIEW)
  const [selected] = useObject()
  const navigate = useNavigate()
  const [now, setNow] = useState(serverNow)
  const [tails, setTails] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const change = (changed: Partial<typeof VIEW>): void => {
    setNow(serverNow())
    setView(changed)
  }
  const tail = (): void => {
    setNow(serverNow())
    setTails(!tails)
  }
  const { from, to } = rangeOf(view, now)
  const q = view.q === '' ? ' ' : view.q
  const { query, items } = useLog({ q: view.q, from, to }, tails)
  const facets = useGet<FacetsAnswer>('/api/v1/log/facets', { q, from, to }, { keep: true })
  const histogram = useGet<{ buckets: readonly Bucket[]; estimated: boolean }>(
    '/api/v1/log/histogram',
    { q, from, to },
    { keep: true },
  )
  const heads = useGet<Checkpoints>('/api/v1/log/checkpoints', { limit: 1 }, { every: 30_000 })
  const open = (id: string | undefined): void => {
    if (id !== undefined) void navigate({ to: `/log/${id}`, search: true as never, replace: selected !== undefined })
  }
  const close = (): void => void navigate({ to: '/log', search: true as never })
  const at = items.findIndex((item) => placeOf(item) === selected)
  const move = (step: number): void => {
    const item = items[Math.max(0, Math.min(items.length - 1, at + step))]
    if (item) open(placeOf(item))
  }
  const filterBySelected = (not: boolean): void => {
    const record = items[at]?.record
    if (record === undefined) return
    const field = ruleOf(record) !== '' && not === false ? 'rule' : 'tool'
    const value = field === 'rule' ? ruleOf(record) : text(record, 'toolName')
    if (value !== '') change({ q: toggled(readOr(view.q), field, value, not) })
  }
  useKeys({
    '/': { say: 'filter', run: () => input.current?.focus() },
    j: { say: 'next record', run: () => move(1) },
    k: { say: 'record before', run: () => move(-1) },
    ']': { say: 'next record', run: () => move(1) },
    '[': { say: 'record before', run: () => move(-1) },
    f: { say: 'only records like this one', run: () => filterBySelected(false) },
    '-': { say: 'no records like this one', run: () => filterBySelected(true) },
    t: { say: 'live tail', run: tail },
    p: { say: 'proof', run: () => document.querySelector('#proof')?.scrollIntoView() },
    ...Object.fromEntries(
      ['summary', 'arguments', 'explain', 'json'].map((tab, i) => [
        String(i + 1),
        { say: tab, run: () => change({ tab }) },
      ]),
    ),
    Escape: { say: 'close the record', run: close },
  })
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = query
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [fetchNextPage, hasNextPage, isFetchingNextPage])
  const newest = query.data?.pages[0]
  const last = query.data?.pages.at(-1)
  const count = facets.data ? countWords(facets.data.total) : '…'
  const foot =
    last?.searchedTo != null
      ? `Searched back to ${new Date(last.searchedTo).toISOString().slice(0, 16).replace('T', ' ')}. Scroll to search further.`
      : `${count} records in ${rangeWords(view).replace(/^last/, 'the last')}. First page in ${Math.max(1, Math.round(newest?.tookMs ?? 0))} ms.`
  const head = heads.data?.items.at(-1)
  return (
    <Screen
      title="Log"
      form="panes"
      aside={
        head !== undefined && (
          <Chip tone="allow" icon={<BadgeCheck size={14} strokeWidth={1.75} aria-hidden="true" />}>
            chain signed to {new Date(head.ts).toISOString().slice(11, 19)}
          </Chip>
        )
      }
      actions={
        <LogActions
          {...{ view, from, to, count, tails, tail }}
          change={(changed) => setView(changed, { replace: true })}
        />
      }
    >
      <div className={styles.page}>
        <QueryLine view={view} change={change} input={input} />
        <Histogram
          {...{ from, to, change, zone: view.zone }}
          buckets={histogram.data?.buckets ?? NO_BUCKETS}
          estimated={histogram.data?.estimated ?? false}
        />
        {newest !== undefined && newest.unindexed > 0 && (
          <Notice>
            {newest.unindexed.toLocaleString('en-GB')} older records are not in the index yet and may be missing.
          </Notice>
        )}
        <div className={styles.panes} data-open={selected !== undefined}>
          <Facets answer={facets.data} q={view.q} change={(next) => change({ q: next })} />
          <div className={styles.list}>
            <Found query={query} empty={items.length === 0 && !(hasNextPage ?? false)} view={view} change={change}>
              <Records
                {...{ items, selected, more, open, foot, zone: view.zone, cols: view.cols }}
                setZone={(zone) => change({ zone })}
                stale={query.isPlaceholderData}
              />
            </Found>
          </div>
          {selected !== undefined && <RecordPane id={selected} tab={view.tab} zone={view.zone} close={close} />}
        </div>
      </div>
    </Screen>
  )
}
