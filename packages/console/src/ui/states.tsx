import { CloudOff, Lock, RotateCw, TriangleAlert } from 'lucide-react'
import { useEffect, useState, type ReactNode } from 'react'
import type { UseQueryResult } from '@tanstack/react-query'
import { Problem } from '../api/client.ts'
import { useMe } from '../api/me.ts'
import { Button } from './button.tsx'
import { Copy } from './copy.tsx'
import styles from './states.module.css'

/** Nothing here: one sentence why, and one thing to do. */
export function Empty({ children, action }: { readonly children: ReactNode; readonly action?: ReactNode }) {
  return (
    <div className={styles.empty}>
      <p>{children}</p>
      {action}
    </div>
  )
}

/** Something could not be done: what, why, code, and how to go on. */
export function Failure({
  what,
  problem,
  again,
}: {
  what: string
  problem: Problem
  again?: (() => void) | undefined
}) {
  const details = [
    what,
    `${problem.message} ${problem.detail}`.trim(),
    problem.code,
    problem.eventId ?? '',
    location.pathname,
  ]
  return (
    <section className={styles.failure} role="alert">
      <TriangleAlert size={16} strokeWidth={1.75} aria-hidden="true" className={styles.bad} />
      <div>
        <h2>{what}</h2>
        <p>
          {problem.message} {problem.detail}
        </p>
        {problem.next !== '' && <p>{problem.next}</p>}
        <p className={styles.code}>
          <code>{problem.code}</code>
          {problem.eventId !== undefined && <code>{problem.eventId}</code>}
        </p>
        <div className={styles.actions}>
          {again !== undefined && (
            <Button small onClick={again} icon={<RotateCw size={14} aria-hidden="true" />}>
              Try again
            </Button>
          )}
          <Copy text={details.filter((line) => line !== '').join('\n')} label="Copy details" />
        </div>
      </div>
    </section>
  )
}

/** The page exists and is not for this person; 403 never looks like empty. `who` completes "… are changed by". */
export function NotPermitted({ sentence }: { readonly sentence: string }) {
  const { data: me } = useMe()
  return (
    <div className={styles.empty}>
      <Lock size={16} strokeWidth={1.75} aria-hidden="true" />
      <p>
        {sentence} {me !== undefined && <>You are {me.roles.join(', ')}.</>}
      </p>
    </div>
  )
}

/** Still bars in the final geometry, shown after 150 ms; a sentence after 4 s. */
export function Loading({ rows = 6, cancel }: { readonly rows?: number; readonly cancel?: (() => void) | undefined }) {
  const [stage, setStage] = useState(0)
  useEffect(() => {
    const soon = window.setTimeout(() => setStage(1), 150)
    const late = window.setTimeout(() => setStage(2), 4000)
    return () => {
      window.clearTimeout(soon)
      window.clearTimeout(late)
    }
  }, [])
  return (
    <div className={styles.loading} aria-busy="true">
      <span className="hidden-text">Loading</span>
      {stage > 0 &&
        Array.from({ length: rows }, (_, at) => <span key={at} className={styles.bar} aria-hidden="true" />)}
      {stage > 1 && (
        <p>
          Still loading. The gateway answers, the query is large.{' '}
          {cancel !== undefined && (
            <Button small onClick={cancel}>
              Cancel
            </Button>
          )}
        </p>
      )}
    </div>
  )
}

interface AnsweredProps<T> {
  readonly of: UseQueryResult<T, Problem>
  /** Title of the failure: "The list of agents could not be loaded." */
  readonly failed: string
  /** Who may: "Policies are changed by policy or admin." */
  readonly forbidden?: string
  readonly rows?: number
  readonly children: (data: T) => ReactNode
}

/** The states of a query that every page has. An answer that is there stays when a later one fails. */
export function Answered<T>({ of, failed, forbidden, rows, children }: AnsweredProps<T>) {
  const { data, error, refetch } = of
  const again = () => void refetch()
  if (error?.status === 403) return <NotPermitted sentence={forbidden ?? `${error.message} ${error.detail}`} />
  if (data === undefined) {
    if (error !== null) return <Failure what={failed} problem={error} again={again} />
    return <Loading {...(rows === undefined ? {} : { rows })} />
  }
  return (
    <>
      {error !== null && error.status !== 0 && <Failure what={failed} problem={error} again={again} />}
      {children(data)}
    </>
  )
}

/** One line over a page whose content is not complete or not fresh. */
export function Notice({ tone = 'ask', children }: { readonly tone?: 'ask' | 'deny'; readonly children: ReactNode }) {
  return (
    <div className={tone === 'ask' ? styles.notice : styles.alarm} role="status">
      <CloudOff size={14} strokeWidth={1.75} aria-hidden="true" />
      <span>{children}</span>
    </div>
  )
}
