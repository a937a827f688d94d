import { Problem } from '../api/client.ts'
import { Screen } from '../ui/screen.tsx'
import { Failure } from '../ui/states.tsx'

/** A fault of the console itself: the other pages go on. A file that is gone means that the console was updated. */
export function PageFailed({ error }: { readonly error: unknown }) {
  const message = error instanceof Error ? error.message : String(error)
  const updated = /dynamically imported module|Importing a module script/.test(message)
  const problem = new Problem(0, {
    title: updated ? 'The console was updated.' : 'The page has a fault.',
    code: updated ? 'SP_CONSOLE_UPDATED' : 'SP_CONSOLE_FAULT',
    detail: updated ? '' : message,
    next: 'Load it again.',
  })
  return (
    <Screen title="Not shown">
      <Failure what="This page could not be shown." problem={problem} again={() => location.reload()} />
    </Screen>
  )
}
