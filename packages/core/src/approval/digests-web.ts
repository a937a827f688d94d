import { canonicalJson } from '../json/canonical.ts'
import type { Json, JsonObject } from '../json/types.ts'
import type { CallBinding } from './approval.ts'
import type { DecisionSubject, OperatorDecision } from './digests.ts'
import type { ApprovalView } from './view.ts'

/**
 * The digests of `digests.ts` for browsers: the same bytes through WebCrypto, so that the console computes itself what a
 * passkey signs over what it shows, and takes no digest from the wire (T-024). Pure but for `crypto.subtle`.
 */
async function digest(domain: string, value: Json): Promise<string> {
  const bytes = new TextEncoder().encode(`${domain}\n${canonicalJson(value)}`)
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

const asJson = (value: object): JsonObject => value as JsonObject

export const callDigestWeb = (binding: CallBinding): Promise<string> => digest('sallyport/call/1', asJson(binding))

export const viewDigestWeb = (view: ApprovalView): Promise<string> => digest('sallyport/view/1', asJson(view))

export const decisionDigestWeb = (subject: DecisionSubject): Promise<string> =>
  digest('sallyport/decision/1', [
    subject.approvalId,
    subject.call,
    subject.view,
    'approve',
    asJson(subject.scope),
    subject.notAfter,
    subject.nonce,
  ])

export const operatorDigestWeb = (kind: string, payload: Json): Promise<string> =>
  digest('sallyport/operator/1', [kind, payload])

export const operatorDecisionDigestWeb = ({ kind, call, view, notAfter, nonce }: OperatorDecision): Promise<string> =>
  digest('sallyport/operator-decision/1', [kind, call, view, 'approve', notAfter, nonce])

/** A digest as the challenge of `navigator.credentials.get`: its 32 bytes, base64url. */
export const challengeOf = (digestHex: string): string => {
  const bytes = (digestHex.match(/../g) ?? []).map((pair) => String.fromCharCode(Number.parseInt(pair, 16)))
  return btoa(bytes.join('')).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}
