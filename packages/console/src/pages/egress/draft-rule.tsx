import { useState } from 'react'
import { post } from '../../api/client.ts'
import { refetch } from '../../api/query.ts'
import { useProve } from '../../presence/provider.tsx'
import { useAct } from '../../ui/act.ts'
import { Button } from '../../ui/button.tsx'
import { Copy } from '../../ui/copy.tsx'
import { Sheet } from '../../ui/dialog.tsx'
import { Choice } from '../../ui/field.tsx'
import { Failure } from '../../ui/states.tsx'
import { Value } from '../../ui/value.tsx'
import type { BlockedHost } from './model.ts'
import styles from './egress.module.css'

const DAYS = [
  ['1', '1 day'],
  ['7', '7 days'],
  ['30', '30 days'],
] as const

/** Narrowest first: one host, one agent, a week. Widening is explicit; what should hold for longer is a rule of a file. */
export function DraftRule({ host, onClose }: { readonly host: BlockedHost; readonly onClose: () => void }) {
  const agents = host.agents.map(({ agent }) => agent)
  const [agent, setAgent] = useState(agents[0] ?? '')
  const [days, setDays] = useState('7')
  const prove = useProve()
  const act = useAct()
  const fits = host.agents
    .filter((each) => agent === '' || each.agent === agent)
    .reduce((sum, { count }) => sum + count, 0)
  const body = { host: host.host, seconds: Number(days) * 86_400, ...(agent === '' ? {} : { agent }) }
  const publish = async (): Promise<void> => {
    const proof = await prove('egress.allow', body, {
      title: `Let ${agent === '' ? 'every agent' : agent} reach ${host.host}`,
      sentence: (
        <p>
          For {days === '1' ? 'a day' : `${days} days`}. It would have allowed {fits} of {host.count} tries.
        </p>
      ),
      button: 'Allow with passkey',
    })
    if (proof === undefined) return
    await post('/api/v1/egress/allow', { ...body, proof })
    await refetch('/api/v1/egress')
    onClose()
  }
  return (
    <Sheet
      title="Draft a rule"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Keep it blocked</Button>
          <Button kind="ink" disabled={act.busy} onClick={() => act.run(publish)}>
            Publish…
          </Button>
        </>
      }
    >
      <p>
        <Value text={host.host} marks={[{ part: host.domain, kind: 'domain' }]} />
      </p>
      <Choice
        label="For whom"
        value={agent}
        options={[...agents.map((each) => [each, each] as const), ['', 'every agent with a way out'] as const]}
        onChange={setAgent}
      />
      <Choice label="For how long" value={days} options={DAYS} onChange={setDays} />
      <p className={agent === '' ? styles.wide : undefined}>
        Would have allowed {fits} of {host.count} tries
        {agent === '' ? ', and every other agent from now on' : ' and nothing else'}.
      </p>
      {host.requests.length > 0 && (
        <section>
          <h3>What was asked for</h3>
          <ul>
            {host.requests.map(({ request, count }) => (
              <li key={request}>
                <Value text={request} /> × {count}
              </li>
            ))}
          </ul>
        </section>
      )}
      <section>
        <h3>To hold for longer, or only for these requests</h3>
        <p>A rule in a file of egress.files:</p>
        <pre className={styles.rule}>{ruleText(host, agent)}</pre>
        <Copy text={ruleText(host, agent)} label="Copy the rule" />
      </section>
      {act.problem !== undefined && <Failure what="The rule is not in force." problem={act.problem} />}
    </Sheet>
  )
}

/** The rule as a file of `egress.files` takes it: the narrowest that fits what was tried. */
function ruleText({ host, requests }: BlockedHost, agent: string): string {
  const name = `${agent === '' ? 'all' : agent}-${host}`.replaceAll(/[^a-z0-9._-]/g, '-')
  const allow = requests.map(({ request }) => {
    const [method = 'GET', path = '/'] = request.split(' ')
    return `      - { methods: [${method}], paths: ["${path}"] }`
  })
  return [
    'version: 1',
    'rules:',
    `  ${name}:`,
    ...(agent === '' ? [] : [`    agents: [${agent}]`]),
    `    hosts: ["${host}"]`,
    ...(allow.length === 0 ? [] : ['    allow:', ...allow]),
  ].join('\n')
}
