/** Signals of one alert that get a record each within a window; the rest is one record with their number (T-157). */
const EACH = 20
/** ms */
const WINDOW = 60_000

/** How much of a flood is written down one by one. Pure but for its memory, which is as large as there are open alerts. */
export class Telling {
  readonly #seen = new Map<string, { since: number; told: number; withheld: number }>()

  /** @param at ms of a clock that never goes back. @returns whether this one gets a record of its own */
  isTold(id: string, at: number): boolean {
    const known = this.#seen.get(id)
    if (known === undefined || (at - known.since > WINDOW && known.withheld === 0)) {
      this.#seen.set(id, { since: at, told: 1, withheld: 0 })
      return true
    }
    if (known.told < EACH && at - known.since <= WINDOW) {
      known.told += 1
      return true
    }
    known.withheld += 1
    return false
  }

  /** What is due to be told of the others, and forgets what is over. @param all everything, however young */
  due(at: number, all = false): readonly (readonly [id: string, withheld: number])[] {
    const due: (readonly [string, number])[] = []
    for (const [id, { since, withheld }] of this.#seen) {
      if (!all && at - since <= WINDOW) continue
      this.#seen.delete(id)
      if (withheld > 0) due.push([id, withheld])
    }
    return due
  }
}
