import { Link } from '@tanstack/react-router'
import styles from './because.module.css'

export interface Reason {
  /** Bold, a full sentence. */
  readonly claim: string
  readonly evidence?: string
  /** Id of the rule; a link to its line in the policy. */
  readonly rule?: string
  /** Place of the rule, `flow.cedar#L12`. */
  readonly place?: string
}

/** One reason: claim, evidence and the rule it comes from. */
export function Because({ claim, evidence, rule, place }: Reason) {
  return (
    <p className={styles.because}>
      <span className={styles.words}>
        <strong>{claim}</strong> {evidence}
      </span>
      {rule !== undefined &&
        (place === undefined ? (
          <code className={styles.rule}>{rule}</code>
        ) : (
          <Link to={`/policies/live/${place}`} className={styles.rule}>
            <code>{rule}</code>
          </Link>
        ))}
    </p>
  )
}
