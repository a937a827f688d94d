import { createContext, useCallback, useMemo, useState, type RefObject } from 'react'
import type { Detail } from './model.ts'

interface SeenContext {
  /** Ref of an element that must have been on the screen: `dest:` for a destination. */
  readonly watch: (name: string) => (element: HTMLElement | null) => (() => void) | undefined
  /** A fold was opened. */
  readonly opened: (name: string) => void
}

/** What a human has looked at in this request. */
export const Seen = createContext<SeenContext>({ watch: () => () => undefined, opened: () => undefined })

/** Names of what must be seen before it can be approved: every destination, every fold with a finding in it. */
const destinationsOf = (detail: Detail): readonly string[] =>
  detail.affected.map((row, at) => `dest:${at}:${row.label}`)
export const foldsOf = (detail: Detail): readonly string[] =>
  detail.rows.flatMap((row, at) =>
    row.fold !== undefined && row.warnings.length > 0 ? [`fold:${at}:${row.label}`] : [],
  )

/**
 * Follows what was on the screen; `missing` says, as sentences, what was not. A change of `digest` begins anew: what was seen
 * of another content does not count.
 */
export function useSeen(
  scroller: RefObject<HTMLElement | null>,
  detail: Detail,
  digest: string,
): { readonly context: SeenContext; readonly missing: readonly string[] } {
  const [state, setState] = useState<{ digest: string; names: ReadonlySet<string> }>({ digest, names: new Set() })
  const names = state.digest === digest ? state.names : new Set<string>()
  const add = useCallback(
    (name: string): void =>
      setState((before) => {
        const fresh = before.digest !== digest
        if (!fresh && before.names.has(name)) return before
        return { digest, names: new Set(fresh ? [] : before.names).add(name) }
      }),
    [digest],
  )
  const context = useMemo<SeenContext>(
    () => ({
      opened: add,
      watch: (name) => (element) => {
        if (element === null) return undefined
        const observer = new IntersectionObserver(
          (entries) => {
            if (entries.some((entry) => entry.isIntersecting)) add(name)
          },
          { root: scroller.current, threshold: 0.6 },
        )
        observer.observe(element)
        return () => observer.disconnect()
      },
    }),
    [add, scroller],
  )
  const missing = [
    ...(destinationsOf(detail).every((name) => names.has(name)) ? [] : ['Scroll until you have seen where it goes.']),
    ...(foldsOf(detail).every((name) => names.has(name)) ? [] : ['Unfold the values with findings (X).']),
  ]
  return { context, missing }
}
