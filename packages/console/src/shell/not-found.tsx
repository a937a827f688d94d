import { Link } from '@tanstack/react-router'
import { Screen } from '../ui/screen.tsx'
import { Empty } from '../ui/states.tsx'

/** An address that no page has. */
export const NotFound = () => (
  <Screen title="No such page">
    <Empty action={<Link to="/">Open Sallyport</Link>}>This address belongs to no page of the console.</Empty>
  </Screen>
)
