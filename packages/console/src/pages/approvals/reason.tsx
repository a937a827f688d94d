import { useId, type Ref } from 'react'
import { Coverage } from './coverage.tsx'
import type { Scope } from './decide.ts'
import type { Answer } from './model.ts'
import styles from './decision-bar.module.css'

export interface Draft {
  readonly reason: string
  readonly scope: Scope
}

interface InputsProps {
  readonly answer: Answer
  readonly draft: Draft
  readonly onChange: (draft: Draft) => void
  /** Esc in the field. */
  readonly onLeave?: () => void
  readonly field?: Ref<HTMLInputElement>
  readonly onRule?: () => void
}

/** Reason and coverage: in the bar, on phones in the sheet. Enter in the reason does nothing. */
export function Inputs({ answer, draft, onChange, onLeave, field, onRule }: InputsProps) {
  const id = useId()
  return (
    <div className={styles.inputs}>
      <div className={styles.reason}>
        <label htmlFor={id}>{needsReason(answer) ? `Reason, required at ${answer.severity} risk` : 'Reason'}</label>
        <input
          ref={field}
          id={id}
          value={draft.reason}
          maxLength={500}
          autoComplete="off"
          placeholder="Kept in the log with your name"
          onChange={(event) => onChange({ ...draft, reason: event.target.value })}
          onKeyDown={(event) => {
            if (event.key === 'Enter') event.preventDefault()
            if (event.key === 'Escape' && onLeave !== undefined) {
              event.preventDefault()
              onLeave()
            }
          }}
        />
      </div>
      <Coverage
        answer={answer}
        scope={draft.scope}
        onChange={(scope) => onChange({ ...draft, scope })}
        onRule={onRule}
      />
    </div>
  )
}

/** From high risk upwards a reason is required. */
const needsReason = ({ severity }: Answer): boolean => severity === 'high' || severity === 'critical'

const LEAST_REASON = 8

/** Why this reason does not do; undefined where it does. */
export const whyNotReason = (answer: Answer, reason: string): string | undefined =>
  needsReason(answer) && reason.trim().length < LEAST_REASON ? 'Give a reason of at least 8 characters.' : undefined
