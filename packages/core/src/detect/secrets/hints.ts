/**
 * Places where the one pass saw something that may hide a secret from it. Decoders look there and nowhere else, so that
 * what they cost depends on how much is encoded, not on how long the text is. Offsets in UTF-16 units.
 */
export class Hints {
  /** Starts and ends of long runs, in pairs. */
  readonly runs: number[] = []
  /** Percent signs, ampersands, backslashes that are no line breaks, and the first of neighbours beyond ASCII. */
  readonly escapes: number[] = []
  /** Quotes with a sign of concatenation behind them. */
  readonly joints: number[] = []
  /** Line breaks right after a run. */
  readonly breaks: number[] = []
  /** Where many words of one character begin, and words that end like a prefix before a space. */
  readonly spread: number[] = []
  /** Where many short numbers begin. */
  readonly numbers: number[] = []

  get isEmpty(): boolean {
    return (
      this.runs.length === 0 &&
      this.escapes.length === 0 &&
      this.joints.length === 0 &&
      this.breaks.length === 0 &&
      this.spread.length === 0 &&
      this.numbers.length === 0
    )
  }
}
