import { randomBytes } from 'node:crypto'
import {
  approvalView,
  callDigest,
  decisionDigest,
  operatorDecisionDigest,
  viewDigest,
  type ApprovalRequest,
  type GrantScope,
  type JsonObject,
} from '@sallyport/core'
import type { ApprovalService } from '../../packages/gateway/src/control/approvals/approvals.ts'
import { provePin } from '../../packages/gateway/src/control/presence/pin.ts'
import type { Gateway } from '../../packages/gateway/src/index.ts'

/** Ana, who claims a gateway and answers its questions as her CLI would. */
export interface TestOperator {
  claim(): Promise<void>
  approve(id: string, scope?: GrantScope): Promise<void>
  deny(id: string): Promise<void>
  /** What goes along with a request that needs presence, as `proof`. */
  prove(kind: string, payload: JsonObject): Promise<JsonObject>
  /** Ids of what waits. */
  waiting(): Promise<readonly ApprovalRequest[]>
}

export function operatorOf(gateway: Gateway, verifier = randomBytes(32)): TestOperator {
  const approvals = gateway.ports.approvals as ApprovalService
  return {
    async claim() {
      const asked = await gateway.presence.claimChallenge('ab'.repeat(32))
      if (!asked.ok) throw new Error(asked.reason)
      const { nonce, notAfter, operators } = asked.value
      const salt = operators[0]?.salt ?? ''
      const claim = { name: 'ana', salt, verifier: verifier.toString('hex'), nonce, notAfter }
      const claimed = await gateway.presence.claim(claim, 'test')
      if (!claimed.ok) throw new Error(claimed.reason)
    },
    async approve(id, scope = { kind: 'once' }) {
      const challenge = await approvals.challenge(id, 'cd'.repeat(32))
      if (!challenge.ok) throw new Error(challenge.reason)
      const { nonce, notAfter } = challenge.value
      const shown = challenge.value.request as unknown as ApprovalRequest
      const view = viewDigest(approvalView({ request: shown }))
      const decision = decisionDigest({ approvalId: id, call: callDigest(shown.binding), view, scope, notAfter, nonce })
      const proof = provePin(verifier, decision)
      const input = { operator: 'operator:ana', nonce, notAfter, proof, view, scope, reason: 'looked at it' }
      const done = await approvals.approve(id, input, 'test')
      if (!done.ok) throw new Error(done.reason)
    },
    async deny(id) {
      const by = {
        kind: 'human',
        id: 'operator:ana',
        chain: [],
        scopes: ['approve'],
        trustLevel: 4,
        instance: '',
      } as const
      const done = await approvals.deny(id, by as never, 'no')
      if (!done.ok) throw new Error(done.reason)
    },
    async prove(kind, payload) {
      const challenge = await gateway.presence.challenge(kind, payload, 'ef'.repeat(32))
      if (!challenge.ok) throw new Error(challenge.reason)
      const { nonce, notAfter } = challenge.value
      const proof = provePin(verifier, operatorDecisionDigest(challenge.value))
      return { operator: 'operator:ana', nonce, notAfter, proof }
    },
    async waiting() {
      return (await approvals.list({ state: 'pending' })).map(({ request }) => request)
    },
  }
}
