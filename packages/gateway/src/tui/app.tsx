import { Box, Text, useApp, useInput, useStdout } from 'ink'
import { useEffect, useState } from 'react'
import { Activity, Alerts, Health, Sessions } from './lists.tsx'
import { LookContext, useLook, type Look } from './look.ts'
import { clockOf, Dim } from './parts.tsx'
import { usePolled } from './polled.ts'
import { Requests } from './requests-tab.tsx'
import type { Source, Status } from './source.ts'
import { fit } from './width.ts'

const TABS = ['approvals', 'activity', 'sessions', 'alerts', 'health'] as const
export type TabName = (typeof TABS)[number]

/** Where somebody was, kept while a prompt has the terminal. */
export interface Place {
  readonly tab: TabName
  readonly selected: string
  /** One line about the last act. */
  readonly said: string
}

/** What only a prompt can do: keys that are pressed here carry no authority (T-019, T-020). */
export type Leave =
  | { readonly kind: 'quit' }
  | { readonly kind: 'approve'; readonly id: string }
  | { readonly kind: 'silence'; readonly name: string; readonly agent: string }

interface AppProps {
  readonly source: Source
  readonly look: Look
  readonly place: Place
  readonly now: () => number
  /** Shown above everything, e.g. that an agent may share this terminal. */
  readonly warning?: string
  readonly leave: (how: Leave, place: Place) => void
}

const QUICK = 500
const SLOW = 2_000

/** The dashboard. Denying, stopping and taking happen here; approving and silencing leave for a prompt that asks for a PIN. */
export function App({ source, look, place, now, warning, leave }: AppProps) {
  const [tab, setTab] = useState(place.tab)
  const [selected, setSelected] = useState(place.selected)
  const [said, setSaid] = useState(place.said)
  const [scroll, setScroll] = useState(0)
  const [detail, setDetail] = useState(false)
  const [stopping, setStopping] = useState('')
  const [keys, setKeys] = useState(false)
  const { exit } = useApp()
  const { columns, rows } = useSize()
  const time = useClock(now)

  const status = usePolled(() => source.status(), SLOW, 'status', now)
  const requests = usePolled(() => source.requests(), QUICK, 'requests', now)
  const alerts = usePolled(() => source.alerts(), SLOW, 'alerts', now)
  const health = usePolled(() => source.health(), 5_000, 'health', now)
  const idle = async () => undefined
  const activity = usePolled(
    tab === 'activity' ? () => source.activity() : idle,
    SLOW,
    `activity ${tab === 'activity'}`,
    now,
  )
  const sessions = usePolled(
    tab === 'sessions' ? () => source.sessions() : idle,
    SLOW,
    `sessions ${tab === 'sessions'}`,
    now,
  )

  const lists = {
    ...{ approvals: requests.data, activity: activity.data, sessions: sessions.data, alerts: alerts.data },
    health: undefined,
  }
  const items: readonly { readonly id: string }[] = lists[tab] ?? []
  const at = Math.max(
    0,
    items.findIndex(({ id }) => id === selected),
  )
  const id = items[at]?.id ?? ''
  const view = usePolled(
    async () => (tab === 'approvals' && id !== '' ? source.view(id) : undefined),
    SLOW,
    `view ${tab} ${id}`,
    now,
  )
  const story = usePolled(
    async () => (tab === 'sessions' && id !== '' ? source.story(id) : undefined),
    SLOW * 2,
    `story ${tab} ${id}`,
    now,
  )
  const lostAt = status.lostAt ?? requests.lostAt
  const chosen = requests.data?.find((request) => request.id === id)

  const go = (how: Leave): void => {
    leave(how, { tab, selected: id, said: '' })
    exit()
  }
  const act = (what: Promise<unknown>, done: string, again: () => void): void => {
    void (async () => {
      try {
        await what
        setSaid(done)
      } catch (thrown) {
        setSaid(thrown instanceof Error ? thrown.message : 'It was not done.')
      }
      again()
    })()
  }
  const stop = (answer: string): void => {
    setStopping('')
    if (answer === 'y') act(source.kill(stopping), `${stopping} is stopped.`, requests.again)
  }
  const move = (by: number): void => {
    setScroll(0)
    setSelected(items[Math.max(0, Math.min(items.length - 1, at + by))]?.id ?? '')
  }
  const open = (name: TabName): void => {
    setTab(name)
    setSelected('')
    setScroll(0)
    setDetail(false)
  }
  useInput((input, key) => {
    if (stopping !== '') return stop(input)
    if (keys) return setKeys(false)
    const number = '12345'.indexOf(input)
    if (input !== '' && input.length === 1 && number >= 0) return open(TABS[number] ?? 'approvals')
    if (key.upArrow || input === 'k') return move(-1)
    if (key.downArrow || input === 'j') return move(1)
    if (key.tab) return open(TABS[(TABS.indexOf(tab) + 1) % TABS.length] ?? 'approvals')
    if (key.return) return setDetail(true)
    if (key.escape) return setDetail(false)
    if (input === 'J' || key.pageDown) return setScroll((from) => from + 5)
    if (input === 'K' && tab !== 'approvals') return undefined
    if (input === 'U' || key.pageUp) return setScroll((from) => Math.max(0, from - 5))
    if (input === '?') return setKeys(true)
    if (input === 'q') return go({ kind: 'quit' })
    if (lostAt !== undefined) return setSaid('Not connected, so deciding is off.')
    if (tab === 'approvals' && chosen !== undefined) {
      if (input === 'd') return act(source.deny(id), `Denied ${id.slice(0, 8)}. The agent was told.`, requests.again)
      if (input === 'a') return go({ kind: 'approve', id })
      if (input === 'K') return setStopping(chosen.agent)
    }
    const alert = alerts.data?.find((one) => one.id === id)
    if (tab === 'alerts' && alert !== undefined) {
      if (input === 't') return act(source.take(id), 'Taken.', alerts.again)
      if (input === 'z') return go({ kind: 'silence', name: alert.name, agent: alert.agent })
    }
    if (tab === 'health' && input === 'c') act(source.check(), 'Checked.', health.again)
    return undefined
  })

  const head = warning === undefined ? 3 : 4
  const frame = { width: columns, height: Math.max(4, rows - head - 4), selected: at }
  const open5 = alerts.data?.filter(({ state }) => state === 'open').length ?? 0
  return (
    <LookContext.Provider value={look}>
      <Box flexDirection="column" width={columns} height={rows - 1}>
        <Title
          left={`Sallyport  ${status.data === undefined ? '' : standing(status.data)}`}
          right={`${clockOf(time)}   ${open5 === 1 ? '1 alert' : `${open5} alerts`} `}
          width={columns}
        />
        {warning !== undefined && <Warn>{warning}</Warn>}
        <Tabs
          tab={tab}
          counts={{
            approvals: requests.data?.length ?? 0,
            alerts: open5,
            ...(health.data?.score === undefined ? {} : { health: health.data.score }),
          }}
        />
        <Rule width={columns} />
        <Box height={frame.height} flexDirection="column" overflow="hidden">
          {keys ? (
            <Keys />
          ) : (
            <>
              {tab === 'approvals' && (
                <Requests
                  {...frame}
                  {...{ requests: requests.data, view: view.data, now: time, scroll, showDetail: detail }}
                />
              )}
              {tab === 'activity' && <Activity {...frame} lines={activity.data} />}
              {tab === 'sessions' && (
                <Sessions
                  {...frame}
                  lines={sessions.data}
                  {...(story.data === undefined ? {} : { story: story.data })}
                />
              )}
              {tab === 'alerts' && <Alerts {...frame} alerts={alerts.data} />}
              {tab === 'health' && <Health {...frame} health={health.data} />}
            </>
          )}
        </Box>
        <Rule width={columns} />
        <Foot
          tab={tab}
          width={columns}
          said={
            stopping !== ''
              ? `Stop ${stopping}? Calls in flight end within a second. y Stop it, any other key: no.`
              : lostAt !== undefined
                ? `Not connected since ${clockOf(lostAt)}. What you see may be old, so deciding is off.`
                : said
          }
        />
      </Box>
    </LookContext.Provider>
  )
}

