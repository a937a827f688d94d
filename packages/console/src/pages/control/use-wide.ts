import { useSyncExternalStore } from 'react'

const wide = window.matchMedia('(min-width: 768px)')

/** False on phones. */
export const useWide = (): boolean =>
  useSyncExternalStore(
    (changed) => {
      wide.addEventListener('change', changed)
      return () => wide.removeEventListener('change', changed)
    },
    () => wide.matches,
  )
