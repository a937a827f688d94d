import { Box, useApp, useInput } from 'ink'
import { useState } from 'react'
import { Activity, Alerts, Health, Sessions } from './lists.tsx'
import { Foot, Keys, Rule, standing, TABS, Tabs, Title, useClock, useSize, Warn, type TabName } from './frame.tsx'
import type { Look } from '../cli/look.ts'
import { LookContext } from './look.ts'
import { clockOf } from './parts.tsx'
import { usePolled } from './polled.ts'
import { Requests } from './requests-tab.tsx'
import { stepOf, useScroll } from './scroll.tsx'
import type { Source } from './source.ts'

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
/** Pages that are a list and nothing beside it. */
const ONLY_LISTS: ReadonlySet<TabName> = new Set(['activity', 'alerts'])

/** The dashboard, to be drawn. Denying, stopping and taking happen here; approving and silencing leave for a prompt that asks for a PIN. */
export const dashboard = (props: AppProps) => <App {...props} />

function App({ source, look, place, now, warning, leave }: AppProps) {
  const [tab, setTab] = useState(place.tab)
  const [selected, setSelected] = useState(place.selected)
  const [said, setSaid] = useState(place.said)
  const scroll = useScroll()
  const [detail, setDetail] = useState(false)
  const [stopping, setStopping] = useState('')
  const [keys, setKeys] = useState(false)
  const { exit } = useApp()
  const { columns, rows } = useSize()
  const time = useClock(now)

  const status = usePolled(source.status, SLOW, 'status', now)
  const requests = usePolled(source.requests, QUICK, 'requests', now)
  const alerts = usePolled(source.alerts, SLOW, 'alerts', now)
  const health = usePolled(source.health, 5_000, 'health', now)
  const skills = usePolled(source.skills, 5_000, 'skills', now)
  const idle = async () => undefined
  const activity = usePolled(tab === 'activity' ? source.activity : idle, SLOW, `activity ${tab === 'activity'}`, now)
  const sessions = usePolled(tab === 'sessions' ? source.sessions : idle, SLOW, `sessions ${tab === 'sessions'}`, now)

  const lists = {
    ...{ approvals: requests.data, activity: activity.data, sessions: sessions.data, alerts: alerts.data },
    ...{ health: undefined, skills: skills.data },
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
  const skill = usePolled(
    async () => (tab === 'skills' && id !== '' ? source.skill(id) : undefined),
    SLOW * 2,
    `skill ${tab} ${id}`,
    now,
  )
  const lostAt = status.lostAt ?? requests.lostAt
  const chosen = requests.data?.find((request) => request.id === id)

  const head = warning === undefined ? 3 : 4
  const frame = { width: columns, height: Math.max(4, rows - head - 4), selected: at }
  const go = (how: Leave): void => {
    leave(how, { tab, selected: id, said: '' })
    exit()
  }
  const act = async (what: Promise<unknown>, done: string, refresh: () => void): Promise<void> => {
    try {
      await what
      setSaid(done)
    } catch (thrown) {
      setSaid(thrown instanceof Error ? thrown.message : 'It was not done.')
    }
    refresh()
  }
  const stop = (answer: string): void => {
    setStopping('')
    if (answer === 'y') void act(source.kill(stopping), `${stopping} is stopped.`, requests.again)
  }
  const move = (by: number): void => {
    // a page without a list is moved as a whole
    if (tab === 'health') return scroll.by(by)
    scroll.reset()
    setSelected(items[Math.max(0, Math.min(items.length - 1, at + by))]?.id ?? '')
  }
  const showKeys = (are: boolean): void => {
    scroll.reset()
    setKeys(are)
  }
  const open = (name: TabName): void => {
    setTab(name)
    setSelected('')
    scroll.reset()
    setDetail(false)
  }
  useInput((input, key) => {
    if (stopping !== '') return stop(input)
    const step = stepOf(input, key, frame.height - 1)
    if (keys && step === undefined) return showKeys(false)
    // where there is nothing but a list, its items are what goes by
    if (step !== undefined) return ONLY_LISTS.has(tab) && !keys ? move(step) : scroll.by(step)
    const number = '123456'.indexOf(input)
    if (input !== '' && input.length === 1 && number >= 0) return open(TABS[number] ?? 'approvals')
    if (key.upArrow || input === 'k') return move(-1)
    if (key.downArrow || input === 'j') return move(1)
    if (key.tab) return open(TABS[(TABS.indexOf(tab) + 1) % TABS.length] ?? 'approvals')
    if (key.return) return setDetail(true)
    if (key.escape) return setDetail(false)
    if (input === 'K' && tab !== 'approvals') return undefined
    if (input === '?') return showKeys(true)
    if (input === 'q') return go({ kind: 'quit' })
    if (lostAt !== undefined) return setSaid('Not connected, so deciding is off.')
    if (tab === 'approvals' && chosen !== undefined) {
      if (input === 'd')
        return void act(source.deny(id), `Denied ${id.slice(0, 8)}. The agent was told.`, requests.again)
      if (input === 'a') return go({ kind: 'approve', id })
      if (input === 'K') return setStopping(chosen.agent)
    }
    const alert = alerts.data?.find((one) => one.id === id)
    if (tab === 'alerts' && alert !== undefined) {
      if (input === 't') return void act(source.take(id), 'Taken.', alerts.again)
      if (input === 'z') return go({ kind: 'silence', name: alert.name, agent: alert.agent })
    }
    if (tab === 'health' && input === 'c') void act(source.check(), 'Checked.', health.again)
    return undefined
  })

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
            skills: skills.data?.filter(({ state }) => state === 'waits').length ?? 0,
            ...(health.data?.score === undefined ? {} : { health: health.data.score }),
          }}
        />
        <Rule width={columns} />
        <Box height={frame.height} flexDirection="column" overflow="hidden">
          {keys ? (
            <Keys height={frame.height} scroll={scroll} />
          ) : (
            <>
              {tab === 'approvals' && (
                <Requests
                  {...frame}
                  {...{ requests: requests.data, view: view.data, now: time, scroll, showDetail: detail }}
                />
              )}
              {tab === 'activity' && <Activity {...frame} lines={activity.data} />}
              {tab === 'sessions' && <Sessions {...frame} lines={sessions.data} {...{ story: story.data, scroll }} />}
              {tab === 'alerts' && <Alerts {...frame} alerts={alerts.data} />}
              {tab === 'health' && <Health {...frame} health={health.data} scroll={scroll} />}
              {tab === 'skills' && (
                <Sessions
                  {...frame}
                  lines={skills.data}
                  empty="No skill was taken in. sallyport skills add PATH"
                  {...{ story: skill.data, scroll }}
                />
              )}
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
