import { SallyportError } from '@sallyport/core'
import JSON5 from 'json5'
import { findNodeAtLocation, getNodeValue, parseTree, type Node, type ParseError } from 'jsonc-parser'
import { parse as parseToml } from 'smol-toml'
import { isNode, LineCounter, parseDocument } from 'yaml'

export type SettingsFormat = 'json' | 'json5' | 'toml' | 'yaml'
/** Keys and indices from the root. */
export type SettingsPath = readonly (string | number)[]

/** A configuration file as it was read: its data, and where in the text a value stands. */
export interface Settings {
  readonly value: unknown
  /** From 1; of the nearest key above that is written down. */
  lineOf(path: SettingsPath): number
}

const DEEPEST = 100
const MOST_VALUES = 500_000

/**
 * Reads a configuration in the way that hosts do: comments and trailing commas where they allow them, no cycles, bounded depth.
 * @throws SallyportError SP_CONFIG_INVALID when the text cannot be read, or means something else to every reader
 */
export function readSettings(format: SettingsFormat, text: string): Settings {
  try {
    const settings = READERS[format](text.startsWith('\uFEFF') ? ` ${text.slice(1)}` : text)
    refuseOdd(settings.value)
    return settings
  } catch (cause) {
    if (cause instanceof SallyportError) throw cause
    const [why = ''] = cause instanceof Error ? cause.message.split('\n') : []
    throw new SallyportError('SP_CONFIG_INVALID', cause instanceof RangeError ? 'It is nested too deep.' : why, {
      cause,
    })
  }
}

/** The value at a path, of own members only. */
export const valueAt = (value: unknown, path: SettingsPath): unknown =>
  path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null && Object.hasOwn(at, key) ? Reflect.get(at, key) : undefined),
    value,
  )

/** Every place that a path with `*` for any key or index means, and what stands there. */
export function valuesAt(
  value: unknown,
  pattern: SettingsPath,
  prefix: SettingsPath = [],
): readonly { readonly path: SettingsPath; readonly value: unknown }[] {
  const [head, ...rest] = pattern
  if (head === undefined) return value === undefined ? [] : [{ path: prefix, value }]
  if (typeof value !== 'object' || value === null) return []
  if (head !== '*') return valuesAt(valueAt(value, [head]), rest, [...prefix, head])
  const keys: readonly (string | number)[] = Array.isArray(value) ? [...value.keys()] : Object.keys(value)
  return keys.flatMap((key) => valuesAt(valueAt(value, [key]), rest, [...prefix, key]))
}

const READERS: Readonly<Record<SettingsFormat, (text: string) => Settings>> = {
  json: (text) => {
    const errors: ParseError[] = []
    const root = text.trim() === '' ? undefined : parseTree(text, errors, { allowTrailingComma: true })
    const [error] = errors
    if (error !== undefined) throw invalid(`It is not JSON (line ${linesOf(text)(error.offset)}).`)
    const line = linesOf(text)
    return {
      value: root === undefined ? {} : (getNodeValue(root) as unknown),
      lineOf: (path) => line(jsonOffset(root, path)),
    }
  },
  json5: (text) => {
    const line = linesOf(text)
    return {
      value: text.trim() === '' ? {} : JSON5.parse<unknown>(text),
      lineOf: (path) => line(keyOffset(text, path)),
    }
  },
  toml: (text) => {
    const line = linesOf(text)
    return { value: parseToml(text), lineOf: (path) => line(keyOffset(text, path)) }
  },
  yaml: (text) => {
    const lines = new LineCounter()
    const document = parseDocument(text, { lineCounter: lines, merge: false })
    const [error] = document.errors
    if (error !== undefined) throw error
    return {
      value: (document.toJS({ maxAliasCount: 100 }) as unknown) ?? {},
      lineOf: (path) => {
        for (let length = path.length; length > 0; length--) {
          const node = document.getIn(path.slice(0, length), true)
          if (isNode(node) && node.range) return lines.linePos(node.range[0]).line
        }
        return 1
      },
    }
  },
}

const invalid = (why: string): SallyportError => new SallyportError('SP_CONFIG_INVALID', why)

/** Cycles, and what is deeper or larger than anybody writes. */
function refuseOdd(value: unknown): void {
  let left = MOST_VALUES
  const above = new Set<object>()
  const look = (at: unknown, depth: number): void => {
    if (--left < 0) throw invalid('It holds more values than are read.')
    if (typeof at !== 'object' || at === null) return
    if (above.has(at)) throw invalid('It refers to itself.')
    if (depth > DEEPEST) throw invalid('It is nested too deep.')
    above.add(at)
    for (const inner of Object.values(at)) look(inner, depth + 1)
    above.delete(at)
  }
  look(value, 0)
}

function jsonOffset(root: Node | undefined, path: SettingsPath): number {
  for (let length = path.length; root !== undefined && length > 0; length--) {
    const node = findNodeAtLocation(root, path.slice(0, length))
    if (node !== undefined) return (node.parent?.type === 'property' ? node.parent : node).offset
  }
  return 0
}

/** Where the keys of a path follow one another in the text. */
function keyOffset(text: string, path: SettingsPath): number {
  let at = 0
  for (const key of path) {
    if (typeof key === 'number') continue
    const word = key.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    const found = new RegExp(`(?<![\\w-])["']?${word}["']?\\s*(?=[:=\\].])`, 'g')
    found.lastIndex = at
    const hit = found.exec(text)
    if (hit === null) break
    at = hit.index
  }
  return at
}

/** Lines of a text by offset, found at the first question. */
function linesOf(text: string): (offset: number) => number {
  let starts: number[] | undefined
  return (offset) => {
    if (starts === undefined) {
      starts = [0]
      for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
    }
    let [low, high] = [0, starts.length]
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle
    }
    return low + 1
  }
}
