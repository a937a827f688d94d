import { digest, looksLike, placeText, sha256, type CallBinding, type JsonObject, type Label } from '@sallyport/core'
import type { ApprovalPort, NewApproval, Random } from '../../boundary/ports.ts'

/** Somebody in a sandbox who would like to reach a host that no list names. */
export interface NewHost {
  readonly holder: string
  readonly instance: string
  readonly host: string
  readonly port: number
  /** As the client asked for it. */
  readonly asked: string
}

export type NewHostAnswer =
  | { readonly ok: true; readonly rule: string }
  | { readonly ok: false; readonly reason: 'not_allowlisted' | 'approval_required' | 'approval_denied' }

export interface NewHostsDeps {
  readonly approvals: ApprovalPort
  /** Id of this gateway. */
  readonly gateway: string
  readonly random: Random
  readonly labelOf: (instance: string) => Label
  /** Hosts that are reached anyway, to say what a new one passes for. */
  readonly knownTo: (holder: string) => readonly string[]
  /** How long a client waits for the answer, ms. */
  readonly waitMs: number
}

/** Whoever asks for more in one session than that is not asked about any more. */
const DEMAND = { approvers: [], quorum: 1, ttlSeconds: 0, severity: 'high', remember: true } as const

/**
 * Asks a person about a new host, as about a call: with all that is known of who asks, and under the same rules of who may answer and how
 * long it holds. An answer for once opens one connection; one that is remembered is for this host, port and session.
 */
export function createNewHosts({ approvals, gateway, random, labelOf, knownTo, waitMs }: NewHostsDeps) {
  return async (wanted: NewHost, signal: AbortSignal): Promise<NewHostAnswer> => {
    const binding = bindingOf(wanted, gateway, labelOf(wanted.instance))
    const granted = await approvals.findGrant(binding, DEMAND, [])
    if (granted !== undefined) return redeemed(granted, binding)
    const about = questionOf(wanted, knownTo(wanted.holder))
    const { sinks, instance: sessionId } = binding
    const question: NewApproval = {
      ...{ ...about, binding, sinks, sessionId, auditId: random.uuid(), callDigest: approvals.callDigest(binding) },
      ...{ demand: DEMAND, policyRule: ['egress'], grave: true, requestId: '' },
    }
    const result = await approvals.request(question, waitMs, signal)
    if (result.state === 'pending') return { ok: false, reason: 'approval_required' }
    if (result.state === 'approved') return redeemed(result.evidence, binding)
    return { ok: false, reason: result.code === 'SP_APPROVAL_DENIED' ? 'approval_denied' : 'not_allowlisted' }
  }

  async function redeemed(
    evidence: Parameters<ApprovalPort['redeem']>[0],
    binding: CallBinding,
  ): Promise<NewHostAnswer> {
    const done = await approvals.redeem(evidence, binding)
    if (!done.ok) return { ok: false, reason: 'not_allowlisted' }
    const id = evidence.kind === 'grant' ? evidence.grantId : evidence.kind === 'approval' ? evidence.approvalId : ''
    return { ok: true, rule: `${evidence.kind} ${id}` }
  }
}

function bindingOf(wanted: NewHost, gateway: string, { integrity, confidentiality, sources }: Label): CallBinding {
  const { holder, instance } = wanted
  const value = placeText(wanted)
  return {
    ...{ gateway, principal: holder, chain: [], instance, labels: { integrity, confidentiality, sources } },
    ...{ server: 'egress', tool: 'egress.connect', pin: '', bundle: 'egress', cwd: '', facts: {} },
    argsDigest: sha256(`sallyport/egress/1\n${value}`),
    metaDigest: digest('sallyport/meta/1', {}),
    sinks: [{ path: '/host', role: 'sink', value }],
  }
}

/** What a person is shown. */
function questionOf(wanted: NewHost, known: readonly string[]): { readonly args: JsonObject; readonly reason: string } {
  const alike = known.find((host) => looksLike(wanted.host, host) !== undefined)
  const args = { host: placeText(wanted), asked: wanted.asked }
  return alike === undefined
    ? { args, reason: 'No list names this host.' }
    : { args: { ...args, looksLike: alike }, reason: `No list names this host. It passes for ${alike}, and is not.` }
}
