import { Link } from '@tanstack/react-router'
import { State } from '../../ui/chip.tsx'
import { Confidentiality } from '../../ui/labels.tsx'
import { Value } from '../../ui/value.tsx'
import { Words } from '../../ui/words.tsx'
import { clock } from '../log/model.ts'
import type { Group, Line } from './model.ts'
import styles from './stream.module.css'

/** Calls, newest on top, together while they are of one session. */
export function StreamLines({ groups }: { readonly groups: readonly Group[] }) {
  return (
    <ol className={styles.stream}>
      {groups.map(({ session, agent, entries }) => (
        <li key={entries.at(-1)?.line.id ?? session} className={styles.group}>
          <p className={styles.who}>
            <strong dir="ltr">{agent}</strong>{' '}
            {session !== '' && (
              <Link to={`/sessions/${encodeURIComponent(session)}`} preload={false}>
                <code className={styles.session}>{session}</code>
              </Link>
            )}
          </p>
          <ol>
            {entries.map(({ line, more }) => (
              <Entry key={line.id} line={line} more={more} />
            ))}
          </ol>
        </li>
      ))}
    </ol>
  )
}

function Entry({ line, more }: { readonly line: Line; readonly more: number }) {
  const { state = 'allowed', labels } = line
  const told = state !== 'allowed'
  return (
    <li className={styles.line} data-line={line.id}>
      <Link to={`/log/${encodeURIComponent(line.id.split('.')[0] ?? '')}`} className={styles.time} preload={false}>
        {clock(line.at, 'utc').slice(0, 8)}
      </Link>
      <span className={styles.state}>
        <State name={state} quiet />
      </span>
      <span className={styles.what}>
        <code>{line.tool}</code> {line.object !== '' && <Value text={line.object} className={styles.object} />}
        {more > 0 && <span className={styles.more}> and {more} more</span>}
        {told && (line.reason !== '' || line.rule !== '') && (
          <span className={styles.reason}>
            {line.reason === '' ? <code>{line.rule}</code> : <Words text={line.reason} />}
          </span>
        )}
      </span>
      {(labels.confidentiality ?? 0) > 1 && <Confidentiality level={labels.confidentiality ?? 0} />}
    </li>
  )
}
