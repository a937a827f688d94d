import type { Answer } from './model.ts'
import type { Scope } from './decide.ts'
import { Button } from '../../ui/button.tsx'
import styles from './decision-bar.module.css'

const wordsOf = ({ target = 'target' }: Answer, kind: Scope['kind']): string =>
  kind === 'once' ? 'Once' : `This ${target}, this session`

/** One line of what the scope covers. */
export const coverageWords = (answer: Answer, { kind }: Scope): string =>
  kind === 'once' ? 'Exactly this call, once' : wordsOf(answer, kind)

/** What an approval covers. Scopes that policy forbids are not there. */
export function Coverage({
  answer,
  scope,
  onChange,
  onRule,
}: {
  answer: Answer
  scope: Scope
  onChange: (scope: Scope) => void
  /** Opens the rule that would answer such calls from now on. */
  onRule: (() => void) | undefined
}) {
  const kinds = (['once', 'value'] as const).filter((kind) => answer.scopes?.includes(kind) ?? kind === 'once')
  return (
    <fieldset className={styles.coverage}>
      <legend>If approved, it covers</legend>
      <div className={styles.options}>
        {kinds.map((kind) => (
          <label key={kind}>
            <input
              type="radio"
              name={`covers-${answer.id}`}
              checked={scope.kind === kind}
              onChange={() => onChange({ kind })}
            />
            <span>{wordsOf(answer, kind)}</span>
          </label>
        ))}
        {onRule !== undefined && (
          <Button kind="quiet" onClick={onRule}>
            Draft a rule…
          </Button>
        )}
      </div>
    </fieldset>
  )
}
