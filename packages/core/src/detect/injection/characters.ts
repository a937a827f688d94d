/** Kinds of a unit of folded text. From `LETTER` on it is part of a word. */
export const SPACE = 0
export const PUNCT = 1
/** A token by itself: scripts that are written without spaces. */
export const SINGLE = 2
export const LETTER = 3
export const DIGIT = 4

export const charClass = new Uint8Array(128).map((_, unit) => {
  if (unit <= 0x20 || unit === 0x7f || unit === 0x5f) return SPACE
  if (unit >= 0x30 && unit <= 0x39) return DIGIT
  return (unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x7a ? LETTER : PUNCT
})

/** First unit of a range → kind, for units above ASCII. */
const RANGES: readonly (readonly [from: number, kind: number])[] = [
  [0x80, PUNCT],
  [0xaa, LETTER],
  [0xab, PUNCT],
  [0xb5, LETTER],
  [0xb6, PUNCT],
  [0xba, LETTER],
  [0xbb, PUNCT],
  [0xc0, LETTER],
  [0xd7, PUNCT],
  [0xd8, LETTER],
  [0x589, PUNCT],
  [0x591, LETTER],
  [0x60c, PUNCT],
  [0x610, LETTER],
  [0x61b, PUNCT],
  [0x620, LETTER],
  [0x66a, PUNCT],
  [0x66e, LETTER],
  [0x6d4, PUNCT],
  [0x6d5, LETTER],
  [0x964, PUNCT],
  [0x966, LETTER],
  [0xe00, SINGLE],
  [0xf00, LETTER],
  [0x1000, SINGLE],
  [0x10a0, LETTER],
  [0x1100, SINGLE],
  [0x1200, LETTER],
  [0x1780, SINGLE],
  [0x1800, LETTER],
  [0x2000, PUNCT],
  [0x2c00, LETTER],
  [0x2e00, PUNCT],
  [0x2e80, SINGLE],
  [0x3000, PUNCT],
  [0x3005, SINGLE],
  [0x3008, PUNCT],
  [0x3021, SINGLE],
  [0xa4d0, LETTER],
  [0xac00, SINGLE],
  [0xd800, SINGLE],
  [0xe000, PUNCT],
  [0xf900, SINGLE],
  [0xfb00, LETTER],
  [0xfe10, PUNCT],
  [0xfe70, LETTER],
  [0xff00, PUNCT],
  [0xff66, SINGLE],
  [0xffe0, PUNCT],
]

const high = new Uint8Array(0x10000)
for (const [index, [from, kind]] of RANGES.entries()) high.fill(kind, from, RANGES[index + 1]?.[0] ?? 0x10000)

export const HIGH_CLASS = (unit: number): number => high[unit] ?? PUNCT

/** Lower case, and digits and signs as the letters they stand for. `l` and `1` are `i`. */
const canon = new Uint16Array(0x600).map((_, unit) => {
  const lower = String.fromCharCode(unit).toLowerCase()
  return lower.length === 1 ? lower.charCodeAt(0) : unit
})
for (const [sign, letter] of Object.entries({
  ...{
    l: 'i',
    L: 'i',
    1: 'i',
    '!': 'i',
    '|': 'i',
    0: 'o',
    3: 'e',
    4: 'a',
    '@': 'a',
    5: 's',
    $: 's',
    7: 't',
    8: 'b',
    9: 'g',
    6: 'g',
  },
}))
  canon[sign.charCodeAt(0)] = letter.charCodeAt(0)

export const canonOf = (unit: number): number => (unit < 0x600 ? (canon[unit] ?? unit) : unit)
