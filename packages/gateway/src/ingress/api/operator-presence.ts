import { SallyportError, type Json } from '@sallyport/core'
import { z } from 'zod'
import type { PresencePort, ProofOfPresence } from './ports.ts'

/** The member `proof` of a request that widens what may happen. */
export const PROOF = z
  .strictObject({ operator: z.string(), nonce: z.string(), notAfter: z.int(), proof: z.string() })
  .optional()

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
