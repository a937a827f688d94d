import { useCallback, useEffect, useRef, useState } from 'react'

interface Polled<T> {
  readonly data: T | undefined
  /** Since when nothing was answered, ms since 1970; undefined while it answers. */
  readonly lostAt: number | undefined
  readonly again: () => void
}

/** Asks now and every `ms`; keeps what it has when there is no answer. `key` changes = another question. */
export function usePolled<T>(ask: () => Promise<T>, ms: number, key: string, now: () => number): Polled<T> {
  const [found, setFound] = useState<{ readonly key: string; readonly data: T }>()
  const [lostAt, setLostAt] = useState<number>()
  const asked = useRef(ask)
  const turn = useRef(0)
  useEffect(() => {
    asked.current = ask
  })
  const again = useCallback((): void => {
    const mine = ++turn.current
    void asked.current().then(
      (data) => {
        // an answer that a newer question has overtaken is not shown
        if (mine !== turn.current) return
        setFound({ key, data })
        setLostAt(undefined)
      },
      () => setLostAt((since) => since ?? now()),
    )
  }, [key, now])
  useEffect(() => {
    again()
    const timer = setInterval(again, ms)
    return () => {
      turn.current += 1
      clearInterval(timer)
    }
  }, [again, ms])
  return { data: found?.key === key ? found.data : undefined, lostAt, again }
}
