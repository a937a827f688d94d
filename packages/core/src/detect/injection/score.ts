import { FEATURES } from './features.ts'
import type { Head } from './model.ts'
import { bestWindow, type BestWindow } from './windows.ts'

/** Sums of the weights up to every token, for all windows at once. */
export interface Sums {
  injection: Int32Array
  jailbreak: Int32Array
}

export const createSums = (capacity: number): Sums => ({
  injection: new Int32Array(capacity + 1),
  jailbreak: new Int32Array(capacity + 1),
})

/** One pass over the buckets for both heads; the smaller table is addressed by the upper bits of the same bucket. */
export function addUp(buckets: Int32Array, tokens: number, injection: Head, jailbreak: Head, into: Sums): void {
  const { weights } = injection
  const shift = injection.bits - jailbreak.bits
  let one = 0
  let two = 0
  for (let token = 0, at = 0; token < tokens; token++) {
    for (const end = at + FEATURES; at < end; at++) {
      const bucket = buckets[at] ?? 0
      if (bucket === 0) continue
      one += weights[bucket] ?? 0
      two += jailbreak.weights[bucket >>> shift] ?? 0
    }
    into.injection[token + 1] = one
    into.jailbreak[token + 1] = two
  }
}

/** Best window with its logit. */
export function headScore(sums: Int32Array, tokens: number, head: Head): BestWindow {
  const best = bestWindow(sums, tokens)
  best.score = best.score * head.scale + head.bias
  return best
}
