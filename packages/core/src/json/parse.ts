import { SallyportError } from '../errors/error.ts'
import type { ErrorCode } from '../errors/codes.ts'
import type { Json, JsonObject } from './types.ts'

export interface JsonLimits {
  /** UTF-16 units of the text. */
  readonly maxLength: number
  readonly maxDepth: number
}

export const DEFAULT_LIMITS: JsonLimits = Object.freeze({ maxLength: 4 * 1024 * 1024, maxDepth: 64 })

/** Where a member's value stands in the text: `text.slice(start, end)` is its exact lexeme. */
export interface Span {
  readonly start: number
  readonly end: number
}

export interface ParsedMessage {
  readonly text: string
  readonly value: JsonObject
  /** Value spans of the top-level members, for lossless splicing. */
  readonly members: ReadonlyMap<string, Span>
}

const LONE_SURROGATE = /\p{Surrogate}/u
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const ESCAPES: Readonly<Record<string, string>> = Object.freeze({
  __proto__: null as never,
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
})

/**
 * Strict JSON reader (E-15, T-074, T-075): refuses duplicate keys (after unescaping), `__proto__`, integers outside
 * ±(2^53−1), numbers that overflow, `-0`, lone surrogates, byte order marks, trailing text, and too much depth or length.
 * Objects have no prototype; everything is frozen.
 * @throws SallyportError SP_JSON_*; `details.offset` is the UTF-16 offset.
 */
export function parseJson(text: string, limits: JsonLimits = DEFAULT_LIMITS): Json {
  return new Reader(text, limits).document()
}

/** Like `parseJson` for a text that must be an object, with the spans of its top-level members. */
export function parseMessage(text: string, limits: JsonLimits = DEFAULT_LIMITS): ParsedMessage {
  const members = new Map<string, Span>()
  const value = new Reader(text, limits, members).document()
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new SallyportError('SP_JSON_INVALID', 'The message is not an object.')
  }
  return { text, value: value as JsonObject, members }
}

