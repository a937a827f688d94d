/** Tokens of a window: a sentence in a document, and a story that is an attack only as a whole. */
const WINDOWS: readonly number[] = [12, 24, 64]
/** Tokens between the starts of two windows. */
const STRIDE = 2

/** The window with the highest sum, from running sums of `length + 1` entries. */
export interface BestWindow {
  score: number
  first: number
  end: number
}

/** Windows overlap by all but `STRIDE` tokens and reach the last token: nothing lies across an edge (T-148). */
export function bestWindow(sums: Float64Array | Int32Array, length: number): BestWindow {
  const best: BestWindow = { score: -Infinity, first: 0, end: length }
  for (const size of WINDOWS) {
    const last = Math.max(0, length - size)
    for (let first = 0; ; first += STRIDE) {
      const start = Math.min(first, last)
      const end = Math.min(start + size, length)
      const score = (sums[end] ?? 0) - (sums[start] ?? 0)
      if (score > best.score) {
        best.score = score
        best.first = start
        best.end = end
      }
      if (start === last) break
    }
    if (length <= size) break
  }
  return best
}