/** `enforcing, confined` */
function standing({ mode, level }: Status): string {
  const how = level.startsWith('L0') ? 'advisory' : level.startsWith('L1') ? 'confined' : 'separate'
  return `${mode === 'enforce' ? 'enforcing' : 'only watching'}, ${how}`
}

function Title({ left, right, width }: { readonly left: string; readonly right: string; readonly width: number }) {
  return (
    <Box height={1} flexShrink={0}>
      <Text inverse>{fit(` ${left}`, width - right.length) + right}</Text>
    </Box>
  )
}

function Warn({ children }: { readonly children: string }) {
  const { paint } = useLook()
  return (
    <Box height={1} flexShrink={0}>
      <Text {...paint('deny')} bold wrap="truncate">
        {children}
      </Text>
    </Box>
  )
}

function Rule({ width }: { readonly width: number }) {
  const { sign } = useLook()
  return (
    <Box height={1} flexShrink={0}>
      <Dim>{sign('line').repeat(width)}</Dim>
    </Box>
  )
}

function Tabs({ tab, counts }: { readonly tab: TabName; readonly counts: Partial<Record<TabName, number>> }) {
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
  sessions: ['↑↓ Move'],
  alerts: ['t Take', 'z Silence…', '↑↓ Move'],
  health: ['c Check now'],
}

function Foot({ tab, said, width }: { readonly tab: TabName; readonly said: string; readonly width: number }) {
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

function Keys() {
  const lines = [
    '1 to 5, Tab   another page',
    '↑ ↓, k j      move; Enter and Esc: detail and list, where both have no room',
    'J U, PgDn PgUp  scroll the detail',
    'd             deny the call that is selected, at once',
    'a             approve it: shows the call again and asks for your PIN',
    'K             stop its agent',
    't             say that you look after an alert',
    'z             silence alerts like this one for a day: asks for your PIN',
    'c             have the gateway check itself',
    'q             quit',
  ]
  return (
    <>
      {lines.map((line) => (
        <Text key={line}>{line}</Text>
      ))}
    </>
  )
}

function useClock(now: () => number): number {
  const [time, setTime] = useState(now)
  useEffect(() => {
    const timer = setInterval(() => setTime(now()), 1000)
    return () => clearInterval(timer)
  }, [now])
  return time
}

/** Columns and rows of the terminal, which may change. */
function useSize(): { readonly columns: number; readonly rows: number } {
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
