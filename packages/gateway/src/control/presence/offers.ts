import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Clock, Random } from '../../boundary/ports.ts'

/** How long an offer to enrol or to sign in stands, ms. */
export const OFFER_MS = 300_000

interface OffersDeps {
  readonly mac: Uint8Array
  readonly clock: Clock
  readonly random: Random
  /** ms. */
  readonly lifetime?: number
}

/**
 * Challenges that the gateway need not remember, and that every gateway of one store knows: random bytes, when they end, and a
 * MAC over both and what they are for.
 */
export function createOffers({ mac, clock, random, lifetime = OFFER_MS }: OffersDeps) {
  const key = createHmac('sha256', mac).update('sallyport/passkey-offer/1').digest()
  const tag = (head: Uint8Array, purpose: string): Buffer =>
    createHmac('sha256', key).update(head).update(purpose).digest().subarray(0, 16)
  return {
    /** 40 bytes. */
    fresh(purpose: string): Buffer {
      const until = Buffer.alloc(8)
      until.writeBigUInt64BE(BigInt(clock.now() + lifetime))
      const head = Buffer.concat([random.bytes(16), until])
      return Buffer.concat([head, tag(head, purpose)])
    },
    /** When it ends, ms since 1970; undefined when it has ended or is not one of ours for this purpose. */
    until(challenge: string, purpose: string): number | undefined {
      const bytes = Buffer.from(challenge, 'base64url')
      if (bytes.length !== 40 || bytes.toString('base64url') !== challenge) return undefined
      const head = bytes.subarray(0, 24)
      if (!timingSafeEqual(bytes.subarray(24), tag(head, purpose))) return undefined
      const until = Number(head.readBigUInt64BE(16))
      return clock.now() < until ? until : undefined
    },
  }
}
