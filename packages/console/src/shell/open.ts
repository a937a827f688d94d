import { useSyncExternalStore } from 'react'

type Panel = 'palette' | 'stop' | 'keys' | undefined

let open: Panel
const watchers = new Set<() => void>()

function show(panel: Panel): void {
  open = panel
  for (const changed of watchers) changed()
}

export const openPalette = (): void => show('palette')
export const openStop = (): void => show('stop')
export const openKeys = (): void => show('keys')
export const closePanel = (): void => show(undefined)

/** The panel over the page, if any. */
export const usePanel = (): Panel =>
  useSyncExternalStore(
    (changed) => {
      watchers.add(changed)
      return () => watchers.delete(changed)
    },
    () => open,
  )
