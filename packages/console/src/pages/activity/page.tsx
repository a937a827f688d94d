import { useNavigate } from '@tanstack/react-router'
import { Pause, Play } from 'lucide-react'
import { useRef } from 'react'
import { useGet } from '../../api/query.ts'
import { useKeys } from '../../shell/keys.ts'
import { useView } from '../../shell/view.ts'
import { Button } from '../../ui/button.tsx'
import { FirstRun } from '../../ui/first-run.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Answered, Empty, Notice } from '../../ui/states.tsx'
import { clock } from '../log/model.ts'
import { groupChoices, groupsOf, type ActivityAnswer, type Line } from './model.ts'
import { Numbers } from './numbers.tsx'
import styles from './page.module.css'
import { StreamLines } from './stream.tsx'
import { useStream } from './use-stream.ts'
import { AtWork } from './work.tsx'

const VIEW = { agent: '', effect: '', group: '', label: '' }
const CHIPS = [
  ['effect', 'asked', 'Asked'],
  ['effect', 'denied', 'Denied'],
  ['label', 'untrusted', 'Untrusted'],
  ['label', 'confidential', 'Confidential'],
] as const

const isLabelled = ({ labels }: Line, label: string): boolean =>
  label === 'untrusted' ? (labels.integrity ?? 3) <= 1 : label === '' || (labels.confidentiality ?? 0) >= 2

/** What is happening now? */
export function Page() {
  const [view, change] = useView(VIEW)
  const activity = useGet<ActivityAnswer>('/api/v1/activity', {}, { every: 5_000, keep: true })
  const stream = useStream()
  const navigate = useNavigate()
  const fits = (line: Line): boolean =>
    (view.agent === '' || line.agent === view.agent) &&
    (view.effect === '' || line.state === view.effect) &&
    (view.group === '' || line.group === view.group) &&
    isLabelled(line, view.label)
  const lines = (stream.lines ?? []).filter(fits)
  const group = useRef<HTMLSelectElement>(null)
  const focused = (): Line | undefined => {
    const id = document.activeElement?.closest('[data-line]')?.getAttribute('data-line')
    return lines.find((line) => line.id === id) ?? lines[0]
  }
  useKeys({
    ' ': { say: stream.paused ? 'go on' : 'pause', run: stream.toggle },
    f: { say: 'choose a tool group', run: () => group.current?.focus() },
    Enter: {
      say: 'open record',
      run: (event) => {
        const line = focused()
        if (line === undefined) return
        if (event.shiftKey) void navigate({ to: `/sessions/${encodeURIComponent(line.session)}` })
        else void navigate({ to: `/log/${encodeURIComponent(line.id.split('.')[0] ?? '')}` })
      },
    },
  })
  const newest = stream.lines?.[0]
  return (
    <Screen
      title="Activity"
      form="panes"
      actions={
        <Button
          small
          aria-pressed={stream.paused}
          hint="space"
          icon={stream.paused ? <Play size={14} aria-hidden="true" /> : <Pause size={14} aria-hidden="true" />}
          onClick={stream.toggle}
        >
          {stream.paused ? `Go on, ${stream.waiting} new` : 'Pause'}
        </Button>
      }
    >
      <div className={styles.page}>
        <Answered of={activity} failed="The numbers of the last five minutes could not be loaded." rows={2}>
          {(data) => (
            <>
              <Numbers activity={data} />
              <div className={styles.panes}>
                <AtWork work={data.work} chosen={view.agent} choose={(agent) => change({ agent })} />
                <section className={styles.stream} aria-label="Calls as they happen">
                  <div className={styles.filters} role="group" aria-label="Only calls that were or carried">
                    {CHIPS.map(([name, value, words]) => (
                      <Button
                        key={value}
                        small
                        aria-pressed={view[name] === value}
                        onClick={() => change({ [name]: view[name] === value ? '' : value })}
                      >
                        {words}
                      </Button>
                    ))}
                    <select
                      ref={group}
                      aria-label="Tool group"
                      data-set={view.group !== ''}
                      value={view.group}
                      onChange={({ target }) => change({ group: target.value })}
                    >
                      <option value="">All tools</option>
                      {groupChoices(view.group, stream.lines ?? []).map(([name, words]) => (
                        <option key={name} value={name}>
                          {words}
                        </option>
                      ))}
                    </select>
                    {view.agent !== '' && (
                      <Button small aria-pressed onClick={() => change({ agent: '' })}>
                        {view.agent}
                      </Button>
                    )}
                  </div>
                  {stream.counts !== undefined && (
                    <Notice>
                      More than 50 calls a second: {stream.counts.n} are not shown one by one,{' '}
                      {Object.entries(stream.counts.tools)
                        .slice(0, 3)
                        .map(([tool, n]) => `${tool} ×${n}`)
                        .join(', ')}
                      .
                    </Notice>
                  )}
                  <Answered of={stream.history} failed="The last calls could not be loaded." rows={10}>
                    {() =>
                      newest === undefined ? (
                        <FirstRun>No agent has called yet. Run</FirstRun>
                      ) : lines.length === 0 ? (
                        <Empty
                          action={
                            <Button small onClick={() => change(VIEW)}>
                              Clear filter
                            </Button>
                          }
                        >
                          None of the last calls is like that. Last call {clock(newest.at, 'utc').slice(0, 5)},{' '}
                          {newest.agent}.
                        </Empty>
                      ) : (
                        <StreamLines groups={groupsOf(lines)} />
                      )
                    }
                  </Answered>
                </section>
              </div>
            </>
          )}
        </Answered>
      </div>
    </Screen>
  )
}
