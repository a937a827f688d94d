import type { Clock } from './boundary/ports.ts'

export const systemClock: Clock = Object.freeze({
  now: () => Date.now(),
  monotonic: () => performance.now(),
})
