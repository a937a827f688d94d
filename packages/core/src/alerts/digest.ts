import { plainSignal } from './signals.ts'
import type { AlertSeverity, Signal } from './alert.ts'

/** How many records there are; `estimated`: from a sample. */
export interface DigestCount {
  readonly n: number
  readonly estimated: boolean
}

/** What the log of a time holds. */
export interface DigestFacts {
  /** ms since 1970. */
  readonly from: number
  readonly to: number
  readonly allowed: DigestCount
  readonly asked: DigestCount
  readonly denied: DigestCount
  readonly alerts: DigestCount
  readonly changes: DigestCount
  /** Tools and agents that were denied most, the most frequent first. */
  readonly deniedTools: readonly string[]
  readonly deniedAgents: readonly string[]
  /** When somebody looked into the log last, ms since 1970. */
  readonly reviewedAt: number
}

const DAY = 86_400_000
const NAMED = 3

/** A digest of the log in one sentence (HB-146), with the counts as its cause. Pure. */
export function digestSignal(facts: DigestFacts, severity: AlertSeverity): Signal {
  const { from, to, allowed, asked, denied, alerts, changes, deniedTools, deniedAgents, reviewedAt } = facts
  const tools = deniedTools.slice(0, NAMED).join(', ')
  const agents = deniedAgents.slice(0, NAMED).join(', ')
  const most = tools === '' ? '' : ` (most: ${tools}${agents === '' ? '' : `, by ${agents}`})`
  const counted = [
    `${said(allowed)} calls allowed`,
    `${said(asked)} asked about`,
    `${said(denied)} denied${most}`,
    `${said(alerts)} alerts`,
    `${said(changes)} changes of policy`,
  ]
  const sentence = `The log of ${days(to - from)}: ${counted.join(', ')}. Somebody looked into it ${ago(to - reviewedAt)}.`
  const numbers = { allowed: allowed.n, asked: asked.n, denied: denied.n, alerts: alerts.n, changes: changes.n }
  const cause = { from: new Date(from).toISOString(), to: new Date(to).toISOString(), ...numbers }
  return { ...plainSignal('log.digest', severity, sentence), cause }
}

const said = ({ n, estimated }: DigestCount): string => `${estimated ? 'about ' : ''}${n}`
const days = (ms: number): string => {
  const n = Math.max(1, Math.round(ms / DAY))
  return n === 1 ? 'a day' : `${n} days`
}
const ago = (ms: number): string => {
  const n = Math.floor(ms / DAY)
  return n <= 0 ? 'today' : n === 1 ? 'yesterday' : `${n} days ago`
}
