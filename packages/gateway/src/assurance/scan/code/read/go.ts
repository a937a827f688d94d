import type { Argument, Case, Entry, Expr, Func, Member, Param, SourceUnit, Stmt, Target } from '../syntax.ts'
import { doing, lambda, listTarget, literal, measure, name, nothing, number, place, unescaped } from './build.ts'
import { infix } from './infix.ts'
import { childOf, childrenOf, namedOf, ofType, type Syntax } from './tree.ts'

/** Reads the tree of a Go file or excerpt. */
export function readGo(root: Syntax, text: string): SourceUnit {
  const of = (node: Syntax | undefined): string => (node === undefined ? '' : text.slice(node.at, node.end))
  const body = (node: Syntax | undefined): readonly Stmt[] => namedOf(node).flatMap((child) => statement(child))
  const optional = (node: Syntax | undefined, owner: Syntax): Expr => (node === undefined ? nothing(owner) : expr(node))
  const list = (node: Syntax | undefined): readonly Syntax[] =>
    node === undefined
      ? []
      : node.type === 'expression_list' || node.type === 'literal_element'
        ? namedOf(node)
        : [node]

  function statement(node: Syntax): readonly Stmt[] {
    switch (node.type) {
      case 'import_declaration':
        return specs(node, 'import_spec').map(importOf)
      case 'const_declaration':
        return specs(node, 'const_spec').flatMap((spec) => declared(spec, 'constant'))
      case 'var_declaration':
        return specs(node, 'var_spec').flatMap((spec) => declared(spec, 'variable'))
      case 'short_var_declaration':
        return bindAll(node, list(childOf(node, 'left')), list(childOf(node, 'right')), 'variable')
      case 'assignment_statement': {
        const operator = of(childOf(node, 'operator'))
        const [left, right] = [list(childOf(node, 'left')), list(childOf(node, 'right'))]
        if (operator === '=' || operator === '') return bindAll(node, left, right, undefined)
        const [one, value] = [left[0], right[0]]
        if (one === undefined || value === undefined) return []
        return [
          {
            k: 'bind',
            target: target(one),
            value: expr(value),
            how: operator === '+=' ? 'append' : 'change',
            ...place(node),
          },
        ]
      }
      case 'function_declaration':
      case 'method_declaration': {
        const fnName = of(childOf(node, 'name'))
        const receiver = params(childOf(node, 'receiver'))
        const own = receiver[0]?.target.k === 'name' ? receiver[0].target.name : undefined
        const fn: Func = {
          name: fnName,
          params: [...receiver, ...params(childOf(node, 'parameters'))],
          body: body(childOf(node, 'body')),
          decorators: [],
          open: /^[A-Z]/.test(fnName) && fnName !== 'main',
          ...(own === undefined ? {} : { own }),
          ...place(node),
        }
        return [{ k: 'define', name: node.type === 'method_declaration' ? `.${fnName}` : fnName, fn, ...place(node) }]
      }
      case 'if_statement': {
        const before = childOf(node, 'initializer')
        const other = childOf(node, 'alternative')
        const branch: Stmt = {
          k: 'if',
          test: optional(childOf(node, 'condition'), node),
          body: body(childOf(node, 'consequence')),
          otherwise: other === undefined ? [] : other.type === 'block' ? body(other) : statement(other),
          ...place(node),
        }
        return before === undefined ? [branch] : [...statement(before), branch]
      }
      case 'for_statement': {
        const range = ofType(node, 'range_clause')
        const clause = ofType(node, 'for_clause')
        const inner = body(childOf(node, 'body'))
        if (range !== undefined) {
          const left = list(childOf(range, 'left'))
          const wanted = left[1] ?? left[0]
          const over = childOf(range, 'right')
          return [
            {
              k: 'loop',
              ...(wanted === undefined ? {} : { target: target(wanted) }),
              ...(over === undefined ? {} : { over: expr(over) }),
              body: inner,
              ...place(node),
            },
          ]
        }
        const init = childOf(clause, 'initializer')
        return [...(init === undefined ? [] : statement(init)), { k: 'loop', body: inner, ...place(node) }]
      }
      case 'expression_switch_statement':
      case 'type_switch_statement': {
        const init = childOf(node, 'initializer')
        const subject = childOf(node, 'value')
        const cases = node.children
          .filter(({ type }) => type.endsWith('_case'))
          .map((one): Case => ({
            labels: list(childOf(one, 'value')).map(expr),
            body: namedOf(one)
              .filter((child) => child.field !== 'value')
              .flatMap((child) => statement(child)),
          }))
        return [
          ...(init === undefined ? [] : statement(init)),
          { k: 'switch', ...(subject === undefined ? {} : { subject: expr(subject) }), cases, ...place(node) },
        ]
      }
      case 'select_statement':
        return [
          {
            k: 'switch',
            cases: namedOf(node).map((one) => ({
              labels: [],
              body: namedOf(one).flatMap((child) => statement(child)),
            })),
            ...place(node),
          },
        ]
      case 'return_statement': {
        const values = list(namedOf(node)[0])
        const [first] = values
        const value: Expr | undefined =
          values.length > 1 ? { k: 'list', items: values.map(expr), ...place(node) } : first && expr(first)
        return [{ k: 'return', ...(value === undefined ? {} : { value }), ...place(node) }]
      }
      case 'break_statement':
      case 'continue_statement':
      case 'goto_statement':
        return [{ k: 'leave', ...place(node) }]
      case 'defer_statement':
      case 'go_statement':
      case 'expression_statement':
        return namedOf(node).map((child) => doing(child, expr(child)))
      case 'block':
        return [{ k: 'block', body: body(node), ...place(node) }]
      case 'statement_list':
      case 'ERROR':
      case 'labeled_statement':
      case 'communication_case':
        return body(node)
      case 'package_clause':
        return [{ k: 'import', name: '#package', path: of(namedOf(node)[0]), ...place(node) }]
      case 'type_declaration':
        return namedOf(node).flatMap(declaredType)
      case 'comment':
      case 'inc_statement':
      case 'dec_statement':
        return []
      default:
        return node.named ? [doing(node, expr(node))] : []
    }
  }

  function structOf(spec: Syntax): readonly Stmt[] {
    const fields = namedOf(ofType(childOf(spec, 'type'), 'field_declaration_list'))
    const members = fields.flatMap((field) =>
      childrenOf(field, 'name').map((label): Member => [of(label), of(childOf(field, 'type'))]),
    )
    return [{ k: 'shape', name: of(childOf(spec, 'name')), members, ...place(spec) }]
  }

  /** `type Level int`: its values are numbers, whatever they print. */
  const declaredType = (spec: Syntax): readonly Stmt[] =>
    childOf(spec, 'type')?.type === 'struct_type'
      ? structOf(spec)
      : spec.type === 'type_spec' && /^u?int\d*$/.test(of(childOf(spec, 'type')))
        ? [{ k: 'class', name: of(childOf(spec, 'name')), bases: [name(spec, 'Enum')], body: [], ...place(spec) }]
        : []

  const specs = (node: Syntax, type: string): readonly Syntax[] =>
    namedOf(node).flatMap((child) =>
      child.type === type
        ? [child]
        : child.type === `${type}_list`
          ? namedOf(child).filter((one) => one.type === type)
          : [],
    )

  function importOf(spec: Syntax): Stmt {
    const path = of(childOf(spec, 'path')).slice(1, -1)
    const alias = of(childOf(spec, 'name'))
    const last =
      path
        .replace(/\/v\d+$/, '')
        .split('/')
        .at(-1)
        ?.replace(/\.v\d+$/, '')
        .replace(/^go-|-go$/, '') ?? path
    return { k: 'import', name: alias === '' || alias === '.' ? last : alias, path, ...place(spec) }
  }

  function declared(spec: Syntax, declares: 'constant' | 'variable'): readonly Stmt[] {
    const names = childrenOf(spec, 'name')
    const values = list(childOf(spec, 'value'))
    const type = of(childOf(spec, 'type'))
    if (values.length === 0) {
      return names.map((one): Stmt => ({
        k: 'bind',
        target: target(one),
        value: nothing(one),
        how: 'set',
        declares,
        ...(type === '' ? {} : { type: typeOf(type) }),
        ...place(spec),
      }))
    }
    return bindAll(spec, names, values, declares, type === '' ? undefined : typeOf(type))
  }

  function bindAll(
    node: Syntax,
    left: readonly Syntax[],
    right: readonly Syntax[],
    declares: 'constant' | 'variable' | undefined,
    type?: string,
  ): readonly Stmt[] {
    const common = {
      how: 'set' as const,
      ...(declares === undefined ? {} : { declares }),
      ...(type === undefined ? {} : { type }),
      ...place(node),
    }
    const [only] = right
    if (right.length === 1 && left.length > 1 && only !== undefined)
      return [{ k: 'bind', target: listTarget(left.map(target)), value: expr(only), ...common }]
    return left.flatMap((one, i): readonly Stmt[] => {
      const value = right[i]
      return value === undefined ? [] : [{ k: 'bind', target: target(one), value: expr(value), ...common }]
    })
  }

  function expr(node: Syntax): Expr {
    switch (node.type) {
      case 'identifier':
      case 'package_identifier':
      case 'type_identifier':
      case 'field_identifier':
        return of(node) === 'nil' ? nothing(node) : name(node, of(node))
      case 'interpreted_string_literal':
        return literal(node, unescaped(of(node).slice(1, -1)))
      case 'raw_string_literal':
        return literal(node, of(node).slice(1, -1))
      case 'rune_literal':
        return literal(node, unescaped(of(node).slice(1, -1)))
      case 'int_literal':
      case 'float_literal':
        return number(node, of(node))
      case 'true':
      case 'false':
        return { k: 'truth', value: node.type === 'true', ...place(node) }
      case 'nil':
        return nothing(node)
      case 'selector_expression':
        return {
          k: 'member',
          object: optional(childOf(node, 'operand'), node),
          name: of(childOf(node, 'field')),
          ...place(node),
        }
      case 'qualified_type': {
        const [pkg, type] = [childOf(node, 'package'), childOf(node, 'name')]
        return { k: 'member', object: optional(pkg, node), name: of(type), ...place(node) }
      }
      case 'index_expression':
        return {
          k: 'index',
          object: optional(childOf(node, 'operand'), node),
          key: optional(childOf(node, 'index'), node),
          ...place(node),
        }
      case 'call_expression':
        return call(node)
      case 'binary_expression':
        return infix(node, { of, expr })
      case 'unary_expression': {
        const inner = optional(childOf(node, 'operand'), node)
        const operator = of(childOf(node, 'operator'))
        if (operator === '!') return { k: 'not', operand: inner, ...place(node) }
        return operator === '-' ? measure(node, [inner]) : inner
      }
      case 'composite_literal':
        return composite(node)
      case 'literal_value':
        return literalValue(node, undefined)
      case 'func_literal':
        return lambda(node, { params: params(childOf(node, 'parameters')), body: body(childOf(node, 'body')) })
      case 'type_conversion_expression':
        return optional(childOf(node, 'operand'), node)
      case 'type_assertion_expression':
      case 'slice_expression':
        return optional(childOf(node, 'operand'), node)
      case 'parenthesized_expression':
      case 'literal_element':
      case 'variadic_argument':
        return optional(namedOf(node)[0], node)
      case 'expression_list':
        return { k: 'list', items: namedOf(node).map(expr), ...place(node) }
      default:
        return {
          k: 'other',
          parts: namedOf(node)
            .filter(({ type }) => !type.endsWith('_type'))
            .map(expr),
          ...place(node),
        }
    }
  }

  function call(node: Syntax): Expr {
    const fn = childOf(node, 'function')
    const args = namedOf(childOf(node, 'arguments')).filter(({ type }) => type !== 'comment')
    const [first] = args
    // `[]byte(x)`, `string(x)`
    if (
      fn !== undefined &&
      (fn.type.endsWith('_type') || /^(?:string|byte|rune|error)$/.test(of(fn))) &&
      args.length === 1
    )
      return optional(first, node)
    if (fn !== undefined && of(fn) === 'append' && first !== undefined) {
      const items = args.slice(1).map((one): Expr => expr(one))
      return {
        k: 'call',
        callee: { k: 'member', object: expr(first), name: 'concat', ...place(node) },
        args: items.map((value) => ({ value })),
        ...place(node),
      }
    }
    const read = args.map((one): Argument =>
      one.type === 'variadic_argument' ? { value: expr(one), spread: true } : { value: expr(one) },
    )
    return { k: 'call', callee: optional(fn, node), args: read, ...place(node) }
  }

  function composite(node: Syntax): Expr {
    const type = childOf(node, 'type')
    return literalValue(childOf(node, 'body'), type === undefined ? undefined : type)
  }

  function literalValue(node: Syntax | undefined, type: Syntax | undefined): Expr {
    const elements = namedOf(node)
    const owner = node ?? type
    if (owner === undefined) return { k: 'list', items: [], at: 0, end: 0 }
    const written = of(type)
    if (
      elements.some((one) => one.type === 'keyed_element') ||
      (type !== undefined && !/^\[|_type$/.test(written) && !/array|slice|implicit/.test(type.type))
    ) {
      const entries = elements.map((one): Entry => {
        const [key, value] = namedOf(one)
        if (one.type !== 'keyed_element' || key === undefined) return { key: undefined, value: expr(one) }
        const inner = namedOf(key)[0] ?? key
        const label: Expr =
          inner.type === 'identifier' && !written.startsWith('map') ? literal(inner, of(inner)) : expr(key)
        return { key: label, value: optional(value, one) }
      })
      const plain = typeOf(written)
      return {
        k: 'map',
        entries,
        ...(type === undefined || !/^[\w.]+$/.test(plain) ? {} : { type: plain }),
        ...place(owner),
      }
    }
    return { k: 'list', items: elements.map(expr), ...place(owner) }
  }

  function target(node: Syntax): Target {
    return node.type === 'identifier' ? { k: 'name', name: of(node) } : { k: 'place', place: expr(node) }
  }

  function params(node: Syntax | undefined): readonly Param[] {
    return namedOf(node).flatMap((one): readonly Param[] => {
      const type = typeOf(of(childOf(one, 'type')))
      return childrenOf(one, 'name').map((inner) => ({
        target: { k: 'name', name: of(inner) },
        ...(type === '' || type === 'string' ? {} : { type }),
        ...(one.type === 'variadic_parameter_declaration' ? { rest: true } : {}),
      }))
    })
  }

  return { body: body(root), complete: true, size: text.length }
}

const typeOf = (written: string): string => {
  const plain = written.replace(/^[*&]+/, '').trim()
  return /^[\w.]+$/.test(plain) && !/^(?:string|any|error|byte)$/.test(plain) ? plain : ''
}
