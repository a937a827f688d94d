/** A text made from another one, with the way back. */
export interface MappedText {
  readonly text: string
  /** Offset in the source of the unit at `index`; the length gives the end of the source. */
  sourceOffset(index: number): number
}

/** Puts a mapped text together: kept slices, and characters that stand for longer runs. */
export class MappedBuilder {
  readonly #source: string
  readonly #views: number[] = []
  readonly #sources: number[] = []
  #text = ''
  #kept: number
  #until: number
  #isChanged = false

  /** @param from Where in the source the view begins */
  constructor(source: string, from = 0) {
    this.#source = source
    this.#kept = from
    this.#until = source.length
  }

  /** Where in the source the view ends. */
  until(end: number): void {
    this.#until = end
  }

  /** Replaces `source[start, end)` with `by`; what lies before it is kept. In order, without overlaps. */
  replace(start: number, end: number, by: string): void {
    this.#keep(start)
    if (by !== '') this.#mark(start)
    this.#text += by
    this.#kept = end
    this.#isChanged = true
  }

  get isChanged(): boolean {
    return this.#isChanged
  }

  done(): MappedText {
    this.#keep(this.#until)
    const [views, sources, end] = [this.#views, this.#sources, this.#until]
    const text = this.#text
    return {
      text,
      sourceOffset(index) {
        if (index >= text.length) return end
        let low = 0
        let high = views.length - 1
        while (low < high) {
          const middle = (low + high + 1) >> 1
          if ((views[middle] as number) <= index) low = middle
          else high = middle - 1
        }
        return (sources[low] ?? 0) + index - (views[low] ?? 0)
      },
    }
  }

  #keep(until: number): void {
    if (until <= this.#kept) return
    this.#mark(this.#kept)
    this.#text += this.#source.slice(this.#kept, until)
  }

  #mark(source: number): void {
    this.#views.push(this.#text.length)
    this.#sources.push(source)
  }
}
