import { useLocation, useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback } from 'react'

type Words = Readonly<Record<string, string>>

/**
 * View state that lives in the address: `defaults` names the parameters, `set` changes some of them and keeps the rest.
 * A parameter with its default value is not in the address.
 */
export function useView<T extends Words>(defaults: T): [T, (change: Partial<T>, how?: { replace: boolean }) => void] {
  const search: Record<string, unknown> = useSearch({ strict: false })
  const navigate = useNavigate()
  const view = Object.fromEntries(
    Object.entries(defaults).map(([name, value]) => [name, typeof search[name] === 'string' ? search[name] : value]),
  ) as T
  const key = JSON.stringify(defaults)
  const set = useCallback(
    (change: Partial<T>, how = { replace: false }): void => {
      const plain = JSON.parse(key) as T
      void navigate({
        to: '.',
        search: (before: Record<string, unknown>) =>
          Object.fromEntries(
            Object.entries({ ...before, ...change }).filter(([name, value]) => value !== '' && value !== plain[name]),
          ),
        ...how,
      })
    },
    [navigate, key],
  )
  return [view, set]
}

/** Parts of the address behind the page's own path: `/log/evt_1` gives `['evt_1']`, `/log` gives `[]`. */
export function useObject(): readonly string[] {
  const path = useLocation({ select: ({ pathname }) => pathname })
  return path
    .split('/')
    .slice(2)
    .filter((part) => part !== '')
    .map(decodeURIComponent)
}
