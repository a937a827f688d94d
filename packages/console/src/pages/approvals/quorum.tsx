import { cx } from '../../ui/cx.ts'
import { initials } from '../../shell/initials.ts'
import type { Answer } from './model.ts'
import styles from './decision-bar.module.css'

const nameOf = (operator: string): string => operator.replace(/^operator:/, '')

/** How many people are needed and who has approved. Two passkeys of one person are one person. */
export function Quorum({ answer }: { readonly answer: Answer }) {
  const { quorum, approvals } = answer
  if (quorum < 2) return null
  return (
    <p className={styles.quorum}>
      <span className={styles.circles} aria-hidden="true">
        {Array.from({ length: quorum }, (_, at) => {
          const who = approvals[at]
          return (
            <span key={at} className={cx(styles.circle, who === undefined && styles.dashed)}>
              {who === undefined ? '' : initials(nameOf(who))}
            </span>
          )
        })}
      </span>
      <span>
        <b>
          {approvals.length} of {quorum} approvals.
        </b>{' '}
        {approvals.length > 0 && `${approvals.map(nameOf).join(', ')} approved. `}
      </span>
    </p>
  )
}
