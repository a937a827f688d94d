import { formsOf } from './forms.ts'

const MASK = '*'.charCodeAt(0)

/**
 * Takes values out of a stream of bytes, wherever it is cut, in each form in which servers are known to send back what they got
 * (T-126). What was found is masked byte for byte, so that lengths stay as they were announced.
 */
export class Scrubber {
  readonly #forms: readonly Buffer[]
  readonly #longest: number
  #held: Buffer = Buffer.alloc(0)
  /** Held bytes at the beginning that belong to a place whose first part has gone on. */
  #spill = 0
  /** Places found so far. */
  count = 0

  /** @param values each of `LEAST_SCRUBBED` bytes at least */
  constructor(values: readonly Uint8Array[]) {
    this.#forms = values.flatMap((value) => formsOf(Buffer.from(value)))
    this.#longest = Math.max(1, ...this.#forms.map(({ length }) => length))
  }

  /** @returns what may go on now; less than the length of the longest form is held back */
  push(chunk: Uint8Array): Buffer {
    const plain = Buffer.concat([this.#held, chunk])
    return this.#render(plain, Math.max(0, plain.length - (this.#longest - 1)))
  }

  /** What was held back. */
  end(): Buffer {
    return this.#render(this.#held, this.#held.length)
  }

  /** A text as a whole, such as a header; what is held of a stream is not touched. */
  whole(text: string): string {
    const bytes = Buffer.from(text, 'latin1')
    const out = Buffer.from(bytes)
    for (const [start, end] of this.#places(bytes)) {
      out.fill(MASK, start, end)
      this.count++
    }
    return out.toString('latin1')
  }

  #render(plain: Buffer, done: number): Buffer {
    const out = Buffer.from(plain)
    out.fill(MASK, 0, Math.min(this.#spill, out.length))
    let spill = this.#spill - done
    for (const [start, end] of this.#places(plain)) {
      out.fill(MASK, start, end)
      // the others are found again with what follows
      if (start >= done) continue
      this.count++
      spill = Math.max(spill, end - done)
    }
    this.#spill = Math.max(0, spill)
    this.#held = plain.subarray(done)
    return out.subarray(0, done)
  }

  *#places(bytes: Buffer): Iterable<readonly [start: number, end: number]> {
    for (const form of this.#forms)
      for (let at = bytes.indexOf(form); at >= 0; at = bytes.indexOf(form, at + 1)) yield [at, at + form.length]
  }
}
