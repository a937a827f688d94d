import { severityRank } from '../approval/eligible.ts'
import type { Severity } from '../policy/decision.ts'

/** What happens to a call in whose arguments something was found (ND-3.2.a). */
export interface GatePolicy {
  /** `block` refuses · `sanitize` takes out what hides, and warns · `warn` and `allow` only record. */
  readonly action: 'block' | 'sanitize' | 'warn' | 'allow'
  /** Findings below this are recorded and change nothing. */
  readonly severityThreshold: Exclude<Severity, 'info'>
  readonly auditLevel: 'full' | 'summary' | 'minimal'
}

const RUNTIME: GatePolicy = { action: 'block', severityThreshold: 'low', auditLevel: 'full' }
const FILES: GatePolicy = { action: 'sanitize', severityThreshold: 'high', auditLevel: 'full' }

/** Defaults by tool group (AC-3.2.2 with E-33). Where mail may go is decided by flow control, not by what a mail says. */
export const GATE_TABLE: Readonly<Record<string, GatePolicy>> = Object.freeze({
  'group:runtime': RUNTIME,
  'group:nodes': RUNTIME,
  'group:automation': RUNTIME,
  'group:fs': FILES,
  'group:ui': FILES,
  'group:sessions': FILES,
  'group:memory': FILES,
  'group:web': { action: 'sanitize', severityThreshold: 'high', auditLevel: 'summary' },
  'group:messaging': { action: 'allow', severityThreshold: 'critical', auditLevel: 'summary' },
})

/** A group that nobody wrote a line for blocks. */
const UNKNOWN: GatePolicy = Object.freeze({ action: 'block', severityThreshold: 'medium', auditLevel: 'full' })
const ORDER: readonly GatePolicy['action'][] = ['allow', 'warn', 'sanitize', 'block']

/** The strictest policy of all groups of a tool. */
export function gatePolicy(groups: readonly string[], table: Readonly<Record<string, GatePolicy>>): GatePolicy {
  const found = groups
    .filter((group) => group !== 'group:all')
    .map((group) => (Object.hasOwn(table, group) ? table[group] : undefined) ?? UNKNOWN)
  return found.reduce((worst, each) => (isStricter(each, worst) ? each : worst), found[0] ?? UNKNOWN)
}

const isStricter = (a: GatePolicy, b: GatePolicy): boolean => {
  const by = ORDER.indexOf(a.action) - ORDER.indexOf(b.action)
  return by > 0 || (by === 0 && severityRank(a.severityThreshold) < severityRank(b.severityThreshold))
}

/** Whether a line lets through what the built-in one of that group would not. */
export const isLooserGate = (group: string, policy: GatePolicy): boolean =>
  isStricter((Object.hasOwn(GATE_TABLE, group) ? GATE_TABLE[group] : undefined) ?? UNKNOWN, policy)

/** True when a finding is grave enough for the policy's action. */
export const reaches = (severity: Severity, { severityThreshold }: GatePolicy): boolean =>
  severityRank(severity) >= severityRank(severityThreshold)
