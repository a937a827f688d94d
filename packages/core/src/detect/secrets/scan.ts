import { mayBegin } from './anchors.ts'
import { Hints } from './hints.ts'
import { issuedAt, type Match } from './issued.ts'
import { keyedAt } from './keyed.ts'
import { endsKey, mayEndKey } from './key-kinds.ts'
import { shapeAt } from './shapes.ts'
import { unitsOf } from './units.ts'
import { userinfoAt } from './userinfo.ts'

/** `lenient`: weak values of named settings count too · `eager`: the text was hidden, so that less is asked of it. */
export type ScanMode = 'strict' | 'lenient' | 'eager'

/** Shortest run that is looked at for the shape of a token, and as one that may be encoded. */
const SHAPE = 20
const ENCODED = 16

const OTHER = 0
const WORD = 1
const JOINER = 2
/** Characters that mean something by themselves. */
const SIGN = 3

const KINDS = new Uint8Array(65_536)
for (const [characters, kind] of [
  ['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', WORD],
  ['_-', JOINER],
  ['\n"\'`\\%&~:', SIGN],
] as const) {
  for (const character of characters) KINDS[character.charCodeAt(0)] = kind
}
KINDS.fill(SIGN, 128)

/**
 * One pass over the text. Every recogniser is called only where its mark stands: at the first character of a word, at the
 * end of a word that may be a name, at the end of a long run, at `://`. All of them look a bounded way around, so that the
 * whole is linear.
 * @returns where to look for what the pass cannot see
 */
export function scan(text: string, mode: ScanMode, found: (match: Match) => void): Hints {
  const units = unitsOf(text)
  const { length } = text
  const hints = new Hints()
  const lenient = mode === 'lenient'
  const cut = (at: number): void => {
    if (hints.spread.at(-1) !== at) hints.spread.push(at)
  }
  let runStart = -1
  let skipTo = 0
  let singles = 0
  let numbers = 0
  let numbersFrom = 0
  let singlesFrom = 0
  let i = 0
  while (i <= length) {
    const code = units[i] as number
    const kind = i < length ? (KINDS[code] as number) : OTHER
    if (kind === WORD) {
      const start = i
      do i++
      while (KINDS[units[i] as number] === WORD)
      if (runStart < 0) runStart = start
      if (start >= skipTo && mayBegin(units[start] as number, units[start + 1] as number, units[start + 2] as number)) {
        const match = issuedAt(text, start, lenient, cut)
        if (match !== undefined) {
          found(match)
          skipTo = match.end
        }
      }
      const width = i - start
      if (width < 5) {
        if (width > 1) singles = 0
        else if (singles++ === 0) singlesFrom = start
        else if (singles === 15) hints.spread.push(singlesFrom)
        if ((units[start] as number) > 57) numbers = 0
        else if (numbers++ === 0) numbersFrom = start
        else if (numbers === 13) hints.numbers.push(numbersFrom)
        if (width < 3) continue
      } else {
        singles = 0
        numbers = 0
      }
      let end = i
      // `PASSWORD1`: digits at the end do not count.
      while (end > start && i - end < 4 && (units[end - 1] as number) <= 57) end--
      if (
        end - start > 2 &&
        mayEndKey(units[end - 3] as number, units[end - 2] as number, units[end - 1] as number) &&
        endsKey(text, end)
      ) {
        const match = keyedAt(text, end, lenient)
        if (match !== undefined) found(match)
      }
      continue
    }
    if (kind === JOINER) {
      if (runStart < 0) runStart = i
      i++
      continue
    }
    if (runStart >= 0) {
      const width = i - runStart
      if (width >= ENCODED) {
        hints.runs.push(runStart, i)
        if (width >= SHAPE && runStart >= skipTo) {
          const match = shapeAt(text, runStart, i, mode === 'eager')
          if (match !== undefined) found(match)
        }
      }
      if (width > 2 && isMarkup(code, units[i + 1] as number)) hints.joints.push(i)
      if (width > 2 && (code === 10 || (code === 13 && units[i + 1] === 10))) hints.breaks.push(i)
      else if (width > 2 && code === 32 && KINDS[units[i - 1] as number] === JOINER) cut(runStart)
    }
    if (kind === SIGN) {
      if (code > 127) {
        hints.escapes.push(i)
        while (i + 1 < length && (units[i + 1] as number) > 127) i++
      } else i = sign(text, units, i, code, lenient, hints, found)
    }
    runStart = -1
    i++
  }
  return hints
}

/** `<b>`, `**`, a comment in the middle of a run. */
const isMarkup = (code: number, next: number): boolean =>
  (code === 60 && (next === 47 || next > 96)) || (next === 42 && (code === 42 || code === 47))

/** @returns the last unit that was dealt with */
function sign(
  text: string,
  units: Uint16Array,
  at: number,
  code: number,
  lenient: boolean,
  hints: Hints,
  found: (match: Match) => void,
): number {
  const next = units[at + 1] as number
  switch (code) {
    case 58: // :
      if (next === 47 && units[at + 2] === 47) {
        const match = userinfoAt(text, at, lenient)
        if (match !== undefined) found(match)
      }
      return at
    case 92: // \
      // `\n` before a token: the letter belongs to the escape.
      if (LETTER_ESCAPE[next] === 1) return at + 1
      hints.escapes.push(at)
      return at
    case 37: // %
    case 38: // &
      hints.escapes.push(at)
      return at
    case 34: // "
    case 39: // '
    case 96: // `
      if (next === 10 || JOINTS[next === 32 ? (units[at + 2] as number) : next] === 1) hints.joints.push(at)
      return at
    case 126: {
      const match = azureClientAt(text, at)
      if (match !== undefined) found(match)
      return at
    }
    default:
      return at
  }
}

const flags = (characters: string): Uint8Array => {
  const table = new Uint8Array(65_536)
  for (const character of characters) table[character.charCodeAt(0)] = 1
  return table
}
const LETTER_ESCAPE = flags('nrtbf')
/** Signs of concatenation, or another quote. A comma joins only where the text speaks of joining. */
const JOINTS = flags(`+.&<|"'\`\\,};`)

const AZURE_CLIENT = /[A-Za-z0-9_.~-]{3}\dQ~[A-Za-z0-9_.~-]{24,44}/y
function azureClientAt(text: string, tilde: number): Match | undefined {
  if (tilde < 5 || text.charCodeAt(tilde - 1) !== 81) return undefined
  AZURE_CLIENT.lastIndex = tilde - 5
  const match = AZURE_CLIENT.exec(text)
  return match === null ? undefined : { family: 'azure-client', start: tilde - 5, end: tilde - 5 + match[0].length }
}
