import { Link } from '@tanstack/react-router'
import { Card } from '../../ui/screen.tsx'
import { Value } from '../../ui/value.tsx'
import { person, when } from '../../ui/when.ts'
import { idOf, shortHash, STATES, type SkillReview } from './model.ts'
import styles from '../../ui/detail.module.css'

const BY = {
  person: '',
  'block-list': 'by the block list',
  'allow-list': 'by the allow list',
  scan: 'by the scan',
  gateway: 'by the gateway',
} as const

/** Who decided what about this version, when and why; and the other versions. */
export function History({ review: { name, version, versions } }: { readonly review: SkillReview }) {
  const others = versions.filter(({ hash }) => hash !== version.hash)
  return (
    <Card title="History" aside={others.length === 0 ? 'the only version' : undefined} flush>
      <ul className={styles.rows}>
        {version.history.toReversed().map(({ at, to, by, reason, of }, index) => (
          <li key={index}>
            <span className={styles.quiet}>{when(at)}</span>
            <strong>{STATES[to]}</strong>
            <span>
              {person(by)} {BY[of]}
            </span>
            <span className={styles.grow}>
              <Value text={reason} foldAt={240} />
            </span>
          </li>
        ))}
        {others.map(({ hash, state }) => (
          <li key={hash}>
            <span className={styles.grow}>
              Other version <Link to={`/supply/${idOf(name, hash)}`}>{shortHash(hash)}</Link>
            </span>
            <span>{STATES[state]}</span>
          </li>
        ))}
      </ul>
    </Card>
  )
}
