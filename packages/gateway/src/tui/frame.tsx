import { Box, Text, useStdout } from 'ink'
import { useEffect, useState } from 'react'
import { useLook } from './look.ts'
import { Dim } from './dim.tsx'
import { Scrolled, type Scroll } from './scroll.tsx'
import type { Status } from './source.ts'
import { fit } from './width.ts'

export const TABS = ['approvals', 'activity', 'sessions', 'alerts', 'health', 'skills'] as const
export type TabName = (typeof TABS)[number]

/** `enforcing, confined` */
export function standing({ mode, level }: Status): string {
  const how = level.startsWith('L0') ? 'advisory' : level.startsWith('L1') ? 'confined' : 'separate'
  return `${mode === 'enforce' ? 'enforcing' : 'only watching'}, ${how}`
}

export function Title({
  left,
  right,
  width,
}: {
  readonly left: string
  readonly right: string
  readonly width: number
}) {
  return (
    <Box height={1} flexShrink={0}>
      <Text inverse>{fit(` ${left}`, width - right.length) + right}</Text>
    </Box>
  )
}

export function Warn({ children }: { readonly children: string }) {
  const { paint } = useLook()
  return (
    <Box height={1} flexShrink={0}>
      <Text {...paint('deny')} bold wrap="truncate">
        {children}
      </Text>
    </Box>
  )
}

export function Rule({ width }: { readonly width: number }) {
  const { sign } = useLook()
  return (
    <Box height={1} flexShrink={0}>
      <Dim>{sign('line').repeat(width)}</Dim>
    </Box>
  )
}

export function Tabs({ tab, counts }: { readonly tab: TabName; readonly counts: Partial<Record<TabName, number>> }) {
  const { paint } = useLook()
  return (
    <Box height={1} flexShrink={0}>
      {TABS.map((name, at) => {
        const count = counts[name]
        const words = `${at + 1} ${name.slice(0, 1).toUpperCase()}${name.slice(1)}${count === undefined || (count === 0 && name !== 'health') ? '' : ` ${count}`}`
        return name === tab ? (
          <Text key={name} bold>{` ${words}  `}</Text>
        ) : (
          <Text key={name} {...paint('dim')}>{` ${words}  `}</Text>
        )
      })}
    </Box>
  )
}

const ACTS: Readonly<Record<TabName, readonly string[]>> = {
  approvals: ['d Deny', 'a Approve…', 'K Stop agent…', '↑↓ Move', 'J U Scroll'],
  activity: ['↑↓ Move'],
  sessions: ['↑↓ Move', 'J U Scroll'],
  alerts: ['t Take', 'z Silence…', '↑↓ Move'],
  health: ['c Check now', '↑↓ J U Scroll'],
  skills: ['↑↓ Move', 'J U Scroll'],
}

export function Foot({ tab, said, width }: { readonly tab: TabName; readonly said: string; readonly width: number }) {
  const [first = '', ...rest] = ACTS[tab]
  return (
    <Box flexDirection="column" height={2} flexShrink={0}>
      <Text wrap="truncate">{said === '' ? ' ' : fit(said, width)}</Text>
      <Box>
        <Text inverse>{` ${first} `}</Text>
        <Text wrap="truncate">{`  ${[...rest, '? Keys', 'q Quit'].join('  ')}`}</Text>
      </Box>
    </Box>
  )
}

export function Keys({ height, scroll }: { readonly height: number; readonly scroll: Scroll }) {
  const lines = [
    '1 to 6, Tab   another page',
    '↑ ↓, k j      move; Enter and Esc: detail and list, where both have no room',
    'J U           scroll what is longer than the screen; any other key leaves this page',
    'PgDn PgUp     a screen on and back; Home and End: to its ends',
    'd             deny the call that is selected, at once',
    'a             approve it: shows the call again and asks for your PIN',
    'K             stop its agent',
    't             say that you look after an alert',
    'z             silence alerts like this one for a day: asks for your PIN',
    'c             have the gateway check itself',
    'q             quit',
  ]
  const rows = lines.map((line) => (
    <Text key={line} wrap="truncate">
      {line}
    </Text>
  ))
  return <Scrolled rows={rows} height={height} scroll={scroll} />
}

export function useClock(now: () => number): number {
  const [time, setTime] = useState(now)
  useEffect(() => {
    const timer = setInterval(() => setTime(now()), 1000)
    return () => clearInterval(timer)
  }, [now])
  return time
}

/** Columns and rows of the terminal, which may change. */
export function useSize(): { readonly columns: number; readonly rows: number } {
  const { stdout } = useStdout()
  const size = () => ({ columns: Math.max(40, stdout.columns || 80), rows: Math.max(12, stdout.rows || 24) })
  const [now, setNow] = useState(size)
  useEffect(() => {
    const resized = (): void => setNow(size())
    stdout.on('resize', resized)
    return () => void stdout.off('resize', resized)
  })
  return now
}
