import { Fingerprint } from 'lucide-react'
import { useState } from 'react'
import { Problem } from '../../api/client.ts'
import { refetch } from '../../api/query.ts'
import { Cancelled } from '../../presence/passkey.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Failure } from '../../ui/states.tsx'
import { Value } from '../../ui/value.tsx'
import { useArmed, useDeliberate } from './arming.ts'
import { approve, type Scope } from './decide.ts'
import { isWaiting, type Answer, type Detail } from './model.ts'
import styles from './decision-bar.module.css'

interface ConfirmProps {
  readonly answer: Answer
  readonly detail: Detail
  readonly scope: Scope
  readonly reason: string
  readonly operator: string
  readonly connected: boolean
  readonly onClose: () => void
}

/** The step before the passkey: the consequence once more, with every destination in full. Cancel has the focus. */
export function Confirm({ answer, detail, scope, reason, operator, connected, onClose }: ConfirmProps) {
  const [state, setState] = useState<'ready' | 'busy' | 'cancelled' | Problem>('ready')
  const armed = useArmed(answer.callDigest)
  const ready = armed && connected && state !== 'busy' && isWaiting(answer)
  const sign = async (): Promise<void> => {
    setState('busy')
    try {
      await approve(answer, scope, reason.trim(), operator)
      onClose()
    } catch (thrown) {
      if (thrown instanceof Cancelled) setState('cancelled')
      else if (thrown instanceof Problem) setState(thrown)
      else throw thrown
    }
    await refetch('/api/v1/approvals')
  }
  const signing = useDeliberate(answer.callDigest, () => void (ready && void sign()))
  return (
    <Dialog
      title={detail.question}
      onClose={onClose}
      actions={
        <>
          <Button kind="ink" autoFocus onClick={onClose}>
            Cancel
          </Button>
          <Button
            aria-disabled={!ready}
            icon={<Fingerprint size={16} strokeWidth={1.75} aria-hidden="true" />}
            {...signing}
          >
            {scope.kind === 'once' ? 'Approve once with passkey' : 'Approve with passkey'}
          </Button>
        </>
      }
    >
      <p className={styles.consequence}>{detail.consequence}</p>
      {detail.affected.length > 0 && (
        <ul className={styles.targets}>
          {detail.affected.map((row) => (
            <li key={`${row.name} ${row.text}`}>
              <span>{row.name}</span> <Value escaped={row.text} marks={row.marks} />
            </li>
          ))}
        </ul>
      )}
      <dl className={styles.summary}>
        <div>
          <dt>Covers</dt>
          <dd>
            {scope.kind === 'once' ? 'Exactly this call, once' : (answer.valueWords ?? 'This target, this session')}
          </dd>
        </div>
        {reason.trim() !== '' && (
          <div>
            <dt>Reason</dt>
            <dd>{reason}</dd>
          </div>
        )}
      </dl>
      {state === 'cancelled' && <p role="status">The passkey was not used. Nothing was done.</p>}
      {state instanceof Problem && <Failure what="It was not approved." problem={state} />}
    </Dialog>
  )
}
