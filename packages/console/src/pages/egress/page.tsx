import { useObject, useView } from '../../shell/view.ts'
import { useKeys } from '../../shell/keys.ts'
import { Screen } from '../../ui/screen.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { BlockedHosts } from './blocked.tsx'
import { LiveConnections } from './live.tsx'
import { Rules } from './rules.tsx'

/** Where does data go, and what was stopped? */
export function Page() {
  const [part, host] = useObject()
  const [{ tab }, setView] = useView({ tab: 'hosts' })
  const shown = part === 'blocked' ? 'hosts' : tab
  useKeys({
    '1': { say: 'What was blocked', run: () => setView({ tab: 'hosts' }) },
    '2': { say: 'Rules', run: () => setView({ tab: 'rules' }) },
    '3': { say: 'Open connections', run: () => setView({ tab: 'live' }) },
  })
  return (
    <Screen title="Egress">
      <Tabs
        label="Of the ways out"
        current={shown}
        tabs={[
          { id: 'hosts', words: 'Blocked' },
          { id: 'rules', words: 'Rules' },
          { id: 'live', words: 'Live' },
        ]}
      />
      {shown === 'rules' ? <Rules /> : shown === 'live' ? <LiveConnections /> : <BlockedHosts open={host} />}
    </Screen>
  )
}
