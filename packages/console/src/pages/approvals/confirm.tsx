import { Fingerprint } from 'lucide-react'
import { useState } from 'react'
import { Problem } from '../../api/client.ts'
import { refetch } from '../../api/query.ts'
import { Cancelled } from '../../presence/passkey.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Failure } from '../../ui/states.tsx'
import { useArmed, useDeliberate } from './arming.ts'
import { coverageWords } from './coverage.tsx'
import { approve } from './approve.ts'
import { Elsewhere, useHasPasskey } from './elsewhere.tsx'
import { isWaiting, type Answer, type Detail } from './model.ts'
import { Inputs, whyNotReason, type Draft } from './reason.tsx'
import { RowValue } from './row-value.tsx'
import { Quoted } from './quoted.tsx'
import { capital } from './words.ts'
import styles from './decision-bar.module.css'

interface ConfirmProps {
  readonly answer: Answer
  readonly detail: Detail
  readonly draft: Draft
  /** Given where the reason and the coverage are chosen here, on phones. */
  readonly onChange: ((draft: Draft) => void) | undefined
  readonly operator: string
  readonly connected: boolean
  readonly onClose: () => void
}

/** The step before the passkey: the consequence once more, with every destination in full. Cancel has the focus. */
export function Confirm({ answer, detail, draft, onChange, operator, connected, onClose }: ConfirmProps) {
  const { scope, reason } = draft
  const lacking = whyNotReason(answer, reason)
  const [state, setState] = useState<'ready' | 'busy' | 'cancelled' | Problem>('ready')
  const armed = useArmed(answer.callDigest)
  const hasPasskey = useHasPasskey(operator)
  const ready = hasPasskey && lacking === undefined && armed && connected && state !== 'busy' && isWaiting(answer)
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
      title="Approve this call?"
      onClose={onClose}
      actions={
        <>
          <Button kind="ink" data-first onClick={onClose}>
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
      <p className={styles.consequence}>
        <Quoted text={detail.sentence} /> {detail.isFinal ? 'It cannot be undone.' : 'It can be undone.'}
      </p>
      {detail.affected.length > 0 && (
        <ul className={styles.targets}>
          {detail.affected.map((row) => (
            <li key={`${row.label} ${row.text}`}>
              <span>{capital(row.label)}</span> <RowValue row={row} />
            </li>
          ))}
        </ul>
      )}
      {onChange === undefined ? (
        <dl className={styles.summary}>
          <div>
            <dt>Covers</dt>
            <dd>{coverageWords(answer, scope)}</dd>
          </div>
          {reason.trim() !== '' && (
            <div>
              <dt>Reason</dt>
              <dd>{reason}</dd>
            </div>
          )}
        </dl>
      ) : (
        <Inputs answer={answer} draft={draft} onChange={onChange} />
      )}
      <Elsewhere answer={answer} hasPasskey={hasPasskey} />
      {state === 'cancelled' && <p role="status">The passkey was not used. Nothing was done.</p>}
      {state instanceof Problem && <Failure what="It was not approved." problem={state} />}
    </Dialog>
  )
}