/** Decodes UTF-8 strictly; a malformed sequence is refused, a byte order mark is kept and then refused by the reader. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new SallyportError('SP_JSON_INVALID', 'The text is not UTF-8.', { cause })
  }
}

class Reader {
  private at = 0
  private readonly text: string
  private readonly limits: JsonLimits
  private readonly members: Map<string, Span> | undefined

  constructor(text: string, limits: JsonLimits, members?: Map<string, Span>) {
    if (text.length > limits.maxLength) {
      throw new SallyportError(
        'SP_JSON_TOO_LARGE',
        `It has ${text.length} characters, the limit is ${limits.maxLength}.`,
      )
    }
    this.text = text
    this.limits = limits
    this.members = members
  }

  document(): Json {
    if (LONE_SURROGATE.test(this.text)) this.fail('SP_JSON_LONE_SURROGATE')
    const value = this.value(0)
    this.space()
    if (this.at < this.text.length) this.fail('SP_JSON_INVALID', 'There is text after the value.')
    return value
  }

  private value(depth: number): Json {
    if (depth > this.limits.maxDepth) this.fail('SP_JSON_TOO_DEEP', `The limit is ${this.limits.maxDepth} levels.`)
    this.space()
    switch (this.text.charCodeAt(this.at)) {
      case 0x7b:
        return this.object(depth)
      case 0x5b:
        return this.array(depth)
      case 0x22:
        return this.string()
      case 0x74:
        return this.word('true', true)
      case 0x66:
        return this.word('false', false)
      case 0x6e:
        return this.word('null', null)
      default:
        return this.number()
    }
  }

  private object(depth: number): JsonObject {
    const result = Object.create(null) as Record<string, Json>
    this.at++
    this.space()
    if (this.take(0x7d)) return Object.freeze(result)
    for (;;) {
      this.space()
      if (this.text.charCodeAt(this.at) !== 0x22) this.fail('SP_JSON_INVALID', 'A key is missing.')
      const key = this.string()
      if (key === '__proto__') this.fail('SP_JSON_FORBIDDEN_KEY')
      if (key in result) this.fail('SP_JSON_DUPLICATE_KEY', `Key ${JSON.stringify(key.slice(0, 80))}.`)
      this.space()
      if (!this.take(0x3a)) this.fail('SP_JSON_INVALID', 'A colon is missing.')
      this.space()
      const start = this.at
      result[key] = this.value(depth + 1)
      if (depth === 0) this.members?.set(key, { start, end: this.at })
      this.space()
      if (this.take(0x7d)) return Object.freeze(result)
      if (!this.take(0x2c)) this.fail('SP_JSON_INVALID', 'A comma or a closing brace is missing.')
    }
  }

  private array(depth: number): readonly Json[] {
    const result: Json[] = []
    this.at++
    this.space()
    if (this.take(0x5d)) return Object.freeze(result)
    for (;;) {
      result.push(this.value(depth + 1))
      this.space()
      if (this.take(0x5d)) return Object.freeze(result)
      if (!this.take(0x2c)) this.fail('SP_JSON_INVALID', 'A comma or a closing bracket is missing.')
    }
  }

  private string(): string {
    const start = ++this.at
    for (;;) {
      const code = this.text.charCodeAt(this.at)
      if (code === 0x22) return this.text.slice(start, this.at++)
      if (code === 0x5c) return this.escapedString(start)
      if (!(code >= 0x20)) this.fail('SP_JSON_INVALID', 'A string is not closed or holds a control character.')
      this.at++
    }
  }

  private escapedString(start: number): string {
    let result = this.text.slice(start, this.at)
    for (;;) {
      const code = this.text.charCodeAt(this.at)
      if (code === 0x22) {
        this.at++
        if (LONE_SURROGATE.test(result)) this.fail('SP_JSON_LONE_SURROGATE')
        return result
      }
      if (code === 0x5c) {
        result += this.escape()
        continue
      }
      if (!(code >= 0x20)) this.fail('SP_JSON_INVALID', 'A string is not closed or holds a control character.')
      result += this.text[this.at++]
    }
  }

  private escape(): string {
    const kind = this.text[this.at + 1] ?? ''
    if (kind === 'u') {
      const hex = this.text.slice(this.at + 2, this.at + 6)
      if (!/^[0-9a-fA-F]{4}$/.test(hex)) this.fail('SP_JSON_INVALID', 'An escape is not complete.')
      this.at += 6
      return String.fromCharCode(Number.parseInt(hex, 16))
    }
    const plain = ESCAPES[kind]
    if (plain === undefined) this.fail('SP_JSON_INVALID', 'An escape is unknown.')
    this.at += 2
    return plain
  }

  private number(): number {
    NUMBER.lastIndex = this.at
    const lexeme = NUMBER.exec(this.text)?.[0]
    if (lexeme === undefined) this.fail('SP_JSON_INVALID', 'A value is missing.')
    const value = Number(lexeme)
    const unsafe = !Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))
    if (unsafe || Object.is(value, -0) || (value === 0 && /[1-9]/.test(lexeme.split(/e/i)[0] ?? ''))) {
      this.fail('SP_JSON_UNSAFE_NUMBER', `Number ${lexeme.slice(0, 40)}.`)
    }
    this.at += lexeme.length
    return value
  }

  private word<T>(word: string, value: T): T {
    if (!this.text.startsWith(word, this.at)) this.fail('SP_JSON_INVALID', 'A value is missing.')
    this.at += word.length
    return value
  }

  private space(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at)
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return
      this.at++
    }
  }

  private take(code: number): boolean {
    if (this.text.charCodeAt(this.at) !== code) return false
    this.at++
    return true
  }

  private fail(code: ErrorCode, detail = ''): never {
    throw new SallyportError(code, `${detail}${detail === '' ? '' : ' '}(at offset ${this.at})`, {
      details: { offset: this.at },
    })
  }
}
