import { Link } from '@tanstack/react-router'
import { X } from 'lucide-react'
import { useRef, type ReactNode } from 'react'
import { useKeys } from '../../shell/keys.ts'
import { IconButton } from '../../ui/button.tsx'
import { State } from '../../ui/chip.tsx'
import { Labels } from '../../ui/labels.tsx'
import { Value } from '../../ui/value.tsx'
import { CallRecord } from './call-record.tsx'
import styles from './inspector.module.css'
import { carriedBefore, LABEL_WORDS, STATE_OF, time, type Selection, type Story } from './model.ts'

interface InspectorProps {
  readonly story: Story
  readonly selection: Selection
  readonly select: (place: string | undefined) => void
  /** An argument has the focus, or none has. */
  readonly point: (argument: string | undefined) => void
}

/** The selected card: where it came from, what it changed, and what was done with it later. */
export function Inspector({ story, selection, select, point }: InspectorProps) {
  const pane = useRef<HTMLElement>(null)
  useKeys({
    a: {
      say: 'arguments, and where each came from',
      run: () => (pane.current?.querySelector<HTMLElement>('section button') ?? pane.current)?.focus(),
    },
  })
  const column = story.columns[selection.column]
  const read = selection.lane === 'read' ? column?.read : undefined
  const action = read === undefined ? (column?.action ?? column?.fold?.calls[0]) : undefined
  const card = read ?? action
  if (card === undefined) return null
  const before = carriedBefore(story, selection.column)
  const uses = story.threads.filter(({ from }) => read !== undefined && from === selection.column)
  const origins = story.threads.filter(({ to }) => to === selection.column)
  // who went there by keyboard stays in this pane
  const go = (place: string | undefined): void => {
    point(undefined)
    select(place)
    pane.current?.focus()
  }
  return (
    <aside className={styles.pane} aria-label="Selected step" ref={pane} tabIndex={-1}>
      <header>
        <h2>{read?.from === 'words' ? 'What the user said' : <Value text={card.tool} />}</h2>
        <IconButton label="Close" onClick={() => select(undefined)}>
          <X size={16} aria-hidden="true" />
        </IconButton>
      </header>
      <p className={styles.place}>
        Record {card.n} of {story.records}, {time(card.at)}
      </p>
      <dl>
        {card.object !== '' && <Row label={read ? 'Read' : 'With'}>{<Value text={card.object} />}</Row>}
        {read !== undefined && <Row label="Labels">{<Labels {...read.carries} />}</Row>}
        {(['integrity', 'confidentiality'] as const).map(
          (lane) =>
            read?.changed[lane] === true && (
              <Row key={lane} label="Changed">
                {LABEL_WORDS[lane][before[lane]]} to {LABEL_WORDS[lane][read.carries[lane]]}
              </Row>
            ),
        )}
        {action !== undefined && (
          <>
            <Row label="Decision">{<State name={STATE_OF[action.state]} />}</Row>
            <Row label="Rule">{<code>{action.rule}</code>}</Row>
            {action.reason !== '' && <Row label="Because">{<Value text={action.reason} />}</Row>}
          </>
        )}
      </dl>
      {read?.from === 'words' ? (
        <p className={styles.place}>The log keeps how long it was, not the words.</p>
      ) : (
        <CallRecord
          place={card.place}
          origins={origins.map(({ argument, from }) => ({ argument, column: story.columns[from] }))}
          go={go}
          point={point}
        />
      )}
      {uses.length > 0 && (
        <section>
          <h3>Used later in</h3>
          <ul>
            {uses.map((thread, i) => {
              const used = story.columns[thread.to]?.action
              return used === undefined ? null : (
                <li key={i}>
                  <State name={STATE_OF[used.state]} quiet />
                  <button type="button" onClick={() => go(used.place)}>
                    <code>
                      {used.tool} · {thread.argument}
                    </code>
                  </button>
                </li>
              )
            })}
          </ul>
        </section>
      )}
      <p className={styles.links}>
        <Link to={`/log/${card.place}`} search={{ q: `session:${story.session}`, last: '365d' } as never}>
          Open record and its proof
        </Link>
        {action?.approvalId != null && <Link to={`/approvals/${action.approvalId}`}>Review</Link>}
      </p>
    </aside>
  )
}

function Row({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  )
}
