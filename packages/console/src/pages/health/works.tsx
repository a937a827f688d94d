import { CircleCheck, CircleDashed } from 'lucide-react'
import { Card } from '../../ui/screen.tsx'
import type { Report } from './model.ts'
import styles from './page.module.css'

/** What was tried and held, with what was measured; what could not be looked at is never among it. */
export function Works({ fine, unknown }: Pick<Report, 'fine' | 'unknown'>) {
  return (
    <Card title="Working as intended" aside={`${fine.length} checked`} flush>
      <ul>
        {unknown.map(({ id, title, why }) => (
          <li key={id} className={styles.work}>
            <CircleDashed size={16} strokeWidth={1.75} aria-hidden="true" className={styles.unknown} />
            <span>
              {title}: could not check. <span className={styles.quiet}>{why}</span>
            </span>
          </li>
        ))}
        {fine.map(({ id, title, proof }) => (
          <li key={id} className={styles.work}>
            <CircleCheck size={16} strokeWidth={1.75} aria-hidden="true" className={styles.fine} />
            <span>{title}</span>
            <span className={styles.proof}>{proof}</span>
          </li>
        ))}
      </ul>
    </Card>
  )
}
