import type { Argument, Comparison, Entry, Expr, Param, Stmt, Target } from '../syntax.ts'
import { summands, lambda, listTarget, literal, measure, name, nothing, number, place, unescaped } from './build.ts'
import { childOf, namedOf, ofType, type Syntax } from './tree.ts'

const COMPARISONS: ReadonlyMap<string, Comparison> = new Map([
  ['==', 'equal'],
  ['===', 'equal'],
  ['eql?', 'equal'],
  ['!=', 'unequal'],
  ['=~', 'matches'],
  ['!~', 'not-matches'],
  ['<', 'order'],
  ['>', 'order'],
  ['<=', 'order'],
  ['>=', 'order'],
])

export function createRubyExpressions(
  text: string,
  heredocs: readonly Syntax[],
  bodyOf: (node: Syntax | undefined) => readonly Stmt[],
  params: (node: Syntax | undefined) => readonly Param[],
) {
  let heredoc = 0
  const of = (node: Syntax | undefined): string => (node === undefined ? '' : text.slice(node.at, node.end))
  const optional = (node: Syntax | undefined, owner: Syntax): Expr => (node === undefined ? nothing(owner) : expr(node))

  function expr(node: Syntax): Expr {
    switch (node.type) {
      case 'identifier':
      case 'constant':
      case 'global_variable':
        return name(node, of(node))
      case 'instance_variable':
      case 'class_variable':
        return { k: 'member', object: name(node, 'this'), name: of(node).replace(/^@+/, ''), ...place(node) }
      case 'self':
        return name(node, 'this')
      case 'scope_resolution': {
        const scope = childOf(node, 'scope')
        const last = of(childOf(node, 'name'))
        return scope === undefined ? name(node, last) : { k: 'member', object: expr(scope), name: last, ...place(node) }
      }
      case 'string':
      case 'bare_string':
      case 'delimited_symbol':
      case 'character':
        return string(node)
      case 'chained_string':
        return { k: 'join', parts: namedOf(node).map(expr), ...place(node) }
      case 'subshell':
        return { k: 'call', callee: name(node, '``'), args: [{ value: string(node) }], ...place(node) }
      case 'simple_symbol':
        return literal(node, of(node).slice(1))
      case 'hash_key_symbol':
      case 'bare_symbol':
        return literal(node, of(node))
      case 'heredoc_beginning': {
        const found = heredocs[heredoc++]
        return found === undefined ? nothing(node) : string(found)
      }
      case 'regex':
        return {
          k: 'pattern',
          source: namedOf(node)
            .map((part) => of(part))
            .join(''),
          ...place(node),
        }
      case 'integer':
      case 'float':
        return number(node, of(node))
      case 'true':
      case 'false':
        return { k: 'truth', value: node.type === 'true', ...place(node) }
      case 'nil':
        return nothing(node)
      case 'array':
      case 'string_array':
      case 'symbol_array':
      case 'right_assignment_list':
        return { k: 'list', items: namedOf(node).map(expr), ...place(node) }
      case 'hash':
        return { k: 'map', entries: namedOf(node).map(entry), ...place(node) }
      case 'element_reference': {
        const object = childOf(node, 'object')
        const key = namedOf(node).find((child) => child.field !== 'object')
        return { k: 'index', object: optional(object, node), key: optional(key, node), ...place(node) }
      }
      case 'call':
        return call(node)
      case 'binary':
        return binary(node)
      case 'unary': {
        const inner = optional(childOf(node, 'operand'), node)
        return /^(?:!|not)/.test(of(node)) ? { k: 'not', operand: inner, ...place(node) } : measure(node, [inner])
      }
      case 'conditional':
        return {
          k: 'choice',
          test: optional(childOf(node, 'condition'), node),
          options: [optional(childOf(node, 'consequence'), node), optional(childOf(node, 'alternative'), node)],
          ...place(node),
        }
      case 'assignment': {
        const [left, right] = [childOf(node, 'left'), childOf(node, 'right')]
        const value = optional(right, node)
        return left === undefined ? value : { k: 'set', target: target(left), value, ...place(node) }
      }
      case 'lambda': {
        return lambda(node, {
          params: params(childOf(node, 'parameters')),
          body: bodyOf(childOf(childOf(node, 'body'), 'body')),
        })
      }
      case 'parenthesized_statements':
      case 'splat_argument':
      case 'pattern':
      case 'interpolation':
      case 'block_argument':
        return optional(namedOf(node).at(-1), node)
      case 'yield':
      case 'return':
        return { k: 'other', parts: namedOf(ofType(node, 'argument_list')).map(expr), ...place(node) }
      case 'begin':
      case 'if':
      case 'case':
      case 'unless':
      case 'if_modifier':
      case 'unless_modifier':
      case 'rescue_modifier':
        return {
          k: 'call',
          callee: lambda(node, { params: [], body: bodyOf(wrapped(node)) }),
          args: [],
          ...place(node),
        }
      default:
        return { k: 'other', parts: namedOf(node).map(expr), ...place(node) }
    }
  }

  const wrapped = (node: Syntax): Syntax => ({
    type: 'then',
    field: undefined,
    named: true,
    at: node.at,
    end: node.end,
    children: [node],
  })

  function string(node: Syntax): Expr {
    const single = of(node).startsWith("'") || of(node).startsWith('%q')
    const parts = namedOf(node)
      .filter(({ type }) => /^(?:string_content|heredoc_content|interpolation|escape_sequence)$/.test(type))
      .map((part) =>
        part.type === 'interpolation' ? expr(part) : literal(part, single ? of(part) : unescaped(of(part))),
      )
    const joined: Expr[] = []
    for (const part of parts) {
      const last = joined.at(-1)
      if (last?.k === 'text' && part.k === 'text')
        joined[joined.length - 1] = { ...last, value: last.value + part.value }
      else joined.push(part)
    }
    const [only] = joined
    if (joined.length === 0) return literal(node, '')
    return joined.length === 1 && only?.k === 'text'
      ? { ...only, ...place(node) }
      : { k: 'join', parts: joined, ...place(node) }
  }

  function call(node: Syntax): Expr {
    const receiver = childOf(node, 'receiver')
    const method = childOf(node, 'method')
    const label = method === undefined ? 'call' : of(method)
    const callee: Expr =
      receiver === undefined
        ? name(method ?? node, label)
        : { k: 'member', object: expr(receiver), name: label, ...place(node) }
    const args = namedOf(childOf(node, 'arguments')).flatMap((one) => argument(one))
    const block = childOf(node, 'block')
    const given: readonly Argument[] =
      block === undefined
        ? args
        : [
            ...args,
            {
              value: lambda(block, {
                params: params(childOf(block, 'parameters')),
                body: bodyOf(childOf(block, 'body')),
              }),
            },
          ]
    return { k: 'call', callee, args: given, ...place(node) }
  }

  function argument(node: Syntax): readonly Argument[] {
    if (node.type === 'comment') return []
    if (node.type === 'splat_argument') return [{ value: expr(node), spread: true }]
    if (node.type !== 'pair') return [{ value: expr(node) }]
    const key = childOf(node, 'key')
    const value = optional(childOf(node, 'value'), node)
    if (key?.type === 'hash_key_symbol' || key?.type === 'simple_symbol')
      return [{ name: of(key).replace(/^:/, ''), value }]
    return [{ value: { k: 'map', entries: [entry(node)], ...place(node) } }]
  }

  function binary(node: Syntax): Expr {
    const operator = of(childOf(node, 'operator'))
    const [leftNode, rightNode] = [childOf(node, 'left'), childOf(node, 'right')]
    if (operator === '+') return { k: 'join', parts: summands(node, of).map(expr), ...place(node) }
    const [left, right] = [optional(leftNode, node), optional(rightNode, node)]
    switch (operator) {
      case '%':
        return {
          k: 'fill',
          template: left,
          args: right.k === 'list' ? right.items.map((value) => ({ value })) : [{ value: right }],
          ...place(node),
        }
      case '<<':
        return {
          k: 'call',
          callee: { k: 'member', object: left, name: '<<', ...place(node) },
          args: [{ value: right }],
          ...place(node),
        }
      case '/':
        return { k: 'join', parts: [left, literal(node, '/'), right], ...place(node) }
      case '&&':
      case 'and':
        return { k: 'and', left, right, ...place(node) }
      case '||':
      case 'or':
        return { k: 'or', left, right, ...place(node) }
      case '*':
        return left.k === 'list' || left.k === 'text' ? left : measure(node, [left, right])
    }
    const op = COMPARISONS.get(operator)
    return op === undefined ? measure(node, [left, right]) : { k: 'compare', op, left, right, ...place(node) }
  }

  function entry(node: Syntax): Entry {
    if (node.type !== 'pair') return { key: undefined, value: expr(node) }
    return { key: optional(childOf(node, 'key'), node), value: optional(childOf(node, 'value'), node) }
  }

  function target(node: Syntax): Target {
    switch (node.type) {
      case 'identifier':
      case 'constant':
      case 'global_variable':
        return { k: 'name', name: of(node) }
      case 'left_assignment_list':
      case 'destructured_left_assignment':
      case 'destructured_parameter':
        return listTarget(namedOf(node).map(target))
      case 'call': {
        const receiver = childOf(node, 'receiver')
        return {
          k: 'place',
          place: { k: 'member', object: optional(receiver, node), name: of(childOf(node, 'method')), ...place(node) },
        }
      }
      default:
        return { k: 'place', place: expr(node) }
    }
  }

  return { expr, target }
}
