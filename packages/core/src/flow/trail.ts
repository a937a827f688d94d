import { eachPiece, GRAM, type PieceBatch, type Pieces } from './grams.ts'
import { GramTable } from './gram-table.ts'
import type { Confidentiality, Integrity } from './label.ts'

/** Where text came from, as far as flow decisions go: results of one tool with one label. */
export interface TrailSource {
  /** `mail.read_message`; for people. */
  readonly name: string
  readonly integrity: Integrity
  readonly confidentiality: Confidentiality
}

export interface TrailText {
  readonly text: string
  readonly source: TrailSource
}

/** What the trail knows of a text. All counts are letters and digits. */
export interface Probe {
  readonly size: number
  /** Covered by the user's own words. */
  readonly user: number
  /** Covered by the user's words or by results that are trusted and not confidential. */
  readonly vouched: number
  /** Of the vouched: known only as single short words, not as running text. */
  readonly loose: number
  /** Covered by confidential results and not by the user's words. */
  readonly confidential: number
  /** Covered by untrusted material and not by the user's words. */
  readonly untrusted: number
  /** Covered by nothing. */
  readonly unmatched: number
  /** A token that is hardly met by chance (a code, an address, a number) stands in a confidential result. */
  readonly tellingConfidential: boolean
  /** Every token and run stands in trusted results and none in untrusted ones. */
  readonly trusted: boolean
  /** Highest confidentiality of what matched. */
  readonly confidentiality: Confidentiality
  readonly sources: readonly TrailSource[]
}

const USER = 1
/** More different sources than bits: the rest shares one bit with the worst label of them. */
const OTHERS = 31
const CONFIDENTIAL = 2
/** Most characters of one result that are taken in. */
const LONGEST = 4_000_000

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

  /** @param limit most pieces; the table for the default takes 6 MiB and holds about half a million characters */
  constructor(limit = 349_000) {
    this.#table = new GramTable(limit)
  }

  /** True when something was not taken in: from then on a match proves nothing and a miss neither. */
  get full(): boolean {
    return this.#table.full
  }

  get size(): number {
    return this.#table.size
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#table.bytes
  }

  /** Takes in the user's own words. In a full table nobody can tell any more what was there before them. */
  hear(words: string): void {
    const table = this.#table
    eachPiece(words, {
      take: ({ low, high, size }) => {
        for (let at = 0; at < size && !table.full; at++) {
          const a = low[at] as number
          const b = high[at] as number
          if ((table.get(a, b) & this.#untrusted) === 0) table.add(a, b, USER)
        }
      },
      odd: ignore,
    })
  }

  /** Takes in a result as the model sees it. */
  read(text: string, source: TrailSource): void {
    const table = this.#table
    if (text.length > LONGEST) table.close()
    table.reserve((Math.min(text.length, LONGEST) >> 2) * 3)
    eachPiece(text.slice(0, LONGEST), new Adder(table, this.#bit(source)))
  }

  probe(text: string): Probe {
    const prober = new Prober(this.#table, this.#untrusted, this.#confidential, this.#trusted)
    const letters = eachPiece(text, prober)
    prober.done()
    const size = letters + prober.oddities
    const sources = this.#named(prober.seen)
    const matched = sources.reduce<number>((most, { confidentiality }) => Math.max(most, confidentiality), 0)
    return {
      size,
      user: prober.user.count,
      vouched: this.full ? prober.user.count : prober.vouched.count,
      loose: letters < GRAM && prober.user.count < letters ? prober.vouched.count : 0,
      confidential: prober.confidential.count,
      untrusted: prober.untrusted.count,
      unmatched: size - prober.any.count,
      tellingConfidential: prober.tellingConfidential,
      trusted:
        !this.full &&
        letters > 0 &&
        prober.oddities === 0 &&
        prober.allTrusted &&
        (letters >= GRAM || prober.tokens === 1),
      confidentiality: matched as Confidentiality,
      sources,
    }
  }

  /** Says whether untrusted text held all of `text` before now: its tokens, or its letters however they were set. */
  heldByUntrusted(text: string): boolean {
    if (this.full) return true
    let tokens = true
    let grams = true
    const count = eachPiece(text, {
      take: ({ low, high, token, size }) => {
        for (let at = 0; at < size; at++) {
          if ((this.#table.get(low[at] as number, high[at] as number) & this.#untrusted) !== 0) continue
          if (token[at] === 0) grams = false
          else tokens = false
        }
      },
      odd: ignore,
    })
    return count > 0 && (tokens || (count >= GRAM && grams))
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

/** Puts every piece down to one source. */
class Adder implements Pieces {
  readonly #table: GramTable
  readonly #bit: number

  constructor(table: GramTable, bit: number) {
    this.#table = table
    this.#bit = bit
  }

  take(pieces: PieceBatch): void {
    this.#table.addAll(pieces, this.#bit)
  }

  odd(): void {
    ignore()
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
  oddities = 0
  tokens = 0
  seen = 0
  #sources = 0
  #start = 0
  #end = 0
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

  take(pieces: PieceBatch): void {
    const table = this.#table
    table.touch(pieces)
    const { low, high, end, token, size } = pieces
    const trusted = this.#trusted
    const untrusted = this.#untrusted
    const confidential = this.#confidential
    for (let at = 0; at < size; at++) {
      const a = low[at] as number
      const b = high[at] as number
      const kind = token[at] as number
      const last = end[at] as number
      const sources = table.get(a, b)
      if (kind !== 0) this.tokens++
      if ((sources & trusted) === 0 || (sources & untrusted) !== 0) this.allTrusted = false
      if (sources === 0) continue
      if ((sources & confidential) !== 0 && (sources & USER) === 0) {
        this.tellingConfidential ||= kind === 0 ? isNumeric(a, b) : (kind & 1) !== 0
      }
      // a short word alone says little: it counts where it is all that is said, not as a brick of sentences that nobody wrote
      const letters = kind >> 1
      if (kind === 0) this.#note(sources, last - GRAM, last)
      else if (letters > 1 && last < GRAM) this.#note(sources, last - letters, last)
    }
  }

  odd(count: number): void {
    this.oddities = count
  }

  /** Neighbours that were seen in the same places are one stretch. */
  #note(sources: number, start: number, end: number): void {
    if (sources === this.#sources && start <= this.#end) {
      this.#end = end
      return
    }
    this.#settle()
    this.#sources = sources
    this.#start = start
    this.#end = end
  }

  #settle(): void {
    const sources = this.#sources
    const start = this.#start
    const end = this.#end
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

  done(): void {
    this.#settle()
    this.#sources = 0
  }
}

/** Five digits and more in a run of ASCII letters: part of an account, a card or a telephone number. */
function isNumeric(low: number, high: number): boolean {
  if (high >= 0x80000000) return false
  let digits = 0
  for (let bits = ~low & 0x40404040; bits !== 0; bits &= bits - 1) digits++
  for (let bits = ~high & 0x40404040; bits !== 0; bits &= bits - 1) digits++
  return digits >= 5
}

const ignore = (): void => undefined
