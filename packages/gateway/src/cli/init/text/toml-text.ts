import { parse, stringify } from 'smol-toml'
import { isJsonObject, SallyportError } from '@sallyport/core'
import type { ConfigPath, ConfigText } from './config-text.ts'
import { scanToml, type TomlEntry } from './toml-scan.ts'

/** TOML edited as text. Values stand where the scanner found them; smol-toml says what they mean. */
export class TomlText implements ConfigText {
  readonly text: string
  readonly #data: unknown
  readonly #entries: readonly TomlEntry[]

  constructor(text: string) {
    this.text = text
    try {
      this.#data = parse(text.startsWith('\uFEFF') ? text.slice(1) : text)
      this.#entries = scanToml(text)
    } catch (cause) {
      throw new SallyportError('SP_CONFIG_INVALID', cause instanceof Error ? firstLine(cause.message) : '', { cause })
    }
  }

  get(path: ConfigPath): unknown {
    return path.reduce<unknown>(
      (at, key) => (isJsonObject(at) && Object.hasOwn(at, key) ? at[key] : undefined),
      this.#data,
    )
  }

  set(path: ConfigPath, value: unknown): TomlText {
    const keys = path.map(String)
    const exact = this.#find(keys)
    if (exact !== undefined) return this.#splice(exact.valueStart, exact.valueEnd, tomlValue(value))
    const parent = keys.slice(0, -1)
    const inline = this.#find(parent)
    if (inline !== undefined) {
      const table = this.get(parent)
      if (!isJsonObject(table)) throw unplaced(keys)
      return this.#splice(inline.valueStart, inline.valueEnd, tomlValue({ ...table, [keys.at(-1) ?? '']: value }))
    }
    // A new member goes under a sibling that is written in the same way.
    const sibling = this.#entries.find(({ path: at }) => at.length === keys.length && startsWith(at, parent))
    if (sibling === undefined) return this.#inside(keys, value)
    const prefix = this.text.slice(sibling.keyStart, sibling.lastKeyStart)
    const line = `${this.#eol()}${this.#indent(sibling)}${prefix}${tomlKey(keys.at(-1) ?? '')} = ${tomlValue(value)}`
    const end = this.#lineEnd(sibling.valueEnd)
    return this.#splice(end, end, line)
  }

  remove(path: ConfigPath): TomlText {
    const keys = path.map(String)
    const exact = this.#find(keys)
    if (exact === undefined) {
      if (this.get(keys) === undefined) return this
      throw unplaced(keys)
    }
    const start = this.text.lastIndexOf('\n', exact.keyStart) + 1
    const end = this.text.indexOf('\n', exact.valueEnd)
    return this.#splice(start, end === -1 ? this.text.length : end + 1, '')
  }

  /** The path leads through an inline table: that whole table is written anew. */
  #inside(keys: readonly string[], value: unknown): TomlText {
    for (let depth = keys.length - 1; depth > 0; depth--) {
      const holder = this.#find(keys.slice(0, depth))
      const table = this.get(keys.slice(0, depth))
      if (holder === undefined || !isJsonObject(table)) continue
      const changed = withMember(table, keys.slice(depth), value)
      return this.#splice(holder.valueStart, holder.valueEnd, tomlValue(changed))
    }
    throw unplaced(keys)
  }

  #find(keys: readonly string[]): TomlEntry | undefined {
    return this.#entries.find(({ path }) => path.length === keys.length && startsWith(path, keys))
  }

  #splice(start: number, end: number, insert: string): TomlText {
    return new TomlText(this.text.slice(0, start) + insert + this.text.slice(end))
  }

  #eol(): string {
    return this.text.includes('\r\n') ? '\r\n' : '\n'
  }

  #indent(entry: TomlEntry): string {
    return /[^\S\n]*$/.exec(this.text.slice(0, entry.keyStart))?.[0].replace('\uFEFF', '') ?? ''
  }

  #lineEnd(from: number): number {
    const end = this.text.indexOf('\n', from)
    if (end === -1) return this.text.length
    return this.text[end - 1] === '\r' ? end - 1 : end
  }
}

const startsWith = (path: readonly string[], prefix: readonly string[]): boolean =>
  prefix.every((key, index) => path[index] === key)

function withMember(table: object, [key = '', ...rest]: readonly string[], value: unknown): object {
  const inner: unknown = (table as Record<string, unknown>)[key]
  return { ...table, [key]: rest.length === 0 ? value : withMember(isJsonObject(inner) ? inner : {}, rest, value) }
}

const tomlKey = (key: string): string => (/^[A-Za-z0-9_-]+$/.test(key) ? key : tomlString(key))

const tomlString = (text: string): string => JSON.stringify(text).replaceAll('\u007f', '\\u007f')

function tomlValue(value: unknown): string {
  if (typeof value === 'string') return tomlString(value)
  if (typeof value === 'boolean' || typeof value === 'number' || typeof value === 'bigint') {
    return stringify({ v: value }).trim().slice('v = '.length)
  }
  if (Array.isArray(value)) return `[${value.map(tomlValue).join(', ')}]`
  if (value instanceof Date) return stringify({ v: value }).trim().slice('v = '.length)
  if (!isJsonObject(value)) throw new SallyportError('SP_CONFIG_INVALID', 'A value cannot be written as TOML.')
  const members = Object.entries(value).map(([key, item]) => `${tomlKey(key)} = ${tomlValue(item)}`)
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`
}

const firstLine = (text: string): string => text.split('\n')[0] ?? ''
const unplaced = (keys: readonly string[]): SallyportError =>
  new SallyportError('SP_CONFIG_INVALID', `${keys.join('.')} is written in a way that cannot be changed in place.`)
