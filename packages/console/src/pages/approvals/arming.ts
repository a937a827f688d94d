import { useEffect, useRef, useState, type KeyboardEvent, type MouseEvent } from 'react'

/** So long a content must have been there before anything acts on it. */
const ARMING_MS = 800

/** False until what is shown under `digest` has been there, in a visible tab, for 800 ms. */
export function useArmed(digest: string): boolean {
  const [armed, setArmed] = useState('')
  useEffect(() => {
    let timer = 0
    const start = (): void => {
      window.clearTimeout(timer)
      setArmed('')
      if (document.visibilityState === 'visible') timer = window.setTimeout(() => setArmed(digest), ARMING_MS)
    }
    start()
    document.addEventListener('visibilitychange', start)
    return () => {
      window.clearTimeout(timer)
      document.removeEventListener('visibilitychange', start)
    }
  }, [digest])
  return armed === digest
}

/**
 * Handlers of a button that decides: pointer-down and pointer-up must meet the same digest, the second click of a double
 * click and keys that are held do nothing (T-026, T-027).
 */
export function useDeliberate(digest: string, act: () => void) {
  const down = useRef<string>(undefined)
  return {
    onPointerDown: (): void => {
      down.current = digest
    },
    onKeyDown: (event: KeyboardEvent): void => {
      if (event.repeat) event.preventDefault()
      down.current = digest
    },
    onClick: (event: MouseEvent): void => {
      const same = down.current === digest
      down.current = undefined
      if (same && event.detail <= 1) act()
    },
  }
}
