import { useState } from 'react'
import { post, Problem } from '../api/client.ts'
import { refetch, useGet } from '../api/query.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Choice, Field } from '../ui/field.tsx'
import { Failure } from '../ui/states.tsx'

interface AgentList {
  readonly agents: readonly { readonly name: string }[]
}

/** The only dialog where the heavy act has the focus: stopping narrows, so it needs no presence (E-30). */
export function StopAgents({ onClose, agent = '' }: { readonly onClose: () => void; readonly agent?: string }) {
  const { data } = useGet<AgentList>('/api/v1/agents')
  const [which, setWhich] = useState(agent)
  const [reason, setReason] = useState('')
  const [state, setState] = useState<'ready' | 'busy' | 'done' | Problem>('ready')
  const stop = async (): Promise<void> => {
    setState('busy')
    try {
      await post('/api/v1/kill', { ...(which === '' ? { all: true } : { agent: which }), reason })
      setState('done')
      await refetch('/api/v1/')
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown
      setState(thrown)
    }
  }
  if (state === 'done') {
    return (
      <Dialog title="Stopped" onClose={onClose} actions={<Button onClick={onClose}>Close</Button>}>
        <p>{which === '' ? 'All agents are' : `${which} is`} stopped. Nothing continues until someone resumes.</p>
      </Dialog>
    )
  }
  return (
    <Dialog
      title="Stop agents"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="ink" data-first disabled={state === 'busy'} onClick={() => void stop()}>
            {which === '' ? 'Stop all agents' : `Stop ${which}`}
          </Button>
        </>
      }
    >
      <p>Calls in flight end within a second. Nothing is lost, nothing continues until someone resumes.</p>
      <Choice
        label="Which"
        value={which}
        onChange={setWhich}
        options={[['', 'All agents'], ...(data?.agents ?? []).map(({ name }) => [name, name] as const)]}
      />
      <Field
        label="Reason, optional"
        value={reason}
        maxLength={500}
        onChange={(event) => setReason(event.target.value)}
      />
      {state instanceof Problem && <Failure what="The agents could not be stopped." problem={state} />}
    </Dialog>
  )
}
