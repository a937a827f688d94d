import { createHmac } from 'node:crypto'
import type { Match } from './issued.ts'

/** A value that must never be seen: issued by the vault, set in the configuration, or planted to be seen (a canary). */
export interface KnownSecret {
  /** Name that the record may show; never the value. */
  readonly name: string
  readonly kind: 'vault' | 'setting' | 'canary'
  /** UTF-16 units of the value. */
  readonly length: number
  /** Keyed hash of the first eight units, so that one pass finds the places worth a fingerprint. */
  readonly mark: number
  /** HMAC-SHA-256 of the whole value, hex. */
  readonly fingerprint: string
}

/** Recognises known values in a text, by full fingerprint only: a part of a value is never reported (T-112). */
export interface KnownSecrets {
  find(text: string, found: (match: Match & { readonly name: string }) => void): void
}

/** Shorter values would be found in every text. */
const LEAST_KNOWN = 8

/**
 * What is kept of a value (HB-77); undefined when it is too short to be told from a word.
 * @param key 32 bytes, of this installation
 */
export function fingerprintOf(
  key: Uint8Array,
  name: string,
  kind: KnownSecret['kind'],
  value: string,
): KnownSecret | undefined {
  if (value.length < LEAST_KNOWN) return undefined
  return { name, kind, length: value.length, mark: markAt(value, 0, multiplier(key)), fingerprint: hmac(key, value) }
}

/** Pure: the set is given, the key too. One pass; a fingerprint is computed only where the first eight units agree. */
export function createKnownSecrets(key: Uint8Array, secrets: readonly KnownSecret[]): KnownSecrets {
  const byMark = new Map<number, KnownSecret[]>()
  for (const secret of secrets) byMark.set(secret.mark, [...(byMark.get(secret.mark) ?? []), secret])
  const factor = multiplier(key)
  return Object.freeze<KnownSecrets>({
    find(text, found) {
      if (byMark.size === 0 || text.length < LEAST_KNOWN) return
      let top = 1
      for (let i = 1; i < LEAST_KNOWN; i++) top = Math.imul(top, factor)
      let rolling = markAt(text, 0, factor)
      for (let at = 0; ; at++) {
        for (const secret of byMark.get(rolling) ?? NONE) {
          const end = at + secret.length
          if (end <= text.length && hmac(key, text.slice(at, end)) === secret.fingerprint) {
            found({ family: secret.kind, name: secret.name, start: at, end })
          }
        }
        if (at + LEAST_KNOWN >= text.length) return
        rolling = Math.imul(rolling - Math.imul(text.charCodeAt(at), top), factor) + text.charCodeAt(at + LEAST_KNOWN)
        rolling |= 0
      }
    },
  })
}

const NONE: readonly KnownSecret[] = []

const hmac = (key: Uint8Array, value: string): string =>
  createHmac('sha256', key).update('sallyport/known-secret/1\n').update(value).digest('hex')

/** An odd factor that only this installation has. */
const multiplier = (key: Uint8Array): number =>
  createHmac('sha256', key).update('sallyport/known-secret/mark').digest().readInt32LE(0) | 1

function markAt(text: string, at: number, factor: number): number {
  let mark = 0
  for (let i = 0; i < LEAST_KNOWN; i++) mark = (Math.imul(mark, factor) + text.charCodeAt(at + i)) | 0
  return mark
}
