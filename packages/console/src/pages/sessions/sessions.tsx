import { Link } from '@tanstack/react-router'
import { useGet } from '../../api/query.ts'
import { useView } from '../../shell/view.ts'
import { Button } from '../../ui/button.tsx'
import { State } from '../../ui/chip.tsx'
import { FirstRun } from '../../ui/first-run.tsx'
import { Labels } from '../../ui/labels.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Answered, Empty } from '../../ui/states.tsx'
import { Table, type Column } from '../../ui/table.tsx'
import { day, recent, type SessionRow, type SessionsAnswer } from './model.ts'
import styles from './sessions.module.css'

const VIEW = { agent: '', integrity: '', confidentiality: '', denied: '', asked: '', before: '' }

const COLUMNS: readonly Column<SessionRow>[] = [
  {
    id: 'session',
    title: 'Session',
    width: 'minmax(110px, 1.2fr)',
    cell: ({ session }) => (
      <Link to={`/sessions/${encodeURIComponent(session)}`}>
        {/* ids begin with the time, so that it is the end that tells two apart */}
        <code>{session.length > 14 ? `…${session.slice(-10)}` : session}</code>
      </Link>
    ),
  },
  { id: 'agent', title: 'Agent', width: 'minmax(110px, 1.2fr)', cell: ({ agent }) => agent },
  { id: 'person', title: 'For', width: 'minmax(80px, 0.8fr)', cell: ({ person }) => person || '–', wideOnly: true },
  {
    id: 'started',
    title: 'Started (UTC)',
    width: '118px',
    cell: ({ firstTs }) => <span className="num">{day(firstTs)}</span>,
    wideOnly: true,
  },
  {
    id: 'state',
    title: 'State',
    width: '90px',
    cell: ({ state }) => (state === 'waiting' ? <State name="waiting" quiet /> : state === 'open' ? 'Open' : 'Ended'),
  },
  {
    id: 'labels',
    title: 'Carries',
    width: '212px',
    cell: ({ integrity, confidentiality }) => (
      <Labels integrity={integrity} {...(confidentiality > 1 ? { confidentiality } : {})} />
    ),
  },
  { id: 'asked', title: 'Asked', width: '60px', cell: ({ asked }) => count(asked, 'asked', styles.asked), end: true },
  {
    id: 'denied',
    title: 'Denied',
    width: '64px',
    cell: ({ denied }) => count(denied, 'denied', styles.denied),
    end: true,
  },
  {
    id: 'last',
    title: 'Last step',
    width: 'minmax(150px, 1.4fr)',
    cell: ({ lastTool, lastTs }) => (
      <span dir="ltr">
        <span className={styles.when}>{recent(lastTs)}</span> <code>{lastTool}</code>
      </span>
    ),
    wideOnly: true,
  },
]

const count = (n: number, word: string, mark: string | undefined) =>
  n === 0 ? (
    <span className={styles.none}>–</span>
  ) : (
    <span className={mark}>
      {n}
      <span className={styles.word}> {word}</span>
    </span>
  )

const CHIPS = [
  ['integrity', 'untrusted', 'Untrusted'],
  ['confidentiality', 'confidential', 'Confidential'],
  ['asked', 'true', 'Asked'],
  ['denied', 'true', 'Denied'],
] as const

/** Sessions of the log, the newest first. */
export function Sessions() {
  const [view, change] = useView(VIEW)
  const answer = useGet<SessionsAnswer>(
    '/api/v1/sessions/history',
    { ...view },
    { topics: ['sessions', 'approvals'], keep: true },
  )
  const filtered = Object.values(view).some((value) => value !== '')
  return (
    <Screen title="Sessions">
      <div className={styles.filters} role="group" aria-label="Only sessions that are">
        {CHIPS.map(([name, value, words]) => (
          <Button
            key={name}
            small
            aria-pressed={view[name] === value}
            onClick={() => change({ [name]: view[name] === value ? '' : value, before: '' })}
          >
            {words}
          </Button>
        ))}
        {view.agent !== '' && (
          <Button small aria-pressed onClick={() => change({ agent: '', before: '' })}>
            {view.agent}
          </Button>
        )}
      </div>
      <Answered of={answer} failed="The sessions could not be loaded.">
        {({ items, next }) =>
          items.length === 0 && !filtered ? (
            <FirstRun>No agent has called yet. Run</FirstRun>
          ) : items.length === 0 ? (
            <Empty
              action={
                <Button small onClick={() => change({ ...VIEW })}>
                  Clear filter
                </Button>
              }
            >
              No session is like that.
            </Empty>
          ) : (
            <div className={styles.card}>
              <Table
                label="Sessions"
                rows={items}
                columns={COLUMNS}
                rowKey={({ session }) => session}
                virtualFrom={1_000}
              />
              {(next !== null || view.before !== '') && (
                <p className={styles.more}>
                  {view.before !== '' && (
                    <Button small onClick={() => change({ before: '' })}>
                      Newest
                    </Button>
                  )}
                  {next !== null && (
                    <Button small onClick={() => change({ before: next })}>
                      Older sessions
                    </Button>
                  )}
                </p>
              )}
            </div>
          )
        }
      </Answered>
    </Screen>
  )
}
