import { suppressionFor, type FindingPlace, type Suppression } from '@sallyport/core'
import type { GateFinding } from '../../boundary/ports.ts'

/** Findings with what somebody answers for marked as such. @param now ms since 1970 */
export function answeredFor(
  findings: readonly GateFinding[],
  place: FindingPlace,
  suppressions: readonly Suppression[],
  now: number,
): readonly GateFinding[] {
  if (suppressions.length === 0) return findings
  const today = new Date(now).toISOString()
  return findings.map((finding) => {
    const one = suppressionFor(suppressions, { rule: finding.rule, place }, today)
    return one === undefined ? finding : { ...finding, suppressed: `${one.owner}: ${one.reason}` }
  })
}
