import unhomoglyph from 'unhomoglyph'

/** Kinds of a UTF-16 unit beside what it folds to. */
export const KEEP = 0
export const INVISIBLE = 1
export const BIDI = 2
export const VARIATION = 3
export const CONTROL = 4
/** Folds to more than one unit: `expansionOf`. */
export const EXPAND = 5
/** First or second half of a pair. */
export const SURROGATE = 6
/** A combining mark that only decorates a letter of the Latin, Greek or Cyrillic scripts. */
export const MARK = 7

/** Scripts whose letters pass for each other, a bit each. */
const LATIN = 1
const GREEK = 2
const CYRILLIC = 4

/** Longest expansion that is kept: U+FDFA has 18 units, and a text of nothing else must not grow eighteenfold (T-160). */
const LONGEST_EXPANSION = 4

interface Page {
  readonly to: Uint16Array
  readonly kind: Uint8Array
  /** Bit of the script, 0 for none of those that matter. */
  readonly script: Uint8Array
}

const pages: (Page | undefined)[] = []
const expansions = new Map<number, string>()

/** Letters that the confusables table sends to another letter than the one an English reader sees. */
const READ_AS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    І: 'I',
    Ӏ: 'I',
    Ι: 'I',
    Ꭵ: 'i',
    Ɩ: 'I',
    ι: 'i',
    і: 'i',
    ı: 'i',
    ɩ: 'i',
    м: 'm',
    М: 'M',
    т: 't',
    к: 'k',
  })
    .concat(
      Object.entries({
        в: 'b',
        н: 'h',
        α: 'a',
        ε: 'e',
        η: 'n',
        κ: 'k',
        ν: 'v',
        τ: 't',
        υ: 'u',
        χ: 'x',
        ω: 'w',
        π: 'n',
      }),
    )
    .concat(
      Object.entries({
        ɑ: 'a',
        ʀ: 'r',
        ɢ: 'g',
        ɴ: 'n',
        ʏ: 'y',
        ʙ: 'b',
        ʜ: 'h',
        ʟ: 'l',
        ᴛ: 't',
        ᴜ: 'u',
        ᴍ: 'm',
        ᴘ: 'p',
      }),
    )
    .concat(
      Object.entries({
        ᴅ: 'd',
        ᴇ: 'e',
        ᴊ: 'j',
        ᴋ: 'k',
        ᴀ: 'a',
        ᴏ: 'o',
        ᴠ: 'v',
        ᴡ: 'w',
        ᴢ: 'z',
        ꜰ: 'f',
        ꜱ: 's',
        ɪ: 'i',
      }),
    )
    .concat(
      Object.entries({
        ǝ: 'e',
        ɐ: 'a',
        ɔ: 'c',
        ɟ: 'f',
        ƃ: 'g',
        ɥ: 'h',
        ᴉ: 'i',
        ɾ: 'j',
        ʞ: 'k',
        ɯ: 'm',
        ɹ: 'r',
        ʇ: 't',
      }),
    )
    .concat(
      Object.entries({ ʌ: 'v', ʍ: 'w', ʎ: 'y', ł: 'l', ø: 'o', đ: 'd', ħ: 'h', ß: 'ss', æ: 'ae', œ: 'oe', Ø: 'O' }),
    )
    .concat(
      Object.entries({
        '‘': "'",
        '’': "'",
        '‚': "'",
        '“': '"',
        '”': '"',
        '„': '"',
        '–': '-',
        '—': '-',
        '‐': '-',
        '‑': '-',
      }),
    )
    .concat(
      Object.entries({
        '«': '"',
        '»': '"',
        '「': '"',
        '」': '"',
        '『': '"',
        '』': '"',
        '。': '.',
        '、': ',',
        '·': '.',
      }),
    )
    .concat(Object.entries({ '\u2028': '\n', '\u2029': '\n', '\u0085': '\n', '\u00A0': ' ', '\u3000': ' ' })),
)

/** Unit → folded unit, a page of 256 at a time and only when a text needs it. */
export function pageOf(unit: number): Page {
  return (pages[unit >> 8] ??= buildPage(unit & 0xff00))
}

/** What an `EXPAND` unit stands for. */
export const expansionOf = (unit: number): string => expansions.get(unit) ?? '\ufffd'

