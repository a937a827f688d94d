/** Counts events in windows of one second. */
export class RateWindow {
  private readonly limit: number
  private window = 0
  private count = 0

  constructor(limit: number) {
    this.limit = limit
  }

  /** True while the current second has room. */
  take(now: number = performance.now()): boolean {
    const window = Math.floor(now / 1000)
    if (window !== this.window) {
      this.window = window
      this.count = 0
    }
    return ++this.count <= this.limit
  }
}
