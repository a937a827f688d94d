/**
 * Which sources a piece of text was seen in: an open-addressing map from 32-bit hashes to bit sets of sources. Full tables take
 * no more and say so (`full`), which callers must read as "anything may have been seen".
 */
export class GramTable {
  #keys: Uint32Array
  #sources: Uint32Array
  #mask: number
  #used = 0
  readonly #limit: number
  #full = false

  /** @param limit most entries; each costs 8 bytes at a load of one half */
  constructor(limit: number) {
    this.#limit = limit
    this.#keys = new Uint32Array(FIRST_SIZE)
    this.#sources = new Uint32Array(FIRST_SIZE)
    this.#mask = FIRST_SIZE - 1
  }

  get full(): boolean {
    return this.#full
  }

  get size(): number {
    return this.#used
  }

  add(hash: number, source: number): void {
    const key = hash === 0 ? 1 : hash
    let at = spread(key) & this.#mask
    for (;;) {
      const found = this.#keys[at] as number
      if (found === key) {
        this.#sources[at] = (this.#sources[at] as number) | source
        return
      }
      if (found === 0) break
      at = (at + 1) & this.#mask
    }
    if (this.#used >= this.#limit) {
      this.#full = true
      return
    }
    this.#keys[at] = key
    this.#sources[at] = source
    if (++this.#used * 2 > this.#keys.length) this.#grow()
  }

  /** Bit set of the sources; 0 when it was never seen. */
  get(hash: number): number {
    const key = hash === 0 ? 1 : hash
    let at = spread(key) & this.#mask
    for (;;) {
      const found = this.#keys[at] as number
      if (found === key) return (this.#sources[at] as number) >>> 0
      if (found === 0) return 0
      at = (at + 1) & this.#mask
    }
  }

  #grow(): void {
    const [keys, sources] = [this.#keys, this.#sources]
    const size = keys.length * 2
    this.#keys = new Uint32Array(size)
    this.#sources = new Uint32Array(size)
    this.#mask = size - 1
    for (let from = 0; from < keys.length; from++) {
      const key = keys[from] as number
      if (key === 0) continue
      let at = spread(key) & this.#mask
      while (this.#keys[at] !== 0) at = (at + 1) & this.#mask
      this.#keys[at] = key
      this.#sources[at] = sources[from] as number
    }
  }
}

const FIRST_SIZE = 1 << 10

const spread = (hash: number): number => {
  const mixed = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
