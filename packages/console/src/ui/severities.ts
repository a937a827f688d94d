export type Severity = 'critical' | 'high' | 'medium' | 'low' | 'info'

/** Worst first. */
const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'info']

/** `2 critical, 1 high`; empty where nothing was found. */
export const bySeverity = (findings: readonly { readonly severity: Severity }[]): string =>
  SEVERITIES.flatMap((each) => {
    const count = findings.filter(({ severity }) => severity === each).length
    return count === 0 ? [] : [`${count} ${each}`]
  }).join(', ')
