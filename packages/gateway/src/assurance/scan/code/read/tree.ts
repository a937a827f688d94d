import type { Language, TreeCursor } from 'web-tree-sitter'

/** A node of a syntax tree as plain data: reading it costs no call into WebAssembly. */
export interface Syntax {
  readonly type: string
  readonly field: string | undefined
  readonly named: boolean
  readonly at: number
  readonly end: number
  readonly children: readonly Syntax[]
}

const DEEPEST = 300
/** Signs and words without a meaning for what is read. */
const TRIVIAL = new Set(
  '( ) , ; { } [ ] " \' . : \n def end do func return class if then fi in var import new'.split(' '),
)
const COMMENTS = new Set(['comment', 'line_comment', 'block_comment'])

/** Too deep for what follows to be read without risk. */
export class TooDeep extends Error {}

/** What a grammar says of a kind of node. */
interface Kind {
  readonly type: string
  readonly named: boolean
  /** Left out where it is not the field of anything. */
  readonly trivial: boolean
}

/** Copies trees of one grammar out of the parser: each question to a cursor is a call into WebAssembly, so few are asked. */
export function createCopier(grammar: Language): (cursor: TreeCursor) => Syntax {
  const kinds = new Map<number, Kind>()
  const kindOf = (id: number): Kind => {
    const known = kinds.get(id)
    if (known !== undefined) return known
    // what the parser could not make sense of has a number that no grammar has
    const name = grammar.types[id]
    const type = name === undefined || name === '' ? 'ERROR' : name
    const named = name === undefined || grammar.nodeTypeIsNamed(id)
    const kind = { type, named, trivial: (named ? COMMENTS : TRIVIAL).has(type) }
    kinds.set(id, kind)
    return kind
  }
  const copy = (cursor: TreeCursor, { type, named }: Kind, field: string | undefined, depth: number): Syntax => {
    if (depth > DEEPEST) throw new TooDeep()
    const { startIndex: at, endIndex: end } = cursor
    const children: Syntax[] = []
    if (cursor.gotoFirstChild()) {
      do {
        const kind = kindOf(cursor.nodeTypeId)
        const id = cursor.currentFieldId
        if (kind.trivial && id === 0) continue
        children.push(copy(cursor, kind, grammar.fields[id] ?? undefined, depth + 1))
      } while (cursor.gotoNextSibling())
      cursor.gotoParent()
    }
    return { type, field, named, at, end, children }
  }
  /** @throws TooDeep */
  return (cursor) => copy(cursor, kindOf(cursor.nodeTypeId), undefined, 0)
}

export const childOf = (node: Syntax | undefined, field: string): Syntax | undefined =>
  node?.children.find((child) => child.field === field)
export const childrenOf = (node: Syntax | undefined, field: string): readonly Syntax[] =>
  node === undefined ? [] : node.children.filter((child) => child.field === field)
export const ofType = (node: Syntax | undefined, ...types: readonly string[]): Syntax | undefined =>
  node?.children.find((child) => types.includes(child.type))
export const namedOf = (node: Syntax | undefined): readonly Syntax[] =>
  node === undefined ? [] : node.children.filter((child) => child.named)
