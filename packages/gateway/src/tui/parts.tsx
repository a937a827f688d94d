import { Box, Text } from 'ink'
import type { ReactNode } from 'react'
import { useLook, type Meaning } from './look.ts'
import { More } from './scroll.tsx'
import { fit } from './width.ts'

const TONES: Readonly<Record<string, Meaning>> = { critical: 'deny', high: 'deny', medium: 'ask', low: 'dim' }

/** Three bars and, when it is critical, the word. */
export function Risk({ severity }: { readonly severity: string }) {
  const { paint, sign } = useLook()
  const known = severity === 'critical' || severity === 'high' || severity === 'medium' ? severity : 'low'
  return (
    <Text {...paint(TONES[known] ?? 'dim')} bold={known === 'critical'}>
      {sign(known)}
      {known === 'critical' ? ' critical' : ''}
    </Text>
  )
}

const STATES: Readonly<Record<string, readonly [sign: 'allowed' | 'asked' | 'denied', Meaning]>> = {
  allowed: ['allowed', 'allow'],
  elevated: ['allowed', 'allow'],
  approval_required: ['asked', 'ask'],
  waiting: ['asked', 'ask'],
  denied: ['denied', 'deny'],
  refused: ['denied', 'deny'],
}

/** Sign of what was decided, in two columns. */
export function Decided({ state }: { readonly state: string }) {
  const { paint, sign } = useLook()
  const known = STATES[state]
  if (known === undefined) return <Text>{'  '}</Text>
  return <Text {...paint(known[1])}>{fit(sign(known[0]), 2)}</Text>
}

interface ListProps<T> {
  readonly items: readonly T[]
  readonly selected: number
  readonly height: number
  /** Lines of one item. */
  readonly lines: number
  readonly keyOf: (item: T) => string
  readonly children: (item: T, isSelected: boolean) => ReactNode
}

/** The part of a list around what is selected, and how many are above and below it. */
export function List<T>({ items, selected, height, lines, keyOf, children }: ListProps<T>) {
  const { sign } = useLook()
  const isLong = items.length * lines > height
  const room = Math.max(1, Math.floor((isLong ? height - 1 : height) / lines))
  const first = Math.max(0, Math.min(selected - Math.floor(room / 2), items.length - room))
  return (
    <Box flexDirection="column" height={height} overflow="hidden">
      {items.slice(first, first + room).map((item, at) => (
        <Box key={keyOf(item)} flexDirection="column" height={lines} flexShrink={0}>
          {children(item, first + at === selected)}
        </Box>
      ))}
      <More above={first} below={items.length - room - first} keys={`${sign('up')}${sign('down')}`} />
    </Box>
  )
}

/** `14:32:08` of a time in ms since 1970, UTC. */
export const clockOf = (at: number): string => (at === 0 ? '--:--:--' : new Date(at).toISOString().slice(11, 19))
