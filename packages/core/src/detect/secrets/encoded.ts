import type { DecodedSegment } from '../text/view.ts'
import { isWord } from './characters.ts'
import { joinedSegments } from './joined.ts'
import type { Hints } from './hints.ts'
import { unescape } from './unescape.ts'
import { decodeAscii, fromCodes } from './verdict.ts'
import type { MappedText } from './view.ts'

/** A decoded form; with `mapped`, single characters of it have their own place in the source. */
export interface Segment extends DecodedSegment {
  readonly mapped?: MappedText
  /** Only tokens with a known prefix or shape count: the form was guessed. */
  readonly guessed?: true
}

/** How much decoding one text may cause. */
export interface DecodeBudget {
  /** Characters of decoded text that may still be produced. */
  characters: number
  segments: number
}

/** Four times the text, and enough for small ones. */
export const decodeBudget = (length: number): DecodeBudget => ({ characters: 4 * length + 65_536, segments: 4_000 })

const HEX = /^[0-9a-fA-F]+$/
const BASE32 = /^[A-Z2-7]{24,}$/
/** What a run of base64 goes on with: the other signs of its alphabets, line breaks as MIME has them. */
const FORWARD = /[A-Za-z0-9+/_-]*(?:(?:\r?\n|\\n)[A-Za-z0-9+/_-]{4,})*={0,2}/y
/** `0x67, 0x68` and `[103, 104, …]`. */
const CODES = /(?:(?:0x)?[0-9a-fA-F]{2,3}[,\s;:]{1,3}){12,4000}(?:0x)?[0-9a-fA-F]{2,3}/y
const PRINTABLE = /^[\t\n\r -~]+$/

/** Everything in the text that decodes to something readable, one level deep; looked for where the hints point. */
export function decodedSegments(text: string, hints: Hints, budget: DecodeBudget): readonly Segment[] {
  const found: Segment[] = []
  const add = (segment: Segment): void => {
    if (budget.segments <= 0 || budget.characters < segment.text.length) return
    budget.segments--
    budget.characters -= segment.text.length
    found.push(segment)
  }
  for (const { from, mapped } of unescape(text, hints.escapes)) {
    add({ via: 'escape', text: mapped.text, start: from, end: mapped.sourceOffset(mapped.text.length), mapped })
  }
  let done = 0
  for (let i = 0; i < hints.runs.length; i += 2) {
    const from = hints.runs[i] as number
    if (from < done) continue
    const start = backward(text, from, done)
    FORWARD.lastIndex = from
    done = from + (FORWARD.exec(text)?.[0].length ?? 0)
    decodeRun(text.slice(start, done), start, add)
  }
  for (const at of hints.numbers) {
    CODES.lastIndex = at
    const match = CODES.exec(text)
    const decoded = match === null ? undefined : fromNumbers(match[0])
    if (decoded !== undefined) add({ via: 'codes', text: decoded, start: at, end: at + (match?.[0].length ?? 0) })
  }
  for (const segment of joinedSegments(text, hints)) add(segment)
  return found
}

/** Start of the base64 run that `at` lies in. */
function backward(text: string, at: number, least: number): number {
  let start = at
  while (
    start > least &&
    (text.charCodeAt(start - 1) === 43 || text.charCodeAt(start - 1) === 47 || isWord(text.charCodeAt(start - 1)))
  ) {
    start--
  }
  return start
}

/** Shortest encoded text that may be a secret, and longest run that is decoded. */
const SHORTEST = 16
const LONGEST = 262_144

function decodeRun(run: string, start: number, add: (segment: Segment) => void): void {
  if (run.length > LONGEST) return
  const end = start + run.length
  if (HEX.test(run)) {
    if (run.length < 24 || run.length % 2 !== 0) return
    const codes: number[] = []
    for (let i = 0; i < run.length; i += 2) codes.push(Number.parseInt(run.slice(i, i + 2), 16))
    const decoded = readable(codes)
    if (decoded !== undefined) add({ via: 'hex', text: decoded, start, end })
    return
  }
  const bare = run.replace(/=+$/, '')
  if (BASE32.test(bare)) {
    const decoded = base32(bare)
    if (decoded !== undefined) add({ via: 'base32', text: decoded, start, end })
  }
  if (run.length < 20) return
  const whole = decodeAscii(run)
  if (whole !== undefined && whole.length >= SHORTEST * 0.75) {
    add({ via: 'base64', text: whole, start, end })
    return
  }
  // A path before it, or a prefix: the parts by themselves.
  if (run.length > 4096 || !/[/_-]/.test(run)) return
  let at = start
  for (const part of run.split(/[/_-]/)) {
    if (part.length >= 24) {
      const decoded = decodeAscii(part)
      if (decoded !== undefined) add({ via: 'base64', text: decoded, start: at, end: at + part.length })
    }
    at += part.length + 1
  }
}

function readable(codes: readonly number[]): string | undefined {
  const text = fromCodes(codes)
  return PRINTABLE.test(text) ? text : undefined
}

const BASE32_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
function base32(run: string): string | undefined {
  const codes: number[] = []
  let held = 0
  let bits = 0
  for (const letter of run) {
    held = ((held << 5) | BASE32_ALPHABET.indexOf(letter)) & 0xfffff
    bits += 5
    if (bits < 8) continue
    bits -= 8
    codes.push((held >> bits) & 0xff)
  }
  return readable(codes)
}

function fromNumbers(list: string): string | undefined {
  const items = list.split(/[,\s;:]+/)
  if (items.length < 16) return undefined
  const read = (base: number): string | undefined =>
    readable(items.map((item) => Number.parseInt(item.replace(/^0x/, ''), base)))
  // `67 68 70` may be either.
  if (items.every((item) => /^(?:0x)?[0-9a-fA-F]{2}$/.test(item))) return read(16) ?? read(10)
  return items.every((item) => /^\d{2,3}$/.test(item)) ? read(10) : undefined
}
