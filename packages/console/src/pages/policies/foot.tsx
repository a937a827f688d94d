import { useNavigate } from '@tanstack/react-router'
import { Fingerprint, Lock, ShieldCheck } from 'lucide-react'
import { useState } from 'react'
import { del, get, post, Problem } from '../../api/client.ts'
import { useMay } from '../../api/me.ts'
import { refetch } from '../../api/query.ts'
import { useProve } from '../../presence/provider.tsx'
import { Button } from '../../ui/button.tsx'
import { Failure } from '../../ui/states.tsx'
import { Becomes } from './becomes.tsx'
import type { DraftDiff } from './model.ts'
import type { DraftWork } from './use-draft.ts'
import styles from './policies.module.css'

interface PublishReport {
  readonly outcome: string
  readonly agreed: readonly string[]
  readonly change?: { readonly newVersion: string }
}

/** Why a draft cannot be published now, or undefined. */
function whyNot({ check, isOld, isDirty, draft }: DraftWork): string | undefined {
  if (check === undefined) return 'Checking the draft…'
  if (check.conflict)
    return `Another policy came into force since. Rebase the draft, it began with ${draft.base.version}.`
  const errors = check.issues.filter(({ severity }) => severity === 'error').length
  const { failed } = check.tests
  if (errors > 0) return `Publishing is blocked by ${errors === 1 ? '1 error' : `${errors} errors`}.`
  if (failed > 0) return `Publishing is blocked by ${failed === 1 ? '1 red test' : `${failed} red tests`}.`
  if (!check.ok) return check.problem?.text ?? 'The two policy engines disagree.'
  if (check.changed.length === 0) return 'Nothing is changed.'
  if (isDirty) return 'Save the draft, then publish it.'
  return isOld ? 'Checking the draft…' : undefined
}

/** State of publishing, and what can be done with the draft. */
export function Foot({ work }: { readonly work: DraftWork }) {
  const navigate = useNavigate()
  const prove = useProve()
  const may = useMay('policy')
  const [problem, setProblem] = useState<Problem>()
  const [said, setSaid] = useState('')
  const { draft, check, isDirty } = work
  const blocked = whyNot(work)
  const act = async (task: () => Promise<void>): Promise<void> => {
    try {
      setProblem(undefined)
      await task()
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown
      setProblem(thrown)
    }
  }
  const publish = async (): Promise<void> => {
    if (check === undefined) return
    const { digest } = check
    const diff = await get<DraftDiff>(`/api/v1/policy/drafts/${draft.id}/diff`)
    const proof = await prove(
      'policy.accept',
      { digest },
      { title: 'Publish this policy', sentence: <Becomes {...diff} />, button: 'Publish with passkey' },
    )
    if (proof === undefined) return
    const report = await post<PublishReport>(`/api/v1/policy/drafts/${draft.id}/publish`, { digest, proof })
    await refetch('/api/v1/policy')
    if (report.outcome === 'waiting') {
      setSaid('You agreed. It allows more, so a second person has to agree too.')
      return
    }
    await navigate({ to: '/policies/live', search: { published: report.change?.newVersion ?? '' } })
  }
  const discard = async (): Promise<void> => {
    await del(`/api/v1/policy/drafts/${draft.id}`)
    await refetch('/api/v1/policy')
    await navigate({ to: '/policies/live' })
  }
  const rebase = async (): Promise<void> => {
    const { conflicts } = await post<{ readonly conflicts: readonly string[] }>(
      `/api/v1/policy/drafts/${draft.id}/rebase`,
    )
    await refetch('/api/v1/policy')
    setSaid(conflicts.length === 0 ? 'Rebased.' : `Rebased. Both changed ${conflicts.join(', ')}: look at it again.`)
    work.again()
  }
  const agreed = draft.agreed.digest === check?.digest ? draft.agreed.by : []
  return (
    <footer className={styles.foot}>
      {problem !== undefined && <Failure what="The draft is not in force." problem={problem} />}
      {work.problem !== undefined && <Failure what="The draft was not saved or checked." problem={work.problem} />}
      <div className={styles.footLine}>
        <p role="status" className={blocked === undefined ? styles.free : styles.blocked}>
          {blocked === undefined ? (
            <ShieldCheck size={16} strokeWidth={1.75} aria-hidden="true" />
          ) : (
            <Lock size={16} strokeWidth={1.75} aria-hidden="true" />
          )}
          <strong>{said || (blocked ?? readyWords(check?.widening.length ?? 0, agreed))}</strong>
        </p>
        <div className={styles.footActs}>
          {check?.conflict === true && <Button onClick={() => void act(rebase)}>Rebase the draft</Button>}
          <Button kind="quiet" disabled={!may} onClick={() => void act(discard)}>
            Discard draft
          </Button>
          <Button disabled={!isDirty || !may} hint="⌘S" onClick={() => void work.save()}>
            Save draft
          </Button>
          <Button
            kind="ink"
            icon={<Fingerprint size={16} strokeWidth={1.75} aria-hidden="true" />}
            disabled={blocked !== undefined || !may}
            onClick={() => void act(publish)}
          >
            Publish…
          </Button>
        </div>
      </div>
    </footer>
  )
}

function readyWords(widening: number, agreed: readonly string[]): string {
  const waits = agreed.length > 0 ? ` ${agreed.map((id) => id.replace('operator:', '')).join(', ')} agreed.` : ''
  return widening === 0
    ? 'Ready. It tightens only.'
    : `Ready. It allows more by ${widening} ${widening === 1 ? 'rule' : 'rules'}.${waits}`
}
