/** One line of a stdio connection, or the news that a line was longer than allowed and has been thrown away. */
export type Frame =
  { readonly kind: 'line'; readonly bytes: Uint8Array } | { readonly kind: 'oversize'; readonly limit: number }

/**
 * Splits a byte stream at `\n` without looking at anything else. Holds at most `limit` bytes: a longer line is reported
 * once, when it crosses the limit, and skipped up to its end (T-156).
 */
export class LineFramer {
  private readonly limit: number
  private parts: Uint8Array[] = []
  private held = 0
  private skipping = false

  constructor(limit: number) {
    this.limit = limit
  }

  /** Frames that this chunk completes, in order. */
  push(chunk: Uint8Array): Frame[] {
    const frames: Frame[] = []
    let start = 0
    for (;;) {
      const end = chunk.indexOf(0x0a, start)
      if (end < 0) break
      this.take(chunk.subarray(start, end), frames)
      if (!this.skipping) frames.push({ kind: 'line', bytes: this.join() })
      this.clear()
      this.skipping = false
      start = end + 1
    }
    if (start < chunk.length) this.take(chunk.subarray(start), frames)
    return frames
  }

  /** Bytes of an unfinished line. */
  get pending(): number {
    return this.held
  }

  private take(piece: Uint8Array, frames: Frame[]): void {
    if (this.skipping) return
    if (this.held + piece.length > this.limit) {
      frames.push({ kind: 'oversize', limit: this.limit })
      this.clear()
      this.skipping = true
      return
    }
    if (piece.length > 0) this.parts.push(piece)
    this.held += piece.length
  }

  private join(): Uint8Array {
    const [first] = this.parts
    if (this.parts.length === 1 && first !== undefined) return first
    const line = new Uint8Array(this.held)
    let at = 0
    for (const part of this.parts) {
      line.set(part, at)
      at += part.length
    }
    return line
  }

  private clear(): void {
    this.parts = []
    this.held = 0
  }
}
