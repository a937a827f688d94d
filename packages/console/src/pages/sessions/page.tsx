import { Screen } from '../../ui/screen.tsx'
import { Empty } from '../../ui/states.tsx'

export function Page() {
  return (
    <Screen title="Sessions">
      <Empty>This page is not built yet.</Empty>
    </Screen>
  )
}
