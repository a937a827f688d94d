import { useLive } from '../api/live.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'

const SENTENCES = {
  idle: 'Your session ended after 30 minutes without use.',
  absolute: 'Your session ended after 24 hours.',
  revoked: 'Your session was ended.',
}

/** Over the page when the session is over; what was typed stays in memory until then. */
export function SessionEnded() {
  const state = useLive()
  if (state.kind !== 'ended') return null
  const signIn = (): void => {
    location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`)
  }
  return (
    <Dialog
      title="Sign in again"
      onClose={signIn}
      actions={
        <Button kind="ink" onClick={signIn} data-first>
          Sign in
        </Button>
      }
    >
      <p>{SENTENCES[state.why]} Sign in, and you are back here.</p>
    </Dialog>
  )
}
