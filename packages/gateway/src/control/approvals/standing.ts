import {
  whyClassIsTooWeak,
  whyMayNotApprove,
  type Approval,
  type ApprovalRequest,
  type GrantScope,
} from '@sallyport/core'
import type { Presence } from '../presence/presence.ts'

/** Whether somebody may approve a request, and why not. */
export interface Standing {
  readonly operator: string
  readonly may: boolean
  readonly why: string
}

/** Everybody who could be asked, as of now. */
export interface Standings {
  /** All people for one request. */
  readonly all: (approval: Approval) => readonly Standing[]
  /** One person for one request. */
  readonly of: (operator: string, approval: Approval) => Standing
}

/** Reads once who is here, for as many requests as there are. */
export async function standings(presence: Pick<Presence, 'principals' | 'passkeys'>): Promise<Standings> {
  const [principals, passkeys] = await Promise.all([presence.principals(), presence.passkeys.all()])
  const withPasskey = new Set(passkeys.map(({ operator }) => operator))
  const of = (operator: string, { request, votes }: Approval): Standing => {
    const principal = principals.get(operator)
    if (principal === undefined) return { operator, may: false, why: UNPROVABLE }
    if (votes.some((vote) => vote.approver === operator)) return { operator, may: false, why: 'Has decided.' }
    const strongest = withPasskey.has(operator) ? 'device' : 'pin'
    const why = whyMayNotApprove(principal, request) ?? whyClassIsTooWeak(strongest, request)
    if (why === undefined) return { operator, may: true, why: '' }
    return { operator, may: false, why: why.reason === '' ? OWN : why.reason }
  }
  return { of, all: (approval) => [...principals.keys()].map((operator) => of(operator, approval)) }
}

const OWN = 'It is this person’s own request, or that of somebody in one line of delegation.'
const UNPROVABLE = 'This person has no passkey and no PIN here, so nothing proves who approves.'

/** How long a decision may be remembered: what `grantTerms` would make a grant of. */
export const scopesFor = ({ demand, binding }: ApprovalRequest): readonly GrantScope['kind'][] =>
  demand.remember && demand.severity !== 'critical' && binding.sinks.length > 0 ? ['once', 'value', 'tool'] : ['once']
