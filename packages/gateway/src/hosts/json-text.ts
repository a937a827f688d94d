import { SallyportError } from '@sallyport/core'
import {
  applyEdits,
  findNodeAtLocation,
  getNodeValue,
  modify,
  parseTree,
  type JSONPath,
  type Node,
  type ParseError,
} from 'jsonc-parser'

/** How the text is laid out, so that what we insert looks like the rest. */
function layout(text: string): { insertSpaces: boolean; tabSize: number; eol: string } {
  const indent = /\n([ \t]+)\S/.exec(text)?.[1] ?? '  '
  const eol = /\r\n/.test(text) ? '\r\n' : '\n'
  return { insertSpaces: !indent.startsWith('\t'), tabSize: indent.startsWith('\t') ? 4 : indent.length, eol }
}

const BOM = '\uFEFF'

/**
 * Configuration text in JSON or JSONC, edited in place: whatever an edit does not touch keeps its bytes, comments and
 * order. Duplicate keys on the edited path are refused, because the host and we could mean different ones.
 */
export class JsonText {
  readonly text: string
  readonly #root: Node

  /** @throws SallyportError SP_CONFIG_INVALID with the offset when the text cannot be read. */
  constructor(text: string) {
    this.text = text
    const errors: ParseError[] = []
    const body = text.startsWith(BOM) ? ` ${text.slice(1)}` : text
    const root = parseTree(body, errors, { allowTrailingComma: true })
    const [error] = errors
    if (root === undefined || error !== undefined || root.type !== 'object') {
      throw new SallyportError('SP_CONFIG_INVALID', `The file is not a JSON object (at offset ${error?.offset ?? 0}).`)
    }
    this.#root = root
  }

  /** The value at a path, as plain data; undefined when there is none. */
  get(path: JSONPath): unknown {
    const node = this.#find(path)
    return node === undefined ? undefined : (getNodeValue(node) as unknown)
  }

  set(path: JSONPath, value: unknown, insertInArray = false): JsonText {
    this.#find(path.slice(0, -1))
    const body = this.text.startsWith(BOM) ? this.text.slice(1) : this.text
    const edits = modify(body, path, value, { formattingOptions: layout(body), isArrayInsertion: insertInArray })
    const edited = applyEdits(body, edits)
    return new JsonText(this.text.startsWith(BOM) ? BOM + edited : edited)
  }

  #find(path: JSONPath): Node | undefined {
    for (let depth = 0; depth < path.length; depth++) {
      const parent = findNodeAtLocation(this.#root, path.slice(0, depth))
      const key = path[depth]
      const twice = parent?.type === 'object' && typeof key === 'string' ? countKey(parent, key) > 1 : false
      if (twice) throw new SallyportError('SP_CONFIG_INVALID', `Key ${JSON.stringify(key)} stands twice in the file.`)
    }
    return findNodeAtLocation(this.#root, path)
  }
}

const countKey = (object: Node, key: string): number =>
  (object.children ?? []).filter((property) => property.children?.[0]?.value === key).length
