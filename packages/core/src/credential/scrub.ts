import { formsOf, patternOf, type Form } from './forms.ts'

const MASK = '*'.charCodeAt(0)
/**
 * Parts of a form that are looked for; the others are followed from there. A pattern for a token of a kilobyte would take seconds to be
 * compiled.
 */
const SOUGHT = 20

interface Sought {
  readonly form: Form
  readonly beginning: RegExp
}

/**
 * Takes values out of a stream of bytes, wherever it is cut, in each form in which servers are known to send back what they got
 * (T-126). What was found is masked byte for byte, so that lengths stay as they were announced.
 */
export class Scrubber {
  readonly #sought: readonly Sought[]
  /** Patterns of single parts, where they have to stand. */
  readonly #steps = new Map<string, RegExp>()
  readonly #longest: number
  #held: Buffer = Buffer.alloc(0)
  /** Held bytes at the beginning that belong to a place whose first part has gone on. */
  #spill = 0
  /** Places found so far. */
  count = 0

  /** @param values each of `LEAST_SCRUBBED` bytes at least */
  constructor(values: readonly Uint8Array[]) {
    const forms = values.flatMap((value) => formsOf(Buffer.from(value)))
    // bytes as characters: what is found at a place of the text is at that place of the bytes
    this.#sought = forms.map((form) => ({ form, beginning: new RegExp(patternOf(form, SOUGHT), 'g') }))
    this.#longest = Math.max(1, ...forms.map(({ longest }) => longest))
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
    const places = this.#places(bytes)
    for (const [start, end] of places) bytes.fill(MASK, start, end)
    this.count += places.length
    return places.length === 0 ? text : bytes.toString('latin1')
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

  #places(bytes: Buffer): readonly (readonly [start: number, end: number])[] {
    const text = bytes.toString('latin1')
    return this.#sought.flatMap(({ form, beginning }) =>
      Array.from(text.matchAll(beginning), ({ index, 0: { length } }) => {
        // so much of a value is no accident, whatever follows
        const end = form.parts.length > SOUGHT ? this.#endOf(text, index, form) : undefined
        return [index, Math.max(index + length, end ?? 0)] as const
      }),
    )
  }

  /** Where a form ends that begins at a place; undefined when it does not. All ways to read it are followed at once. */
  #endOf(text: string, start: number, { parts, between }: Form): number | undefined {
    let ends = new Set([start])
    for (const [n, ways] of parts.entries()) {
      const patterns = ways.map((way) => this.#step(n === 0 ? way : `${between}${way}`))
      const next = new Set<number>()
      for (const end of ends)
        for (const pattern of patterns) {
          pattern.lastIndex = end
          if (pattern.test(text)) next.add(pattern.lastIndex)
        }
      if (next.size === 0) return undefined
      ends = next
    }
    return Math.max(...ends)
  }

  #step(pattern: string): RegExp {
    const known = this.#steps.get(pattern) ?? new RegExp(pattern, 'y')
    this.#steps.set(pattern, known)
    return known
  }
}
