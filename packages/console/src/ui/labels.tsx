import { Shield, ShieldAlert, ShieldCheck, ShieldX } from 'lucide-react'
import { cx } from './cx.ts'
import styles from './labels.module.css'

const INTEGRITY = [
  ['hostile', ShieldX],
  ['untrusted', ShieldAlert],
  ['semi-trusted', Shield],
  ['trusted', ShieldCheck],
] as const
const CONFIDENTIALITY = ['public', 'internal', 'confidential', 'secret'] as const

/** Integrity 0 hostile … 3 trusted: shield, word, and for untrusted the hatch. */
export function Integrity({ level }: { readonly level: number }) {
  const at = level in INTEGRITY ? level : 0
  const [word, Icon] = INTEGRITY[at as 0]
  return (
    <span className={cx(styles.label, styles[`i${at}`], at === 1 && 'hatch')}>
      <Icon size={14} strokeWidth={1.75} aria-hidden="true" />
      <span className={styles.word}>{word}</span>
    </span>
  )
}

/** Confidentiality 0 public … 3 secret: three bars that fill, and the word. */
export function Confidentiality({ level }: { readonly level: number }) {
  const at = level in CONFIDENTIALITY ? level : 3
  return (
    <span className={cx(styles.label, styles[`c${at}`])}>
      <svg width="16" height="10" viewBox="0 0 16 10" aria-hidden="true">
        {[0, 1, 2].map((bar) => (
          <rect
            key={bar}
            x={bar * 5.5 + 0.6}
            y="1"
            width="3.8"
            height="8"
            rx="1"
            fill={bar < at ? 'currentColor' : 'none'}
            stroke="currentColor"
            strokeWidth="1.1"
          />
        ))}
      </svg>
      <span className={styles.word}>{CONFIDENTIALITY[at]}</span>
    </span>
  )
}

export interface LabelPair {
  readonly integrity?: number
  readonly confidentiality?: number
}

/** Integrity, then confidentiality. What is plain (internal or less, when integrity is shown) is left out by the caller. */
export function Labels({ integrity, confidentiality }: LabelPair) {
  return (
    <span className={styles.pair}>
      {integrity !== undefined && <Integrity level={integrity} />}
      {confidentiality !== undefined && <Confidentiality level={confidentiality} />}
    </span>
  )
}
