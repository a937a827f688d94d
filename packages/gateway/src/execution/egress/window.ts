/** So many parts a window is counted in; what fell into the oldest counts whole, so that a 64th at most is given too late. */
const PARTS = 64

/** Counts what happened in the last `window` ms. Never says less than there was in any window of that length. */
export class WindowCount {
  readonly #length: number
  readonly #parts = new Float64Array(PARTS + 1)
  #last = -Infinity
  #sum = 0

  /** @param window ms */
  constructor(window: number) {
    this.#length = window / PARTS
  }

  /** @param now ms of a clock that never goes back */
  add(amount: number, now: number): void {
    this.#turn(now)
    this.#parts[this.#last % this.#parts.length] = this.#at(this.#last) + amount
    this.#sum += amount
  }

  count(now: number): number {
    this.#turn(now)
    return this.#sum
  }

  /** In how many ms there is less than `most` again; 0: now. */
  wait(most: number, now: number): number {
    let left = this.count(now)
    if (left < most) return 0
    for (let part = this.#last - PARTS; part <= this.#last; part++) {
      left -= this.#at(part)
      if (left < most) return (part + PARTS + 1) * this.#length - now
    }
    return PARTS * this.#length
  }

  #at(part: number): number {
    return part < 0 ? 0 : (this.#parts[part % this.#parts.length] ?? 0)
  }

  #turn(now: number): void {
    const part = Math.floor(now / this.#length)
    if (part <= this.#last) return
    if (part - this.#last > PARTS) {
      this.#parts.fill(0)
      this.#sum = 0
    } else {
      for (let next = this.#last + 1; next <= part; next++) {
        this.#sum -= this.#at(next)
        this.#parts[next % this.#parts.length] = 0
      }
    }
    this.#last = part
  }
}
