import { useEffect, useState } from 'react'
import { serverNow } from '../api/clock.ts'
import { useLive } from '../api/live.ts'
import { cx } from './cx.ts'
import styles from './countdown.module.css'

/** Whole seconds until `until` (ms since 1970, gateway's clock), counted once per second; never below 0. */
export function useSecondsLeft(until: number): number {
  const [now, setNow] = useState(serverNow)
  useEffect(() => {
    const timer = window.setInterval(() => setNow(serverNow()), 1000)
    return () => window.clearInterval(timer)
  }, [])
  return Math.max(0, Math.ceil((until - now) / 1000))
}

/** `m:ss` */
export const clockText = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`

/** Digits only, for rows. Below one minute they are crimson; unknown while not connected. */
export function TimeLeft({ until }: { readonly until: number }) {
  const seconds = useSecondsLeft(until)
  const offline = useLive().kind === 'offline'
  return (
    <span className={cx('num', seconds < 60 && !offline && styles.urgent)}>{offline ? '–' : clockText(seconds)}</span>
  )
}

const SPOKEN = new Map([
  [60, 'One minute left.'],
  [15, 'Fifteen seconds left.'],
])
const AROUND = 2 * Math.PI * 10

/** Ring and digits; speaks up at 1:00 and 0:15 only. The gateway decides when time is over, not this. */
export function Countdown({ until, from, then }: { until: number; from: number; then?: string }) {
  const seconds = useSecondsLeft(until)
  const offline = useLive().kind === 'offline'
  const share = Math.min(1, (seconds * 1000) / Math.max(1000, until - from))
  return (
    <div className={cx(styles.countdown, seconds < 60 && !offline && styles.urgent)} role="timer">
      <div>
        <div className={cx(styles.digits, 'num')}>{offline ? '–' : clockText(seconds)}</div>
        {then !== undefined && <div className={styles.then}>{then}</div>}
      </div>
      <svg width="28" height="28" viewBox="0 0 28 28" aria-hidden="true" className={styles.ring}>
        <circle cx="14" cy="14" r="10" className={styles.track} />
        <circle
          cx="14"
          cy="14"
          r="10"
          className={styles.left}
          strokeDasharray={`${AROUND * (offline ? 0 : share)} ${AROUND}`}
        />
      </svg>
      <span className="hidden-text" aria-live="polite">
        {SPOKEN.get(seconds)}
      </span>
    </div>
  )
}
