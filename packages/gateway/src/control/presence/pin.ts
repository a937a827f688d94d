import { createHmac, scrypt } from 'node:crypto'

/** Cost of one guess at a PIN (threat-model §3.5). */
export interface ScryptParams {
  readonly N: number
  readonly r: number
  readonly p: number
}

export const PIN_COST: ScryptParams = Object.freeze({ N: 131_072, r: 8, p: 1 })
const KEY_BYTES = 32

/** Why this cannot be a PIN; `undefined` when it can: 8 to 128 characters, not digits only, not one repeated. */
export function whyPinIsWeak(pin: string): string | undefined {
  const length = [...pin].length
  if (length < 8) return 'Use at least 8 characters.'
  if (length > 128) return 'Use at most 128 characters.'
  if (/^[\p{Nd}\s-]+$/u.test(pin)) return 'Use more than digits.'
  if (new Set(pin.toLowerCase()).size < 4) return 'Use at least 4 different characters.'
  return undefined
}

/** Verifier key of a PIN: scrypt over its NFC form. About a second and 128 MiB with `PIN_COST`. */
export function derivePinKey(pin: string, salt: Uint8Array, { N, r, p }: ScryptParams): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(pin.normalize('NFC'), salt, KEY_BYTES, { N, r, p, maxmem: 256 * N * r }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    )
  })
}

/** What the CLI sends instead of the PIN: HMAC-SHA-256(verifier key, decision digest), hex. */
export const provePin = (key: Uint8Array, decision: string): string =>
  createHmac('sha256', key).update(decision).digest('hex')
