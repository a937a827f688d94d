import type { PieceBatch } from './grams.ts'

/**
 * Which sources a piece of text was seen in: an open-addressing map from 64-bit keys to bit sets of sources. Full tables take
 * no more and say so (`full`), which callers must read as "anything may have been seen".
 */
export class GramTable {
  /** Three words for each place: two halves of the key and the sources; no source marks a free place. */
  #places: Uint32Array
  #mask: number
  #used = 0
  readonly #limit: number
  #full = false

  /** @param limit most entries; each costs 18 to 36 bytes */
  constructor(limit: number) {
    this.#limit = limit
    this.#places = new Uint32Array(FIRST_SIZE * WORDS)
    this.#mask = FIRST_SIZE - 1
  }

  get full(): boolean {
    return this.#full
  }

  get size(): number {
    return this.#used
  }

  /** Bytes that the table holds. */
  get bytes(): number {
    return this.#places.byteLength
  }

  /** Says that something was left out. */
  close(): void {
    this.#full = true
  }

  /** Makes room for that many more, so that taking in a long text does not grow the table over and over. */
  reserve(more: number): void {
    const wanted = Math.min(this.#used + more, this.#limit)
    let size = this.#mask + 1
    while (size * 2 < wanted * 3) size *= 2
    if (size > this.#mask + 1) this.#resize(size)
  }

  /** Looks where all of them would be, one independent of the other; what comes next finds it in the cache. */
  touch({ low, high, size }: PieceBatch): number {
    const places = this.#places
    const mask = this.#mask
    let seen = 0
    for (let at = 0; at < size; at++) {
      seen |= places[(homeOf(low[at] as number, high[at] as number) & mask) * WORDS + 2] as number
    }
    return seen
  }

  /** Puts them all down to one source. */
  addAll(pieces: PieceBatch, source: number): void {
    this.reserve(pieces.size)
    this.touch(pieces)
    const { low, high, size } = pieces
    const places = this.#places
    const mask = this.#mask
    const limit = this.#limit
    let used = this.#used
    for (let piece = 0; piece < size; piece++) {
      const a = low[piece] as number
      const b = high[piece] as number
      const at = placeOf(places, mask, a, b)
      const sources = at < 0 ? 0 : (places[at + 2] as number)
      if (sources !== 0) {
        if ((sources | source) >>> 0 !== sources) places[at + 2] = sources | source
      } else if (at < 0 || used >= limit) this.#full = true
      else {
        places[at] = a
        places[at + 1] = b
        places[at + 2] = source
        used++
      }
    }
    this.#used = used
  }

  add(low: number, high: number, source: number): void {
    this.reserve(1)
    const places = this.#places
    const at = placeOf(places, this.#mask, low >>> 0, high >>> 0)
    if (at < 0) this.#full = true
    else if (places[at + 2] !== 0) places[at + 2] = (places[at + 2] as number) | source
    else if (this.#used >= this.#limit) this.#full = true
    else {
      places[at] = low
      places[at + 1] = high
      places[at + 2] = source
      this.#used++
    }
  }

  /** Bit set of the sources; 0 when it was never seen. */
  get(low: number, high: number): number {
    const places = this.#places
    const at = placeOf(places, this.#mask, low >>> 0, high >>> 0)
    return at < 0 ? 0 : (places[at + 2] as number) | 0
  }

  #resize(size: number): void {
    const old = this.#places
    const places = new Uint32Array(size * WORDS)
    this.#places = places
    this.#mask = size - 1
    for (let from = 0; from < old.length; from += WORDS) {
      if (old[from + 2] === 0) continue
      const at = placeOf(places, size - 1, old[from] as number, old[from + 1] as number)
      if (at < 0) {
        this.#full = true
        continue
      }
      places[at] = old[from] as number
      places[at + 1] = old[from + 1] as number
      places[at + 2] = old[from + 2] as number
    }
  }
}

const WORDS = 3
const FIRST_SIZE = 1 << 9
const MOST_TRIES = 512

/** Where the key is or would be; below 0 when its neighbourhood is crammed, which only text made for it does. */
function placeOf(places: Uint32Array, mask: number, low: number, high: number): number {
  const home = homeOf(low, high)
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const at = ((home + tries) & mask) * WORDS
    if (places[at + 2] === 0 || (places[at] === low && places[at + 1] === high)) return at
  }
  return -1
}

function homeOf(low: number, high: number): number {
  const mixed = Math.imul(low ^ Math.imul(high ^ (high >>> 15), 0x2c1b3c6d), 0x45d9f3b)
  return mixed ^ (mixed >>> 15)
}
