import type { Answer } from './model.ts'
import type { Scope } from './decide.ts'
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
}: {
  answer: Answer
  scope: Scope
  onChange: (scope: Scope) => void
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
      </div>
    </fieldset>
  )
}
