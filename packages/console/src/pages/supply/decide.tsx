import { Fingerprint } from 'lucide-react'
import { useId, useRef, useState, type ReactNode } from 'react'
import { useLive } from '../../api/live.ts'
import { post } from '../../api/client.ts'
import { useMay } from '../../api/me.ts'
import { refetch } from '../../api/query.ts'
import { useProve } from '../../presence/provider.tsx'
import { useKeys } from '../../shell/keys.ts'
import { useAct } from '../../ui/act.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Card } from '../../ui/screen.tsx'
import { Failure } from '../../ui/states.tsx'
import { bySeverity } from '../../ui/severities.ts'
import { acts, shortHash, type SkillReview } from './model.ts'
import styles from './supply.module.css'

const SHORTEST = 3
const LONGEST = 500
const PASSKEY = <Fingerprint size={16} strokeWidth={1.75} aria-hidden="true" />

interface DecideProps {
  readonly review: SkillReview
  /** The decision is made and shown: the buttons may be gone. */
  readonly onDone: () => void
}

/** What a person can decide about this version, with a reason; why not, where they cannot. */
export function Decide({ review, onDone }: DecideProps) {
  const { name, version, serves, rollback } = review
  const { hash, state, requiresApproval } = version
  const needed = acts(version) && !requiresApproval
  const prove = useProve()
  const may = useMay('policy')
  const live = useLive().kind
  const act = useAct()
  const field = useRef<HTMLTextAreaElement>(null)
  const note = useId()
  const [typed, setReason] = useState('')
  const [agree, setAgree] = useState(false)
  const reason = typed.trim()
  const isOpen = state === 'pending_review' || state === 'disabled'
  const canPromote = state === 'internal' && serves !== 'nobody'
  const why = !may
    ? 'Skills are decided on by policy or admin.'
    : live === 'connecting'
      ? 'Connecting to the gateway.'
      : live !== 'live'
        ? 'Not connected: nothing can be decided now.'
        : reason.length < SHORTEST
          ? `Say why, in ${SHORTEST} characters or more.`
          : undefined
  const off = why !== undefined || act.busy

  const send = async (path: string, body: object): Promise<void> => {
    await post(`/api/v1/skills/${encodeURIComponent(name)}/${path}`, body)
    await refetch('/api/v1/skills')
    onDone()
  }
  const proved = async (path: string, asked: { hash: string; reason: string }, words: Words): Promise<void> => {
    const { title, says, button } = words
    const grave = version.findings.filter(({ severity }) => severity === 'critical' || severity === 'high')
    const sentence = (
      <p>
        {says} Hash <code>{shortHash(asked.hash)}</code>.{' '}
        {asked.hash === hash && grave.length > 0 && <strong>Found in it: {bySeverity(grave)}.</strong>}
      </p>
    )
    const proof = await prove(`skill.${path}`, { name, ...asked }, { title, sentence, button })
    if (proof !== undefined) await send(path, { ...asked, proof })
  }
  const approve = () =>
    proved(
      'approve',
      { hash, reason, ...{ requiresApproval: requiresApproval || agree } },
      {
        title: `Approve ${name}`,
        says: 'Agents inside may load it from now on, not those that visitors talk to.',
        button: 'Approve with passkey',
      },
    )
  const promote = () =>
    proved(
      'promote',
      { hash, reason },
      {
        title: `Promote ${name}`,
        says: 'Agents that visitors talk to may load it from now on.',
        button: 'Promote with passkey',
      },
    )
  const back = (to: string) =>
    proved(
      'rollback',
      { hash: to, reason },
      {
        title: `Roll ${name} back`,
        says: 'What was reviewed before is in force again, from the copy that was kept.',
        button: 'Roll back with passkey',
      },
    )
  const asked = (task: () => Promise<void>, ready: boolean) => (): void => {
    if (!ready) return
    if (may && live === 'live' && reason.length < SHORTEST) return field.current?.focus()
    if (!off) act.run(task)
  }
  const isAgreed = !needed || agree
  const reject = asked(() => send('reject', { hash, reason }), isOpen)
  const approving = asked(approve, isOpen && isAgreed)
  useKeys({
    r: { say: 'Write the reason', run: () => field.current?.focus() },
    d: { say: 'Reject this version', run: reject },
    a: { say: 'Approve this version…', run: approving },
  })
  if (!isOpen && !canPromote && rollback === undefined) return null
  return (
    <Card title="Your decision">
      <div className={styles.decide}>
        <TextField
          ref={field}
          label="Reason"
          note="Kept with the decision."
          value={typed}
          maxLength={LONGEST}
          disabled={!may}
          onChange={(event) => setReason(event.target.value)}
        />
        {isOpen && !requiresApproval && (
          <label className={styles.check}>
            <input
              type="checkbox"
              checked={agree}
              disabled={!may}
              onChange={(event) => setAgree(event.target.checked)}
            />
            <span>
              A person has to agree to what it does.
              {needed && ' It reaches the network or changes data, so it cannot be approved without this.'}
            </span>
          </label>
        )}
        {act.problem !== undefined && <Failure what="Nothing was decided." problem={act.problem} />}
        <p id={note} className={styles.quiet}>
          {why ??
            (isOpen && !isAgreed
              ? 'Say that a person has to agree, or reject it.'
              : isOpen
                ? 'Approving asks for your passkey. Rejecting does not.'
                : 'This asks for your passkey.')}
        </p>
        <div className={styles.acts}>
          {isOpen && (
            <Button kind="ink" hint="D" disabled={off} aria-describedby={note} onClick={reject}>
              Reject
            </Button>
          )}
          {rollback !== undefined && (
            <Button icon={PASSKEY} disabled={off} aria-describedby={note} onClick={asked(() => back(rollback), true)}>
              {rollback === hash ? 'Back to these reviewed bytes…' : `Roll back to ${shortHash(rollback)}…`}
            </Button>
          )}
          <div className={styles.apart}>
            {isOpen && (
              <Button icon={PASSKEY} hint="A" disabled={off || !isAgreed} aria-describedby={note} onClick={approving}>
                Approve…
              </Button>
            )}
            {canPromote && (
              <Button icon={PASSKEY} disabled={off} aria-describedby={note} onClick={asked(promote, true)}>
                Promote to everybody…
              </Button>
            )}
          </div>
        </div>
      </div>
    </Card>
  )
}

interface Words {
  readonly title: string
  readonly says: ReactNode
  readonly button: string
}
