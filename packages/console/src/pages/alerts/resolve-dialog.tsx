import { useState } from 'react'
import { post, Problem } from '../../api/client.ts'
import { refetch } from '../../api/query.ts'
import { useProve } from '../../presence/provider.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { Failure } from '../../ui/states.tsx'
import { Words } from '../../ui/words.tsx'
import type { Alert } from './model.ts'

/** Closes an alert: with a reason, and with presence, because who wants to go unseen would begin here. */
export function ResolveDialog({ alert, onClose }: { readonly alert: Alert; readonly onClose: () => void }) {
  const prove = useProve()
  const [reason, setReason] = useState('')
  const [state, setState] = useState<'ready' | 'busy' | Problem>('ready')
  const words = reason.trim()
  const resolve = async (): Promise<void> => {
    const asked = { ids: [alert.id], reason: words }
    const proof = await prove('alerts.resolve', asked, {
      title: 'Resolve this alert?',
      sentence: <Words text={alert.sentence} />,
      button: 'Resolve with passkey',
    })
    if (proof === undefined) return
    setState('busy')
    try {
      await post('/api/v1/alerts/resolve', { ...asked, proof })
      onClose()
      await refetch('/api/v1/alerts')
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown
      setState(thrown)
    }
  }
  return (
    <Dialog
      title="Resolve this alert"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="ink" disabled={words.length < 3 || state === 'busy'} onClick={() => void resolve()}>
            Resolve…
          </Button>
        </>
      }
    >
      <p>What happens from now on is a new alert.</p>
      <TextField
        label="Reason"
        note="Kept in the log with your name."
        autoFocus
        value={reason}
        maxLength={500}
        onChange={(event) => setReason(event.target.value)}
      />
      {state instanceof Problem && <Failure what="The alert was not resolved." problem={state} />}
    </Dialog>
  )
}
