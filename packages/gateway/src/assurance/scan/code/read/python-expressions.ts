import type { Argument, Comparison, Entry, Expr, Loop, Param, Target } from '../syntax.ts'
import { summands, lambda, listTarget, literal, measure, name, nothing, number, place, unescaped } from './build.ts'
import { childOf, childrenOf, namedOf, ofType, type Syntax } from './tree.ts'

const COMPARISONS: ReadonlyMap<string, Comparison> = new Map([
  ['==', 'equal'],
  ['!=', 'unequal'],
  ['is', 'equal'],
  ['is not', 'unequal'],
  ['in', 'in'],
  ['not in', 'not-in'],
])

export function createPythonExpressions(text: string) {
  const of = (node: Syntax | undefined): string => (node === undefined ? '' : text.slice(node.at, node.end))
  const optional = (node: Syntax | undefined, owner: Syntax): Expr => (node === undefined ? nothing(owner) : expr(node))

  function expr(node: Syntax): Expr {
    switch (node.type) {
      case 'identifier':
        return name(node, of(node))
      case 'string':
        return string(node)
      case 'concatenated_string':
        return { k: 'join', parts: namedOf(node).map(expr), ...place(node) }
      case 'integer':
      case 'float':
        return number(node, of(node))
      case 'true':
      case 'false':
        return { k: 'truth', value: node.type === 'true', ...place(node) }
      case 'none':
        return nothing(node)
      case 'attribute':
        return {
          k: 'member',
          object: optional(childOf(node, 'object'), node),
          name: of(childOf(node, 'attribute')),
          ...place(node),
        }
      case 'subscript':
        return subscript(node)
      case 'call':
        return call(node)
      case 'binary_operator':
        return binary(node)
      case 'boolean_operator': {
        const [left, right] = [optional(childOf(node, 'left'), node), optional(childOf(node, 'right'), node)]
        return of(childOf(node, 'operator')) === 'and'
          ? { k: 'and', left, right, ...place(node) }
          : { k: 'or', left, right, ...place(node) }
      }
      case 'not_operator':
        return { k: 'not', operand: optional(childOf(node, 'argument'), node), ...place(node) }
      case 'comparison_operator':
        return comparison(node)
      case 'unary_operator': {
        const inner = optional(childOf(node, 'argument'), node)
        return inner.k === 'number' && of(node).startsWith('-')
          ? { ...inner, value: -inner.value }
          : measure(node, [inner])
      }
      case 'conditional_expression': {
        const [yes, test, no] = namedOf(node)
        return {
          k: 'choice',
          test: optional(test, node),
          options: [optional(yes, node), optional(no, node)],
          ...place(node),
        }
      }
      case 'lambda': {
        const inner = childOf(node, 'body')
        return lambda(node, {
          params: params(childOf(node, 'parameters')),
          body: inner === undefined ? [] : [{ k: 'return', value: expr(inner), ...place(inner) }],
        })
      }
      case 'list':
      case 'tuple':
      case 'set':
      case 'expression_list':
      case 'pattern_list':
        return { k: 'list', items: namedOf(node).map(expr), ...place(node) }
      case 'dictionary':
        return { k: 'map', entries: namedOf(node).map(entry), ...place(node) }
      case 'list_comprehension':
      case 'set_comprehension':
      case 'generator_expression':
      case 'dictionary_comprehension':
        return comprehension(node)
      case 'named_expression': {
        const [left, right] = [childOf(node, 'name'), childOf(node, 'value')]
        const value = optional(right, node)
        return left === undefined ? value : { k: 'set', target: target(left), value, ...place(node) }
      }
      case 'parenthesized_expression':
      case 'await':
      case 'list_splat':
      case 'dictionary_splat':
      case 'case_pattern':
      case 'interpolation':
      case 'as_pattern':
        return optional(childOf(node, 'expression') ?? namedOf(node)[0], node)
      case 'type':
        return name(node, of(node))
      case 'dotted_name':
        return namedOf(node).length === 1 ? name(node, of(node)) : literal(node, of(node))
      default:
        return { k: 'other', parts: namedOf(node).map(expr), ...place(node) }
    }
  }

  function string(node: Syntax): Expr {
    const start = of(ofType(node, 'string_start'))
    const raw = /r/i.test(start)
    const parts = namedOf(node)
      .filter(({ type }) => type === 'string_content' || type === 'interpolation')
      .map((part): Expr => {
        if (part.type === 'interpolation') return optional(childOf(part, 'expression') ?? namedOf(part)[0], part)
        const written = of(part)
        const content = raw ? written : unescaped(written)
        return literal(part, /f/i.test(start) ? content.replaceAll('{{', '{').replaceAll('}}', '}') : content)
      })
    const [only] = parts
    if (parts.length === 0) return literal(node, '')
    return parts.length === 1 && only?.k === 'text' ? { ...only, ...place(node) } : { k: 'join', parts, ...place(node) }
  }

  function subscript(node: Syntax): Expr {
    const object = optional(childOf(node, 'value'), node)
    const key = childOf(node, 'subscript')
    if (key === undefined) return object
    if (key.type !== 'slice') return { k: 'index', object, key: expr(key), ...place(node) }
    // `x[::-1]`
    if (/::\s*-1$/.test(of(key)))
      return { k: 'call', callee: { k: 'member', object, name: 'reverse', ...place(node) }, args: [], ...place(node) }
    return { k: 'call', callee: { k: 'member', object, name: 'slice', ...place(node) }, args: [], ...place(node) }
  }

  function call(node: Syntax): Expr {
    const callee = optional(childOf(node, 'function'), node)
    const list = childOf(node, 'arguments')
    const args: readonly Argument[] =
      list?.type === 'generator_expression' ? [{ value: expr(list) }] : namedOf(list).flatMap((one) => argument(one))
    return { k: 'call', callee, args, ...place(node) }
  }

  function argument(node: Syntax): readonly Argument[] {
    if (node.type === 'comment') return []
    if (node.type === 'keyword_argument')
      return [{ name: of(childOf(node, 'name')), value: optional(childOf(node, 'value'), node) }]
    if (node.type === 'list_splat') return [{ value: expr(node), spread: true }]
    if (node.type === 'dictionary_splat') return [{ value: expr(node) }]
    return [{ value: expr(node) }]
  }

  function binary(node: Syntax): Expr {
    const operator = of(childOf(node, 'operator'))
    const [left, right] = [childOf(node, 'left'), childOf(node, 'right')]
    if (operator === '+') return { k: 'join', parts: summands(node, of).map(expr), ...place(node) }
    if (operator === '%')
      return { k: 'fill', template: optional(left, node), args: fillArguments(right), ...place(node) }
    // of paths; of numbers nobody asks
    if (operator === '/')
      return { k: 'join', parts: [optional(left, node), literal(node, '/'), optional(right, node)], ...place(node) }
    if (operator === '*' && left !== undefined && /^(?:list|string|tuple|parenthesized_expression)$/.test(left.type))
      return expr(left)
    if (operator === '|') return { k: 'choice', options: [optional(left, node), optional(right, node)], ...place(node) }
    return measure(node, [optional(left, node), optional(right, node)])
  }

  function fillArguments(node: Syntax | undefined): readonly Argument[] {
    if (node === undefined) return []
    if (node.type === 'tuple') return namedOf(node).map((item) => ({ value: expr(item) }))
    return [{ value: expr(node) }]
  }

  function comparison(node: Syntax): Expr {
    const operands = namedOf(node)
    const operators = childrenOf(node, 'operators')
    const parts = operands.slice(0, -1).map((left, i): Expr => {
      const right = operands[i + 1]
      const op = COMPARISONS.get(of(operators[i]).replace(/\s+/g, ' ')) ?? 'order'
      return { k: 'compare', op, left: expr(left), right: optional(right, node), ...place(node) }
    })
    return (
      parts.reduce<Expr | undefined>(
        (all, part) => (all === undefined ? part : { k: 'and', left: all, right: part, ...place(node) }),
        undefined,
      ) ?? measure(node, [])
    )
  }

  function entry(node: Syntax): Entry {
    if (node.type !== 'pair') return { key: undefined, value: expr(node) }
    return { key: optional(childOf(node, 'key'), node), value: optional(childOf(node, 'value'), node) }
  }

  function comprehension(node: Syntax): Expr {
    const inner = childOf(node, 'body')
    const loops: { target: Target; over: Expr; tests: Expr[] }[] = []
    for (const child of namedOf(node)) {
      if (child.type === 'for_in_clause') {
        const [left, right] = [childOf(child, 'left'), childOf(child, 'right')]
        if (left !== undefined) loops.push({ target: target(left), over: optional(right, child), tests: [] })
      } else if (child.type === 'if_clause') loops.at(-1)?.tests.push(optional(namedOf(child)[0], child))
    }
    const value =
      inner?.type === 'pair'
        ? ({ k: 'list', items: namedOf(inner).map(expr), ...place(inner) } as const)
        : optional(inner, node)
    return { k: 'each', loops: loops as readonly Loop[], body: value, ...place(node) }
  }

  function target(node: Syntax): Target {
    switch (node.type) {
      case 'identifier':
        return { k: 'name', name: of(node) }
      case 'pattern_list':
      case 'tuple_pattern':
      case 'list_pattern':
      case 'tuple':
      case 'list':
      case 'expression_list':
        return listTarget(namedOf(node).map(target))
      case 'list_splat_pattern':
      case 'as_pattern_target':
      case 'parenthesized_expression': {
        const [inner] = namedOf(node)
        return inner === undefined ? { k: 'parts', parts: [] } : target(inner)
      }
      default:
        return { k: 'place', place: expr(node) }
    }
  }

  function params(node: Syntax | undefined): readonly Param[] {
    return namedOf(node).flatMap((one): readonly Param[] => {
      switch (one.type) {
        case 'identifier':
          return [{ target: target(one) }]
        case 'list_splat_pattern':
        case 'dictionary_splat_pattern': {
          const [inner] = namedOf(one)
          const rest = one.type === 'list_splat_pattern' ? ({ rest: true } as const) : {}
          return inner === undefined ? [] : [{ target: target(inner), ...rest }]
        }
        case 'typed_parameter': {
          const [inner] = namedOf(one)
          const type = typeOf(childOf(one, 'type'))
          const fallback = annotated(childOf(one, 'type'))
          return inner === undefined
            ? []
            : [
                {
                  target: target(inner),
                  ...(type === undefined ? {} : { type }),
                  ...(fallback === undefined ? {} : { fallback }),
                },
              ]
        }
        case 'default_parameter':
        case 'typed_default_parameter': {
          const inner = childOf(one, 'name')
          const type = typeOf(childOf(one, 'type'))
          const fallback = childOf(one, 'value')
          return inner === undefined
            ? []
            : [
                {
                  target: target(inner),
                  ...(type === undefined ? {} : { type }),
                  ...(fallback === undefined ? {} : { fallback: expr(fallback) }),
                },
              ]
        }
        default:
          return []
      }
    })
  }

  /** `Literal["a", "b"]` can be nothing else. */
  /** `Annotated[str, Depends(checked)]`: what a framework calls for the value, as a default would say. */
  function annotated(node: Syntax | undefined): Expr | undefined {
    const [generic] = node === undefined ? [] : namedOf(node)
    if (generic?.type !== 'generic_type' || !/Annotated\s*\[/.test(of(generic))) return undefined
    const call = firstCall(generic)
    return call === undefined ? undefined : expr(call)
  }

  const firstCall = (node: Syntax): Syntax | undefined => {
    for (const child of namedOf(node)) {
      const found = child.type === 'call' ? child : firstCall(child)
      if (found !== undefined) return found
    }
    return undefined
  }

  function typeOf(node: Syntax | undefined): string | undefined {
    const written = of(node).replace(/\s+/g, '')
    if (/^(?:typing\.|t\.)?Literal\[/.test(written)) return 'literal'
    if (written.endsWith('Enum')) return 'Enum'
    const inner =
      /^(?:typing\.)?(?:Optional|Annotated|Final)\[([\w.]+)/.exec(written)?.[1] ?? written.replace(/\|None$/, '')
    return /^[\w.]+$/.test(inner) && inner !== '' && !/^(?:str|bytes|Any|object|dict|list)$/.test(inner)
      ? inner
      : undefined
  }

  return { expr, target, params }
}
