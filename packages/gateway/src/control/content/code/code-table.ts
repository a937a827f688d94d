import { severityRank, type Severity } from '@sallyport/core'

/** What happens to a call that would write or run code in which something was found (HB-107). */
export interface CodePolicy {
  /** `ask` holds it for a person · `block` refuses · `warn` only records · `off` looks at nothing. */
  readonly action: 'ask' | 'block' | 'warn' | 'off'
  /** Findings below this are recorded and change nothing. */
  readonly severityThreshold: Exclude<Severity, 'info'>
}

/** Of every tool group. */
const STANDARD: CodePolicy = Object.freeze({ action: 'ask', severityThreshold: 'high' })
const ORDER: readonly CodePolicy['action'][] = ['off', 'warn', 'ask', 'block']

/** The strictest line of all groups of a tool; a group without one has the standard. */
export function codePolicy(groups: readonly string[], table: Readonly<Record<string, CodePolicy>>): CodePolicy {
  const found = groups
    .filter((group) => group !== 'group:all')
    .map((group) => (Object.hasOwn(table, group) ? table[group] : undefined) ?? STANDARD)
  return found.reduce((worst, each) => (isStricter(each, worst) ? each : worst), found[0] ?? STANDARD)
}

const isStricter = (a: CodePolicy, b: CodePolicy): boolean => {
  const by = ORDER.indexOf(a.action) - ORDER.indexOf(b.action)
  return by > 0 || (by === 0 && severityRank(a.severityThreshold) < severityRank(b.severityThreshold))
}

/** In tests and examples of a project nothing below this holds a call. */
export const MILDEST_IN_TESTS: CodePolicy['severityThreshold'] = 'high'
