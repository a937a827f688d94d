import {
  BIDI,
  CONTROL,
  EXPAND,
  expansionOf,
  foldCharacter,
  INVISIBLE,
  KEEP,
  MARK,
  pageOf,
  SURROGATE,
  VARIATION,
} from './units.ts'
import type { TextSignals, TextView } from './view.ts'

const NOT_PLAIN = /[^\t\n\r\x20-\x7e]/

const NO_SIGNALS: TextSignals = {
  invisible: 0,
  tags: 0,
  bidi: 0,
  variation: 0,
  mixedScript: 0,
  control: 0,
}

const TAG_FIRST = 0xe0000
const TAG_LAST = 0xe007f
const VARIATION_FIRST = 0xe0100
const VARIATION_LAST = 0xe01ef
/** Letters 🇦…🇿, which spell words where they do not spell flags. */
const REGIONAL_FIRST = 0x1f1e6
const REGIONAL_LAST = 0x1f1ff
const REPLACEMENT = 0xfffd
/** Typed arrays are little-endian wherever Node runs. */
const utf16 = new TextDecoder('utf-16le', { ignoreBOM: true })
const SPACE = 0x20

/**
 * Folds a text for detectors: NFKC by character, look-alike letters as ASCII, invisible characters, marks on Latin letters
 * and direction controls gone, control characters as spaces. Case is kept. Total for every string; linear, and never longer than
 * half as long again, 1,024 units apart. Plain ASCII is returned as it is.
 */
export function fold(text: string): TextView {
  if (!NOT_PLAIN.test(text)) return { text, sourceOffset: (index) => index, signals: NO_SIGNALS }
  const pass = new FoldPass(text, false)
  const folded = pass.run()
  let offsets: Uint32Array | undefined
  return {
    text: folded,
    signals: pass.signals(),
    // People look at few findings, so the way back is made when the first one asks for it.
    sourceOffset(index) {
      offsets ??= new FoldPass(text, true).offsetsOf()
      return offsets[Math.min(Math.max(index, 0), folded.length)] ?? text.length
    },
  }
}

class FoldPass {
  private out: Uint16Array
  private at: Uint32Array | undefined
  private length = 0
  private invisible = 0
  private tags = 0
  private bidi = 0
  private variation = 0
  private mixed = 0
  private control = 0
  private readonly text: string
  /** Length from which an expansion is cut to its first unit, so that no text grows by more than half and a little. */
  private readonly roomy: number

  constructor(text: string, withOffsets: boolean) {
    this.text = text
    this.out = new Uint16Array(text.length + 64)
    this.at = withOffsets ? new Uint32Array(this.out.length + 1) : undefined
    this.roomy = text.length + (text.length >> 1) + 1024
  }

  run(): string {
    const { text } = this
    let page = pageOf(0)
    let high = 0
    let letter = 0
    // Scripts of the word so far, a bit each.
    let scripts = 0
    let { out, at, length } = this
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index)
      if (unit >> 8 !== high) {
        high = unit >> 8
        page = pageOf(unit)
      }
      const kind = page.kind[unit & 0xff] ?? KEEP
      if (kind === KEEP) {
        letter = page.to[unit & 0xff] ?? unit
        if (length === out.length) {
          this.length = length
          out = this.grow()
          at = this.at
        }
        if (at !== undefined) at[length] = index
        out[length++] = letter
        const script = page.script[unit & 0xff] ?? 0
        if (script !== 0) scripts |= script
        else if (unit < 0x80) {
          if ((scripts & (scripts - 1)) !== 0) this.mixed++
          scripts = 0
        }
        continue
      }
      this.length = length
      switch (kind) {
        case INVISIBLE:
          this.invisible++
          break
        case BIDI:
          this.bidi++
          break
        case VARIATION:
          if (this.after(index) === VARIATION || index === 0 || text.charCodeAt(index - 1) < 0x80) this.variation++
          break
        case MARK:
          // On a letter of another script the mark is part of the word.
          if (letter >= 0x370) this.put(unit, index)
          break
        case CONTROL:
          this.control++
          this.put(SPACE, index)
          break
        case EXPAND: {
          const expansion = expansionOf(unit)
          const most = this.length > this.roomy ? 1 : expansion.length
          for (let part = 0; part < most; part++) this.put(expansion.charCodeAt(part), index)
          break
        }
        case SURROGATE:
          index += this.pair(unit, index)
          break
      }
      out = this.out
      at = this.at
      length = this.length
    }
    this.length = length
    if ((scripts & (scripts - 1)) !== 0) this.mixed++
    return utf16.decode(this.out.subarray(0, this.length))
  }

  offsetsOf(): Uint32Array {
    this.run()
    const offsets = this.at ?? new Uint32Array(1)
    offsets[this.length] = this.text.length
    return offsets.subarray(0, this.length + 1)
  }

  signals(): TextSignals {
    const { invisible, tags, bidi, variation, mixed, control } = this
    return { invisible, tags, bidi, variation, mixedScript: mixed, control }
  }

  /** Kind of the unit before this one. */
  private after(index: number): number {
    if (index === 0) return KEEP
    const before = this.text.charCodeAt(index - 1)
    return pageOf(before).kind[before & 0xff] ?? KEEP
  }

  /** @returns how many further units belong to the character */
  private pair(unit: number, index: number): 0 | 1 {
    const low = this.text.charCodeAt(index + 1)
    if (unit > 0xdbff || !(low >= 0xdc00 && low <= 0xdfff)) {
      this.control++
      this.put(REPLACEMENT, index)
      return 0
    }
    const code = ((unit - 0xd800) << 10) + (low - 0xdc00) + 0x10000
    if (code >= TAG_FIRST && code <= TAG_LAST) this.tags++
    else if (code >= VARIATION_FIRST && code <= VARIATION_LAST) this.variation++
    else if (code >= REGIONAL_FIRST && code <= REGIONAL_LAST) this.put(0x61 + code - REGIONAL_FIRST, index)
    else {
      const folded = foldPair(code)
      for (let part = 0; part < folded.length; part++) this.put(folded.charCodeAt(part), index)
    }
    return 1
  }

  private put(unit: number, index: number): void {
    if (this.length === this.out.length) this.grow()
    if (this.at !== undefined) this.at[this.length] = index
    this.out[this.length++] = unit
  }

  private grow(): Uint16Array {
    const larger = new Uint16Array(this.out.length * 2)
    larger.set(this.out)
    this.out = larger
    if (this.at !== undefined) {
      const places = new Uint32Array(larger.length + 1)
      places.set(this.at)
      this.at = places
    }
    return larger
  }
}

/** Letters in mathematical, enclosed and other styles; what is no letter stays as it is. */
function foldPair(code: number): string {
  const styled = pairs.get(code)
  if (styled !== undefined) return styled
  const char = String.fromCodePoint(code)
  // Ideographs are many and fold to themselves: only the blocks with styled letters are remembered.
  if (code >= 0x20000) return char
  const folded = foldCharacter(char)
  pairs.set(code, folded)
  return folded
}

/** Filled from a bounded set: the characters of plane 1. */
const pairs = new Map<number, string>()
