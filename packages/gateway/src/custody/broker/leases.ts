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
  /** Of the value: what goes out under this lease has this one. */
  readonly version: string
}

/** A value that a lease is for. */
export interface LeaseTerms {
  readonly version: string
  /** When the credential ends, ms since 1970. */
  readonly until: number
}

/** A request that goes out under a lease: `signal` is the lease's own and aborts when it is ended (T-128). */
export interface LeaseUse {
  readonly lease: Lease
  readonly signal: AbortSignal
  readonly done: () => void
}

/** What goes out under a lease. */
interface Out {
  count: number
  readonly ended: AbortController
}

interface Held {
  lease: Lease
  /** By the clock that never goes back, too: a wall clock that is set back makes no lease live longer (T-165). */
  readonly monotonicEnd: number
  /** When what is on its way is cut, by the same clock: the value has ended, or was replaced. */
  cutAt: number
  readonly out: Out
}

/** How long a lease is good before the credential is looked up again, ms. */
const LEASE_MS = 15 * 60_000
/** A timer may be early, ms. */
const SLACK = 10

/** Who may have which credential now. One process, one set; a restart ends them all. */
export class Leases {
  readonly #clock: Clock
  readonly #random: Random
  readonly #held = new Map<string, Held>()
  /** Leases of values that were replaced: what is on its way may come to its end. */
  readonly #retired = new Set<Held>()

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random
  }

  /**
   * A use of the lease that this instance has, or of a new one. A lease for an older value is retired.
   * @param grace how long what is on its way with that one may go on, ms (AC-4.3.2)
   * @throws SallyportError SP_VAULT_EXPIRED
   */
  use(credential: string, holder: string, instance: string, terms: LeaseTerms, grace: number): LeaseUse {
    const key = JSON.stringify([credential, instance])
    const known = this.#held.get(key)
    const isSame = known?.lease.version === terms.version
    const made = isSame && this.#isGood(known) ? known : this.#make(credential, holder, instance, terms)
    // a lease of the same value only goes on, and so does what is open under it
    const held = isSame && !known.out.ended.signal.aborted ? { ...made, out: known.out } : made
    if (!isSame && known !== undefined) this.#retire(known, grace)
    this.#held.set(key, held)
    held.lease = { ...held.lease, uses: held.lease.uses + 1 }
    const { out } = held
    out.count++
    return { lease: held.lease, signal: out.ended.signal, done: () => void out.count-- }
  }

  list(): readonly Lease[] {
    this.sweep()
    return [...this.#held.values()].filter((held) => this.#isGood(held)).map(({ lease }) => lease)
  }

  /** Ends leases and cuts what is on its way under them. @returns how many */
  revoke(which: (lease: Lease) => boolean): number {
    for (const held of this.#retired) if (which(held.lease)) this.#end(held)
    const chosen = this.#chosen(which)
    for (const [, held] of chosen) this.#end(held)
    return chosen.length
  }

  /** Ends leases, while what is on its way under them may go on for so long, ms (AC-4.3.2). @returns how many */
  retire(which: (lease: Lease) => boolean, grace: number): number {
    const chosen = this.#chosen(which)
    for (const [, held] of chosen) this.#retire(held, grace)
    return chosen.length
  }

  /** Cuts what is on its way with values that have ended, or whose grace is over. */
  sweep(): void {
    const now = this.#clock.monotonic()
    for (const held of this.#retired) if (now >= held.cutAt || held.out.count === 0) this.#end(held)
    for (const held of this.#held.values())
      if (now >= held.cutAt || (held.out.count === 0 && !this.#isGood(held))) this.#end(held)
  }

  /** Taken out of those that may be used. */
  #chosen(which: (lease: Lease) => boolean): readonly (readonly [string, Held])[] {
    const chosen = [...this.#held].filter(([, { lease }]) => which(lease))
    for (const [key] of chosen) this.#held.delete(key)
    return chosen
  }

  #retire(held: Held, grace: number): void {
    held.cutAt = Math.min(held.cutAt, this.#clock.monotonic() + grace)
    this.#retired.add(held)
    this.sweep()
    if (held.out.count > 0) setTimeout(() => this.sweep(), grace + SLACK).unref()
  }

  #end(held: Held): void {
    this.#retired.delete(held)
    for (const [key, each] of this.#held) if (each === held) this.#held.delete(key)
    held.out.ended.abort()
  }

  #make(credential: string, holder: string, instance: string, { until, version }: LeaseTerms): Held {
    this.sweep()
    const since = this.#clock.now()
    const expiresAt = Math.min(since + LEASE_MS, until)
    if (expiresAt <= since) throw new SallyportError('SP_VAULT_EXPIRED', `${credential} has ended.`)
    return {
      lease: { id: this.#random.uuid(), credential, holder, instance, since, expiresAt, uses: 0, version },
      monotonicEnd: this.#clock.monotonic() + (expiresAt - since),
      cutAt: this.#clock.monotonic() + (until - since),
      out: { count: 0, ended: new AbortController() },
    }
  }

  #isGood({ lease, monotonicEnd }: Held): boolean {
    return this.#clock.now() < lease.expiresAt && this.#clock.monotonic() < monotonicEnd
  }
}
