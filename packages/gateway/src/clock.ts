import type { Clock } from './boundary/ports.ts'

export const systemClock: Clock = Object.freeze({
  now: () => Date.now(),
  monotonic: () => performance.now(),
})

let lastMs = Number.NaN
let lastText = ''

/** ISO 8601 of a time in ms since 1970. Under load many records share a millisecond, and its text. */
export function isoTime(ms: number): string {
  if (ms !== lastMs) {
    lastText = new Date(ms).toISOString()
    lastMs = ms
  }
  return lastText
}

/** Share of monotonic time that passes at least while the wall clock lags: above any real drift, below any useful attack. */
const RATE = 0.999

export interface SteadyClock extends Clock {
  /** The time is at least this, ms since 1970. */
  raise(least: number): void
}

/**
 * A wall clock that never goes back (T-165): the later of the system's wall clock and `floor` plus elapsed monotonic time.
 * Setting the clock back revives nothing; setting it forward only makes things expire. `floor` in ms since 1970: the newest
 * time the gateway is known to have reached, such as its last checkpoint.
 */
export function createSteadyClock(clock: Clock, floor = 0): SteadyClock {
  let base = Math.max(floor, clock.now())
  let since = clock.monotonic()
  const now = (): number => {
    const wall = clock.now()
    const monotonic = clock.monotonic()
    const least = base + Math.max(0, monotonic - since) * RATE
    if (wall < least) return Math.floor(least)
    base = wall
    since = monotonic
    return wall
  }
  const raise = (least: number): void => {
    if (least <= now()) return
    base = least
    since = clock.monotonic()
  }
  return Object.freeze({ now, monotonic: () => clock.monotonic(), raise })
}

/** Milliseconds of processor time of all threads: what is bounded by it gives the same answer on a busy machine. */
export function processorTime(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
