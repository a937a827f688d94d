import { Link } from '@tanstack/react-router'
import { OctagonPause } from 'lucide-react'
import { useState } from 'react'
import { serverNow } from '../../api/clock.ts'
import { useGet } from '../../api/query.ts'
import { StopAgents } from '../../shell/stop-agents.tsx'
import { Button } from '../../ui/button.tsx'
import { Chart } from '../../ui/chart.tsx'
import { Chip } from '../../ui/chip.tsx'
import { Copy } from '../../ui/copy.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Labels } from '../../ui/labels.tsx'
import { Card } from '../../ui/screen.tsx'
import { Answered } from '../../ui/states.tsx'
import { person, span, when } from '../../ui/when.ts'
import { credentialAge, TRUST, type AgentDetail } from './model.ts'
import { AgentBudgets } from './budgets.tsx'
import { Rights } from './rights.tsx'
import styles from '../../ui/detail.module.css'

/** One agent: who it is, what it carries, which of its rights it used. */
export function AgentView({ name }: { readonly name: string }) {
  const agent = useGet<AgentDetail>(
    `/api/v1/agent-activity/${name}`,
    {},
    { topics: ['agents', 'sessions'], every: 15_000 },
  )
  return (
    <>
      <Link to="/agents">All agents</Link>
      <Answered of={agent} failed="The agent could not be loaded.">
        {(data) => <Detail agent={data} />}
      </Answered>
    </>
  )
}

function Detail({ agent }: { readonly agent: AgentDetail }) {
  const [stopping, setStopping] = useState(false)
  const { name, state, stopped, carries, callsToday, deniedToday, running, hours, instance, open } = agent
  const most = Math.max(0, ...hours.map(({ calls }) => calls))
  return (
    <div className={styles.stack}>
      <header className={styles.head}>
        <h2>{name}</h2>
        {stopped !== null && <Chip tone="deny">stopped</Chip>}
        {state === 'revoked' && <Chip>revoked</Chip>}
        <Labels integrity={carries.integrity} confidentiality={carries.confidentiality} />
        {stopped === null && (
          <Button
            small
            kind="stop"
            icon={<OctagonPause size={14} strokeWidth={1.75} aria-hidden="true" />}
            onClick={() => setStopping(true)}
          >
            Stop {name}…
          </Button>
        )}
        <Copy text={`sallyport kill --agent ${name}`} label="Copy command" />
      </header>
      {stopping && <StopAgents agent={name} onClose={() => setStopping(false)} />}
      <Card>
        <Facts
          facts={[
            {
              label: 'Trust',
              value: TRUST[agent.trustLevel] ?? agent.trustLevel,
              note: `may ${agent.effects.join(', ')}`,
            },
            {
              label: 'Credential',
              value: credentialAge(agent, serverNow()) ?? 'not known',
              note: `key until ${when(agent.keyExpiresAt)}`,
            },
            {
              label: 'Calls today',
              value: callsToday,
              note: `${deniedToday} denied`,
              odd: deniedToday > callsToday / 2 && deniedToday > 4,
            },
            {
              label: 'Running now',
              value: running,
              note: open.length === 1 ? '1 session open' : `${open.length} sessions open`,
            },
          ]}
        />
      </Card>
      <Card title="Identity">
        <dl className={styles.list}>
          <dt>Principal</dt>
          <dd>
            <code>{name}</code>
          </dd>
          <dt>Instance</dt>
          <dd>
            <code>{instance.id}</code>, since {when(instance.since)}
          </dd>
          <dt>Added</dt>
          <dd>
            {when(agent.createdAt)} by {person(agent.createdBy)}
          </dd>
          <dt>Carries</dt>
          <dd>
            {carries.sources.length === 0
              ? 'nothing from outside'
              : `what it read from ${carries.sources.slice(0, 8).join(', ')}`}
          </dd>
          <dt>Budget</dt>
          <dd>
            <AgentBudgets agent={name} />
          </dd>
        </dl>
      </Card>
      <Card title="Behaviour" aside="calls by the hour, last 24 h">
        <Chart
          sentence={`${hours.reduce((sum, { calls }) => sum + calls, 0)} calls in 24 hours, at most ${most} in one hour.`}
          times={hours.map(({ at }) => at / 1000)}
          series={[
            { name: 'Calls', values: hours.map(({ calls }) => calls) },
            { name: 'Denied', values: hours.map(({ denied }) => denied) },
          ]}
          height={140}
          form="steps"
          range={[0, Math.max(4, most)]}
        />
      </Card>
      <Rights agent={agent} />
      <Card title="Sessions" flush>
        {open.length === 0 ? (
          <p className={styles.note}>No session is open.</p>
        ) : (
          <ul className={styles.rows}>
            {open.map(({ id, ingress, surface, hint, calls, lastActivityAt }) => (
              <li key={id}>
                <Link to={`/sessions/${id}`} className={styles.grow}>
                  {hint === '' ? id.slice(0, 13) : hint}
                </Link>
                <Chip>{surface}</Chip>
                <span className={styles.quiet}>{ingress}</span>
                <span>{calls} calls</span>
                <span className={styles.quiet}>{span(serverNow() - lastActivityAt)} ago</span>
              </li>
            ))}
          </ul>
        )}
      </Card>
    </div>
  )
}
