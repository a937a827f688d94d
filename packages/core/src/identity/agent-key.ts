import { createHmac } from 'node:crypto'

/** `spk_` and 256 random bits in base64url. Greppable, so that secret scanners find one that leaks. */
const KEY = /^spk_[A-Za-z0-9_-]{43}$/

/** @param random exactly 32 bytes */
export function formatAgentKey(random: Uint8Array): string {
  if (random.length !== 32) throw new RangeError('An agent key has 256 bits.')
  return `spk_${Buffer.from(random).toString('base64url')}`
}

export const isAgentKey = (text: string): boolean => KEY.test(text)

/** What the gateway keeps of a key: HMAC-SHA256 under a secret of the gateway, hex. The key cannot be had back from it. */
export const hashAgentKey = (secret: Uint8Array, key: string): string =>
  createHmac('sha256', secret).update(`sallyport/agent-key/1\n${key}`).digest('hex')
