import { mergeDemands, severityRank, type ApprovalDemand, type Decision, type Severity } from '@sallyport/core'

/** Something besides policy that a person has to agree to. */
export interface CallHold {
  readonly reason: string
  readonly severity: Severity
  readonly rules: readonly string[]
}

/**
 * A decision about a call that a person has to look at whatever policy says, because of the code in it (HB-107) or the skill behind it
 * (HB-33): what policy allows waits, what it asks about is asked about with this too, and what it denies stays denied. No grant stands
 * in for the look.
 */
export function held(decision: Decision, approved: boolean, hold: CallHold | undefined): Decision {
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
