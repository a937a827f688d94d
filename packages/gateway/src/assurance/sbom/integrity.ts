import type { Hash } from './component.ts'

const ALGORITHMS = new Map<string, readonly [Hash['algorithm'], bytes: number]>([
  ['sha1', ['SHA-1', 20]],
  ['sha256', ['SHA-256', 32]],
  ['sha384', ['SHA-384', 48]],
  ['sha512', ['SHA-512', 64]],
])

/** `sha512-BASE64 sha1-BASE64` (W3C Subresource Integrity) as digests; what is none is left out. */
export const integrityHashes = (text: unknown): readonly Hash[] =>
  typeof text !== 'string'
    ? []
    : text.split(/\s+/).flatMap((one) => {
        const at = one.indexOf('-')
        return hashOf(one.slice(0, at), Buffer.from(one.slice(at + 1), 'base64').toString('hex'))
      })

/** `sha256:HEX` as a digest, if it is one. */
export function prefixedHash(text: unknown): readonly Hash[] {
  if (typeof text !== 'string') return []
  const at = text.search(/[:=]/)
  return hashOf(text.slice(0, at), text.slice(at + 1).toLowerCase())
}

/** A digest if it has the length of its algorithm. */
export function hashOf(name: string, hex: string): readonly Hash[] {
  const known = ALGORITHMS.get(name.toLowerCase())
  if (known === undefined || hex.length !== known[1] * 2 || !/^[0-9a-f]+$/.test(hex)) return []
  return [{ algorithm: known[0], hex }]
}
