const FIRST = 1_000
const MOST = 900_000

/**
 * How long to wait after so many tries, ms: doubling from a second to a quarter of an hour, of which a half is left to chance, so
 * that many that failed together do not come back together.
 * @param chance 0 to 1
 */
export function backoff(tries: number, chance: number, first = FIRST): number {
  const full = Math.min(first * 2 ** Math.min(30, Math.max(0, tries - 1)), MOST)
  return Math.round(full / 2 + (full / 2) * chance)
}
