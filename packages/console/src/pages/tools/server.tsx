import { RotateCw, ShieldX } from 'lucide-react'
import { post } from '../../api/client.ts'
import { refetch, useGet } from '../../api/query.ts'
import { useView } from '../../shell/view.ts'
import { useAct } from '../../ui/act.ts'
import { Button } from '../../ui/button.tsx'
import { State } from '../../ui/chip.tsx'
import { Answered, Failure } from '../../ui/states.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { Launch } from './launch.tsx'
import { Held } from './held.tsx'
import type { ServerDetail } from './model.ts'
import { Pins } from './pins.tsx'
import { ToolList } from './tool-list.tsx'
import styles from '../../ui/detail.module.css'

/** One server: what changed after it was pinned, its tools, how it is started, its pins. */
export function ServerView({ alias }: { readonly alias: string }) {
  const server = useGet<ServerDetail>(`/api/v1/tools/servers/${alias}`, {}, { topics: ['tools'] })
  return (
    <Answered of={server} failed="The server could not be loaded.">
      {(data) => <Detail server={data} />}
    </Answered>
  )
}

function Detail({ server }: { readonly server: ServerDetail }) {
  const [{ tab }] = useView({ tab: 'tools' })
  const act = useAct()
  const { alias, tools, usedBy } = server
  const changed = tools.filter(({ state }) => state === 'drifted')
  const open = tools.filter(({ state }) => state === 'unreviewed')
  const look = async (): Promise<void> => {
    await post(`/api/v1/mcp/servers/${alias}/inspect`)
    await refetch('/api/v1/tools/')
  }
  return (
    <>
      <header className={styles.head}>
        <h2>{alias}</h2>
        {changed.length > 0 && <State name="held" />}
        <Button
          small
          disabled={act.busy}
          icon={<RotateCw size={14} strokeWidth={1.75} aria-hidden="true" />}
          onClick={() => act.run(look)}
        >
          Ask the server now
        </Button>
        <span>
          {usedBy.length === 0 ? 'used by nobody in 30 days' : `used by ${usedBy.map(({ agent }) => agent).join(', ')}`}
        </span>
      </header>
      {act.problem !== undefined && <Failure what={`${alias} did not list its tools.`} problem={act.problem} />}
      {changed.length > 0 && (
        <div className={styles.banner} role="status">
          <ShieldX size={16} strokeWidth={1.75} aria-hidden="true" />
          <p>
            <strong>
              This server changed {changed.length} of its {tools.length} tools after you pinned it.
            </strong>{' '}
            Calls of {changed.length === 1 ? 'it' : 'them'} are denied until a human accepts the change or the server
            goes back. {tools.length > changed.length && `The other ${tools.length - changed.length} work as before.`}
          </p>
        </div>
      )}
      <div className={styles.stack}>
        {(changed.length > 0 || open.length > 0) && <Held server={server} tools={[...changed, ...open]} />}
        <Tabs
          label="Of this server"
          current={tab}
          tabs={[
            { id: 'tools', words: 'Tools', count: tools.length },
            { id: 'launch', words: 'Launch' },
            { id: 'pins', words: 'Pins' },
          ]}
        />
        {tab === 'launch' ? (
          <Launch server={server} />
        ) : tab === 'pins' ? (
          <Pins tools={tools} />
        ) : (
          <ToolList tools={tools} />
        )}
      </div>
    </>
  )
}
