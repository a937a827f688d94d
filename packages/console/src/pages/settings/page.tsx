import { Link } from '@tanstack/react-router'
import type { ComponentType } from 'react'
import { useObject } from '../../shell/view.ts'
import { cx } from '../../ui/cx.ts'
import { Screen } from '../../ui/screen.tsx'
import { About } from './about.tsx'
import { Channels } from './channels.tsx'
import { Data } from './data.tsx'
import { People } from './people.tsx'
import { Presence } from './presence.tsx'
import { Profile } from './profile.tsx'
import { Risks } from './risks.tsx'
import { Sessions } from './sessions.tsx'
import styles from './page.module.css'

const PARTS: readonly (readonly [id: string, words: string, Part: ComponentType])[] = [
  ['profile', 'Profile', Profile],
  ['people', 'People and roles', People],
  ['presence', 'Passkeys', Presence],
  ['sessions', 'Sessions', Sessions],
  ['channels', 'Channels', Channels],
  ['data', 'Data', Data],
  ['risks', 'Accepted risks', Risks],
  ['about', 'About', About],
]

/** What belongs to this person and to this gateway. */
export function Page() {
  const [part = 'profile'] = useObject()
  const Part = PARTS.find(([id]) => id === part)?.[2] ?? Profile
  return (
    <Screen title="Settings">
      <div className={styles.settings}>
        <nav aria-label="Settings" className={styles.parts}>
          {PARTS.map(([id, words]) => (
            <Link
              key={id}
              to={`/settings/${id}`}
              className={cx(styles.part, id === part && styles.current)}
              aria-current={id === part ? 'page' : undefined}
            >
              {words}
            </Link>
          ))}
        </nav>
        <div className={styles.body}>
          <Part />
        </div>
      </div>
    </Screen>
  )
}
