import { SallyportError, type Json } from '@sallyport/core'
import { z } from 'zod'
import type { PresencePort, ProofOfPresence } from './ports.ts'

const BYTES = z.string().regex(/^[A-Za-z0-9_-]{1,4096}$/)

/** What a passkey answered, base64url. */
const ASSERTION = z.strictObject({
  credential: BYTES,
  authenticatorData: BYTES,
  clientDataJSON: BYTES,
  signature: BYTES,
})
const BASE = { operator: z.string().max(64), nonce: z.string().max(128), notAfter: z.int() }

/** Members of a proof of presence: HMAC(scrypt(PIN), decision digest) or the assertion of a passkey over that digest. */
export const PIN_PROOF = z.strictObject({ ...BASE, proof: z.string().max(128) })
export const PASSKEY_PROOF = z.strictObject({ ...BASE, assertion: ASSERTION })

/** The member `proof` of a request that widens what may happen. */
export const PROOF = z.union([PIN_PROOF, PASSKEY_PROOF]).optional()

/**
 * Who stands behind an act that widens what may happen. With an operator, that is whom the proof shows (threat-model §3.5).
 * Without one, `unclaimed: 'free'` lets the first wiring go on; everything else waits until a human claims the gateway.
 * @throws SallyportError SP_AUTHN_PRESENCE, SP_AUTHN_UNCLAIMED, SP_AUTHN_LOCKED
 */
export async function requirePresence(
  presence: PresencePort,
  kind: string,
  payload: Json,
  proof: ProofOfPresence | undefined,
  unclaimed: 'free' | 'refuse',
): Promise<string> {
  if (!(await presence.claimed())) {
    if (unclaimed === 'free') return 'unclaimed'
    throw new SallyportError('SP_AUTHN_UNCLAIMED')
  }
  if (proof === undefined) throw new SallyportError('SP_AUTHN_PRESENCE', `${kind} needs a proof of presence.`)
  const verified = await presence.verify(kind, payload, proof)
  if (!verified.ok) throw new SallyportError(verified.code, verified.reason)
  return verified.value.operator
}
