import { useGet } from '../../api/query.ts'
import { Copy } from '../../ui/copy.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Card } from '../../ui/screen.tsx'
import { Answered } from '../../ui/states.tsx'
import styles from './page.module.css'

/** `GET /api/v1/keeping`; times in ms. */
interface Kept {
  readonly store: 'sqlite' | 'postgres'
  readonly place?: string
  readonly log: number
  readonly policies: number
  readonly alerts: number
  readonly heads?: string
  readonly exportsHeads: boolean
}

const COMMANDS = [
  ['The log, with its proofs', 'sallyport log export --proofs > log.ndjson'],
  ['Secrets of the vault, encrypted for you', 'sallyport vault backup --to age1… --out vault.age'],
] as const

const days = (ms: number): string => {
  const count = Math.round(ms / 86_400_000)
  return count === 1 ? '1 day' : `${count} days`
}

/** What is kept, where and for how long, and how to take it away from here. */
export function Data() {
  const kept = useGet<Kept>('/api/v1/keeping')
  return (
    <Answered of={kept} failed="What this gateway keeps could not be loaded.">
      {({ store, place, log, policies, alerts, heads, exportsHeads }) => (
        <>
          <Card title="What is kept">
            <div className={styles.form}>
              <Facts
                facts={[
                  { label: 'Store', value: store === 'sqlite' ? 'a file of this gateway' : 'PostgreSQL, shared' },
                  { label: 'Log', value: days(log) },
                  { label: 'Policies that were replaced', value: days(policies) },
                  { label: 'Resolved alerts', value: days(alerts) },
                ]}
              />
              <p>
                {place === undefined ? (
                  'Where it lies is told to an admin.'
                ) : (
                  <code className={styles.command}>{place}</code>
                )}
              </p>
              <p className={styles.note}>
                Times are configuration: <code>audit.retention</code>, <code>policy.retention</code>,{' '}
                <code>alerts.retention</code>.
              </p>
            </div>
          </Card>
          <Card title="Heads of the log, outside">
            <div className={styles.form}>
              <p>
                {exportsHeads
                  ? 'Every signed head also goes to a file outside of the state directory. Keep that file on another machine: who rewrites the log here cannot rewrite it there.'
                  : 'Heads of the log lie only here. Who owns this machine could rewrite the log and its heads alike; name a file elsewhere as audit.checkpoint.export.'}
              </p>
              {heads !== undefined && heads !== '' && <code className={styles.command}>{heads}</code>}
            </div>
          </Card>
          <Card title="Take it away" flush>
            <ul className={styles.list}>
              {COMMANDS.map(([words, command]) => (
                <li key={command}>
                  <div className={styles.words}>
                    <b>{words}</b>
                    <code className={styles.command}>{command}</code>
                  </div>
                  <Copy text={command} label="Copy command" />
                </li>
              ))}
            </ul>
          </Card>
        </>
      )}
    </Answered>
  )
}
