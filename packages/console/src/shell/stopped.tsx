import { OctagonPause } from 'lucide-react'
import { useState } from 'react'
import { post } from '../api/client.ts'
import { useMay } from '../api/me.ts'
import { refetch, useGet } from '../api/query.ts'
import { useProve } from '../presence/provider.tsx'
import { useAct } from '../ui/act.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'
import { Failure } from '../ui/states.tsx'
import { person } from '../ui/when.ts'
import { minute } from './clock.ts'
import styles from './stopped.module.css'

/** A kill switch that is on; `target` is `all` or `agent:NAME`. */
interface Kill {
  readonly target: string
  readonly reason: string
  readonly by: string
  readonly at: string
  readonly calls?: { readonly running: number; readonly ended: number; readonly afterMs: number }
}

/** Over every page: what is stopped, by whom, how soon its calls ended, and the way back, which needs presence and a reason. */
export function Stopped() {
  const kill = useGet<{ readonly on: readonly Kill[] }>('/api/v1/kill', {}, { topics: ['agents'], every: 5_000 })
  const on = kill.data?.on ?? []
  const all = on.find(({ target }) => target === 'all')
  return (all === undefined ? on : [all]).map((each) => <One key={each.target} kill={each} />)
}

function One({ kill: { target, reason, by, at, calls } }: { readonly kill: Kill }) {
  const [asking, setAsking] = useState(false)
  const may = useMay('admin')
  const who = target === 'all' ? 'All agents' : target.replace('agent:', '')
  return (
    <div className={styles.bar} role="status">
      <OctagonPause size={16} strokeWidth={1.75} aria-hidden="true" />
      <p>
        <strong>
          {who} {target === 'all' ? 'are' : 'is'} stopped
        </strong>{' '}
        by {person(by)}, {minute(at)}. {reason}
        {calls !== undefined && calls.running > 0 && (
          <>
            {' '}
            {calls.ended} of {calls.running} calls ended in {(calls.afterMs / 1000).toFixed(1)} s.
          </>
        )}
      </p>
      <Button
        small
        disabled={!may}
        title={may ? undefined : 'Agents are resumed by admin.'}
        onClick={() => setAsking(true)}
      >
        Resume…
      </Button>
      {asking && <Resume target={target} who={who} onClose={() => setAsking(false)} />}
    </div>
  )
}

function Resume({
  target,
  who,
  onClose,
}: {
  readonly target: string
  readonly who: string
  readonly onClose: () => void
}) {
  const [reason, setReason] = useState('')
  const prove = useProve()
  const act = useAct()
  const resume = async (): Promise<void> => {
    const which = target === 'all' ? { all: true as const } : { agent: target.replace('agent:', '') }
    const proof = await prove(
      'kill.resume',
      { ...which, reason },
      {
        title: `Resume ${who}`,
        sentence: (
          <p>Calls of {who} are decided by policy again. The trust level stays new until somebody raises it.</p>
        ),
        button: 'Resume with passkey',
      },
    )
    if (proof === undefined) return
    await post('/api/v1/kill/resume', { ...which, reason, proof })
    await refetch('/api/v1/')
    onClose()
  }
  return (
    <Dialog
      title={`Resume ${who}`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Keep it stopped</Button>
          <Button kind="ink" disabled={reason.trim() === '' || act.busy} onClick={() => act.run(resume)}>
            Resume…
          </Button>
        </>
      }
    >
      <Field
        label="Why it may go on"
        value={reason}
        maxLength={500}
        data-first
        onChange={(event) => setReason(event.target.value)}
      />
      {act.problem !== undefined && <Failure what={`${who} stays stopped.`} problem={act.problem} />}
    </Dialog>
  )
}
