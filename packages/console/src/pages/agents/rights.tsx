import { Chip } from '../../ui/chip.tsx'
import { Card } from '../../ui/screen.tsx'
import { when } from '../../ui/when.ts'
import type { AgentDetail } from './model.ts'
import styles from '../../ui/detail.module.css'

const FIRST = 12

/** Rights that were used in 30 days, and those that could be taken away. */
export function Rights({ agent: { rights, isComplete } }: { readonly agent: AgentDetail }) {
  const { tools, toolsUnused, credentials, hosts } = rights
  return (
    <Card title="Rights" aside={isComplete ? 'last 30 days' : 'the newest 5,000 records of 30 days'} flush>
      <ul className={styles.rows}>
        {tools.slice(0, FIRST).map(({ key, count, last }) => (
          <li key={key}>
            <code className={styles.grow}>{key}</code>
            <span>{count === 1 ? '1 call' : `${count} calls`}</span>
            <span className={styles.quiet}>last {when(last)}</span>
          </li>
        ))}
        {credentials.map(({ name, uses, leases }) => (
          <li key={name}>
            <span className={styles.grow}>
              credential <code>{name}</code>
            </span>
            {leases > 0 && <span>{leases === 1 ? '1 lease' : `${leases} leases`}</span>}
            <Used count={uses} word="uses" />
          </li>
        ))}
        {hosts.map(({ host, hits }) => (
          <li key={host}>
            <span className={styles.grow}>
              host <code>{host}</code>
            </span>
            <Used count={hits} word="connections" />
          </li>
        ))}
      </ul>
      {toolsUnused.length > 0 && (
        <p className={styles.note}>
          Not called in 30 days: <code>{toolsUnused.slice(0, FIRST).join(', ')}</code>
          {toolsUnused.length > FIRST && ` and ${toolsUnused.length - FIRST} more`}. Policy may take them away.
        </p>
      )}
    </Card>
  )
}

function Used({ count, word }: { readonly count: number; readonly word: string }) {
  return count === 0 ? <Chip tone="ask">unused, could be removed</Chip> : <span>{`${count} ${word}`}</span>
}
