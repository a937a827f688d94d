const FIRST = 60_000
const LONGEST = 3_600_000

/**
 * How long somebody waits after too many failures in a row, ms (E-25): a minute, doubled with each further one up to an hour.
 * @param further failures since the one that was too many, 0 for that one
 */
export const pauseAfter = (further: number): number => Math.min(FIRST * 2 ** further, LONGEST)

/** After so long without a failure it begins anew, ms. */
export const FORGIVEN = LONGEST
