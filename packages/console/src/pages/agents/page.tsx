import { Link } from '@tanstack/react-router'
import { OctagonPause } from 'lucide-react'
import { serverNow } from '../../api/clock.ts'
import { useGet } from '../../api/query.ts'
import { useObject } from '../../shell/view.ts'
import { openStop } from '../../shell/open.ts'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { FirstRun } from '../../ui/first-run.tsx'
import { Labels } from '../../ui/labels.tsx'
import { Card, Screen } from '../../ui/screen.tsx'
import { Answered } from '../../ui/states.tsx'
import { Table, type Column } from '../../ui/table.tsx'
import { span } from '../../ui/when.ts'
import { AgentView } from './agent.tsx'
import { Budgets } from './budgets.tsx'
import styles from '../../ui/detail.module.css'
import { credentialAge, credentialTone, TRUST, type AgentHead } from './model.ts'

interface Agents {
  readonly agents: readonly AgentHead[]
  readonly isComplete: boolean
  readonly running: number
}

/** Who acts here, and can I stop it? */
export function Page() {
  const [selected] = useObject()
  const list = useGet<Agents>('/api/v1/agent-activity', {}, { topics: ['agents', 'sessions'], every: 15_000 })
  return (
    <Screen
      title="Agents"
      aside={
        list.data === undefined ? undefined : `${list.data.agents.length} known, ${list.data.running} calls running`
      }
      actions={
        <Button
          kind="stop"
          icon={<OctagonPause size={16} strokeWidth={1.75} aria-hidden="true" />}
          hint="⇧K"
          onClick={openStop}
        >
          Stop agents…
        </Button>
      }
    >
      {selected !== undefined ? (
        <AgentView key={selected} name={selected} />
      ) : (
        <Answered of={list} failed="The list of agents could not be loaded.">
          {({ agents, isComplete }) =>
            agents.length === 0 ? (
              <FirstRun>No agent is known. Run</FirstRun>
            ) : (
              <>
                <Card flush>
                  <Table label="Agents" rows={agents} columns={COLUMNS} rowKey={({ name }) => name} rowHeight={44} />
                </Card>
                {!isComplete && <p>Calls of today are counted in the newest 5,000 records only.</p>}
              </>
            )
          }
        </Answered>
      )}
      {selected === undefined && <Budgets />}
    </Screen>
  )
}

const COLUMNS: readonly Column<AgentHead>[] = [
  {
    id: 'name',
    title: 'Name',
    width: 'minmax(140px, 1.4fr)',
    cell: ({ name }) => <Link to={`/agents/${name}`}>{name}</Link>,
  },
  {
    id: 'surface',
    title: 'Surface',
    width: 'minmax(90px, 1fr)',
    wideOnly: true,
    cell: ({ surface }) => <Chip>{surface}</Chip>,
  },
  {
    id: 'runs',
    title: 'Comes by',
    width: 'minmax(90px, 1fr)',
    wideOnly: true,
    cell: ({ ingresses }) => ingresses.join(', ') || '–',
  },
  {
    id: 'credential',
    title: 'Credential',
    width: 'minmax(100px, 1fr)',
    wideOnly: true,
    cell: (agent) => (
      <span className={styles[credentialTone(agent, serverNow())]}>
        {credentialAge(agent, serverNow()) ?? 'not known'}
      </span>
    ),
  },
  { id: 'trust', title: 'Trust', width: '72px', cell: ({ trustLevel }) => TRUST[trustLevel] ?? trustLevel },
  {
    id: 'carries',
    title: 'Carries now',
    width: 'minmax(236px, 1.6fr)',
    cell: ({ carries }) => <Labels integrity={carries.integrity} confidentiality={carries.confidentiality} />,
  },
  {
    id: 'calls',
    title: 'Calls today',
    width: '88px',
    end: true,
    wideOnly: true,
    cell: ({ callsToday }) => callsToday.toLocaleString('en-GB'),
  },
  {
    id: 'state',
    title: 'State',
    width: 'minmax(96px, 0.9fr)',
    cell: ({ state, stopped, running, lastSeenAt }) =>
      stopped !== null ? (
        <Chip tone="deny">stopped</Chip>
      ) : state === 'revoked' ? (
        <Chip>revoked</Chip>
      ) : running > 0 ? (
        `${running} running`
      ) : (
        `seen ${span(serverNow() - lastSeenAt)} ago`
      ),
  },
]