function buildPage(first: number): Page {
  const to = new Uint16Array(256)
  const kind = new Uint8Array(256)
  const script = new Uint8Array(256)
  for (let index = 0; index < 256; index++) {
    const unit = first + index
    to[index] = unit
    kind[index] = kindOf(unit)
    script[index] = scriptOf(unit)
    if (kind[index] !== KEEP || unit < 0x80) continue
    const folded = foldCharacter(String.fromCharCode(unit))
    if (folded.length === 1) to[index] = folded.charCodeAt(0)
    else {
      kind[index] = EXPAND
      expansions.set(unit, folded)
    }
  }
  return { to, kind, script }
}

/** Compatibility form, without decoration, look-alikes as ASCII. At most four units, at least one. */
export function foldCharacter(char: string): string {
  let folded = ''
  for (const part of READ_AS.get(char) ?? char.normalize('NFKC')) folded += foldPart(part)
  return folded === '' ? ' ' : folded.slice(0, LONGEST_EXPANSION)
}

function foldPart(part: string): string {
  if (part < '\u0080') return part
  const known = READ_AS.get(part)
  if (known !== undefined) return known
  const code = part.codePointAt(0) ?? 0
  if (code >= 0x1100 && !(code >= 0x1d00 && code < 0x2c80) && !(code >= 0xa640 && code < 0xab70)) return part
  // `й` and `ё` are letters of their own; only Latin letters lose their decoration.
  const bare = part.normalize('NFD').replace(/[\u0300-\u036f]/g, '')
  if (bare.length === 1 && bare < '\u0080') return bare
  if (scriptOf(code) === 0 && !isAlike(code)) return part
  const alike = unhomoglyph(bare)
  return /^[\x21-\x7e]{1,2}$/.test(alike) ? alike : part
}

/** Blocks beside the three scripts whose characters are drawn like ASCII: Armenian, Cherokee, phonetic letters, punctuation. */
const isAlike = (code: number): boolean =>
  (code >= 0x0250 && code < 0x0300) ||
  (code >= 0x0530 && code < 0x0590) ||
  (code >= 0x13a0 && code < 0x1400) ||
  (code >= 0x1d00 && code < 0x1dc0) ||
  (code >= 0x2010 && code < 0x2100) ||
  (code >= 0xab30 && code < 0xabc0) ||
  (code >= 0x2190 && code < 0x2c80)

/** Script of a letter among those that pass for each other, else 0. */
function scriptOf(unit: number): number {
  if (unit < 0x80) return (unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x7a ? LATIN : 0
  if ((unit >= 0xc0 && unit < 0x250) || (unit >= 0x1e00 && unit < 0x1f00)) return LATIN
  if ((unit >= 0x370 && unit < 0x400) || (unit >= 0x1f00 && unit < 0x2000)) return GREEK
  if (unit >= 0x400 && unit < 0x530) return CYRILLIC
  return 0
}

function kindOf(unit: number): number {
  if (unit < 0x20) return unit === 9 || unit === 10 || unit === 13 ? KEEP : CONTROL
  if (unit < 0x7f) return KEEP
  if (unit < 0xa0) return unit === 0x85 ? KEEP : CONTROL
  if (unit >= 0x300 && unit < 0x370) return MARK
  if ((unit >= 0x1ab0 && unit < 0x1b00) || (unit >= 0x1dc0 && unit < 0x1e00)) return MARK
  if ((unit >= 0x20d0 && unit < 0x2100) || (unit >= 0xfe20 && unit < 0xfe30) || unit === 0x489) return MARK
  if ((unit >= 0x202a && unit <= 0x202e) || (unit >= 0x2066 && unit <= 0x2069) || unit === 0x061c) return BIDI
  if (unit === 0x200e || unit === 0x200f) return BIDI
  if (unit >= 0xfe00 && unit <= 0xfe0f) return VARIATION
  if (unit >= 0xd800 && unit <= 0xdfff) return SURROGATE
  return isInvisible(unit) ? INVISIBLE : KEEP
}

/** Default-ignorable characters and blank letters. */
function isInvisible(unit: number): boolean {
  if (unit >= 0x200b && unit <= 0x200d) return true
  if (unit >= 0x2060 && unit <= 0x206f) return true
  return BLANK.has(unit)
}

const BLANK: ReadonlySet<number> = new Set([
  0xad, 0x34f, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x180b, 0x180c, 0x180d, 0x180e, 0x180f, 0x2800, 0x3164, 0xfeff, 0xffa0,
  0xfff9, 0xfffa, 0xfffb,
])
