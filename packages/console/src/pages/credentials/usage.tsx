import { useGet } from '../../api/query.ts'
import { Chip } from '../../ui/chip.tsx'
import { Card } from '../../ui/screen.tsx'
import { Answered, Empty } from '../../ui/states.tsx'
import { when } from '../../ui/when.ts'
import type { Usage } from './model.ts'
import page from './credentials.module.css'
import styles from '../../ui/detail.module.css'

/** Uses in 30 days by credential, agent and host; credentials that nobody used are named. */
export function UsageList() {
  const usage = useGet<Usage>('/api/v1/vault-usage', {}, { topics: ['credentials'] })
  return (
    <div className={page.room}>
      <Answered of={usage} failed="The uses could not be loaded.">
        {({ uses, credentials, isComplete }) => {
          const unused = credentials.filter(({ name }) => !uses.some(({ credential }) => credential === name))
          if (uses.length + credentials.length === 0)
            return <Empty>No credential is configured, so none was used.</Empty>
          return (
            <Card title="Uses" aside={isComplete ? 'last 30 days' : 'the newest 5,000 records'} flush>
              <ul className={styles.rows}>
                {uses.map(({ credential, agent, host, count, refused, last }) => (
                  <li key={`${credential} ${agent} ${host}`}>
                    <span className={styles.grow}>
                      <code>{credential}</code> by {agent} on <code>{host}</code>
                    </span>
                    <span>{count === 1 ? '1 time' : `${count} times`}</span>
                    {refused > 0 && <Chip tone="deny">{refused} refused</Chip>}
                    <span className={styles.quiet}>last {when(last)}</span>
                  </li>
                ))}
                {unused.map(({ name, agents, hosts }) => (
                  <li key={name}>
                    <span className={styles.grow}>
                      <code>{name}</code> for {agents.join(', ')} on <code>{hosts.join(', ')}</code>
                    </span>
                    <Chip tone="ask">not used in 30 days</Chip>
                  </li>
                ))}
              </ul>
            </Card>
          )
        }}
      </Answered>
    </div>
  )
}
