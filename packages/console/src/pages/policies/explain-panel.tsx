import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { post, type Problem } from '../../api/client.ts'
import { useTopics } from '../../api/live.ts'
import { useGet } from '../../api/query.ts'
import { useView } from '../../shell/view.ts'
import { Button } from '../../ui/button.tsx'
import { Chip, State } from '../../ui/chip.tsx'
import { Choice, Field } from '../../ui/field.tsx'
import { Answered } from '../../ui/states.tsx'
import { shortName, STATE_OF, type Explained, type Trace } from './model.ts'
import styles from './panel.module.css'

const INTEGRITY = [
  ['', 'As recorded'],
  ['3', 'trusted'],
  ['2', 'semi-trusted'],
  ['1', 'untrusted'],
  ['0', 'hostile'],
] as const
const CONFIDENTIALITY = [
  ['', 'As recorded'],
  ['0', 'public'],
  ['1', 'internal'],
  ['2', 'confidential'],
  ['3', 'secret'],
] as const

const POLICY = ['policy'] as const

interface LogPage {
  readonly items: readonly { readonly record?: object }[]
}

/** Why a recorded call is decided as it is: rules in their order, the near misses, and what other labels would change. */
export function ExplainPanel({ draft }: { readonly draft?: string | undefined }) {
  const [{ event }, setView] = useView({ event: '' })
  const [typed, setTyped] = useState(event)
  const [integrity, setIntegrity] = useState('')
  const [confidentiality, setConfidentiality] = useState('')
  const body = {
    event,
    ...(draft === undefined ? {} : { draft }),
    ...(integrity === '' && confidentiality === ''
      ? {}
      : {
          labels: {
            ...(integrity === '' ? {} : { integrity: Number(integrity) }),
            ...(confidentiality === '' ? {} : { confidentiality: Number(confidentiality) }),
          },
        }),
  }
  useTopics(POLICY)
  const answer = useQuery<Explained, Problem>({
    queryKey: ['/api/v1/policy/explain/call', body],
    queryFn: () => post<Explained>('/api/v1/policy/explain/call', body),
    meta: { topics: POLICY },
    enabled: event !== '',
  })
  return (
    <>
      <form
        className={styles.ask}
        onSubmit={(submitted) => {
          submitted.preventDefault()
          setView({ event: typed.trim() })
        }}
      >
        <Field
          label="Event of a call"
          value={typed}
          placeholder="01a223ed-…"
          onChange={(changed) => setTyped(changed.target.value)}
        />
        <Button type="submit" small>
          Explain the call
        </Button>
      </form>
      {event === '' ? (
        <Recent choose={(id) => (setTyped(id), setView({ event: id }))} />
      ) : (
        <>
          <div className={styles.whatIf}>
            <Choice label="What if it were" value={integrity} options={INTEGRITY} onChange={setIntegrity} />
            <Choice
              label="and the session held"
              value={confidentiality}
              options={CONFIDENTIALITY}
              onChange={setConfidentiality}
            />
          </div>
          <Answered of={answer} failed="The call could not be explained.">
            {(data) => <Explanation data={data} />}
          </Answered>
        </>
      )}
    </>
  )
}

function Explanation({ data: { call, explanation, texts } }: { readonly data: Explained }) {
  const { decision, trace, problem } = explanation
  const shown = trace.filter(({ result, nearMiss }) => nearMiss || result !== 'not-matched')
  return (
    <>
      <p className={styles.sum} role="status">
        <span>
          <code>{call.tool}</code> of {call.agent}: <State name={STATE_OF[decision.outcome]} />
        </span>
        {decision.outcome !== call.outcome && <span>was {STATE_OF[call.outcome]} when it was made</span>}
      </p>
      {decision.reason !== '' && <p>{decision.reason}</p>}
      {problem !== '' && <p className={styles.note}>{problem}</p>}
      <ol className={styles.trace}>
        {shown.map((row) => (
          <TraceRow key={row.id} row={row} text={texts[row.id] ?? ''} decides={decision.determining.includes(row.id)} />
        ))}
      </ol>
      <p className={styles.note}>{trace.length - shown.length} other rules are about this tool and did not match.</p>
    </>
  )
}

function TraceRow({ row, text, decides }: { readonly row: Trace; readonly text: string; readonly decides: boolean }) {
  const { id, kind, file, line, result, stoppedAt, error, nearMiss } = row
  return (
    <li>
      <p>
        <Chip tone={decides ? (kind === 'permit' ? 'allow' : kind === 'ask' ? 'ask' : 'deny') : 'grey'}>
          {nearMiss ? 'near miss' : result === 'error' ? 'failed' : decides ? 'decides' : 'matched'}
        </Chip>{' '}
        <code>{id}</code> <span className={styles.place}>{`${shortName(file)}:${line}`}</span>
      </p>
      {stoppedAt !== undefined && (
        <p className={styles.note}>
          {error ?? `Stopped by ${stoppedAt === 'scope' ? 'its scope' : `condition “${stoppedAt}”`}.`}
        </p>
      )}
      {text !== '' && (
        <details>
          <summary>Rule</summary>
          <pre>{text}</pre>
        </details>
      )}
    </li>
  )
}

interface Decision {
  readonly kind?: string
  readonly auditId?: string
  readonly toolName?: string
  readonly agentId?: string
  readonly policyDecision?: string
}

function Recent({ choose }: { readonly choose: (id: string) => void }) {
  const log = useGet<LogPage>('/api/v1/log', { kind: 'decision', newest: 'true', limit: 12 })
  return (
    <Answered of={log} failed="The newest calls could not be loaded.">
      {({ items }) => {
        const calls = items.map((item) => ('record' in item ? item.record : item) as Decision).reverse()
        if (calls.length === 0) return <p className={styles.note}>No call was recorded yet.</p>
        return (
          <>
            <p className={styles.note}>Or one of the newest calls:</p>
            <ul className={styles.green}>
              {calls.map(({ auditId = '', toolName, agentId, policyDecision }) => (
                <li key={auditId}>
                  <Button kind="quiet" small onClick={() => choose(auditId)}>
                    {toolName}
                  </Button>
                  <span className={styles.testName}>{agentId}</span>
                  <span>{policyDecision?.replaceAll('_', ' ')}</span>
                </li>
              ))}
            </ul>
          </>
        )
      }}
    </Answered>
  )
}
