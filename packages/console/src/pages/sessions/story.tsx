import { Link, useNavigate } from '@tanstack/react-router'
import { CircleStop } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { useMay } from '../../api/me.ts'
import { useGet } from '../../api/query.ts'
import { useView } from '../../shell/view.ts'
import { Button } from '../../ui/button.tsx'
import { Chip, State } from '../../ui/chip.tsx'
import { Copy } from '../../ui/copy.tsx'
import { Labels } from '../../ui/labels.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Sentence } from '../../ui/sentence.tsx'
import { Answered, Notice } from '../../ui/states.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { useWide } from '../../ui/use-wide.ts'
import { Graph } from './graph.tsx'
import { Inspector } from './inspector.tsx'
import { StoryList } from './list.tsx'
import { selectionOf, time, type StoryAnswer } from './model.ts'
import styles from './story.module.css'
import { useStoryKeys } from './use-story-keys.ts'

const EndSession = lazy(async () => ({ default: (await import('./end-session.tsx')).EndSession }))

const VIEW = { view: 'story', sel: '', all: '' }

/** How did it come to this? The story of one session. */
export function StoryPage({ id }: { readonly id: string }) {
  const [view, change] = useView(VIEW)
  const answer = useGet<StoryAnswer>(
    `/api/v1/sessions/${encodeURIComponent(id)}/story`,
    view.all === '' ? {} : { all: 'true' },
    { topics: ['approvals'], keep: true, every: 5_000 },
  )
  const story = answer.data
  return (
    <Screen
      title={id}
      form="panes"
      aside={
        <>
          <Link to="/sessions">All sessions</Link>
          {story?.now === 'waiting' && <State name="waiting" />}
          {story?.now === 'open' && <Chip tone="accent">Open</Chip>}
          {story?.now === 'ended' && <Chip>Ended</Chip>}
        </>
      }
      actions={
        <>
          {story !== undefined && (
            <Link to="/log" className={styles.records} search={{ q: `session:${id}`, last: '365d' } as never}>
              Records {story.records}
            </Link>
          )}
          <Copy text={location.href} label="Copy link" />
          {story !== undefined && story.now !== 'ended' && <End id={id} agent={story.agent} />}
        </>
      }
    >
      <div className={styles.page}>
        <Tabs
          label="Forms of the story"
          current={view.view}
          param="view"
          tabs={[
            { id: 'story', words: 'Story' },
            { id: 'list', words: 'List' },
          ]}
        />
        <Answered of={answer} failed="The story of this session could not be told." rows={8}>
          {(data) => <Told story={data} view={view} change={change} />}
        </Answered>
      </div>
    </Screen>
  )
}

function End({ id, agent }: { readonly id: string; readonly agent: string }) {
  const may = useMay('write')
  const [open, setOpen] = useState(false)
  if (!may) return null
  return (
    <>
      <Button small kind="stop" icon={<CircleStop size={14} aria-hidden="true" />} onClick={() => setOpen(true)}>
        End session…
      </Button>
      {open && (
        <Suspense>
          <EndSession id={id} agent={agent} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  )
}

interface ToldProps {
  readonly story: StoryAnswer
  readonly view: typeof VIEW
  readonly change: (change: Partial<typeof VIEW>, how?: { replace: boolean }) => void
}

function Told({ story, view, change }: ToldProps) {
  const wide = useWide()
  const navigate = useNavigate()
  const [threads, setThreads] = useState(false)
  const [argument, point] = useState<string>()
  const selection = selectionOf(story, view.sel)
  const select = (place: string | undefined): void => change({ sel: place ?? '' }, { replace: true })
  const unfold = (): void => change({ all: view.all === '' ? 'true' : '' })
  useStoryKeys(story, selection, {
    select,
    toggleThreads: () => setThreads(!threads),
    list: () => change({ view: view.view === 'list' ? 'story' : 'list' }),
    record: () => {
      if (selection !== undefined)
        void navigate({ to: `/log/${view.sel}`, search: { q: `session:${story.session}`, last: '365d' } as never })
    },
  })
  const { counts } = story
  const graph = wide && view.view === 'story'
  return (
    <>
      <div className={styles.strip}>
        <dl>
          <Fact label="Agent">{story.agent}</Fact>
          {story.person !== '' && story.person !== story.agent && <Fact label="For">{story.person}</Fact>}
          <Fact label="Started">{time(story.started)}</Fact>
          <Fact label="Calls">
            {counts.allowed} allowed, {counts.denied} denied, {counts.waiting} waiting
          </Fact>
          <Fact label="Carries now">
            <Labels {...story.carries} />
          </Fact>
        </dl>
        <div className={styles.show}>
          <Button small aria-pressed={view.all !== ''} onClick={unfold}>
            {view.all === '' ? `Show all ${story.records} records` : 'Show what changed'}
          </Button>
        </div>
      </div>
      {story.lost && (
        <Notice>Where values came from is no longer known after the restart. Everything counts as untrusted.</Notice>
      )}
      {story.skipped > 0 && <Notice>The first {story.skipped.toLocaleString('en-GB')} records are left out.</Notice>}
      <div className={styles.panes}>
        <div className={styles.main}>
          <p className={styles.lead}>
            <Sentence parts={story.lead} />
          </p>
          {story.columns.length === 0 && <p>This session has read nothing yet.</p>}
          {graph && <Graph key={view.all} {...{ story, selection, select, unfold, threads, argument }} />}
          {graph && <Legend />}
          <div className={graph ? styles.beside : undefined}>
            <StoryList story={story} selected={view.sel} select={select} unfold={unfold} />
          </div>
        </div>
        {selection !== undefined && <Inspector {...{ story, selection, select, point }} />}
      </div>
    </>
  )
}

function Fact({ label, children }: { readonly label: string; readonly children: React.ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function Legend() {
  return (
    <ul className={styles.legend} aria-hidden="true">
      <li>
        <i className={styles.line} /> value taken from
      </li>
      <li>
        <i className={styles.ring} /> label changes here
      </li>
      <li>
        <i className={`${styles.box} hatch`} /> lower integrity
      </li>
      <li>
        <i className={`${styles.box} ${styles.higher}`} /> higher confidentiality
      </li>
      <li>
        <i className={styles.dots} /> no change
      </li>
    </ul>
  )
}
