import { eachPiece, GRAM, type Pieces } from './grams.ts'
import { GramTable } from './gram-table.ts'
import type { Confidentiality, Integrity } from './label.ts'

/** Where text came from, as far as flow decisions go: results of one tool with one label. */
export interface TrailSource {
  /** `mail.read_message`; for people. */
  readonly name: string
  readonly integrity: Integrity
  readonly confidentiality: Confidentiality
}

/** What the trail knows of a text. All counts are letters and digits. */
export interface Probe {
  readonly size: number
  /** Covered by the user's own words. */
  readonly user: number
  /** Covered by the user's words or by results that are trusted and not confidential. */
  readonly vouched: number
  /** Covered by confidential results and not by the user's words. */
  readonly confidential: number
  /** Covered by untrusted material and not by the user's words. */
  readonly untrusted: number
  /** Covered by nothing. */
  readonly unmatched: number
  /** A token that is hardly met by chance (a code, an address, a number) stands in a confidential result. */
  readonly tellingConfidential: boolean
  /** Every token stands in trusted results and none in untrusted ones. */
  readonly trusted: boolean
  /** Highest confidentiality of what matched. */
  readonly confidentiality: Confidentiality
  readonly sources: readonly TrailSource[]
}

const USER = 1
/** More different sources than bits: the rest shares one bit with the worst label of them. */
const OTHERS = 31
const CONFIDENTIAL = 2

/**
 * Everything one agent instance has been shown, as hashed pieces with their sources (policy.md §2.2). The order counts: a piece
 * that untrusted text held before the user said it is not the user's (T-096). Once the table is full, nothing is vouched for any
 * more.
 */
export class Trail {
  readonly #table: GramTable
  readonly #sources: TrailSource[] = []
  #untrusted = 0
  #confidential = 0
  #trusted = 0

  /** @param limit most pieces, 8 bytes each at a load of one half */
  constructor(limit = 1 << 19) {
    this.#table = new GramTable(limit)
  }

  /** True when something was not taken in: from then on a match proves nothing and a miss neither. */
  get full(): boolean {
    return this.#table.full
  }

  get size(): number {
    return this.#table.size
  }

  /** Takes in the user's own words. */
  hear(words: string): void {
    const table = this.#table
    const add = (hash: number): void => {
      if ((table.get(hash) & this.#untrusted) === 0) table.add(hash, USER)
    }
    eachPiece(words, { gram: add, token: add })
  }

  /** Takes in a result as the model sees it. */
  read(text: string, source: TrailSource): void {
    const bit = this.#bit(source)
    const table = this.#table
    const add = (hash: number): void => table.add(hash, bit)
    eachPiece(text, { gram: add, token: add })
  }

  probe(text: string): Probe {
    const prober = new Prober(this.#table, this.#untrusted, this.#confidential, this.#trusted)
    const size = eachPiece(text, prober)
    const sources = this.#named(prober.seen)
    const matched = sources.reduce<number>((most, { confidentiality }) => Math.max(most, confidentiality), 0)
    return {
      size,
      user: prober.user.count,
      vouched: this.full ? prober.user.count : prober.vouched.count,
      confidential: prober.confidential.count,
      untrusted: prober.untrusted.count,
      unmatched: size - prober.any.count,
      tellingConfidential: prober.tellingConfidential,
      trusted: !this.full && size > 0 && prober.allTrusted && prober.any.count === size,
      confidentiality: matched as Confidentiality,
      sources,
    }
  }

  /** Says whether untrusted text held every token of `text` before now. */
  heldByUntrusted(text: string): boolean {
    let all = true
    let some = false
    const look = (hash: number): void => {
      some = true
      all &&= (this.#table.get(hash) & this.#untrusted) !== 0
    }
    eachPiece(text, { gram: () => undefined, token: look })
    return this.full || (some && all)
  }

  #bit(source: TrailSource): number {
    let at = this.#sources.findIndex(
      ({ name, integrity, confidentiality }) =>
        name === source.name && integrity === source.integrity && confidentiality === source.confidentiality,
    )
    if (at < 0) at = this.#sources.push(source) - 1
    const bit = (1 << Math.min(at + 1, OTHERS)) >>> 0
    if (source.integrity < 2) this.#untrusted |= bit
    else this.#trusted |= bit
    if (source.confidentiality >= CONFIDENTIAL) this.#confidential |= bit
    return bit
  }

  #named(mask: number): readonly TrailSource[] {
    return this.#sources.filter((_, at) => (mask & (1 << Math.min(at + 1, OTHERS))) !== 0)
  }
}

/** How many places of a text are covered, when runs come in the order of their ends. */
class Coverage {
  count = 0
  #last = 0

  cover(start: number, end: number): void {
    const from = Math.max(start, this.#last)
    if (end > from) this.count += end - from
    this.#last = Math.max(this.#last, end)
  }
}

class Prober implements Pieces {
  readonly user = new Coverage()
  readonly vouched = new Coverage()
  readonly confidential = new Coverage()
  readonly untrusted = new Coverage()
  readonly any = new Coverage()
  tellingConfidential = false
  allTrusted = true
  seen = 0
  readonly #table: GramTable
  readonly #untrusted: number
  readonly #confidential: number
  readonly #trusted: number

  constructor(table: GramTable, untrusted: number, confidential: number, trusted: number) {
    this.#table = table
    this.#untrusted = untrusted
    this.#confidential = confidential
    this.#trusted = trusted
  }

  gram(hash: number, end: number): void {
    this.#note(this.#table.get(hash), end - GRAM, end)
  }

  token(hash: number, telling: boolean, letters: number, end: number): void {
    const sources = this.#table.get(hash)
    this.#note(sources, end - letters, end)
    if ((sources & this.#trusted) === 0 || (sources & this.#untrusted) !== 0) this.allTrusted = false
    if (telling && (sources & USER) === 0 && (sources & this.#confidential) !== 0) this.tellingConfidential = true
  }

  #note(sources: number, start: number, end: number): void {
    if (sources === 0) return
    this.seen |= sources
    this.any.cover(start, end)
    if ((sources & USER) !== 0) {
      this.user.cover(start, end)
      this.vouched.cover(start, end)
      return
    }
    if ((sources & (this.#confidential | this.#untrusted)) === 0) this.vouched.cover(start, end)
    if ((sources & this.#confidential) !== 0) this.confidential.cover(start, end)
    if ((sources & this.#untrusted) !== 0) this.untrusted.cover(start, end)
  }
}
