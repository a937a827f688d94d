import { Link } from '@tanstack/react-router'
import { X } from 'lucide-react'
import { useGet } from '../../api/query.ts'
import { IconButton } from '../../ui/button.tsx'
import { State } from '../../ui/chip.tsx'
import { Copy } from '../../ui/copy.tsx'
import { Labels } from '../../ui/labels.tsx'
import { Sentence } from '../../ui/sentence.tsx'
import { Answered } from '../../ui/states.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { Value } from '../../ui/value.tsx'
import { Arguments } from './arguments.tsx'
import { Explain } from './explain.tsx'
import { FactRows, type FactRow } from './fact-rows.tsx'
import { outcomeWords, ruleOf, stamp, stateOf, text, type Members, type RecordAnswer } from './model.ts'
import { ProofBlock } from './proof.tsx'
import { Returned } from './returned.tsx'
import styles from './record.module.css'

interface RecordProps {
  readonly id: string
  readonly tab: string
  readonly zone: string
  readonly close: () => void
}

const TABS = [
  { id: 'summary', words: 'Summary' },
  { id: 'arguments', words: 'Arguments' },
  { id: 'explain', words: 'Explain' },
  { id: 'json', words: 'JSON' },
]

/** One record: what it tells, its arguments, why it was decided so, and the proof that it is in the log. */
export function RecordPane({ id, tab, zone, close }: RecordProps) {
  const answer = useGet<RecordAnswer>(`/api/v1/log/${encodeURIComponent(id)}`)
  return (
    <aside className={styles.pane} aria-label="Record">
      <Answered of={answer} failed="The record could not be loaded." rows={8}>
        {(data) => <Loaded {...data} id={id} tab={tab} zone={zone} close={close} />}
      </Answered>
    </aside>
  )
}

function Loaded({ item, call, id, tab, zone, close }: RecordAnswer & RecordProps) {
  const { record } = item
  const state = stateOf(record)
  return (
    <>
      <header className={styles.head}>
        {state !== undefined && <State name={state} />}
        <code className={styles.id}>{text(record, 'auditId').slice(-12) || id}</code>
        <Copy text={location.href} label="Copy link" iconOnly />
        <IconButton label="Close" onClick={close}>
          <X size={16} aria-hidden="true" />
        </IconButton>
      </header>
      <h2 className={styles.title}>
        <Sentence parts={item.sentence} />
      </h2>
      {reasonOf(record) !== '' && (
        <p className={styles.reason}>
          <Value text={reasonOf(record)} />
        </p>
      )}
      <Tabs label="Parts of the record" tabs={TABS} current={tab} />
      <div className={styles.body}>
        {tab === 'summary' && <Summary item={item} call={call} zone={zone} />}
        {tab === 'arguments' && <Arguments record={record} />}
        {tab === 'explain' && <Explain auditId={text(record, 'auditId')} />}
        {tab === 'json' && (
          <pre className={styles.json} tabIndex={0}>
            <Value text={JSON.stringify(record, null, 1)} />
          </pre>
        )}
      </div>
      <ProofBlock id={id} auditId={text(record, 'auditId')} />
    </>
  )
}

const reasonOf = (record: Members): string => text(record, 'reason') || text(record, 'message')

function Summary({ item, call, zone }: RecordAnswer & { readonly zone: string }) {
  const { record } = item
  const outcome = call.find((each) => each.record['kind'] === 'outcome')?.record
  const labels = (record['labels'] ?? {}) as { integrity?: number; confidentiality?: number }
  const rows: readonly FactRow[] = [
    [
      'Time',
      <span
        key="time"
        className="num"
      >{`${stamp(Date.parse(text(record, 'timestamp')), zone)}${zone === 'utc' ? ' UTC' : ''}`}</span>,
    ],
    ['Kind', text(record, 'kind')],
    ['Tool', mono(text(record, 'toolName'))],
    ['Agent', mono(text(record, 'agentId'))],
    [
      'Session',
      text(record, 'sessionId') !== '' && (
        <Link to={`/sessions/${encodeURIComponent(text(record, 'sessionId'))}`}>
          <code>{text(record, 'sessionId')}</code>
        </Link>
      ),
    ],
    ['Rule', mono(ruleOf(record))],
    ['Labels', labels.integrity !== undefined && <Labels {...labels} />],
    ['Outcome', outcome === undefined && outcomeWords(text(record, 'outcome'))],
    ['Code', mono(text(record, 'code'))],
    ['Decided by', text(record, 'decidedBy')],
    [
      'Approval',
      text(record, 'approvalId') !== '' && (
        <Link to={`/approvals/${encodeURIComponent(text(record, 'approvalId'))}`}>{text(record, 'approvalId')}</Link>
      ),
    ],
    ['Call', call.length > 1 && `${call.length} records: ${call.map((each) => text(each.record, 'kind')).join(', ')}`],
  ]
  return (
    <>
      <FactRows rows={rows} />
      {outcome !== undefined && (
        <section className={styles.returned} aria-label="What it returned">
          <h3>What it returned</h3>
          <Returned outcome={outcome} />
        </section>
      )}
    </>
  )
}

const mono = (value: string) => value !== '' && <Value text={value} />
