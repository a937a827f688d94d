import JSON5 from 'json5'
import { isJsonObject, SallyportError } from '@sallyport/core'
import type { ConfigPath, ConfigText } from './config-text.ts'

interface Span {
  /** Of a member: where its key begins. */
  readonly keyStart?: number
  readonly start: number
  readonly end: number
  readonly members: ReadonlyMap<string, Span> | undefined
}

/** JSON5 edited as text: comments, unquoted keys and trailing commas stay as they are. */
export class Json5Text implements ConfigText {
  readonly text: string
  readonly #data: unknown
  readonly #root: Span

  constructor(text: string) {
    this.text = text
    try {
      this.#data = JSON5.parse(text)
      this.#root = new Scanner(text).document()
    } catch (cause) {
      throw new SallyportError('SP_CONFIG_INVALID', cause instanceof Error ? cause.message : '', { cause })
    }
    if (this.#root.members === undefined) throw new SallyportError('SP_CONFIG_INVALID', 'The file is not an object.')
  }

  get(path: ConfigPath): unknown {
    return path.reduce<unknown>(
      (at, key) =>
        (isJsonObject(at) || Array.isArray(at)) && Object.hasOwn(at, key) ? Reflect.get(at, key) : undefined,
      this.#data,
    )
  }

  set(path: ConfigPath, value: unknown): Json5Text {
    const holder = this.#find(path.slice(0, -1))
    const key = String(path.at(-1))
    if (holder?.members === undefined) throw new SallyportError('SP_CONFIG_INVALID', `${path.join('.')} has no place.`)
    const present = holder.members.get(key)
    if (present !== undefined) return this.#splice(present.start, present.end, this.#print(value, present.start))
    const last = [...holder.members.values()].at(-1)
    const member = `${JSON.stringify(key)}: `
    if (last === undefined) {
      return this.#splice(holder.start + 1, holder.start + 1, ` ${member}${this.#print(value, holder.start)} `)
    }
    const separator = this.#separator(holder)
    return this.#splice(last.end, last.end, `,${separator}${member}${this.#print(value, last.end)}`)
  }

  remove(path: ConfigPath): Json5Text {
    const members = [...(this.#find(path.slice(0, -1))?.members ?? [])]
    const at = members.findIndex(([key]) => key === String(path.at(-1)))
    const gone = members[at]?.[1]
    if (gone === undefined) return this
    const next = members[at + 1]?.[1].keyStart
    if (next !== undefined) return this.#splice(gone.keyStart ?? gone.start, next, '')
    return this.#splice(members[at - 1]?.[1].end ?? gone.keyStart ?? gone.start, gone.end, '')
  }

  #find(path: ConfigPath): Span | undefined {
    return path.reduce<Span | undefined>((at, key) => at?.members?.get(String(key)), this.#root)
  }

  /** What stands between `{` and the first member: a line break with its indentation, or a blank. */
  #separator(holder: Span): string {
    const lead = /^\{([ \t]*(?:\r?\n)[ \t\r\n]*)/.exec(this.text.slice(holder.start, holder.start + 1024))?.[1]
    return lead === undefined ? ' ' : `${lead.includes('\r\n') ? '\r\n' : '\n'}${/[ \t]*$/.exec(lead)?.[0] ?? ''}`
  }

  #print(value: unknown, at: number): string {
    const line = this.text.slice(this.text.lastIndexOf('\n', at - 1) + 1, at)
    const indent = /^[ \t]*/.exec(line)?.[0] ?? ''
    return Array.isArray(value) && value.every((item) => typeof item === 'string')
      ? `[${value.map((item) => JSON.stringify(item)).join(', ')}]`
      : JSON.stringify(value, null, 2).replaceAll('\n', `\n${indent}`)
  }

  #splice(start: number, end: number, insert: string): Json5Text {
    return new Json5Text(this.text.slice(0, start) + insert + this.text.slice(end))
  }
}

const IDENTIFIER = /[\p{L}\p{Nl}$_\\][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}$_\\\u200c\u200d]*/uy

/** Positions in a text that JSON5 has already accepted; it checks nothing. */
class Scanner {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  document(): Span {
    this.#blank()
    return this.#value()
  }

  #value(): Span {
    const start = this.#at
    const first = this.#text[start]
    let members: Map<string, Span> | undefined
    if (first === '{') members = this.#object()
    else if (first === '[') this.#array()
    else if (first === '"' || first === "'") this.#string()
    else this.#at = start + (/^[^\s,\]}/]+/.exec(this.#text.slice(start, start + 4096))?.[0].length ?? 1)
    return { start, end: this.#at, members }
  }

  #object(): Map<string, Span> {
    const members = new Map<string, Span>()
    this.#at++
    for (this.#blank(); this.#text[this.#at] !== '}'; this.#blank()) {
      const keyStart = this.#at
      const key = this.#key()
      this.#blank()
      this.#at++ // :
      this.#blank()
      if (members.has(key)) throw new Error(`key ${JSON.stringify(key)} stands twice`)
      members.set(key, { ...this.#value(), keyStart })
      this.#comma()
    }
    this.#at++
    return members
  }

  #array(): void {
    this.#at++
    for (this.#blank(); this.#text[this.#at] !== ']'; this.#blank()) {
      this.#value()
      this.#comma()
    }
    this.#at++
  }

  #comma(): void {
    this.#blank()
    if (this.#text[this.#at] === ',') this.#at++
    if (this.#at >= this.#text.length) throw new Error('the text ends too early')
  }

  #key(): string {
    const start = this.#at
    if (this.#text[start] === '"' || this.#text[start] === "'") {
      this.#string()
      return JSON5.parse<string>(this.#text.slice(start, this.#at))
    }
    IDENTIFIER.lastIndex = start
    const name = IDENTIFIER.exec(this.#text)?.[0] ?? ''
    if (name === '') throw new Error(`no key at offset ${start}`)
    this.#at += name.length
    return Object.keys(JSON5.parse<object>(`{${name}:0}`))[0] ?? name
  }

  #string(): void {
    const quote = this.#text[this.#at]
    this.#at++
    while (this.#at < this.#text.length && this.#text[this.#at] !== quote)
      this.#at += this.#text[this.#at] === '\\' ? 2 : 1
    this.#at++
  }

  #blank(): void {
    for (;;) {
      const rest = this.#text.slice(this.#at, this.#at + 2)
      if (rest === '//') this.#skipTo(/[\n\r\u2028\u2029]/g)
      else if (rest === '/*') this.#at = this.#text.indexOf('*/', this.#at + 2) + 2
      else if (/^\s|^\uFEFF/.test(rest)) this.#at++
      else return
    }
  }

  #skipTo(pattern: RegExp): void {
    pattern.lastIndex = this.#at
    this.#at = pattern.exec(this.#text)?.index ?? this.#text.length
  }
}
