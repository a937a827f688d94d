import { hasEnded, isDue, whyStale, type CredentialType } from '@sallyport/core'

/** A value, or a credential that ends before its value does. Times in ms since 1970. */
export interface Mortal {
  readonly name: string
  readonly type: CredentialType
  readonly version: number
  readonly createdAt: number
  readonly expiresAt: number
  /** 0: never. Absent: nobody asks whether it is used. */
  readonly lastUsedAt?: number
}

export interface ExpiryNews {
  readonly kind: 'expired' | 'due' | 'unused'
  readonly of: Mortal
}

/** Says once of each value that it is time to replace it, that it has ended (AC-4.1.3, ND-4.1.b), and that nobody uses it (HB-57). Pure but for its memory. */
export class ExpiryWatch {
  readonly #part: number
  readonly #said: Set<string>

  /**
   * @param part of its life, after which a value is due
   * @param ended names and versions of which it was said before that they have ended
   */
  constructor(part: number, ended: Iterable<Pick<Mortal, 'name' | 'version'>> = []) {
    this.#part = part
    this.#said = new Set([...ended].map((each) => keyOf('expired', each)))
  }

  /** @param now ms since 1970 */
  look(values: readonly Mortal[], now: number): readonly ExpiryNews[] {
    return values.flatMap((of) => {
      const kind = this.#kindOf(of, now)
      if (kind === undefined || this.#said.has(keyOf(kind, of))) return []
      this.#said.add(keyOf(kind, of))
      return [{ kind, of }]
    })
  }

  #kindOf({ lastUsedAt, ...of }: Mortal, now: number): ExpiryNews['kind'] | undefined {
    if (hasEnded(of, now)) return 'expired'
    if (lastUsedAt !== undefined && whyStale({ ...of, lastUsedAt }, now) === 'unused') return 'unused'
    return isDue({ ...of, lastUsedAt: 0 }, now, this.#part) ? 'due' : undefined
  }
}

const keyOf = (kind: ExpiryNews['kind'], { name, version }: Pick<Mortal, 'name' | 'version'>): string =>
  JSON.stringify([kind, name, version])
