import { post } from '../../api/client.ts'
import { useMay } from '../../api/me.ts'
import { refetch, useGet } from '../../api/query.ts'
import { useAct } from '../../ui/act.ts'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { Card } from '../../ui/screen.tsx'
import { Answered, Empty, Failure } from '../../ui/states.tsx'
import { person, when } from '../../ui/when.ts'
import type { Allowed, Rule } from './model.ts'
import styles from '../../ui/detail.module.css'

/** Rules in their order with their hits, and what people allowed for a time. */
export function Rules() {
  const rules = useGet<{ readonly rules: readonly Rule[]; readonly isComplete: boolean }>(
    '/api/v1/egress/hits',
    {},
    { topics: ['egress'] },
  )
  const allowed = useGet<{ readonly allowed: readonly Allowed[] }>('/api/v1/egress/rules', {}, { topics: ['egress'] })
  const act = useAct()
  const may = useMay('admin')
  const withdraw = (id: string): void =>
    act.run(async () => {
      await post('/api/v1/egress/withdraw', { id })
      await refetch('/api/v1/egress')
    })
  return (
    <>
      {act.problem !== undefined && <Failure what="It is still allowed." problem={act.problem} />}
      <Answered of={rules} failed="The rules could not be loaded.">
        {({ rules: list, isComplete }) =>
          list.length === 0 ? (
            <Empty>No rule lets anything out. Rules are configuration, egress.rules.</Empty>
          ) : (
            <Card title="Rules" aside={isComplete ? 'hits in 30 days' : 'hits in the newest 5,000 records'} flush>
              <ol className={styles.rows}>
                {list.map(({ name, source, agents, hosts, requests, credentials, hits, lastAt }, at) => (
                  <li key={`${source} ${name} ${at}`}>
                    <span className={styles.quiet}>{at + 1}</span>
                    <span className={styles.grow}>
                      <strong>{name}</strong> <code>{hosts.join(', ')}</code>
                    </span>
                    <span>{agents.join(', ') === '*' ? 'every agent' : agents.join(', ')}</span>
                    <span className={styles.quiet}>{requests.join('; ')}</span>
                    {credentials !== undefined && <Chip>own credentials: {credentials}</Chip>}
                    {hits === 0 ? (
                      <Chip tone="ask">unused</Chip>
                    ) : (
                      <span title={`last ${when(lastAt)}`}>{hits} hits</span>
                    )}
                  </li>
                ))}
              </ol>
            </Card>
          )
        }
      </Answered>
      <Answered of={allowed} failed="Hosts that were allowed for a time could not be loaded." rows={2}>
        {({ allowed: list }) => (
          <Card title="Allowed for a time" flush>
            {list.length === 0 ? (
              <p className={styles.note}>Nobody allowed a host for a time.</p>
            ) : (
              <ul className={styles.rows}>
                {list.map(({ id, host, agent, until, by }) => (
                  <li key={id}>
                    <code className={styles.grow}>{host}</code>
                    <span>{agent ?? 'every agent'}</span>
                    <span className={styles.quiet}>
                      until {when(until)}, by {person(by)}
                    </span>
                    <Button small disabled={!may || act.busy} onClick={() => withdraw(id)}>
                      Withdraw {host}
                    </Button>
                  </li>
                ))}
              </ul>
            )}
          </Card>
        )}
      </Answered>
    </>
  )
}
