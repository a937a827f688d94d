import { createHash, timingSafeEqual } from 'node:crypto'
import { escapeText, SallyportError } from '@sallyport/core'

/** Hashes that nobody can make two archives for, strongest first. */
const STRONG = ['sha512', 'sha384', 'sha256'] as const
const LENGTH = { sha512: 64, sha384: 48, sha256: 32 } as const
type Strong = (typeof STRONG)[number]

export interface StrongHash {
  readonly algorithm: Strong
  readonly digest: Buffer
}

/** `sha512-` and base64, as lock files have it. */
export const integrityOf = (bytes: Uint8Array): string => `sha512-${hash('sha512', bytes).toString('base64')}`

export const hexOf = (algorithm: 'sha1' | 'sha256', bytes: Uint8Array): string => hash(algorithm, bytes).toString('hex')

/**
 * The hashes of the strongest algorithm in a text of Subresource Integrity; weaker ones beside it do not count.
 * @throws SallyportError SP_REGISTRY_WEAK_INTEGRITY when there is none, or one is none
 */
export function readIntegrity(text: string): readonly StrongHash[] {
  const all = text
    .trim()
    .split(/\s+/)
    .flatMap((one) => {
      const [, algorithm = '', encoded = ''] = /^(sha\d+)-([A-Za-z0-9+/]+={0,2})(?:\?.*)?$/.exec(one) ?? []
      const strong = STRONG.find((each) => each === algorithm)
      if (strong === undefined) return []
      const digest = Buffer.from(encoded, 'base64')
      if (digest.length !== LENGTH[strong] || digest.toString('base64') !== encoded)
        throw weak(`a hash of ${strong} that is none`)
      return [{ algorithm: strong, digest }]
    })
  const best = STRONG.find((each) => all.some(({ algorithm }) => algorithm === each))
  if (best === undefined) throw weak(text.trim() === '' ? 'no hash at all' : 'only weak or unknown hashes')
  return all.filter(({ algorithm }) => algorithm === best)
}

/** Whether bytes have one of the hashes. */
export const fits = (bytes: Uint8Array, hashes: readonly StrongHash[]): boolean =>
  hashes.some(({ algorithm, digest }) => timingSafeEqual(hash(algorithm, bytes), digest))

/** @throws SallyportError SP_REGISTRY_INTEGRITY, SP_REGISTRY_WEAK_INTEGRITY */
export function requireIntegrity(bytes: Uint8Array, text: string, what: string): void {
  if (fits(bytes, readIntegrity(text))) return
  const [announced, came] = [escapeText(text.slice(0, 200)), integrityOf(bytes)]
  throw new SallyportError('SP_REGISTRY_INTEGRITY', `${what}: announced is ${announced}, ${came} came.`, {
    details: { announced, came },
  })
}

const hash = (algorithm: string, bytes: Uint8Array): Buffer => createHash(algorithm).update(bytes).digest()

const weak = (what: string): SallyportError =>
  new SallyportError('SP_REGISTRY_WEAK_INTEGRITY', `There is ${what}.`, { details: { reason: what } })
