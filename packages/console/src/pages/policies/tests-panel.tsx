import { Link } from '@tanstack/react-router'
import { CircleCheck, CircleX } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { State } from '../../ui/chip.tsx'
import { Value } from '../../ui/value.tsx'
import { shortName, STATE_OF, type Check, type TestResult } from './model.ts'
import styles from './panel.module.css'

interface TestsProps {
  readonly check: Check
  readonly isOld: boolean
  readonly base: string
}

const FIRST = 12

/** Red tests as cards, green ones as lines; they run in the gateway on every pause of typing. */
export function TestsPanel({ check, isOld, base }: TestsProps) {
  const [all, setAll] = useState(false)
  const { passed, failed, results } = check.tests
  const red = results.filter(({ ok }) => !ok)
  const green = results.filter(({ ok }) => ok)
  if (results.length === 0)
    return <p className={styles.note}>No test ran: the policy cannot be read yet. Repair what the editor marks.</p>
  return (
    <>
      <p className={styles.sum} role="status">
        <strong>
          {passed} green, {failed} red
        </strong>
        <span>{isOld ? 'of the text before, checking…' : `ran in ${check.ms} ms as you typed`}</span>
      </p>
      <svg className={styles.share} viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
        <rect width="100" height="4" fill="var(--allow)" />
        <rect width={(100 * failed) / results.length} height="4" fill="var(--deny)" />
      </svg>
      {red.map((result) => (
        <RedTest key={`${result.file}:${result.line}`} result={result} base={base} />
      ))}
      <ul className={styles.green}>
        {(all ? green : green.slice(0, FIRST)).map((result) => (
          <li key={`${result.file}:${result.line}`}>
            <CircleCheck size={14} strokeWidth={1.75} aria-label="green" className={styles.ok} />
            <span className={styles.testName}>{result.test}</span>
            {result.got !== undefined && <State name={STATE_OF[result.got]} />}
          </li>
        ))}
      </ul>
      {!all && green.length > FIRST && (
        <Button kind="quiet" small onClick={() => setAll(true)}>
          {green.length - FIRST} more
        </Button>
      )}
    </>
  )
}

function RedTest({ result, base }: { readonly result: TestResult; readonly base: string }) {
  const { test, expected, expectedBy, got, by, call, reason, file, line } = result
  return (
    <article className={styles.redTest} id={`test-${line}`}>
      <h3>
        <CircleX size={16} strokeWidth={1.75} aria-hidden="true" />
        {test}
      </h3>
      <dl>
        <dt>Expected</dt>
        <dd>
          {expected === 'refuse' ? 'not allowed' : <State name={STATE_OF[expected]} />}
          {expectedBy !== undefined && (
            <>
              {' '}
              by <code>{expectedBy}</code>
            </>
          )}
        </dd>
        <dt>Got</dt>
        <dd>
          {got === undefined ? 'no answer' : <State name={STATE_OF[got]} />}{' '}
          {by.length > 0 ? (
            <>
              by <code>{by.join(', ')}</code>
            </>
          ) : (
            'no rule stopped it'
          )}
        </dd>
        <dt>Call</dt>
        <dd>
          <code>{call}</code>
        </dd>
        <dt>Why</dt>
        <dd>
          <Value text={reason} />
        </dd>
      </dl>
      <Link
        to={base}
        search={(before: Record<string, unknown>) => ({ ...before, file, line: String(line), pane: undefined })}
      >
        <code>
          {shortName(file)}:{line}
        </code>
      </Link>
    </article>
  )
}
