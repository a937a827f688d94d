import type { Comparison, Expr } from '../syntax.ts'
import { measure, nothing, place, summands } from './build.ts'
import { childOf, type Syntax } from './tree.ts'

const COMPARISONS: ReadonlyMap<string, Comparison> = new Map([
  ['==', 'equal'],
  ['!=', 'unequal'],
  ['<', 'order'],
  ['>', 'order'],
  ['<=', 'order'],
  ['>=', 'order'],
])

/** Reads `a op b` as Go and Java have it. `of` reads the text of a node, `expr` an expression. */
export function infix(
  node: Syntax,
  { of, expr }: { readonly of: (node: Syntax | undefined) => string; readonly expr: (node: Syntax) => Expr },
): Expr {
  const operator = of(childOf(node, 'operator'))
  if (operator === '+') return { k: 'join', parts: summands(node, of).map(expr), ...place(node) }
  const side = (field: 'left' | 'right'): Expr => {
    const found = childOf(node, field)
    return found === undefined ? nothing(node) : expr(found)
  }
  const [left, right] = [side('left'), side('right')]
  if (operator === '&&') return { k: 'and', left, right, ...place(node) }
  if (operator === '||') return { k: 'or', left, right, ...place(node) }
  const op = COMPARISONS.get(operator)
  return op === undefined ? measure(node, [left, right]) : { k: 'compare', op, left, right, ...place(node) }
}
