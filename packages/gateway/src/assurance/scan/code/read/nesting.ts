/**
 * Whether a JavaScript or TypeScript text nests deeper than a parser with a native stack survives: oxc ends the process
 * there. An upper bound, found without parsing; where a slash may begin an expression, what closes behind it is not counted.
 */
export function isTooNested(text: string): boolean {
  /** One entry for each open bracket: how many operators lean to the right in it. */
  const open: { readonly sign: string; chained: number }[] = [{ sign: '', chained: 0 }]
  let tags = 0
  let before = ''
  for (let i = 0; i < text.length; i++) {
    const sign = text[i] as string
    const top = open.at(-1) as { readonly sign: string; chained: number }
    if (top.sign === '`') {
      if (sign === '\\') i++
      else if (sign === '`') open.pop()
      else if (sign === '$' && text[i + 1] === '{') open.push({ sign: text[++i] as string, chained: 0 })
      if (open.length > DEEPEST) return true
      continue
    }
    if (sign === ' ' || sign === '\n' || sign === '\t' || sign === '\r') continue
    if (sign === '/' && text[i + 1] === '/') {
      i = endOf(text, '\n', i)
      continue
    }
    if (sign === '/' && text[i + 1] === '*') {
      i = endOf(text, '*/', i + 2) + 1
      continue
    }
    switch (sign) {
      case '"':
      case "'":
        i = quoteEnd(text, i, sign)
        break
      case '/':
        i = slash(text, i, before, open)
        if (text[i + 1] === '>') tags--
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
        if (text[i + 1] === '/') tags--
        else if (/[A-Za-z>]/.test(text[i + 1] ?? '')) tags++
        open.push({ sign, chained: 0 })
        break
      case '>':
        if (top.sign === '<' && before !== '=') open.pop()
        break
      case ';':
      case ',':
        while (open.at(-1)?.sign === '<' && sign === ';') open.pop()
        ;(open.at(-1) as { chained: number }).chained = 0
        break
      case '=':
      case '?':
        top.chained++
        break
      default:
        if (/[a-z]/.test(sign) && !/[\w$.]/.test(text[i - 1] ?? '')) {
          WORD.lastIndex = i
          const word = WORD.exec(text)?.[0] ?? ''
          if (word === 'keyof') top.chained++
          else if (BEGINS.has(word)) top.chained = 0
          i += Math.max(0, word.length - 1)
        }
    }
    if (open.length > DEEPEST || (open.at(-1)?.chained ?? 0) > LONGEST_CHAIN || tags > DEEPEST * 2) return true
    before = text[i] as string
  }
  return false
}

const DEEPEST = 500
const LONGEST_CHAIN = 1200
const WORD = /[a-z]{1,20}/y
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
