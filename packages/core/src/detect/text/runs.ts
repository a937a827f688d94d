import { base32Bytes, base64Bytes, hexBytes, looksReadable, textOfBytes } from './bytes.ts'
import { prose } from './schemes.ts'
import type { DecodedSegment } from './view.ts'

const UPPER = 1
const LOWER = 2
const DIGIT = 4
const OTHER = 8
const HEX = 16
const BASE32 = 32

/** What a unit may be a digit of; 0 ends a run. */
const kinds = new Uint8Array(128).map((_, unit) => {
  const char = String.fromCharCode(unit)
  if (/[A-Z]/.test(char)) return UPPER | BASE32 | (char <= 'F' ? HEX : 0)
  if (/[a-z]/.test(char)) return LOWER | (char <= 'f' ? HEX : 0)
  if (/[0-9]/.test(char)) return DIGIT | HEX | (char >= '2' && char <= '7' ? BASE32 : 0)
  return /[+/_-]/.test(char) ? OTHER : 0
})

const SHORTEST = 16
/** Characters that are decoded first, to see whether the rest is worth it. A multiple of 8. */
const PROBE = 32
/** MIME parts what it encodes into lines of up to 76 characters. */
const MIME_LINE = 40

/**
 * Runs of digits of base64, base64url, base32 and hex in one pass over a text. Words and paths are such runs too: a run must hold what an encoding
 * of text holds, and its beginning must decode, before more is done. Linear.
 */
export function* encodedRuns(text: string): Iterable<DecodedSegment> {
  const end = text.length
  for (let at = 0; at + SHORTEST <= end;) {
    // Where a run of the least length would end decides whether there can be one: most of a text is never looked at.
    let back = at + SHORTEST - 1
    while (back >= at && kindAt(text, back) !== 0) back--
    if (back >= at) {
      at = back + 1
      continue
    }
    const start = at
    let all = 0xff
    let any = 0
    let others = 0
    let lineStart = at
    for (; at < end; at++) {
      const unit = text.charCodeAt(at)
      const kind = unit < 128 ? (kinds[unit] ?? 0) : 0
      if (kind === 0) {
        const width = unit === 13 && text.charCodeAt(at + 1) === 10 ? 2 : unit === 10 ? 1 : 0
        if (width === 0 || at - lineStart < MIME_LINE || !goesOn(text, at + width)) break
        at += width - 1
        lineStart = at + 1
        continue
      }
      all &= kind
      any |= kind
      if (kind === OTHER) others++
    }
    const found = decodeRun(text.slice(start, at), all, any, others)
    if (found === undefined) continue
    while (at < end && text.charCodeAt(at) === 0x3d) at++
    yield { ...found, start, end: at }
  }
}

/** Whether the line from here is the next one of MIME: a run of the least length, or a shorter one and nothing else. */
function goesOn(text: string, from: number): boolean {
  let at = from
  while (at < from + SHORTEST && kindAt(text, at) !== 0) at++
  if (at === from) return false
  return at === from + SHORTEST || at >= text.length || '=\r\n"'.includes(text[at] ?? '')
}

const kindAt = (text: string, at: number): number => {
  const unit = text.charCodeAt(at)
  return unit < 128 ? (kinds[unit] ?? 0) : 0
}

/** Units before and after the place where a row of pairs was noticed. */
const ROUND = 48
/** A row of pairs is at least twice as long. */
const LEAP = 12
const FEW_PAIRS = /(?:(?:0x)?[0-9a-fA-F]{2}[ ,:]{1,2}){5}/

/**
 * Whether pairs of hexadecimal digits may stand in a row: what parts them comes back every third or sixth unit. Looked at in leaps; the
 * pattern is run only where it does.
 */
export function mayHoldHexPairs(text: string): boolean {
  for (let at = 0; at + 2 * LEAP < text.length; at += LEAP)
    for (let from = at; from < at + 6; from++) {
      const unit = text.charCodeAt(from)
      if (unit !== 0x20 && unit !== 0x2c && unit !== 0x3a) continue
      if (text.charCodeAt(from + 6) !== unit) continue
      const narrow = text.charCodeAt(from + 3) === unit && text.charCodeAt(from + 9) === unit
      const wide = text.charCodeAt(from + 12) === unit && (text[from + 2] === 'x' || text[from + 3] === 'x')
      if (!narrow && !wide) continue
      if (FEW_PAIRS.test(text.slice(Math.max(0, at - ROUND), at + ROUND))) return true
    }
  return false
}

function decodeRun(run: string, all: number, any: number, others: number): { via: string; text: string } | undefined {
  if ((all & HEX) !== 0 && run.length >= 20) return found('hex', prose(textOfBytes(hexBytes(run))))
  if ((all & BASE32) !== 0 && run.length >= 24) {
    const text = prose(textOfBytes(base32Bytes(run)))
    if (text !== undefined) return { via: 'base32', text }
  }
  if ((any & UPPER) === 0 || (any & LOWER) === 0 || others * 8 > run.length) return undefined
  if ((any & DIGIT) === 0 && run.length < 32) return undefined
  if (!looksReadable(base64Bytes(run.slice(0, PROBE)))) return undefined
  return found('base64', prose(textOfBytes(base64Bytes(run))))
}

const found = (via: string, text: string | undefined): { via: string; text: string } | undefined =>
  text === undefined ? undefined : { via, text }
