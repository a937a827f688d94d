import { CircleDashed, ShieldCheck, ShieldX } from 'lucide-react'
import { useGet } from '../../api/query.ts'
import { useObject } from '../../shell/view.ts'
import { Chip } from '../../ui/chip.tsx'
import { Copy } from '../../ui/copy.tsx'
import { ListDetail, useShown, type ListRow } from '../../ui/list-detail.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Answered, Empty } from '../../ui/states.tsx'
import { when } from '../../ui/when.ts'
import type { ServerHead } from './model.ts'
import { ServerView } from './server.tsx'

interface Servers {
  readonly servers: readonly ServerHead[]
}

/** What can agents reach, and is it still what I approved? */
export function Page() {
  const [selected] = useObject()
  const list = useGet<Servers>('/api/v1/tools/servers', {}, { topics: ['tools'] })
  return (
    <Screen title="Tools & servers" form="panes" aside={list.data === undefined ? undefined : sum(list.data)}>
      <Answered of={list} failed="The list of servers could not be loaded.">
        {({ servers }) =>
          servers.length === 0 ? (
            <Empty action={<Copy text="sallyport mcp wrap" label="Copy command" />}>
              No server is behind the gateway. Wrap one: <code>sallyport mcp wrap</code>
            </Empty>
          ) : (
            <ServerList servers={sorted(servers)} selected={selected} />
          )
        }
      </Answered>
    </Screen>
  )
}

interface ServerListProps {
  readonly servers: readonly ServerHead[]
  readonly selected: string | undefined
}

function ServerList({ servers, selected }: ServerListProps) {
  const shown = useShown(selected, servers[0]?.alias)
  return (
    <ListDetail label="Servers" base="/tools" rows={servers.map(rowOf)} selected={shown}>
      {shown !== undefined && <ServerView key={shown} alias={shown} />}
    </ListDetail>
  )
}

function sum({ servers }: Servers): string {
  const count = (of: (server: ServerHead) => number): number => servers.reduce((all, server) => all + of(server), 0)
  const held = count((server) => server.held)
  const open = count((server) => server.unreviewed)
  const parts = [`${servers.length} servers`, `${count((server) => server.tools)} tools`]
  return [...parts, ...(held > 0 ? [`${held} held`] : []), ...(open > 0 ? [`${open} to review`] : [])].join(', ')
}

/** What wants a look comes first. */
const sorted = (servers: readonly ServerHead[]): readonly ServerHead[] =>
  servers.toSorted(
    (a, b) => b.held - a.held || b.unreviewed - a.unreviewed || (b.callsToday ?? 0) - (a.callsToday ?? 0),
  )

function rowOf({ alias, transport, tools, held, unreviewed, pinnedAt, heldAt, callsToday = 0 }: ServerHead): ListRow {
  const size = { size: 16, strokeWidth: 1.75 }
  const icon =
    held > 0 ? (
      <ShieldX {...size} color="var(--deny)" aria-label="held" />
    ) : unreviewed > 0 ? (
      <CircleDashed {...size} color="var(--ask)" aria-label="to review" />
    ) : (
      <ShieldCheck {...size} color="var(--allow)" aria-label="pinned" />
    )
  const state = held > 0 ? `held ${when(heldAt)}` : pinnedAt === 0 ? 'not listed yet' : `pinned ${when(pinnedAt)}`
  return {
    id: alias,
    icon,
    name: alias,
    end: held > 0 ? <Chip tone="solid">held</Chip> : unreviewed > 0 ? <Chip tone="ask">review</Chip> : callsToday,
    note: `${transport}, ${tools} tools · ${state}`,
  }
}
