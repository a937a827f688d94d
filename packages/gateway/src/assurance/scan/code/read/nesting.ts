/**
 * Whether a JavaScript or TypeScript text nests deeper than a parser with a native stack survives: oxc ends the process
 * there. An upper bound, found without parsing; where a slash may begin an expression, what closes behind it is not counted.
 */
export function isTooNested(text: string): boolean {
  const open: Open[] = [{ sign: '', chained: 0 }]
  let tags = 0
  let before = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    let top = innermost(open)
    if (top.sign === '`') {
      if (code === BACKSLASH) i++
      else if (code === BACKTICK) open.pop()
      else if (code === DOLLAR && text.charCodeAt(i + 1) === BRACE) open.push({ sign: text.charAt(++i), chained: 0 })
      if (open.length > DEEPEST) return true
      continue
    }
    const kind = code < KINDS.length ? KINDS[code] : OTHER
    if (kind === BLANK) continue
    if (kind === WORD) {
      const end = wordEnd(text, i)
      if (code >= SMALL_A && code <= SMALL_Z && end - i > 1) {
        const word = smallLetters(text, i, end)
        if (word === 'keyof') top.chained++
        else if (BEGINS.has(word)) top.chained = 0
        if (top.chained > LONGEST_CHAIN) return true
      }
      i = end - 1
      before = text.charCodeAt(i)
      continue
    }
    if (kind === OTHER) {
      before = code
      continue
    }
    const sign = text.charAt(i)
    const next = text.charAt(i + 1)
    if (sign === '/' && next === '/') {
      i = endOf(text, '\n', i)
      continue
    }
    if (sign === '/' && next === '*') {
      i = endOf(text, '*/', i + 2) + 1
      continue
    }
    switch (sign) {
      case '"':
      case "'":
        i = quoteEnd(text, i, sign)
        break
      case '/':
        i = slash(text, i, String.fromCharCode(before), open)
        if (text.charAt(i + 1) === '>') tags--
        break
      case '(':
      case '[':
      case '{':
      case '`':
        open.push({ sign, chained: 0 })
        break
      case ')':
      case ']':
      case '}':
        close(open, sign)
        break
      case '<':
        if (next === '/') tags--
        else if (/[A-Za-z>]/.test(next)) tags++
        open.push({ sign, chained: 0 })
        break
      case '>':
        if (top.sign === '<' && before !== EQUALS) open.pop()
        break
      case ';':
      case ',':
        while (innermost(open).sign === '<' && sign === ';') open.pop()
        innermost(open).chained = 0
        break
      default:
        top.chained++
    }
    top = innermost(open)
    if (open.length > DEEPEST || top.chained > LONGEST_CHAIN || tags > DEEPEST * 2) return true
    before = text.charCodeAt(i)
  }
  return false
}

/** An open bracket, and how many operators lean to the right in it. */
interface Open {
  readonly sign: string
  chained: number
}

const innermost = (open: readonly Open[]): Open => open[open.length - 1] as Open

const DEEPEST = 500
const LONGEST_CHAIN = 1200
/** What a character is, by its code: most of a text is words and blanks, which are stepped over. */
const [OTHER, BLANK, WORD, SIGN] = [0, 1, 2, 3]
const [BACKSLASH, BACKTICK, DOLLAR, BRACE, EQUALS, SMALL_A, SMALL_Z] = [92, 96, 36, 123, 61, 97, 122] as const
const KINDS = Uint8Array.from({ length: 128 }, (_none, code) => {
  const sign = String.fromCharCode(code)
  return /[\w$.]/.test(sign) ? WORD : /[ \n\t\r]/.test(sign) ? BLANK : /["'/()[\]{}`<>;,=?]/.test(sign) ? SIGN : OTHER
})

function wordEnd(text: string, at: number): number {
  let end = at + 1
  while (end < text.length && KINDS[text.charCodeAt(end)] === WORD) end++
  return end
}

/** The small letters that a word begins with. */
function smallLetters(text: string, at: number, end: number): string {
  let last = at
  while (last < end && last - at < LONGEST_BEGIN) {
    const code = text.charCodeAt(last)
    if (code < SMALL_A || code > SMALL_Z) break
    last++
  }
  return text.slice(at, last)
}
/** No word that counts is longer. */
const LONGEST_BEGIN = 20
/** Words that begin a statement. */
const BEGINS = new Set(
  'const let var return if for export import function class case default else try while throw switch do type interface enum declare'.split(
    ' ',
  ),
)
const CLOSES: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' }

function close(open: { readonly sign: string }[], sign: string): void {
  while (open.at(-1)?.sign === '<') open.pop()
  if (open.length > 1 && open.at(-1)?.sign === CLOSES[sign]) open.pop()
}

/** A regular expression is skipped, and what it seems to close closes nothing; a division is one character. */
function slash(text: string, at: number, before: string, open: { sign: string; chained: number }[]): number {
  if (/[\w$\]"'`]/.test(before)) return at
  let inClass = false
  for (let i = at + 1; i < text.length; i++) {
    const sign = text[i]
    if (sign === '\n') return at
    if (sign === '\\') i++
    else if (sign === '[') inClass = true
    else if (sign === ']') inClass = false
    else if (sign === '/' && !inClass) {
      // after a bracket it may be a division all the same: what opens there counts
      if (before === ')' || before === '}')
        for (const one of text.slice(at, i)) if ('([{'.includes(one)) open.push({ sign: one, chained: 0 })
      return i
    }
  }
  return at
}

function quoteEnd(text: string, at: number, quote: string): number {
  for (let i = at + 1; i < text.length; i++) {
    const sign = text[i]
    if (sign === '\\') i++
    else if (sign === quote || sign === '\n') return i
  }
  return text.length
}

function endOf(text: string, sign: string, at: number): number {
  const found = text.indexOf(sign, at)
  return found < 0 ? text.length : found
}
