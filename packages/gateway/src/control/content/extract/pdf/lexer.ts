/** Values of PDF (ISO 32000-2, §7.3). Strings hold one unit a byte. */
export type PdfValue =
  number | boolean | null | PdfName | PdfString | PdfRef | PdfOperator | PdfDict | readonly PdfValue[]
export type PdfDict = ReadonlyMap<string, PdfValue>
export interface PdfName {
  readonly name: string
}
export interface PdfString {
  readonly bytes: string
}
export interface PdfRef {
  readonly ref: number
}
/** A word that is no value: an operator, or `obj`, `stream` and the like. */
export interface PdfOperator {
  readonly operator: string
}

export const isDict = (value: PdfValue | undefined): value is PdfDict => value instanceof Map
export const isList = (value: PdfValue | undefined): value is readonly PdfValue[] => Array.isArray(value)
const hasKey = <K extends string>(value: PdfValue | undefined, key: K): value is PdfValue & Record<K, unknown> =>
  typeof value === 'object' && value !== null && key in value
export const isName = (value: PdfValue | undefined): value is PdfName => hasKey(value, 'name')
export const isString = (value: PdfValue | undefined): value is PdfString => hasKey(value, 'bytes')
export const isRef = (value: PdfValue | undefined): value is PdfRef => hasKey(value, 'ref')
export const isOperator = (value: PdfValue | undefined): value is PdfOperator => hasKey(value, 'operator')
export const nameOf = (value: PdfValue | undefined): string => (isName(value) ? value.name : '')
export const numberOf = (value: PdfValue | undefined, otherwise = 0): number =>
  typeof value === 'number' ? value : otherwise

const MAX_DEPTH = 64
const MAX_ITEMS = 200_000
const SPACE = /[\0\t\n\f\r ]/
const REGULAR = /[^\0\t\n\f\r ()<>[\]{}/%]/

/** Reads values from a source, one after the other. Never fails: what makes no sense is skipped. */
export class PdfLexer {
  readonly source: string
  at: number
  /** Something was nested too deeply or too long, so that a part was left out. */
  overflow = false

  constructor(source: string, at = 0) {
    this.source = source
    this.at = at
  }

  /** The next value; undefined at the end. `]` and `>>` that close nothing are skipped. */
  next(depth = 0): PdfValue | undefined {
    const { source } = this
    for (;;) {
      this.skip()
      const character = source[this.at]
      if (character === undefined) return undefined
      if (character === '/') return { name: this.#name() }
      if (character === '(') return { bytes: this.#literal() }
      if (character === '<') {
        if (source[this.at + 1] !== '<') return { bytes: this.#hex() }
        this.at += 2
        return this.#dict(depth + 1)
      }
      if (character === '[') {
        this.at++
        return this.#list(']', depth + 1)
      }
      if (/[\]{})>]/.test(character)) {
        this.at++
        continue
      }
      return this.#word()
    }
  }

  /** White space and comments. */
  skip(): void {
    const { source } = this
    for (;;) {
      const character = source[this.at]
      if (character === undefined) return
      if (character === '%') {
        while (this.at < source.length && source[this.at] !== '\n' && source[this.at] !== '\r') this.at++
      } else if (SPACE.test(character)) this.at++
      else return
    }
  }

  #closes(mark: string): boolean {
    this.skip()
    if (this.at >= this.source.length) return true
    if (!this.source.startsWith(mark, this.at)) return false
    this.at += mark.length
    return true
  }

  /** The values up to the mark that closes a list or dictionary. */
  #list(mark: string, depth: number): readonly PdfValue[] {
    const items: PdfValue[] = []
    while (!this.#closes(mark)) {
      // a word like `endobj` in a list: the list was cut off
      const value = depth > MAX_DEPTH ? this.#tooDeep() : this.next(depth)
      if (value === undefined) break
      if (isOperator(value)) {
        if (value.operator === 'R' && items.length > 1) this.#joinRef(items)
        else if (/^(endobj|stream|endstream|obj)$/.test(value.operator)) break
        continue
      }
      if (items.length < MAX_ITEMS) items.push(value)
      else this.overflow = true
    }
    return items
  }

  #dict(depth: number): PdfDict {
    const items = this.#list('>>', depth)
    const dict = new Map<string, PdfValue>()
    for (let index = 0; index + 1 < items.length;) {
      const key = items[index]
      if (isName(key)) {
        dict.set(key.name, items[index + 1] as PdfValue)
        index += 2
      } else index++
    }
    return dict
  }

  #tooDeep(): undefined {
    this.overflow = true
    this.at = this.source.length
    return undefined
  }

  /** `12 0 R`: the two numbers before become one value. */
  #joinRef(items: PdfValue[]): void {
    items.pop()
    const number = items.pop()
    items.push({ ref: numberOf(number, -1) })
  }

  #name(): string {
    const start = ++this.at
    while (this.at < this.source.length && REGULAR.test(this.source[this.at] as string)) this.at++
    const raw = this.source.slice(start, this.at)
    if (!raw.includes('#')) return raw
    return raw.replace(/#([\dA-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  }

  #word(): PdfValue {
    const start = this.at
    while (this.at < this.source.length && REGULAR.test(this.source[this.at] as string)) this.at++
    const word = this.source.slice(start, Math.min(this.at, start + 200))
    if (/^[+-]*(\d+\.?\d*|\.\d+)$/.test(word)) return Number.parseFloat(word.replace(/^[+-]+(?=[+-])/, ''))
    if (word === 'true' || word === 'false') return word === 'true'
    return word === 'null' ? null : { operator: word }
  }

  #hex(): string {
    const end = this.source.indexOf('>', this.at)
    const stop = end < 0 ? this.source.length : end
    const digits = this.source.slice(this.at + 1, stop).replace(/[^\dA-Fa-f]/g, '')
    this.at = stop + 1
    return Buffer.from(digits.length % 2 === 0 ? digits : `${digits}0`, 'hex').toString('latin1')
  }

  #literal(): string {
    const { source } = this
    const parts: string[] = []
    let depth = 1
    let start = ++this.at
    for (; this.at < source.length; this.at++) {
      const character = source[this.at]
      if (character === '\\') {
        parts.push(source.slice(start, this.at))
        const [text, length] = escapeAt(source, this.at + 1)
        parts.push(text)
        this.at += length
        start = this.at + 1
      } else if (character === '(') depth++
      else if (character === ')' && --depth === 0) break
    }
    parts.push(source.slice(start, this.at))
    this.at++
    return parts.join('')
  }
}

const SIMPLE: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['b', '\b'],
  ['f', '\f'],
  ['\n', ''],
  ['\r', ''],
])

/** What stands behind a backslash, and how many units it takes. */
function escapeAt(source: string, at: number): readonly [text: string, length: number] {
  const octal = /^[0-7]{1,3}/.exec(source.slice(at, at + 3))?.[0]
  if (octal !== undefined) return [String.fromCharCode(Number.parseInt(octal, 8) & 255), octal.length]
  const character = source[at] ?? ''
  if (character === '\r' && source[at + 1] === '\n') return ['', 2]
  return [SIMPLE.get(character) ?? character, 1]
}
