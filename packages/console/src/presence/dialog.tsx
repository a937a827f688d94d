import { Fingerprint } from 'lucide-react'
import { useState } from 'react'
import { Problem } from '../api/client.ts'
import { useMe } from '../api/me.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Failure } from '../ui/states.tsx'
import { Cancelled } from './passkey.ts'
import { proveAct } from './prove.ts'
import type { Pending } from './provider.tsx'

/** Asks whether the act is meant, and has a passkey sign it. */
export function Presence({ kind, payload, question, settle }: Pending) {
  const { data: me } = useMe()
  const [state, setState] = useState<'ready' | 'busy' | 'cancelled' | Problem>('ready')
  const sign = async (): Promise<void> => {
    if (me === undefined) return
    setState('busy')
    try {
      settle(await proveAct(kind, payload, me.id))
    } catch (thrown) {
      if (thrown instanceof Cancelled) setState('cancelled')
      else if (thrown instanceof Problem) setState(thrown)
      else throw thrown
    }
  }
  return (
    <Dialog
      title={question.title}
      onClose={() => settle(undefined)}
      actions={
        <>
          <Button kind="ink" data-first onClick={() => settle(undefined)}>
            Cancel
          </Button>
          <Button
            icon={<Fingerprint size={16} strokeWidth={1.75} aria-hidden="true" />}
            disabled={state === 'busy'}
            onClick={() => void sign()}
          >
            {question.button}
          </Button>
        </>
      }
    >
      <div>{question.sentence}</div>
      {state === 'cancelled' && <p role="status">The passkey was not used. Nothing was done.</p>}
      {state instanceof Problem && <Failure what="The passkey did not prove it." problem={state} />}
    </Dialog>
  )
}
