import { Box, type Key } from 'ink'
import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from 'react'
import { useLook } from './look.ts'
import { Dim } from './dim.tsx'

/** Lines that one press of `J` or `U` goes. */
const FEW = 5

/** How far into a page somebody has read. */
export interface Scroll {
  /** Lines above the screen. */
  readonly top: number
  /** Goes on by so many lines, back when negative, and never past either end. */
  readonly by: (lines: number) => void
  readonly reset: () => void
  /** The page says how far it goes. */
  readonly reach: (end: number) => void
}

export function useScroll(): Scroll {
  const [top, setTop] = useState(0)
  const end = useRef(0)
  const by = useCallback((lines: number) => setTop((from) => Math.max(0, Math.min(end.current, from + lines))), [])
  const reset = useCallback(() => setTop(0), [])
  // a page that became shorter, or a screen that became taller, takes the place along
  const reach = useCallback((now: number) => {
    end.current = now
    setTop((from) => Math.min(from, now))
  }, [])
  return useMemo(() => ({ top, by, reset, reach }), [top, by, reset, reach])
}

/** How far a key goes, in lines or items: infinite to either end, undefined when it is no such key. */
export function stepOf(input: string, key: Key, page: number): number | undefined {
  if (key.pageDown) return page
  if (key.pageUp) return -page
  if (key.home) return -Infinity
  if (key.end) return Infinity
  if (input === 'J') return FEW
  return input === 'U' ? -FEW : undefined
}

interface ScrolledProps {
  /** One line of the screen each. */
  readonly rows: readonly ReactNode[]
  readonly height: number
  readonly scroll: Scroll
}

/** As many lines as there is room for and, where that is not all, how much is above and below. */
export function Scrolled({ rows, height, scroll }: ScrolledProps) {
  const { top: asked, reach } = scroll
  const room = rows.length > height ? height - 1 : height
  const end = Math.max(0, rows.length - room)
  const top = Math.min(asked, end)
  useEffect(() => reach(end), [end, reach])
  return (
    <Box flexDirection="column" height={height} overflow="hidden">
      {rows.slice(top, top + room).map((row, at) => (
        <Box key={top + at} height={1} flexShrink={0}>
          {row}
        </Box>
      ))}
      <More above={top} below={end - top} keys="J U" />
    </Box>
  )
}

/** `↑ 3 above  ↓ 12 below  J U`; nothing where all is on the screen. */
export function More({
  above,
  below,
  keys,
}: {
  readonly above: number
  readonly below: number
  readonly keys: string
}) {
  const { sign } = useLook()
  if (above <= 0 && below <= 0) return null
  const words = [above > 0 && `${sign('up')} ${above} above`, below > 0 && `${sign('down')} ${below} below`]
  return (
    <Box height={1} flexShrink={0}>
      <Dim>{[...words.filter(Boolean), keys].join('  ')}</Dim>
    </Box>
  )
}
