import { useCallback, useEffect, useRef, useState } from 'react'
import { live, useTopics } from '../../api/live.ts'
import { useGet } from '../../api/query.ts'
import type { LogPage } from '../log/model.ts'
import { lineOfEvent, lineOfItem, type Line, type LiveCounts, type LiveLine } from './model.ts'

/** Lines that are kept; older ones are in the log. */
const KEPT = 300
const ACTIVITY = ['activity'] as const

export interface Stream {
  /** Newest first; undefined until the first answer. */
  readonly lines: readonly Line[] | undefined
  readonly counts: LiveCounts | undefined
  readonly paused: boolean
  /** Lines that came while it is paused. */
  readonly waiting: number
  readonly toggle: () => void
  readonly history: ReturnType<typeof useGet<LogPage>>
}

/** Calls as they happen: the last ones from the log, then what the gateway tells. Paused, it only counts. */
export function useStream(): Stream {
  const history = useGet<LogPage>('/api/v1/log', { q: 'kind:call', limit: 100 }, { every: 60_000 })
  const [fresh, setFresh] = useState<readonly Line[]>([])
  const [counts, setCounts] = useState<LiveCounts>()
  const [paused, setPaused] = useState(false)
  const [waiting, setWaiting] = useState(0)
  const held = useRef<Line[]>([])
  const isPaused = useRef(false)
  useTopics(ACTIVITY)
  useEffect(() => {
    let pending: Line[] = []
    const flush = (): void => {
      if (pending.length === 0) return
      const added = pending
      pending = []
      if (isPaused.current) {
        held.current = [...added.reverse(), ...held.current].slice(0, KEPT)
        setWaiting((n) => n + added.length)
      } else setFresh((before) => [...added.reverse(), ...before].slice(0, KEPT))
    }
    // at most five times a second, however much happens
    const timer = window.setInterval(flush, 200)
    const stop = live.listen(({ events, anew }) => {
      if (anew.includes('activity')) void history.refetch()
      for (const { topic, id, body } of events) {
        if (topic !== 'activity' || typeof body !== 'object' || body === null) continue
        if (id === 'counts') setCounts(body as LiveCounts)
        else pending.push(lineOfEvent(body as LiveLine))
      }
    })
    return () => {
      window.clearInterval(timer)
      stop()
    }
    // one subscription for the life of the page
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [])
  useEffect(() => {
    if (counts === undefined) return
    const timer = window.setTimeout(() => setCounts(undefined), 3_000)
    return () => window.clearTimeout(timer)
  }, [counts])
  const toggle = useCallback((): void => {
    isPaused.current = !isPaused.current
    setPaused(isPaused.current)
    if (isPaused.current) return
    const added = held.current
    held.current = []
    setWaiting(0)
    setFresh((before) => [...added, ...before].slice(0, KEPT))
  }, [])
  const old = history.data?.items.map(lineOfItem)
  const lines = old === undefined ? undefined : merged(fresh, old)
  return { lines, counts, paused, waiting, toggle, history }
}

function merged(fresh: readonly Line[], old: readonly Line[]): readonly Line[] {
  const known = new Set(fresh.map(({ id }) => id))
  return [...fresh, ...old.filter(({ id }) => !known.has(id))].slice(0, KEPT)
}
