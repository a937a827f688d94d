import { useState } from 'react'
import { useMay } from '../../api/me.ts'
import { useGet } from '../../api/query.ts'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { Card } from '../../ui/screen.tsx'
import { Answered, Empty } from '../../ui/states.tsx'
import { Value } from '../../ui/value.tsx'
import { when } from '../../ui/when.ts'
import { DraftRule } from './draft-rule.tsx'
import { why, type Blocked, type BlockedHost } from './model.ts'
import styles from '../../ui/detail.module.css'

/** Hosts that were refused, by the domain that somebody can register. */
export function BlockedHosts({ open }: { readonly open: string | undefined }) {
  const blocked = useGet<Blocked>('/api/v1/egress/blocked', {}, { topics: ['egress'], every: 30_000 })
  const [drafting, setDrafting] = useState(open)
  return (
    <Answered of={blocked} failed="What was blocked could not be loaded.">
      {({ hosts, reached, attempts, refused, isComplete }) => {
        const chosen = hosts.find(({ host, mayDraft }) => host === drafting && mayDraft)
        return (
          <>
            <p>
              {attempts} tries in 7 days, {refused} refused. {reached} {reached === 1 ? 'host was' : 'hosts were'}{' '}
              reached.
              {!isComplete && ' Counted in the newest 5,000 records only.'}
            </p>
            {hosts.length === 0 && <Empty>Nothing was blocked this week.</Empty>}
            {domains(hosts).map(([domain, list]) => (
              <Card key={domain} flush title={<Value text={domain} />} aside={tries(list)}>
                <ul className={styles.rows}>
                  {list.map((host) => (
                    <HostRow key={host.host} host={host} draft={() => setDrafting(host.host)} />
                  ))}
                </ul>
              </Card>
            ))}
            {chosen !== undefined && <DraftRule host={chosen} onClose={() => setDrafting(undefined)} />}
          </>
        )
      }}
    </Answered>
  )
}

function HostRow({ host, draft }: { readonly host: BlockedHost; readonly draft: () => void }) {
  const may = useMay('admin')
  return (
    <li>
      <span className={styles.grow}>
        <Value text={host.host} marks={[{ part: host.domain, kind: 'domain' }]} />
      </span>
      {host.reasons.map(({ reason, count }) => (
        <Chip key={reason} tone={host.mayDraft ? 'ask' : 'deny'}>
          {why(reason)}
          {host.reasons.length > 1 && ` ${count}`}
        </Chip>
      ))}
      <span>
        {host.agents.map(({ agent }) => agent).join(', ')}, {host.count === 1 ? '1 try' : `${host.count} tries`}
      </span>
      <span className={styles.quiet}>
        {when(host.first) === when(host.last) ? when(host.last) : `${when(host.first)} to ${when(host.last)}`}
      </span>
      {host.mayDraft ? (
        <Button small disabled={!may} title={may ? undefined : 'Hosts are allowed by admin.'} onClick={draft}>
          Draft a rule…
        </Button>
      ) : (
        <span className={styles.quiet}>Never reachable. An exception is configuration.</span>
      )}
    </li>
  )
}

function domains(hosts: readonly BlockedHost[]): readonly (readonly [string, readonly BlockedHost[]])[] {
  const groups = new Map<string, BlockedHost[]>()
  for (const host of hosts) groups.set(host.domain, [...(groups.get(host.domain) ?? []), host])
  return [...groups]
}

function tries(hosts: readonly BlockedHost[]): string {
  const sum = hosts.reduce((all, { count }) => all + count, 0)
  return sum === 1 ? '1 try' : `${sum} tries`
}
