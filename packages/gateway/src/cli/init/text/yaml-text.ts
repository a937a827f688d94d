import { SallyportError } from '@sallyport/core'
import {
  isMap,
  isNode,
  isScalar,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml'
import type { ConfigPath, ConfigText } from './config-text.ts'

type Range = readonly [start: number, valueEnd: number, nodeEnd: number]

/** YAML edited as text: the parser says where things stand, and what an edit does not touch keeps its bytes. */
export class YamlText implements ConfigText {
  readonly text: string
  readonly #document: Document
  readonly #lines = new LineCounter()

  /** @throws SallyportError SP_CONFIG_INVALID for text that cannot be read, has several documents, or refers to itself. */
  constructor(text: string) {
    this.text = text
    this.#document = parseDocument(text, { uniqueKeys: true, merge: false, strict: true, lineCounter: this.#lines })
    const [error] = this.#document.errors
    if (error !== undefined) throw new SallyportError('SP_CONFIG_INVALID', error.message.split('\n')[0])
    if (!isMap(this.#document.contents)) throw new SallyportError('SP_CONFIG_INVALID', 'The file is not an object.')
    this.#data()
  }

  get(path: ConfigPath): unknown {
    return path.reduce<unknown>(
      (at, key) => (typeof at === 'object' && at !== null && Object.hasOwn(at, key) ? Reflect.get(at, key) : undefined),
      this.#data(),
    )
  }

  set(path: ConfigPath, value: unknown): YamlText {
    const present = this.#node(path)
    if (present !== undefined) {
      const [start, end] = rangeOf(present, path)
      const isBlock = /[\r\n]/.test(this.text.slice(start, end))
      const after = isBlock && this.text.slice(0, end).endsWith('\n') ? '\n' : ''
      return this.#splice(start, end, flow(value) + after)
    }
    for (let depth = path.length - 1; depth >= 0; depth--) {
      const holder = this.#node(path.slice(0, depth))
      if (holder === undefined) continue
      if (!isMap(holder)) throw unplaced(path)
      const [key = '', ...rest] = path.slice(depth).map(String)
      const inner = rest.reduceRight<unknown>((held, each) => ({ [each]: held }), value)
      return this.#inserted(holder, path, `${word(key)}: ${flow(inner)}`)
    }
    throw unplaced(path)
  }

  remove(path: ConfigPath): YamlText {
    const holder = this.#node(path.slice(0, -1))
    if (this.#node(path) === undefined || !isMap(holder)) return this
    if (holder.items.length === 1 && path.length > 1) return this.remove(path.slice(0, -1))
    const at = holder.items.findIndex((pair) => keyOf(pair) === String(path.at(-1)))
    const [start, end] = [this.#keyStart(holder, at, path), rangeOf(valueOf(holder, at), path)[1]]
    const next = holder.items[at + 1]
    if (holder.flow === true) {
      if (next !== undefined) return this.#splice(start, this.#keyStart(holder, at + 1, path), '')
      const before = at === 0 ? undefined : rangeOf(valueOf(holder, at - 1), path)[1]
      return this.#splice(before ?? start, end, '')
    }
    const from = this.text.lastIndexOf('\n', start - 1) + 1
    const lineEnd = this.text.indexOf('\n', Math.max(start, end - 1))
    return this.#splice(from, lineEnd === -1 ? this.text.length : lineEnd + 1, '')
  }

  #data(): unknown {
    try {
      return this.#document.toJS({ maxAliasCount: 0 }) as unknown
    } catch (cause) {
      throw new SallyportError('SP_CONFIG_INVALID', 'The file refers to itself by anchors.', { cause })
    }
  }

  /** The member goes before the first one, which says how members are indented. */
  #inserted(holder: YAMLMap, path: ConfigPath, member: string): YamlText {
    if (holder.items.length === 0) {
      const [start, end] = rangeOf(holder, path)
      return this.#splice(start, end, `{ ${member} }`)
    }
    const first = this.#keyStart(holder, 0, path)
    if (holder.flow === true) return this.#splice(first, first, `${member}, `)
    const indent = ' '.repeat(this.#lines.linePos(first).col - 1)
    return this.#splice(first, first, `${member}${this.text.includes('\r\n') ? '\r\n' : '\n'}${indent}`)
  }

  #keyStart(holder: YAMLMap, at: number, path: ConfigPath): number {
    const key = holder.items[at]?.key
    if (!isNode(key)) throw unplaced(path)
    return rangeOf(key, path)[0]
  }

  #node(path: ConfigPath): Node | undefined {
    const node = path.length === 0 ? this.#document.contents : this.#document.getIn(path, true)
    return isNode(node) ? node : undefined
  }

  #splice(start: number, end: number, insert: string): YamlText {
    return new YamlText(this.text.slice(0, start) + insert + this.text.slice(end))
  }
}

const keyOf = (pair: Pair): string => (isScalar(pair.key) ? String(pair.key.value) : '')
const valueOf = (holder: YAMLMap, at: number): Node | undefined => {
  const value = holder.items[at]?.value
  return isNode(value) ? value : undefined
}

function rangeOf(node: Node | undefined, path: ConfigPath): Range {
  if (node?.range === null || node?.range === undefined) throw unplaced(path)
  return node.range
}

/** JSON is YAML. */
const flow = (value: unknown): string => (typeof value === 'string' ? word(value) : JSON.stringify(value))

/** Words that mean nothing else stay as they are. */
const word = (text: string): string =>
  /^[A-Za-z][\w-]*$/.test(text) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(text) ? text : JSON.stringify(text)

const unplaced = (path: ConfigPath): SallyportError =>
  new SallyportError('SP_CONFIG_INVALID', `${path.join('.')} is written in a way that cannot be changed in place.`)
