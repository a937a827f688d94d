import canonicalize from 'canonicalize'
import { toHex } from './encoding.ts'

/** Domain-separated digest of a JSON value: SHA-256(domain, line feed, canonical JSON), hex; as the gateway computes it. */
async function digest(domain: string, value: unknown): Promise<string> {
  const text = canonicalize(value)
  if (text === undefined) throw new Error('The value has no canonical form.')
  return toHex(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`${domain}\n${text}`)))
}

/** Digest of the exact rows that were rendered (T-024). */
export const viewDigest = (view: unknown): Promise<string> => digest('sallyport/view/1', view)

/** What a passkey signs when it approves: the challenge of the assertion is these 32 bytes. */
export const decisionDigest = (subject: {
  readonly approvalId: string
  readonly call: string
  readonly view: string
  readonly scope: unknown
  readonly notAfter: number
  readonly nonce: string
}): Promise<string> =>
  digest('sallyport/decision/1', [
    subject.approvalId,
    subject.call,
    subject.view,
    'approve',
    subject.scope,
    subject.notAfter,
    subject.nonce,
  ])

/** Digest of the payload of an operator's act that is not about a call. */
export const operatorDigest = (kind: string, payload: unknown): Promise<string> =>
  digest('sallyport/operator/1', [kind, payload])

/** What a passkey signs for such an act. */
export const operatorDecisionDigest = (challenge: {
  readonly kind: string
  readonly call: string
  readonly view: string
  readonly notAfter: number
  readonly nonce: string
}): Promise<string> =>
  digest('sallyport/operator-decision/1', [
    challenge.kind,
    challenge.call,
    challenge.view,
    'approve',
    challenge.notAfter,
    challenge.nonce,
  ])
