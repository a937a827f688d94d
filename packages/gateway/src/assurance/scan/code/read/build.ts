import type { Expr, Func, Stmt, Target } from '../syntax.ts'
import { childOf, type Syntax } from './tree.ts'

export const place = ({ at, end }: Syntax): { readonly at: number; readonly end: number } => ({ at, end })
export const nothing = (node: Syntax): Expr => ({ k: 'nothing', ...place(node) })
export const name = (node: Syntax, value: string): Expr => ({ k: 'name', name: value, ...place(node) })
export const literal = (node: Syntax, value: string): Expr => ({ k: 'text', value, ...place(node) })
export const measure = (node: Syntax, parts: readonly Expr[]): Expr => ({ k: 'measure', parts, ...place(node) })
export const doing = (node: Syntax, value: Expr): Stmt => ({ k: 'do', value, ...place(node) })

export function number(node: Syntax, text: string): Expr {
  const value = Number(text.replaceAll('_', ''))
  return { k: 'number', value: Number.isNaN(value) ? 0 : value, ...place(node) }
}

/** Targets of `a, b = …`. */
export const listTarget = (targets: readonly Target[]): Target =>
  targets.length === 1 && targets[0] !== undefined
    ? targets[0]
    : { k: 'parts', parts: targets.map((target, key) => ({ key, target })) }

export const lambda = (node: Syntax, fn: Omit<Func, 'at' | 'end' | 'decorators' | 'open'>): Expr => ({
  k: 'function',
  fn: { decorators: [], open: false, ...place(node), ...fn },
  ...place(node),
})

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['0', '\0'],
  ['e', '\u001b'],
  ['a', '\u0007'],
  ['b', '\b'],
  ['\n', ''],
])

/** Escapes of a quoted text. */
export const unescaped = (text: string): string =>
  text.includes('\\')
    ? text.replace(
        /\\(?:x([0-9a-fA-F]{2})|u\{?([0-9a-fA-F]{4,6})\}?|([0-7]{3})|([\s\S]))/g,
        (_all, hex, code, octal, one) =>
          hex !== undefined
            ? String.fromCharCode(Number.parseInt(String(hex), 16))
            : code !== undefined
              ? String.fromCodePoint(Math.min(Number.parseInt(String(code), 16), 0x10ffff))
              : octal !== undefined
                ? String.fromCharCode(Number.parseInt(String(octal), 8))
                : (ESCAPES.get(String(one)) ?? String(one)),
      )
    : text

/** The parts of `a + b + c`, which leans to the left, in order and without recursion. `of` reads the text of a node. */
export function summands(node: Syntax, of: (node: Syntax | undefined) => string): readonly Syntax[] {
  const parts: Syntax[] = []
  let at: Syntax | undefined = node
  while (at !== undefined && at.type === node.type && of(childOf(at, 'operator')) === '+') {
    const last = childOf(at, 'right')
    if (last !== undefined) parts.push(last)
    at = childOf(at, 'left')
  }
  if (at !== undefined) parts.push(at)
  return parts.reverse()
}
