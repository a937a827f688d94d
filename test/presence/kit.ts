import { approvalView, callDigest, decisionDigest, operatorDecisionDigest, viewDigest } from '@sallyport/core'
import type { ApprovalRequest, GrantScope, Json, JsonObject } from '@sallyport/core'
import type { ApproveInput } from '../../packages/gateway/src/control/approvals/approvals.ts'
import type { PresenceProof } from '../../packages/gateway/src/control/presence/challenge.ts'
import type { PasskeyView } from '../../packages/gateway/src/control/presence/passkeys.ts'
import { SITE, type Rig } from '../approvals/setup.ts'
import { Authenticator, type Attestation, type Lies } from './authenticator.ts'

export const HERE = '127.0.0.1'
export const ELSEWHERE = '192.0.2.7'

/** Enrols a passkey; the first one of a gateway, or a later one that somebody agreed to. */
export async function enrolled(
  on: Rig,
  operator: string,
  { first = true, peer = HERE, attestation }: { first?: boolean; peer?: string; attestation?: Attestation } = {},
): Promise<{ authenticator: Authenticator; view: PasskeyView }> {
  const authenticator = new Authenticator(SITE)
  const options = (await on.passkeys.beginEnrolment(operator)) as JsonObject
  const by = first ? ({ kind: 'first' } as const) : ({ kind: 'presence', operator } as const)
  const response = authenticator.create(options, {}, attestation)
  const done = await on.passkeys.finishEnrolment(operator, response, by, 'key', peer)
  if (!done.ok) throw new Error(`${done.code} ${done.reason}`)
  return { authenticator, view: done.value }
}

/** What the console sends to approve: an assertion over exactly what the gateway showed. */
export async function assertionFor(
  on: Rig,
  id: string,
  operator: string,
  authenticator: Authenticator,
  { scope = { kind: 'once' }, lies = {} }: { scope?: GrantScope; lies?: Lies } = {},
): Promise<ApproveInput> {
  const challenge = await on.approvals.challenge(id, 'cd'.repeat(32))
  if (!challenge.ok) throw new Error(`${challenge.code} ${challenge.reason}`)
  const { nonce, notAfter, request } = challenge.value
  const shown = request as unknown as ApprovalRequest
  const view = viewDigest(approvalView({ request: shown }))
  const decision = decisionDigest({ approvalId: id, call: callDigest(shown.binding), view, scope, notAfter, nonce })
  return { operator, nonce, notAfter, assertion: authenticator.assert(decision, lies), view, scope, reason: 'seen' }
}

/** A proof for an act that is not about a call. */
export async function proveAct(
  on: Rig,
  kind: string,
  payload: Json,
  operator: string,
  authenticator: Authenticator,
  lies: Lies = {},
): Promise<PresenceProof> {
  const challenge = await on.presence.challenge(kind, payload, 'ef'.repeat(32))
  if (!challenge.ok) throw new Error(`${challenge.code} ${challenge.reason}`)
  const { nonce, notAfter } = challenge.value
  return { operator, nonce, notAfter, assertion: authenticator.assert(operatorDecisionDigest(challenge.value), lies) }
}
