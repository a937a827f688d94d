import { Card } from '../../ui/screen.tsx'
import { Chip } from '../../ui/chip.tsx'
import { acts, CAN, UNDECLARED, type SkillVersion } from './model.ts'
import styles from '../../ui/detail.module.css'

/** What it can do, by its manifest or by its code, and what of that its manifest does not say. */
export function Rights({ version }: { readonly version: SkillVersion }) {
  const { capabilities, findings, requiresApproval, verdict } = version
  const ids = new Set(findings.map(({ id }) => id))
  return (
    <Card title="Says and does" aside="by its manifest and its code" flush>
      <ul className={styles.rows}>
        {verdict === 'failed' ? (
          <li className={styles.bad}>What its code does is not known. Its manifest alone was read.</li>
        ) : (
          capabilities.length === 0 && <li>Nothing was noticed that it could do beyond giving instructions.</li>
        )}
        {capabilities.map((each) => {
          const rule = UNDECLARED[each]
          return (
            <li key={each}>
              <span className={styles.grow}>It {CAN[each]}</span>
              {rule !== undefined && ids.has(rule) ? (
                <Chip tone="deny">does, does not say</Chip>
              ) : (
                <span className={styles.quiet}>says or does</span>
              )}
            </li>
          )
        })}
        {acts({ capabilities }) && (
          <li>
            <span className={styles.grow}>A person agrees to what it does</span>
            {requiresApproval ? <span>yes</span> : <Chip tone="ask">its manifest does not ask for it</Chip>}
          </li>
        )}
      </ul>
    </Card>
  )
}
