import { useSyncExternalStore } from 'react'

const wide = matchMedia('(min-width: 768px)')

export const isWide = (): boolean => wide.matches

/** True from 768 px on, where lists and details stand side by side. */
export const useWide = (): boolean =>
  useSyncExternalStore((changed) => {
    wide.addEventListener('change', changed)
    return () => wide.removeEventListener('change', changed)
  }, isWide)
