import type { DecodedSegment } from '../text/view.ts'
import { HIGH_CLASS, LETTER } from './characters.ts'
import { hashWord, type Tokens } from './tokens.ts'

/**
 * Writings that are undone only where common words show that they are there: a text in plain words is never turned round. Linear;
 * at most one further text of the same length for each of them.
 */
interface Disguise {
  readonly id: string
  /** Words of the disguise, of which `least` must occur. */
  readonly words: string
  readonly least: number
  readonly undo: (text: string) => string
}

const turn = (char: string, by: number): string => {
  const base = char < 'a' ? 65 : 97
  return String.fromCharCode(base + ((char.charCodeAt(0) - base + by) % 26))
}

const backwards = (text: string): string => Array.from(text).reverse().join('')

const ROT13 =
  'gur naq lbh lbhe cyrnfr vtaber qvfertneq sbetrg cerivbhf nobir vafgehpgvba vafgehpgvbaf cebzcg flfgrz erirny ehyrf'
const REVERSED =
  'eht uoy ruoy esaelp erongi drageresid tegrof suoiverp evoba noitcurtsni snoitcurtsni tpmorp metsys laever selur dnes lla'

const DISGUISES: readonly Disguise[] = [
  { id: 'rot13', words: ROT13, least: 2, undo: (text) => text.replace(/[a-z]/gi, (char) => turn(char, 13)) },
  { id: 'reversed', words: REVERSED, least: 2, undo: backwards },
  {
    id: 'reversed-words',
    words: REVERSED,
    least: 2,
    undo: (text) => text.replace(/[A-Za-z]{1,40}/g, backwards),
  },
  {
    id: 'spaced-letters',
    words: '',
    least: 1,
    // One sign between letters, more between words; where words have one as well, they run together.
    undo: (text) =>
      text.replace(/(?<![^\s"'([\\/])(?:[^\s\\/.,_*|~+:-](?:[ .,_*|~/\\+:-]{1,4})){5,}[^\s\\/]?/g, (run) =>
        run
          .replace(/[ .,_*|~/\\+:-]{2,}/g, '\n')
          .replace(/[ .,_*|~/\\+:-]/g, '')
          .replace(/\n/g, ' '),
      ),
  },
  { id: 'joined-words', words: '', least: 1, undo: (text) => text.replace(/([a-z])(?=[A-Z])/g, '$1 ') },
]

const SPACED = 3
const JOINED = 4
/** Single letters in a row that are a word spelled out. */
const SPELLED = 6
/** A word of so many units may be several. */
const LONG = 15
const JOINED_WORDS = /^(?:ignore|disregard|forget|override|reveal|bypass|dismiss|repeat|print|show)(?:[A-Z][a-z]+){2}/i

const byHash = new Map<number, number[]>()
const bits = new Uint8Array(0x10000)
for (const [index, { words }] of DISGUISES.entries())
  for (const word of words.split(' ')) {
    if (word === '') continue
    const hash = hashWord(word)
    byHash.set(hash, [...(byHash.get(hash) ?? []), index])
    bits[(hash >>> 16) & 0xffff] = 1
  }

/** Counts of the signs of each disguise, to be kept over the turns of a long text. */
export const createDisguiseCounts = (): Uint32Array => new Uint32Array(DISGUISES.length)

/** Looks for signs of disguise in the tokens of a text: one look a token. */
export function countDisguises(text: string, { hash, start, end, length }: Tokens, counts: Uint32Array): void {
  let single = 0
  for (let index = 0; index < length; index++) {
    const own = hash[index] ?? 0
    if (bits[(own >>> 16) & 0xffff] !== 0)
      for (const which of byHash.get(own) ?? []) counts[which] = (counts[which] ?? 0) + 1
    const from = start[index] ?? 0
    const size = (end[index] ?? 0) - from
    if (size === 1) {
      const unit = text.charCodeAt(from)
      if (unit > 0x40 && (unit < 0x80 ? isLetter(unit) : HIGH_CLASS(unit) === LETTER)) {
        if (++single === SPELLED) counts[SPACED] = (counts[SPACED] ?? 0) + 1
      }
    } else {
      if (size > 2) single = 0
      if (size >= LONG && JOINED_WORDS.test(text.slice(from, from + 60))) counts[JOINED] = (counts[JOINED] ?? 0) + 1
    }
  }
}

const isLetter = (unit: number): boolean => (unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x7a

/** Other readings of a folded text whose signs were counted. Offsets are those of the whole text: what is undone has no places of its own. */
export function disguises(text: string, counts: Uint32Array): readonly DecodedSegment[] {
  const found: DecodedSegment[] = []
  for (const [index, { id, least, undo }] of DISGUISES.entries()) {
    if ((counts[index] ?? 0) < least) continue
    const undone = undo(text)
    if (undone !== text) found.push({ via: id, text: undone, start: 0, end: text.length })
  }
  return found
}
