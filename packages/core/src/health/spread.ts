/**
 * Counts of positive numbers by size, each place a tenth wider than the one before: a quantile is off by 5 % at most, however
 * many numbers there were, and spreads of several days or gateways add up.
 */
export type Spread = Readonly<Record<string, number>>

const STEP = Math.log(1.1)
const LEAST = 1e-3
const PLACES = 400

/** The place that a number is counted in: 0 for everything up to `LEAST`. */
const placeOf = (value: number): number =>
  value > LEAST ? Math.min(PLACES, 1 + Math.floor(Math.log(value / LEAST) / STEP)) : 0

/** The spread with one number more. */
export function withValue(spread: Spread, value: number): Spread {
  const place = String(placeOf(value))
  return { ...spread, [place]: (spread[place] ?? 0) + 1 }
}

export function addSpreads(spreads: readonly Spread[]): Spread {
  const sum: Record<string, number> = Object.create(null) as Record<string, number>
  for (const [place, count] of spreads.flatMap((one) => Object.entries(one))) sum[place] = (sum[place] ?? 0) + count
  return { ...sum }
}

export const countOf = (spread: Spread): number => Object.values(spread).reduce((sum, count) => sum + count, 0)

/** The number that a share `q` (0 to 1) of all numbers is at most; undefined where there are none. */
export function quantile(spread: Spread, q: number): number | undefined {
  const places = Object.keys(spread).map(Number)
  let left = q * countOf(spread)
  for (const place of places.sort((a, b) => a - b)) {
    left -= spread[String(place)] ?? 0
    if (left <= 0) return place === 0 ? LEAST : LEAST * Math.exp((place - 0.5) * STEP)
  }
  return undefined
}
