import { createHmac, timingSafeEqual } from 'node:crypto'
import type { ApprovalVote, EvidenceClass, Principal, ProofChecker } from '@sallyport/core'
import { operatorPrincipal, type Operator } from '../presence/operator.ts'
import { heldKey } from './held.ts'
import type { Passkey } from '../presence/passkey.ts'
import type { Presence } from '../presence/presence.ts'

/** People behind a signed webhook: who may decide there, by operator id. */
export interface WebhookApprovers {
  readonly secret: Uint8Array
  /** `operator:<name>` of everybody the channel may speak for. */
  readonly approvers: readonly string[]
}

export const clientApprover = (instance: string): string => `client-of:${instance}`

/** Key under which the gateway vouches for what an agent's own client answered; outside the store like its parent. */
export const clientKey = (mac: Uint8Array): Buffer =>
  createHmac('sha256', mac).update('sallyport/client-asserted/1').digest()

export const macOver = (key: Uint8Array, decision: string): string =>
  createHmac('sha256', key).update(decision).digest('hex')

function fits(key: Uint8Array, decision: string, proof: string): boolean {
  const expected = Buffer.from(macOver(key, decision))
  const given = Buffer.from(proof)
  return expected.length === given.length && timingSafeEqual(expected, given)
}

/**
 * Checks proofs for one redemption, against the operators enrolled at this moment. Who an approver is comes from the
 * enrolment or the configuration, never from the vote.
 */
export function proofChecker(deps: {
  readonly presence: Pick<Presence, 'proves' | 'passkeys'>
  readonly operators: readonly Operator[]
  readonly passkeys: readonly Passkey[]
  /** What each of them may do now. */
  readonly principals: ReadonlyMap<string, Principal>
  readonly mac: Uint8Array
  /** Channels that speak for people. */
  readonly channels: readonly WebhookApprovers[]
}): ProofChecker {
  const { presence, operators, principals, mac, channels } = deps
  const speaking = (id: string): readonly WebhookApprovers[] =>
    channels.filter(({ approvers }) => approvers.includes(id))
  const enrolled = new Map(operators.map((operator) => [operator.id, operator]))
  const passkeys = new Map(deps.passkeys.map((passkey) => [passkey.id, passkey]))
  /** The credential of a vote, and only when it belongs to who is said to have voted. */
  const passkeyOf = ({ assertion, approver: id }: ApprovalVote): Passkey | undefined => {
    const found = assertion === undefined ? undefined : passkeys.get(assertion.credential)
    return found?.operator === id ? found : undefined
  }
  const owner = (vote: ApprovalVote): Principal | undefined =>
    passkeyOf(vote) === undefined ? undefined : principals.get(vote.approver)
  const asserted = (vote: ApprovalVote, decision: string): boolean => {
    const passkey = passkeyOf(vote)
    if (passkey === undefined || vote.assertion === undefined) return false
    return presence.passkeys.proves(passkey, decision, vote.assertion)
  }
  const approver: Record<EvidenceClass, (vote: ApprovalVote) => Principal | undefined> = {
    pin: ({ approver: id }) => (enrolled.has(id) ? principals.get(id) : undefined),
    webhook: ({ approver: id }) =>
      speaking(id).length > 0 ? (principals.get(id) ?? operatorPrincipal(id)) : undefined,
    client: ({ approver: id }) => (id.startsWith('client-of:') ? operatorPrincipal(id) : undefined),
    held: ({ approver: id }) => principals.get(id),
    passkey: owner,
    device: owner,
  }
  const proves: Record<EvidenceClass, (vote: ApprovalVote, decision: string) => boolean> = {
    pin(vote, decision) {
      const operator = enrolled.get(vote.approver)
      return operator !== undefined && presence.proves(operator, decision, vote.proof)
    },
    webhook: (vote, decision) =>
      speaking(vote.approver).some(({ secret }) => fits(secret, webhookClaim(vote.approver, decision), vote.proof)),
    client: (vote, decision) => fits(clientKey(mac), webhookClaim(vote.approver, decision), vote.proof),
    held: (vote, decision) => fits(heldKey(mac), webhookClaim(vote.approver, decision), vote.proof),
    passkey: asserted,
    device: asserted,
  }
  return {
    approver: (vote) => (Object.hasOwn(approver, vote.class) ? approver[vote.class](vote) : undefined),
    proves: (vote, decision) => Object.hasOwn(proves, vote.class) && proves[vote.class](vote, decision),
    whyUnfit(vote, request) {
      const passkey = passkeyOf(vote)
      if (passkey === undefined) return undefined
      if (passkey.createdAt > request.createdAt) return 'The passkey was enrolled after the call was asked for.'
      if (request.demand.severity === 'critical' && vote.at < passkey.criticalFrom)
        return 'A new passkey approves nothing critical for 24 hours, unless a second person confirms it.'
      if (vote.class === 'device' && passkey.class !== 'device')
        return 'The passkey was enrolled on the gateway’s own machine.'
      return undefined
    },
  }
}

/** A shared secret speaks for several people, so the person is part of what is authenticated. */
export const webhookClaim = (approver: string, decision: string): string => `${approver}\n${decision}`
