import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Random } from '../../boundary/ports.ts'

const CODES = 8
/** No letters or digits that are taken for each other (Crockford). */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** `length` characters of 5 bits each, in groups of four. */
export function readableCode(random: Random, length: number): string {
  const characters = [...random.bytes(length)].map((byte) => ALPHABET[byte & 31] ?? '')
  return characters.join('').replaceAll(/(.{4})(?=.)/g, '$1-')
}

/** What somebody typed, as it was made: case, spaces and dashes do not matter, nor O for 0 and I or L for 1. */
export const plainCode = (typed: string): string =>
  typed
    .toUpperCase()
    .replaceAll(/[^0-9A-Z]/g, '')
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1')

/** Eight codes of 80 bits, and what is kept of them. */
export function makeRecovery(
  id: string,
  pepper: Uint8Array,
  random: Random,
): { readonly codes: readonly string[]; readonly kept: readonly string[] } {
  const codes = Array.from({ length: CODES }, () => readableCode(random, 16))
  return { codes, kept: codes.map((code) => recoveryDigest(id, code, pepper)) }
}

/** HMAC with a key outside the store, over whose code it is too. */
export const recoveryDigest = (id: string, code: string, pepper: Uint8Array): string =>
  createHmac('sha256', pepper)
    .update(`sallyport/recovery/1\n${id}\n${plainCode(code)}`)
    .digest('hex')

/** The kept digest that fits; looks at all of them. */
export function findRecovery(kept: readonly string[], digest: string): string | undefined {
  const fits = kept.filter(
    (each) => each.length === digest.length && timingSafeEqual(Buffer.from(each), Buffer.from(digest)),
  )
  return fits[0]
}
