import { Link } from '@tanstack/react-router'
import { Code, Eye, Hand } from 'lucide-react'
import canonicalize from 'canonicalize'
import { useContext } from 'react'
import { Because } from '../../ui/because.tsx'
import { Button } from '../../ui/button.tsx'
import { Chip, State } from '../../ui/chip.tsx'
import { Copy } from '../../ui/copy.tsx'
import { Countdown } from '../../ui/countdown.tsx'
import { Value } from '../../ui/value.tsx'
import { Arguments } from './arguments.tsx'
import { STATE } from './inbox.tsx'
import { isWaiting, type Answer, type Detail as DetailModel, type ViewRow } from './model.ts'
import { Seen } from './seen.ts'
import { Background } from './background.tsx'
import { RowValue } from './row-value.tsx'
import { Quoted } from './quoted.tsx'
import { capital } from './words.ts'
import { cx } from '../../ui/cx.ts'
import styles from './detail.module.css'

interface DetailProps {
  readonly answer: Answer
  readonly detail: DetailModel
  readonly unfolded: boolean
  /** Arguments as the bytes that are hashed, instead of the tree. */
  readonly json: boolean
  readonly onJson: () => void
  readonly onExplain: (() => void) | undefined
  readonly onRule: () => void
}

/** The request in fixed order: sentence, reasons, who is affected, arguments, what the agent says, record. */
export function Detail({ answer, detail, unfolded, json, onJson, onExplain, onRule }: DetailProps) {
  return (
    <article className={styles.column}>
      <header className={styles.head}>
        <div className={styles.headWords}>
          <h2 className={styles.sentence}>
            <Quoted text={detail.sentence} />
          </h2>
          <p className={styles.meta}>
            <Value text={answer.tool} />
            <span>
              asked <b className="num">{new Date(answer.createdAt).toLocaleTimeString('en-GB')}</b>
            </span>
            <span>
              session{' '}
              <Link to={`/sessions/${answer.sessionId}`}>
                <code title={answer.sessionId}>
                  {answer.sessionId.length > 12 ? answer.sessionId.slice(-8) : answer.sessionId}
                </code>
              </Link>
            </span>
          </p>
        </div>
        <div className={styles.headAside}>
          {isWaiting(answer) ? (
            <Countdown until={answer.expiresAt} from={answer.createdAt} then="then denied" />
          ) : (
            <State name={STATE[answer.state]} />
          )}
        </div>
      </header>
      <section className={styles.why} aria-label="Why this needs you">
        <h3>
          <Hand size={16} strokeWidth={1.75} aria-hidden="true" /> Why this needs you
        </h3>
        {detail.reasons.map((reason) => (
          <Because key={reason.claim} {...reason} />
        ))}
        {onExplain !== undefined && (
          <Button kind="quiet" small hint="E" onClick={onExplain}>
            Explain
          </Button>
        )}
        <Button kind="quiet" small onClick={onRule}>
          Draft a rule…
        </Button>
      </section>
      <Affected detail={detail} />
      {detail.warnings.length > 0 && <Warnings rows={detail.warnings} />}
      <What answer={answer} rows={detail.rows} unfolded={unfolded} json={json} onJson={onJson} />
      <Background answer={answer} detail={detail} />
      {detail.claimed.length > 0 && (
        <details className={styles.closed}>
          <summary>The agent says, not checked</summary>
          <RowList rows={detail.claimed} />
        </details>
      )}
      <details className={styles.closed}>
        <summary>Record</summary>
        <RowList rows={detail.record} />
        <Copy text={`sallyport approvals show ${answer.id}`} label="Copy command" />
      </details>
    </article>
  )
}

/** Who and what is affected, whether it can be undone, and what an approval is worth. */
function Affected({ detail }: { readonly detail: DetailModel }) {
  const { watch } = useContext(Seen)
  return (
    <dl className={styles.affected}>
      {detail.affected.map((row, at) => (
        <div key={`${at} ${row.label}`} ref={watch(`dest:${at}:${row.label}`)}>
          <dt>{capital(row.label)}</dt>
          <dd className={cx(styles.target, row.warnings.length > 0 && styles.odd)}>
            <RowValue row={row} />
          </dd>
          {row.type !== 'fact' && (
            <dd className={styles.note}>
              <code>{row.type}</code> {row.why}
            </dd>
          )}
        </div>
      ))}
      {detail.facts.map((row) => (
        <div key={row.label}>
          <dt>{capital(row.label)}</dt>
          <dd className={styles.plain}>{capital(row.text)}</dd>
        </div>
      ))}
      <div>
        <dt>If approved</dt>
        <dd className={styles.plain}>One use</dd>
        <dd className={styles.note}>policy is checked again</dd>
      </div>
    </dl>
  )
}

function Warnings({ rows }: { readonly rows: readonly ViewRow[] }) {
  return (
    <section className={styles.look} aria-label="Look twice">
      <h3>Look twice</h3>
      <ul>
        {rows.map((row) => (
          <li key={`${row.label} ${row.text}`}>
            {row.label !== '' && <b>{capital(row.label)}</b>} {row.text}.
          </li>
        ))}
      </ul>
    </section>
  )
}

interface WhatProps extends Pick<DetailProps, 'answer' | 'unfolded' | 'json' | 'onJson'> {
  readonly rows: readonly ViewRow[]
}

function What({ answer, rows, unfolded, json, onJson }: WhatProps) {
  const hidden = rows.reduce((sum, { text }) => sum + (text.match(/\\u\{/g)?.length ?? 0), 0)
  return (
    <section>
      <header className={styles.whatHead}>
        <h3>What will be sent</h3>
        <span className={styles.note}>
          exactly these bytes, digest <code>{grouped(answer.callDigest)}</code>
        </span>
        <span className={styles.whatAside}>
          {hidden > 0 && (
            <Chip tone="ask" icon={<Eye size={14} strokeWidth={1.75} aria-hidden="true" />}>
              {hidden} hidden {hidden === 1 ? 'character' : 'characters'} shown
            </Chip>
          )}
          <Button
            kind="quiet"
            small
            aria-pressed={json}
            icon={<Code size={14} strokeWidth={1.75} aria-hidden="true" />}
            onClick={onJson}
          >
            JSON
          </Button>
        </span>
      </header>
      {json ? (
        <pre className={styles.json}>
          <Value text={canonicalize(answer.arguments) ?? ''} />
        </pre>
      ) : (
        <Arguments rows={rows} unfolded={unfolded} />
      )}
    </section>
  )
}

const RowList = ({ rows }: { readonly rows: readonly ViewRow[] }) => (
  <dl className={styles.record}>
    {rows.map((row) => (
      <div key={row.label}>
        <dt>{row.label}</dt>
        <dd>
          <Value escaped={row.text} />
        </dd>
      </div>
    ))}
  </dl>
)

/** `9c41 e07b 52d8`: enough of a digest to compare by eye. */
const grouped = (digest: string): string => digest.slice(0, 12).replace(/(.{4})(?=.)/g, '$1 ')
