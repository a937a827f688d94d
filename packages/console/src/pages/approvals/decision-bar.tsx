import { Fingerprint } from 'lucide-react'
import { lazy, Suspense, useEffect, useId, useRef, useState } from 'react'
import { Problem } from '../../api/client.ts'
import { useLive } from '../../api/live.ts'
import { useMe } from '../../api/me.ts'
import { refetch } from '../../api/query.ts'
import { useKeys } from '../../shell/keys.ts'
import { Button } from '../../ui/button.tsx'
import { useSecondsLeft } from '../../ui/countdown.tsx'
import { useWide } from '../../ui/use-wide.ts'
import { Failure } from '../../ui/states.tsx'
import { useArmed, useDeliberate } from './arming.ts'
import { deny } from './decide.ts'
import { Outcome } from './outcome.tsx'
import { Overflow } from './overflow.tsx'
import { isWaiting, type Answer, type Detail } from './model.ts'
import { Quorum } from './quorum.tsx'
import { Inputs, whyNotReason, type Draft } from './reason.tsx'
import { whyOff } from './why-off.ts'
import styles from './decision-bar.module.css'

const confirm = () => import('./confirm.tsx')
const Confirm = lazy(async () => ({ default: (await confirm()).Confirm }))

interface BarProps {
  readonly answer: Answer
  readonly detail: Detail
  readonly missing: readonly string[]
  readonly unfold: () => void
  readonly goOn: () => void
  readonly onRule: () => void
}

/** Where it is decided: Deny has the weight, the focus and needs one press; approving takes a passkey and a step more. */
export function DecisionBar(props: BarProps) {
  const { data: me } = useMe()
  const { answer, onRule } = props
  if (!isWaiting(answer)) return <Outcome answer={answer} me={me?.id} onRule={onRule} />
  return <Controls {...props} />
}

function Controls({ answer, detail, missing, unfold, goOn, onRule }: BarProps) {
  const { data: me } = useMe()
  const wide = useWide()
  const [draft, setDraft] = useState<Draft>({ reason: '', scope: { kind: 'once' } })
  const [confirming, setConfirming] = useState(false)
  // loaded while the request is read, so that pressing Approve waits for nothing
  useEffect(() => void confirm().catch(() => undefined), [])
  const [problem, setProblem] = useState<Problem>()
  const [busy, setBusy] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  const denyButton = useRef<HTMLButtonElement>(null)
  const why = useId()

  const digest = `${answer.callDigest} ${answer.state}`
  const armed = useArmed(digest)
  const connected = useLive().kind === 'live'
  const seconds = useSecondsLeft(answer.expiresAt)
  // on a phone the reason is asked for in the sheet
  const lacking = wide ? whyNotReason(answer, draft.reason) : undefined
  const off = whyOff({
    answer,
    me,
    connected,
    seconds,
    missing: lacking === undefined ? missing : [...missing, lacking],
  })
  const mayDeny = armed && connected && !busy && off.deny === undefined
  const mayApprove = armed && off.approve === undefined && off.deny === undefined

  useEffect(() => {
    denyButton.current?.focus({ preventScroll: true })
  }, [])
  const doDeny = async (endSession = false): Promise<void> => {
    if (!mayDeny) return
    setBusy(true)
    setProblem(undefined)
    try {
      await deny(answer.id, draft.reason, endSession)
      await refetch('/api/v1/approvals')
      goOn()
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown
      setProblem(thrown)
      await refetch('/api/v1/approvals')
    } finally {
      setBusy(false)
    }
  }
  const denying = useDeliberate(digest, () => void doDeny())
  const approving = useDeliberate(digest, () => {
    if (mayApprove) setConfirming(true)
  })
  useKeys({
    d: { say: 'Deny', run: () => void doDeny() },
    a: { say: 'Approve…', run: () => void (mayApprove && setConfirming(true)) },
    r: { say: 'Write a reason', run: () => field.current?.focus() },
    x: { say: 'Unfold all values', run: unfold },
  })
  return (
    <footer className={styles.bar} aria-label="Decision">
      <Quorum answer={answer} />
      {problem !== undefined && <Failure what="It was not denied." problem={problem} />}
      {off.deny === undefined && wide && (
        <Inputs
          answer={answer}
          draft={draft}
          onChange={setDraft}
          onLeave={() => denyButton.current?.focus()}
          field={field}
          onRule={onRule}
        />
      )}
      <div className={styles.acts}>
        <p id={why} className={styles.note}>
          <Fingerprint size={16} strokeWidth={1.75} aria-hidden="true" />
          {off.deny ?? off.approve ?? 'Approving asks for your passkey. Denying does not.'}
        </p>
        {off.deny === undefined && (
          <>
            <Button
              className={styles.approve}
              aria-disabled={!mayApprove}
              aria-describedby={why}
              title={off.approve}
              hint="A"
              icon={<Fingerprint size={16} strokeWidth={1.75} aria-hidden="true" />}
              {...approving}
            >
              {draft.scope.kind === 'once' && wide ? 'Approve once…' : 'Approve…'}
            </Button>
            <Button ref={denyButton} kind="ink" className={styles.deny} aria-disabled={!mayDeny} hint="D" {...denying}>
              Deny
            </Button>
            <Overflow digest={digest} may={mayDeny} agent={answer.agentId} onEnd={() => void doDeny(true)} />
          </>
        )}
      </div>
      {confirming && me !== undefined && (
        <Suspense>
          <Confirm
            answer={answer}
            detail={detail}
            draft={draft}
            onChange={wide ? undefined : setDraft}
            operator={me.id}
            connected={connected}
            onClose={() => setConfirming(false)}
          />
        </Suspense>
      )}
    </footer>
  )
}
