import { useState } from 'react'
import { post, Problem } from '../../api/client.ts'
import { refetch } from '../../api/query.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Field } from '../../ui/field.tsx'
import { Failure } from '../../ui/states.tsx'

interface EndSessionProps {
  readonly id: string
  readonly agent: string
  readonly onClose: () => void
}

/** Ends one session and leaves its agent alone: that narrows, so it needs no presence. */
export function EndSession({ id, agent, onClose }: EndSessionProps) {
  const [reason, setReason] = useState('')
  const [state, setState] = useState<'ready' | 'busy' | Problem>('ready')
  const end = async (): Promise<void> => {
    setState('busy')
    try {
      await post(`/api/v1/sessions/${encodeURIComponent(id)}/end`, { reason })
      await refetch('/api/v1/')
      onClose()
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown
      setState(thrown)
    }
  }
  return (
    <Dialog
      title="End this session"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="ink" data-first disabled={state === 'busy'} onClick={() => void end()}>
            End session
          </Button>
        </>
      }
    >
      <p>
        Its calls in flight end within a second and its next call is refused. Other sessions of <code>{agent}</code> go
        on, and it may begin a new one once it has signed in again. To stop it altogether, stop the agent.
      </p>
      <p>
        The same in a terminal: <code>sallyport session end {id}</code>
      </p>
      <Field
        label="Reason, optional"
        value={reason}
        maxLength={500}
        onChange={(event) => setReason(event.target.value)}
      />
      {state instanceof Problem && <Failure what="The session could not be ended." problem={state} />}
    </Dialog>
  )
}
