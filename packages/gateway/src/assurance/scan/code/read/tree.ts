import type { TreeCursor } from 'web-tree-sitter'

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

/** Copies a tree out of the parser. @throws TooDeep */
export function copyTree(cursor: TreeCursor): Syntax {
  return copy(cursor, 0)
}

function copy(cursor: TreeCursor, depth: number): Syntax {
  if (depth > DEEPEST) throw new TooDeep()
  const { nodeType: type, nodeIsNamed: named, startIndex: at, endIndex: end } = cursor
  const field = cursor.currentFieldName ?? undefined
  const children: Syntax[] = []
  if (cursor.gotoFirstChild()) {
    do {
      if ((cursor.nodeIsNamed ? COMMENTS : TRIVIAL).has(cursor.nodeType) && cursor.currentFieldName === null) continue
      children.push(copy(cursor, depth + 1))
    } while (cursor.gotoNextSibling())
    cursor.gotoParent()
  }
  return { type, field, named, at, end, children }
}

export const childOf = (node: Syntax | undefined, field: string): Syntax | undefined =>
  node?.children.find((child) => child.field === field)
export const childrenOf = (node: Syntax | undefined, field: string): readonly Syntax[] =>
  node === undefined ? [] : node.children.filter((child) => child.field === field)
export const ofType = (node: Syntax | undefined, ...types: readonly string[]): Syntax | undefined =>
  node?.children.find((child) => types.includes(child.type))
export const namedOf = (node: Syntax | undefined): readonly Syntax[] =>
  node === undefined ? [] : node.children.filter((child) => child.named)
