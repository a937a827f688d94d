import { SallyportError } from '@sallyport/core'
import { argsDigest } from '../boundary/binding.ts'
import { ControlContext } from '../boundary/contexts.ts'
import type { ApprovalPort, CapabilityPort, ExecutorPort, RawResult } from '../boundary/ports.ts'

/** What carries a released call out: upstream servers now, the command runner later. */
interface Handler {
  run(control: ControlContext): Promise<RawResult>
}

export interface ExecutorDeps {
  readonly capability: CapabilityPort
  readonly approvals: Pick<ApprovalPort, 'redeem' | 'callDigest'>
  readonly upstream: Handler
}

/**
 * Step 10. Believes nothing but evidence: the token must be ours, fresh, unused and for exactly this tool, these bytes and this
 * session; a human's decision is verified again from its proofs (T-004). Only then is a handler called.
 */
export function createExecutor(deps: ExecutorDeps): ExecutorPort {
  return {
    async execute(control) {
      const { tool, argsText, token, sessionId, evidence, binding, enforcement } = ControlContext.open(control)
      const act = argsDigest(argsText)
      if (binding.argsDigest !== act || binding.tool !== tool.id || binding.pin !== tool.pin) {
        throw new SallyportError('SP_CAP_MISMATCH', 'The binding is of another call.')
      }
      const redeemed = await deps.capability.redeem(token, { aud: `${tool.id}@${tool.pin}`, act, sid: sessionId })
      if (!redeemed.ok) throw new SallyportError(redeemed.code, redeemed.reason)
      const claimed = redeemed.value.evidence
      const expected = evidence.kind === 'policy' ? 'policy' : deps.approvals.callDigest(binding)
      if (claimed !== expected) throw new SallyportError('SP_APPROVAL_EVIDENCE', 'The token names other evidence.')
      if (evidence.kind !== 'policy') {
        const proven = await deps.approvals.redeem(evidence, binding)
        if (!proven.ok) throw new SallyportError(proven.code, proven.reason)
      }
      if (enforcement === 'host') return { outcome: 'success', confinement: 'host' }
      return deps.upstream.run(control)
    },
  }
}
