import { mergeDemands, severityRank, type ApprovalDemand, type Decision } from '@sallyport/core'
import type { CodeHold } from './ports-code.ts'

/**
 * A decision about a call with code in it that a person has to look at (HB-107): what policy allows waits, what it asks about
 * is asked about with this too, and what it denies stays denied. No grant stands in for the look.
 */
export function held(decision: Decision, approved: boolean, hold: CodeHold | undefined): Decision {
  if (hold === undefined || approved || decision.outcome === 'deny') return decision
  const asked = decision.outcome === 'ask' ? decision : undefined
  const demand = asked?.demand ?? mergeDemands([])
  if (demand === undefined) return decision
  const severity = severityRank(hold.severity) > severityRank(demand.severity) ? hold.severity : demand.severity
  const both: ApprovalDemand = { ...demand, severity, remember: false }
  return {
    ...decision,
    outcome: 'ask',
    code: 'SP_APPROVAL_REQUIRED',
    reason: asked === undefined ? hold.reason : `${asked.reason} ${hold.reason}`,
    determining: [...(asked?.determining ?? []), ...hold.rules],
    severity,
    demand: both,
  }
}
