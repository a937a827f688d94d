import type { ArgRole } from '../action/tool.ts'
import type { ApprovalDemand } from '../policy/decision.ts'
import type { Approval, ArgumentLeaf, CallBinding, GrantScope } from './approval.ts'
import { severityRank } from './eligible.ts'
import { labelNumbers } from './view.ts'

/** A longer grant cannot be made (T-114). */
export const MAX_GRANT_MS = 24 * 3_600_000
/** How long a `value` grant lives: one working session of the agent instance. */
export const VALUE_GRANT_MS = 8 * 3_600_000

/** A remembered decision. It carries the approval it came from, proofs and all, and is verified like one. */
export interface Grant {
  readonly id: string
  readonly origin: Omit<Approval, 'state'>
  readonly scope: Exclude<GrantScope, { readonly kind: 'once' }>
  readonly createdAt: number
  /** ms since 1970, at most 24 h after `createdAt`. */
  readonly until: number
}

/**
 * The grant that these votes make, if any: the narrowest scope of all of them, never longer than 24 h after the first vote,
 * never when policy said `@remember("never")`, never for critical calls.
 */
export function grantTerms({
  request,
  votes,
}: Omit<Approval, 'state'>): Pick<Grant, 'scope' | 'createdAt' | 'until'> | undefined {
  const { demand } = request
  if (!demand.remember || demand.severity === 'critical' || votes.length === 0) return undefined
  const scopes = votes.map((vote) => vote.scope)
  if (scopes.some((scope) => scope.kind === 'once')) return undefined
  const createdAt = Math.min(...votes.map((vote) => vote.at))
  const tool = scopes.every((scope) => scope.kind === 'tool')
  const asked = scopes.map((scope) => (scope.kind === 'tool' ? scope.until : createdAt + VALUE_GRANT_MS))
  const until = Math.min(...asked, createdAt + MAX_GRANT_MS)
  return { scope: tool ? { kind: 'tool', until } : { kind: 'value' }, createdAt, until }
}

/** Roles that decide what a call affects. All of them must be equal; content and plain parameters may differ. */
const BOUND: ReadonlySet<ArgRole> = new Set<ArgRole>(['sink', 'selector', 'audience', 'quantity'])

/**
 * Whether a grant covers a call (T-114): same gateway, principal, delegation chain, instance, server, tool, pin and policy;
 * exactly the same sinks, selectors, audiences and quantities; nothing undeclared or left out that was not so before; labels
 * no worse than when it was given; and a demand that remembers, is no more severe and needs no more people. A call that
 * affects nothing we can name is never covered. `at` in ms since 1970. The reason says which part differs.
 */
export function whyGrantDoesNotCover(
  grant: Grant,
  call: CallBinding,
  demand: ApprovalDemand,
  at: number,
): string | undefined {
  const { binding, demand: given } = grant.origin.request
  const now = labelNumbers(call.labels)
  const then = labelNumbers(binding.labels)
  const checks: readonly (readonly [boolean, string])[] = [
    [demand.remember && demand.severity !== 'critical', 'policy wants a decision each time'],
    [at < grant.until && grant.until <= grant.createdAt + MAX_GRANT_MS, 'it has ended'],
    [SAME.every((key) => call[key] === binding[key]), 'it is for another agent, tool, definition or policy'],
    [JSON.stringify(call.chain) === JSON.stringify(binding.chain), 'it is for another delegation'],
    [
      affected(binding.sinks) !== '[]' && affected(call.sinks) === affected(binding.sinks),
      'it is for other destinations',
    ],
    [shape(call.facts) === shape(binding.facts), 'arguments are left out or added'],
    [call.cwd === binding.cwd, 'the directory differs'],
    [now.confidentiality <= then.confidentiality && now.integrity >= then.integrity, 'the agent has read worse since'],
    [severityRank(demand.severity) <= severityRank(given.severity), 'policy now finds it more severe'],
    [demand.quorum <= given.quorum, 'policy now wants more people'],
    [demand.presence === undefined || given.presence === demand.presence, 'policy now wants another device'],
    [
      demand.approvers.length === 0 || JSON.stringify(demand.approvers) === JSON.stringify(given.approvers),
      'policy names other people',
    ],
  ]
  return checks.find(([fits]) => !fits)?.[1]
}

const SAME = ['gateway', 'principal', 'instance', 'server', 'tool', 'pin', 'bundle'] as const
const affected = (leaves: readonly ArgumentLeaf[]): string =>
  JSON.stringify(
    leaves
      .filter((leaf) => BOUND.has(leaf.role))
      .map(({ path, role, value }) => JSON.stringify([path, role, value]))
      .sort(),
  )
const shape = (facts: CallBinding['facts']): string => {
  const { omitted = [], undeclared = [] } = (typeof facts === 'object' && facts !== null ? facts : {}) as Record<
    string,
    unknown
  >
  return JSON.stringify([omitted, undeclared])
}
