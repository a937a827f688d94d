import { Link } from '@tanstack/react-router'
import { Button } from '../../ui/button.tsx'
import { State } from '../../ui/chip.tsx'
import { STATE } from './inbox.tsx'
import type { Answer } from './model.ts'
import styles from './decision-bar.module.css'

/** In the place of the bar, when it is decided: what happened, by whom. */
export function Outcome({
  answer,
  me,
  onRule,
}: {
  readonly answer: Answer
  readonly me: string | undefined
  readonly onRule: () => void
}) {
  return (
    <footer className={styles.bar} aria-label="Decision">
      <p className={styles.outcome} role="status">
        <State name={STATE[answer.state]} />
        <span>{sentenceOf(answer, me)}</span>
        {answer.auditId !== undefined && <Link to={`/log/${answer.auditId}`}>Record</Link>}
        <Button kind="quiet" small onClick={onRule}>
          Draft a rule…
        </Button>
      </p>
    </footer>
  )
}

function sentenceOf({ state, decidedBy, approvals }: Answer, me: string | undefined): string {
  const who = (id: string | undefined): string => (id === undefined || id === me ? 'you' : id.replace(/^operator:/, ''))
  const by = who(state === 'denied' ? decidedBy : (approvals.at(-1) ?? decidedBy))
  switch (state) {
    case 'approved':
      return `Approved by ${by}. Waiting for the agent.`
    case 'consumed':
      return `Approved by ${by}. It ran.`
    case 'denied':
      return `Denied by ${by}. Nothing was done, the agent was told.`
    case 'expired':
      return 'Nobody answered in time, so it was denied.'
    case 'superseded':
      return 'It changed before it ran. It was not done; you are asked again.'
    default:
      return 'The agent does not wait for it any more. Nothing was done.'
  }
}
