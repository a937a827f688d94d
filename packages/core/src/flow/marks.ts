import { eachPiece } from './grams.ts'
import type { Confidentiality } from './label.ts'

/** Most pieces that are kept of one server; what is beyond makes everything of it untrusted. */
const KEPT = 4096
/** One run of letters in sixteen is kept: of a long text enough come back, whatever is cut off it. */
const SAMPLE = 15
/** So many sampled runs have to come back before text counts as the same; single ones are common words. */
const RUNS = 3

/**
 * What was written to a server while the writer was tainted, as hashed pieces: when it comes back, through whatever tool and to
 * whatever agent, it is as untrusted as it was (T-090).
 */
export class WrittenMarks {
  readonly #tokens: Set<number>
  readonly #runs: Set<number>
  /** Highest confidentiality of a session that wrote. */
  confidentiality: Confidentiality
  /** More was written than is kept: everything counts. */
  overflow: boolean

  constructor(stored: StoredMarks = NO_MARKS) {
    this.#tokens = new Set(stored.tokens)
    this.#runs = new Set(stored.runs)
    this.confidentiality = stored.confidentiality
    this.overflow = stored.overflow
  }

  /** Takes in a written text. @returns true when there is something new to store */
  add(text: string, confidentiality: Confidentiality): boolean {
    const before = `${this.#tokens.size} ${this.#runs.size} ${this.confidentiality} ${this.overflow}`
    if (confidentiality > this.confidentiality) this.confidentiality = confidentiality
    eachMark(text, (mark, kind) => {
      if (kind === 'run') this.#keep(this.#runs, mark)
      else if (kind === 'telling') this.#keep(this.#tokens, mark)
    })
    return before !== `${this.#tokens.size} ${this.#runs.size} ${this.confidentiality} ${this.overflow}`
  }

  /** Says whether a text holds something of what was written. */
  isIn(text: string): boolean {
    if (this.overflow) return true
    if (this.#tokens.size + this.#runs.size === 0) return false
    let token = false
    const runs = new Set<number>()
    eachMark(text, (mark, kind) => {
      if (kind !== 'run') token ||= this.#tokens.has(mark)
      else if (this.#runs.has(mark)) runs.add(mark)
    })
    return token || runs.size >= RUNS
  }

  stored(): StoredMarks {
    const { confidentiality, overflow } = this
    return { tokens: [...this.#tokens], runs: [...this.#runs], confidentiality, overflow }
  }

  #keep(set: Set<number>, hash: number): void {
    if (set.has(hash)) return
    if (this.#tokens.size + this.#runs.size >= KEPT) this.overflow = true
    else set.add(hash)
  }
}

/** Sampled runs and all tokens of a text, each as a whole number of 53 bits. */
function eachMark(text: string, to: (mark: number, kind: 'run' | 'token' | 'telling') => void): void {
  eachPiece(text, {
    take({ low, high, token, size }) {
      for (let at = 0; at < size; at++) {
        const bits = low[at] ?? 0
        const mark = ((high[at] ?? 0) & UPPER) * 2 ** 32 + bits
        const about = token[at] ?? 0
        if (about > 0) to(mark, (about & 1) === 1 ? 'telling' : 'token')
        else if (((bits ^ (bits >>> 13)) & SAMPLE) === 0) to(mark, 'run')
      }
    },
    odd: () => undefined,
  })
}

/** 21 bits. */
const UPPER = 0x1fffff

export interface StoredMarks {
  readonly tokens: readonly number[]
  readonly runs: readonly number[]
  readonly confidentiality: Confidentiality
  readonly overflow: boolean
}

const NO_MARKS: StoredMarks = { tokens: [], runs: [], confidentiality: 0, overflow: false }
