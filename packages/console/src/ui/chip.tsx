import {
  BadgeCheck,
  CircleCheck,
  CircleDashed,
  Hand,
  OctagonX,
  Replace,
  ShieldX,
  TimerOff,
  UserCheck,
  type LucideIcon,
} from 'lucide-react'
import type { ReactNode } from 'react'
import { cx } from './cx.ts'
import styles from './chip.module.css'

export type Tone = 'grey' | 'allow' | 'ask' | 'deny' | 'solid' | 'accent'

/** A word with a colour and a shape. */
export function Chip({ tone = 'grey', icon, children }: { tone?: Tone; icon?: ReactNode; children: ReactNode }) {
  return (
    <span className={cx(styles.chip, styles[tone])}>
      {icon}
      {children}
    </span>
  )
}

/** Every state the product has a word for. */
const STATES = {
  allowed: ['Allowed', CircleCheck, 'allow'],
  asked: ['Asked', Hand, 'ask'],
  waiting: ['Waiting', Hand, 'ask'],
  denied: ['Denied', OctagonX, 'deny'],
  approved: ['Approved', UserCheck, 'allow'],
  expired: ['Not answered', TimerOff, 'grey'],
  superseded: ['Out of date', Replace, 'grey'],
  cancelled: ['Withdrawn', TimerOff, 'grey'],
  held: ['Held', ShieldX, 'solid'],
  verified: ['Verified', BadgeCheck, 'allow'],
  unsealed: ['Not sealed yet', CircleDashed, 'grey'],
} as const satisfies Record<string, readonly [string, LucideIcon, Tone]>
export type StateName = keyof typeof STATES

/** A state as chip; `quiet` is its form in rows, where allowed is grey. */
export function State({ name, quiet = false }: { readonly name: StateName; readonly quiet?: boolean }) {
  const [word, Icon, tone] = STATES[name]
  const icon = <Icon size={14} strokeWidth={1.75} aria-hidden="true" />
  if (!quiet) {
    return (
      <Chip tone={tone} icon={icon}>
        {word}
      </Chip>
    )
  }
  return (
    <span className={cx(styles.word, tone !== 'allow' && styles[`word-${tone}`])}>
      {icon}
      <span className={styles.said}>{word}</span>
    </span>
  )
}

const BARS = { low: 1, medium: 2, high: 3, critical: 3 } as const
export type Risk = keyof typeof BARS

/** Three rising bars; critical is a solid chip with the word. */
export function RiskBars({ risk }: { readonly risk: Risk }) {
  const bars = (
    <svg width="12" height="12" viewBox="0 0 12 12" className={styles[`risk-${risk}`]} aria-hidden="true">
      {[0, 1, 2].map((at) => (
        <rect
          key={at}
          x={at * 4.5}
          y={7.5 - at * 3.5}
          width="3"
          height={4 + at * 3.5}
          rx="1"
          className={at < BARS[risk] ? styles.on : styles.off}
        />
      ))}
    </svg>
  )
  if (risk === 'critical') {
    return (
      <Chip tone="solid" icon={bars}>
        critical
      </Chip>
    )
  }
  return (
    <>
      {bars}
      <span className="hidden-text">{risk} risk</span>
    </>
  )
}
