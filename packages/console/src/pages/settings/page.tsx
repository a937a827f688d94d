import { Screen } from '../../ui/screen.tsx'
import { Tabs, type Tab } from '../../ui/tabs.tsx'
import { useView } from '../../shell/view.ts'
import { Profile } from './profile.tsx'

const TABS: readonly Tab[] = [{ id: 'profile', words: 'Profile' }]

/** What belongs to this person and this gateway. */
export function Page() {
  const [{ tab }] = useView({ tab: 'profile' })
  return (
    <Screen title="Settings">
      <Tabs label="Settings" tabs={TABS} current={tab} />
      <Profile />
    </Screen>
  )
}
