import type { Clock, Random } from '../../boundary/ports.ts'

/** A lease by hand: a holder may have a credential for a while, whatever the configuration says of its agents. Times in ms since 1970. */
export interface Grant {
  readonly id: string
  readonly credential: string
  readonly holder: string
  /** The operator. */
  readonly by: string
  readonly since: number
  readonly expiresAt: number
  /** So often it may be used; absent: any number of times. */
  readonly most?: number
  readonly uses: number
}

interface Held {
  grant: Grant
  /** By the clock that never goes back (T-165). */
  readonly monotonicEnd: number
}

/** Leases that operators gave by hand. One process, one set; a restart ends them all. */
export class Grants {
  readonly #clock: Clock
  readonly #random: Random
  readonly #held = new Map<string, Held>()

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random
  }

  /**
   * In the place of an earlier one for the same holder.
   * @param seconds how long
   */
  give(asked: Pick<Grant, 'credential' | 'holder' | 'by' | 'most'>, seconds: number): Grant {
    const since = this.#clock.now()
    const grant = { id: this.#random.uuid(), ...asked, since, expiresAt: since + seconds * 1_000, uses: 0 }
    this.#held.set(keyOf(asked), { grant, monotonicEnd: this.#clock.monotonic() + seconds * 1_000 })
    return grant
  }

  /** The one that is in force. */
  of(credential: string, holder: string): Grant | undefined {
    const held = this.#held.get(keyOf({ credential, holder }))
    return held !== undefined && this.#isGood(held) ? held.grant : undefined
  }

  /** One use of it; false when there is none left. */
  use({ id, credential, holder }: Grant): boolean {
    const held = this.#held.get(keyOf({ credential, holder }))
    if (held?.grant.id !== id || !this.#isGood(held)) return false
    held.grant = { ...held.grant, uses: held.grant.uses + 1 }
    return true
  }

  list(): readonly Grant[] {
    return [...this.#held.values()].filter((held) => this.#isGood(held)).map(({ grant }) => grant)
  }

  /** @returns those that were in force */
  end(which: (grant: Pick<Grant, 'credential' | 'holder'>) => boolean): readonly Grant[] {
    const ended = this.list().filter((grant) => which(grant))
    for (const [key, { grant }] of this.#held) if (which(grant)) this.#held.delete(key)
    return ended
  }

  #isGood({ grant: { expiresAt, most = Number.MAX_SAFE_INTEGER, uses }, monotonicEnd }: Held): boolean {
    return uses < most && this.#clock.now() < expiresAt && this.#clock.monotonic() < monotonicEnd
  }
}

const keyOf = ({ credential, holder }: Pick<Grant, 'credential' | 'holder'>): string =>
  JSON.stringify([credential, holder])
