import { Link } from '@tanstack/react-router'
import { useLive } from '../api/live.ts'
import { useMe } from '../api/me.ts'
import { cx } from '../ui/cx.ts'
import { clock } from './clock.ts'
import { isAdvisory, levelWord } from './level.ts'
import styles from './sidebar.module.css'

/** Words of the modes. */
const MODES: ReadonlyMap<string, string> = new Map([
  ['enforce', 'Enforcing'],
  ['observe', 'Watching only'],
])

/** Mode and deployment level, or that the page is not connected. */
export function StatusLine() {
  const { data: me } = useMe()
  const state = useLive()
  if (state.kind === 'offline') {
    return (
      <p className={styles.status}>
        <span className={cx(styles.dot, styles.amber)} />
        <span>Reconnecting, last update {clock(state.since)}</span>
      </p>
    )
  }
  if (me === undefined) return <p className={styles.status} />
  const { level, mode } = me.gateway
  const advisory = isAdvisory(level)
  return (
    <p className={styles.status}>
      <span className={cx(styles.dot, advisory && styles.amber)} />
      <span>
        {MODES.get(mode) ?? mode} · {advisory ? <Link to="/settings/about">advisory</Link> : levelWord(level)}
      </span>
    </p>
  )
}
