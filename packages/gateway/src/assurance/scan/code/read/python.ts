import type { Case, Expr, Func, SourceUnit, Stmt } from '../syntax.ts'
import { doing, nothing, place } from './build.ts'
import { createPythonExpressions } from './python-expressions.ts'
import { childOf, childrenOf, namedOf, ofType, type Syntax } from './tree.ts'

/** Reads the tree of a Python file; also of Python 2. */
export function readPython(root: Syntax, text: string): SourceUnit {
  const of = (node: Syntax | undefined): string => (node === undefined ? '' : text.slice(node.at, node.end))
  const { expr, target, params } = createPythonExpressions(text)
  const body = (node: Syntax | undefined): readonly Stmt[] => namedOf(node).flatMap((child) => statement(child))
  const optional = (node: Syntax | undefined, owner: Syntax): Expr => (node === undefined ? nothing(owner) : expr(node))

  function statement(node: Syntax): readonly Stmt[] {
    switch (node.type) {
      case 'expression_statement':
        return namedOf(node).flatMap((child) => simple(child))
      case 'import_statement':
        return imports(node)
      case 'import_from_statement':
        return importsFrom(node)
      case 'function_definition':
        return [define(node, [])]
      case 'decorated_definition': {
        const decorators = node.children
          .filter(({ type }) => type === 'decorator')
          .flatMap((one) => namedOf(one).slice(0, 1).map(expr))
        const inner = childOf(node, 'definition')
        if (inner?.type === 'function_definition') return [define(inner, decorators)]
        return inner === undefined ? [] : statement(inner)
      }
      case 'class_definition':
        return [
          {
            k: 'class',
            name: of(childOf(node, 'name')),
            bases: namedOf(childOf(node, 'superclasses')).map((base) =>
              base.type === 'keyword_argument' ? nothing(base) : expr(base),
            ),
            body: body(childOf(node, 'body')),
            ...place(node),
          },
        ]
      case 'if_statement':
        return [conditional(node, childrenOf(node, 'alternative'))]
      case 'for_statement': {
        const [left, right] = [childOf(node, 'left'), childOf(node, 'right')]
        return [
          {
            k: 'loop',
            ...(left === undefined ? {} : { target: target(left) }),
            ...(right === undefined ? {} : { over: expr(right) }),
            body: body(childOf(node, 'body')),
            ...place(node),
          },
        ]
      }
      case 'while_statement':
        return [
          {
            k: 'loop',
            test: optional(childOf(node, 'condition'), node),
            body: body(childOf(node, 'body')),
            ...place(node),
          },
        ]
      case 'with_statement':
        return [...withItems(node), ...body(childOf(node, 'body'))]
      case 'try_statement': {
        const handlers = node.children.filter(({ type }) => type === 'except_clause' || type === 'except_group_clause')
        const last = ofType(node, 'finally_clause')
        const tried: Stmt = {
          k: 'try',
          body: [...body(childOf(node, 'body')), ...body(childOf(ofType(node, 'else_clause'), 'body'))],
          handlers: handlers.map((handler) => body(ofType(handler, 'block'))),
          ...place(node),
        }
        return [tried, ...body(ofType(last, 'block'))]
      }
      case 'return_statement': {
        const [value] = namedOf(node)
        return [{ k: 'return', ...(value === undefined ? {} : { value: expr(value) }), ...place(node) }]
      }
      case 'raise_statement':
      case 'break_statement':
      case 'continue_statement': {
        const [value] = namedOf(node)
        return [{ k: 'leave', ...(value === undefined ? {} : { value: expr(value) }), ...place(node) }]
      }
      case 'assert_statement': {
        const [test] = namedOf(node)
        return test === undefined ? [] : [{ k: 'assert', test: expr(test), ...place(node) }]
      }
      case 'exec_statement': {
        const [value] = namedOf(node)
        return [
          doing(node, {
            k: 'call',
            callee: { k: 'name', name: 'exec', ...place(node) },
            args: value === undefined ? [] : [{ value: expr(value) }],
            ...place(node),
          }),
        ]
      }
      case 'print_statement':
        return namedOf(node).map((child) => doing(node, expr(child)))
      case 'match_statement':
        return [match(node)]
      case 'block':
      case 'ERROR':
        return body(node)
      default:
        return node.named && !SILENT.has(node.type) ? simple(node) : []
    }
  }

  /** A field without a value: whoever makes the object gives it. */
  const declared = (node: Syntax, left: Syntax): readonly Stmt[] => {
    const type = of(childOf(node, 'type'))
    return [
      {
        k: 'bind',
        target: target(left),
        value: { k: 'name', name: of(left), ...place(node) },
        how: 'set',
        declares: 'variable',
        ...(/^[\w.]+$/.test(type) && type !== 'str' ? { type } : {}),
        ...place(node),
      },
    ]
  }

  function simple(node: Syntax): readonly Stmt[] {
    if (node.type === 'assignment') {
      const [left, right] = [childOf(node, 'left'), childOf(node, 'right')]
      if (
        left !== undefined &&
        right === undefined &&
        left.type === 'identifier' &&
        childOf(node, 'type') !== undefined
      )
        return declared(node, left)
      if (left === undefined || right === undefined) return []
      const type = of(childOf(node, 'type'))
      const how = 'set'
      // a = b = value
      const rest = right.type === 'assignment' ? simple(right) : []
      const inner = right.type === 'assignment' ? childOf(right, 'left') : right
      return [
        ...rest,
        {
          k: 'bind',
          target: target(left),
          value: optional(inner, node),
          how,
          ...(type === '' ? {} : { type }),
          ...place(node),
        },
      ]
    }
    if (node.type === 'augmented_assignment') {
      const [left, right] = [childOf(node, 'left'), childOf(node, 'right')]
      if (left === undefined || right === undefined) return []
      const operator = of(childOf(node, 'operator'))
      if (operator === '%=') {
        const value: Expr = { k: 'fill', template: expr(left), args: [{ value: expr(right) }], ...place(node) }
        return [{ k: 'bind', target: target(left), value, how: 'set', ...place(node) }]
      }
      return [
        {
          k: 'bind',
          target: target(left),
          value: expr(right),
          how: operator === '+=' ? 'append' : 'change',
          ...place(node),
        },
      ]
    }
    return [doing(node, expr(node))]
  }

  function conditional(node: Syntax, alternatives: readonly Syntax[]): Stmt {
    const [next, ...rest] = alternatives
    const otherwise: readonly Stmt[] =
      next === undefined ? [] : next.type === 'elif_clause' ? [conditional(next, rest)] : body(childOf(next, 'body'))
    return {
      k: 'if',
      test: optional(childOf(node, 'condition'), node),
      body: body(childOf(node, 'consequence')),
      otherwise,
      ...place(node),
    }
  }

  function withItems(node: Syntax): readonly Stmt[] {
    return namedOf(ofType(node, 'with_clause')).flatMap((item): readonly Stmt[] => {
      const value = childOf(item, 'value') ?? namedOf(item)[0]
      if (value?.type !== 'as_pattern') return value === undefined ? [] : [doing(item, expr(value))]
      const [context] = namedOf(value)
      const alias = namedOf(ofType(value, 'as_pattern_target'))[0]
      if (context === undefined || alias === undefined) return []
      return [{ k: 'bind', target: target(alias), value: expr(context), how: 'set', ...place(item) }]
    })
  }

  function match(node: Syntax): Stmt {
    const subject = childOf(node, 'subject')
    const cases = namedOf(childOf(node, 'body'))
      .filter(({ type }) => type === 'case_clause')
      .map((one): Case => {
        const patterns = one.children.filter(({ type }) => type === 'case_pattern')
        const labels = patterns.flatMap((pattern) => namedOf(pattern).map(expr)).filter(({ k }) => k !== 'name')
        return { labels, body: body(childOf(one, 'consequence')) }
      })
    return { k: 'switch', ...(subject === undefined ? {} : { subject: expr(subject) }), cases, ...place(node) }
  }

  function define(node: Syntax, decorators: readonly Expr[]): Stmt {
    const name = of(childOf(node, 'name'))
    const list = params(childOf(node, 'parameters'))
    const first = list[0]?.target
    const own = first?.k === 'name' && /^(?:self|cls)$/.test(first.name) ? first.name : undefined
    const fn: Func = {
      name,
      params: list,
      body: body(childOf(node, 'body')),
      decorators,
      open: !name.startsWith('_') || decorators.length > 0,
      ...(own === undefined ? {} : { own }),
      ...place(node),
    }
    return { k: 'define', name, fn, ...place(node) }
  }

  function imports(node: Syntax): readonly Stmt[] {
    return childrenOf(node, 'name').map((one): Stmt => {
      const path = of(childOf(one, 'name') ?? one)
      const alias = of(childOf(one, 'alias'))
      const first = path.split('.', 1)[0] ?? path
      return alias === ''
        ? { k: 'import', name: first, path: first, ...place(one) }
        : { k: 'import', name: alias, path, ...place(one) }
    })
  }

  function importsFrom(node: Syntax): readonly Stmt[] {
    const module = of(childOf(node, 'module_name'))
    return childrenOf(node, 'name').map((one): Stmt => {
      const wanted = of(childOf(one, 'name') ?? one)
      const alias = of(childOf(one, 'alias'))
      return { k: 'import', name: alias === '' ? wanted : alias, path: `${module}.${wanted}`, ...place(one) }
    })
  }

  return { body: body(root), complete: true, size: text.length }
}

const SILENT = new Set([
  'comment',
  'pass_statement',
  'global_statement',
  'nonlocal_statement',
  'delete_statement',
  'future_import_statement',
  'type_alias_statement',
])
