import { fold, near } from '@sallyport/core'

const isSwap = (a: string, b: string): boolean =>
  a.length === b.length && a !== b && [...a].sort().join('') === [...b].sort().join('') && near(a, b)

const DIGITS: Readonly<Record<string, readonly string[]>> = {
  '0': ['o'],
  '1': ['l', 'i'],
  '3': ['e'],
  '4': ['a'],
  '5': ['s'],
  '7': ['t'],
  '8': ['b'],
  '9': ['g'],
  '2': ['z'],
  '6': ['g', 'b'],
}

/** The words that a word with digits for letters may stand for. */
function undigit(word: string): readonly string[] {
  if (!/^(?=.*[a-z])(?=.*\d)[a-z\d]{3,30}$/.test(word)) return []
  let forms = ['']
  for (const char of word) {
    const letters = DIGITS[char] ?? [char]
    forms = forms.flatMap((form) => letters.map((letter) => form + letter)).slice(0, 16)
  }
  return forms
}

/** How a name passes for a known one: the known one; undefined when it is the known one or none. */
export function imitated(
  name: string,
  known: ReadonlySet<string>,
): { readonly of: string; readonly how: string } | undefined {
  const plain = name.toLowerCase()
  if (known.has(plain)) return undefined
  const folded = fold(plain).text
  if (folded !== plain && known.has(folded)) return { of: folded, how: 'letters of another alphabet' }
  for (const form of undigit(folded)) if (known.has(form)) return { of: form, how: 'digits for letters' }
  const bare = (text: string): string => text.replace(/[-_./]/g, '')
  const flat = bare(folded.replace(/^@/, ''))
  for (const other of known) {
    // a scope is a namespace of its own
    if (other.startsWith('@') !== folded.startsWith('@')) continue
    if (bare(other.replace(/^@/, '')) === flat && flat.length >= 6) return { of: other, how: 'other separators' }
    if (
      /^(?:\.js|-js|js|-npm|-node|-official|-lib2|\.py|-py|-python|-pip)$/.test(folded.slice(other.length)) &&
      folded.startsWith(other) &&
      other.length >= 5
    )
      if (/^(?:\.js|-npm|-official|-pip|\.py)$/.test(folded.slice(other.length))) return { of: other, how: 'an ending' }
    if (other.length >= 5 && isSwap(folded, other)) return { of: other, how: 'swapped letters' }
    if (other[folded.startsWith('@') ? 1 : 0] !== folded[folded.startsWith('@') ? 1 : 0]) continue
    if (other.length >= 6 && folded.length >= 5 && !sameBut(folded, other) && near(folded, other))
      return { of: other, how: 'one letter' }
  }
  return undefined
}

/** Versions and plurals are names of their own: `mysql2`, `colorsys`. */
const sameBut = (a: string, b: string): boolean => {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a]
  return long.startsWith(short) && /^[\ds]$/.test(long.slice(short.length))
}

/** Short words whose swapped forms are no words. */
const SHORT = /^(?:read|send|file|list|edit|move|copy)$/

/** Digits or swapped letters in one word of a compound name, e.g. `send_emai1`. */
export function imitatedWord(
  name: string,
  words: ReadonlySet<string>,
): { readonly of: string; readonly how: string } | undefined {
  const parts = fold(name)
    .text.replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
  for (const part of parts) {
    if (part.length < 4 || words.has(part)) continue
    for (const form of undigit(part)) if (words.has(form)) return { of: form, how: 'digits for letters' }
    for (const word of words)
      if ((word.length >= 5 || SHORT.test(word)) && isSwap(part, word)) return { of: word, how: 'swapped letters' }
    // `rnessage`, `vvrite`
    const pairs = part.replace(/rn/g, 'm').replace(/vv/g, 'w')
    if (pairs !== part && (words.has(pairs) || words.has(pairs.replace(/s$/, ''))))
      return { of: pairs, how: 'letters that look like one' }
  }
  return undefined
}
