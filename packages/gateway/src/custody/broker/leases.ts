import { SallyportError } from '@sallyport/core'
import type { Clock, Random } from '../../boundary/ports.ts'

/** A right to have a credential put into requests, for a while (HB-86). Never the value. Times in ms since 1970. */
export interface Lease {
  readonly id: string
  readonly credential: string
  /** Who: the agent or server, and the very instance of it. */
  readonly holder: string
  readonly instance: string
  readonly since: number
  readonly expiresAt: number
  readonly uses: number
}

/** A request that goes out under a lease: `signal` is the lease's own and aborts when it is ended (T-128). */
export interface LeaseUse {
  readonly lease: Lease
  readonly signal: AbortSignal
}

interface Held {
  lease: Lease
  /** By the clock that never goes back, too: a wall clock that is set back makes no lease live longer (T-165). */
  readonly monotonicEnd: number
  readonly ended: AbortController
}

/** How long a lease is good before the credential is looked up again, ms. */
const LEASE_MS = 15 * 60_000

/** Who may have which credential now. One process, one set; a restart ends them all. */
export class Leases {
  readonly #clock: Clock
  readonly #random: Random
  readonly #held = new Map<string, Held>()

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random
  }

  /**
   * A use of the lease that this instance has, or of a new one.
   * @param until when the credential itself ends
   * @throws SallyportError SP_VAULT_EXPIRED
   */
  use(credential: string, holder: string, instance: string, until: number): LeaseUse {
    const key = JSON.stringify([credential, instance])
    const known = this.#held.get(key)
    const held = known !== undefined && this.#isGood(known) ? known : this.#make(credential, holder, instance, until)
    if (held !== known) {
      known?.ended.abort()
      this.#held.set(key, held)
    }
    held.lease = { ...held.lease, uses: held.lease.uses + 1 }
    return { lease: held.lease, signal: held.ended.signal }
  }

  list(): readonly Lease[] {
    return [...this.#held.values()].filter((held) => this.#isGood(held)).map(({ lease }) => lease)
  }

  /** Ends leases and cuts what is on its way under them. @returns how many */
  revoke(which: (lease: Lease) => boolean): number {
    const chosen = [...this.#held].filter(([, { lease }]) => which(lease))
    for (const [key, held] of chosen) {
      this.#held.delete(key)
      held.ended.abort()
    }
    return chosen.length
  }

  #make(credential: string, holder: string, instance: string, until: number): Held {
    const since = this.#clock.now()
    const expiresAt = Math.min(since + LEASE_MS, until)
    if (expiresAt <= since) throw new SallyportError('SP_VAULT_EXPIRED', `${credential} has ended.`)
    return {
      lease: { id: this.#random.uuid(), credential, holder, instance, since, expiresAt, uses: 0 },
      monotonicEnd: this.#clock.monotonic() + (expiresAt - since),
      ended: new AbortController(),
    }
  }

  #isGood({ lease, monotonicEnd }: Held): boolean {
    return this.#clock.now() < lease.expiresAt && this.#clock.monotonic() < monotonicEnd
  }
}
