import { Link } from '@tanstack/react-router'
import { X } from 'lucide-react'
import { IconButton } from '../../ui/button.tsx'
import { State } from '../../ui/chip.tsx'
import { Labels } from '../../ui/labels.tsx'
import { Value } from '../../ui/value.tsx'
import styles from './inspector.module.css'
import { originWords, STATE_OF, time, type Selection, type Story } from './model.ts'

interface InspectorProps {
  readonly story: Story
  readonly selection: Selection
  readonly select: (place: string | undefined) => void
}

const WORDS = ['hostile', 'untrusted', 'semi-trusted', 'trusted']
const CONFIDENTIALITY = ['public', 'internal', 'confidential', 'secret']

/** The selected card: where it came from, what it changed, and what was done with it later. */
export function Inspector({ story, selection, select }: InspectorProps) {
  const column = story.columns[selection.column]
  const read = selection.lane === 'read' ? column?.read : undefined
  const action = read === undefined ? (column?.action ?? column?.fold?.calls[0]) : undefined
  const card = read ?? action
  if (card === undefined) return null
  const before = carriedBefore(story, selection.column)
  const uses = story.threads.filter(({ from }) => read !== undefined && from === selection.column)
  const origins = story.threads.filter(({ to }) => action !== undefined && to === selection.column)
  return (
    <aside className={styles.pane} aria-label="Selected step">
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
        {read?.changed.integrity === true && (
          <Row label="Changed">
            {WORDS[before.integrity]} to {WORDS[read.carries.integrity]}
          </Row>
        )}
        {read?.changed.confidentiality === true && (
          <Row label="Changed">
            {CONFIDENTIALITY[before.confidentiality]} to {CONFIDENTIALITY[read.carries.confidentiality]}
          </Row>
        )}
        {read !== undefined && read.findings > 0 && <Row label="Gate">{read.findings} findings</Row>}
        {read !== undefined && read.redactions > 0 && <Row label="Redacted">{read.redactions} secrets</Row>}
        {action !== undefined && (
          <>
            <Row label="Decision">{<State name={STATE_OF[action.state]} />}</Row>
            <Row label="Rule">{<code>{action.rule}</code>}</Row>
            {action.reason !== '' && <Row label="Because">{<Value text={action.reason} />}</Row>}
          </>
        )}
      </dl>
      {uses.length > 0 && (
        <section>
          <h3>Used later in</h3>
          <ul>
            {uses.map((thread, i) => {
              const used = story.columns[thread.to]?.action
              return used === undefined ? null : (
                <li key={i}>
                  <State name={STATE_OF[used.state]} quiet />
                  <button type="button" onClick={() => select(used.place)}>
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
      {origins.length > 0 && (
        <section>
          <h3>Where its values came from</h3>
          <ul>
            {origins.map((thread, i) => {
              const source = story.columns[thread.from]
              return (
                <li key={i}>
                  <code>{thread.argument}</code>
                  <button type="button" onClick={() => select(source?.read?.place)}>
                    {originWords(source ?? { at: 0 })}
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

function Row({ label, children }: { readonly label: string; readonly children: React.ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  )
}

/** What the session carried until a column. */
function carriedBefore(story: Story, column: number): Story['start'] {
  for (let i = column - 1; i >= 0; i--) {
    const read = story.columns[i]?.read
    if (read) return read.carries
  }
  return story.start
}
