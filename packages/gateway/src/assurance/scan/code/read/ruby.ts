import type { Case, Expr, Func, Param, SourceUnit, Stmt } from '../syntax.ts'
import { doing, listTarget, nothing, place } from './build.ts'
import { createRubyExpressions } from './ruby-expressions.ts'
import { childOf, childrenOf, namedOf, ofType, type Syntax } from './tree.ts'

/** Reads the tree of a Ruby file or excerpt. */
export function readRuby(root: Syntax, text: string): SourceUnit {
  const of = (node: Syntax | undefined): string => (node === undefined ? '' : text.slice(node.at, node.end))
  const { expr, target } = createRubyExpressions(text, heredocsOf(root), returning, params)
  const optional = (node: Syntax | undefined, owner: Syntax): Expr => (node === undefined ? nothing(owner) : expr(node))
  const body = (node: Syntax | undefined): readonly Stmt[] => namedOf(node).flatMap((child) => statement(child))
  const inside = (node: Syntax | undefined): readonly Stmt[] =>
    node === undefined
      ? []
      : /^(?:then|else|do|body_statement|block_body|begin_block|parenthesized_statements)$/.test(node.type)
        ? body(node)
        : statement(node)

  /** What a method or block gives is its last value. */
  function returning(node: Syntax | undefined): readonly Stmt[] {
    return lastReturned(inside(node))
  }

  function statement(node: Syntax): readonly Stmt[] {
    switch (node.type) {
      case 'assignment': {
        const [left, right] = [childOf(node, 'left'), childOf(node, 'right')]
        if (left === undefined || right === undefined) return []
        return [{ k: 'bind', target: target(left), value: expr(right), how: 'set', ...place(node) }]
      }
      case 'operator_assignment': {
        const [left, right] = [childOf(node, 'left'), childOf(node, 'right')]
        if (left === undefined || right === undefined) return []
        const operator = of(childOf(node, 'operator'))
        const how =
          operator === '||=' || operator === '&&='
            ? 'set'
            : operator === '+=' || operator === '<<='
              ? 'append'
              : 'change'
        return [{ k: 'bind', target: target(left), value: expr(right), how, ...place(node) }]
      }
      case 'method':
      case 'singleton_method': {
        const name = of(childOf(node, 'name'))
        const fn: Func = {
          name,
          params: params(childOf(node, 'parameters')),
          body: returning(childOf(node, 'body')),
          decorators: [],
          open: true,
          ...place(node),
        }
        return [{ k: 'define', name, fn, ...place(node) }]
      }
      case 'class':
      case 'module':
      case 'singleton_class': {
        const base = namedOf(childOf(node, 'superclass'))[0]
        return [
          {
            k: 'class',
            name: of(childOf(node, 'name')),
            bases: base === undefined ? [] : [expr(base)],
            body: inside(childOf(node, 'body')),
            ...place(node),
          },
        ]
      }
      case 'if':
      case 'elsif':
      case 'unless': {
        const test = optional(childOf(node, 'condition'), node)
        const other = childOf(node, 'alternative')
        return [
          {
            k: 'if',
            test: node.type === 'unless' ? { k: 'not', operand: test, ...place(node) } : test,
            body: inside(childOf(node, 'consequence')),
            otherwise: inside(other),
            ...place(node),
          },
        ]
      }
      case 'if_modifier':
      case 'unless_modifier': {
        const test = optional(childOf(node, 'condition'), node)
        return [
          {
            k: 'if',
            test: node.type === 'unless_modifier' ? { k: 'not', operand: test, ...place(node) } : test,
            body: inside(childOf(node, 'body')),
            otherwise: [],
            ...place(node),
          },
        ]
      }
      case 'while':
      case 'until':
      case 'while_modifier':
      case 'until_modifier':
        return [{ k: 'loop', body: inside(childOf(node, 'body')), ...place(node) }]
      case 'for': {
        const [pattern, value] = [childOf(node, 'pattern'), namedOf(childOf(node, 'value'))[0]]
        return [
          {
            k: 'loop',
            ...(pattern === undefined ? {} : { target: target(pattern) }),
            ...(value === undefined ? {} : { over: expr(value) }),
            body: inside(childOf(node, 'body')),
            ...place(node),
          },
        ]
      }
      case 'case': {
        const subject = childOf(node, 'value')
        const cases = namedOf(node)
          .filter(({ type }) => type === 'when' || type === 'else')
          .map((one): Case => ({
            labels: childrenOf(one, 'pattern').flatMap((pattern) => namedOf(pattern).map(expr)),
            body: one.type === 'else' ? body(one) : inside(childOf(one, 'body')),
          }))
        return [{ k: 'switch', ...(subject === undefined ? {} : { subject: expr(subject) }), cases, ...place(node) }]
      }
      case 'begin':
      case 'body_statement': {
        const handlers = node.children
          .filter(({ type }) => type === 'rescue')
          .map((one) => inside(childOf(one, 'body')))
        const last = ofType(node, 'ensure')
        const main = namedOf(node)
          .filter(({ type }) => !/^(?:rescue|ensure|else)$/.test(type))
          .flatMap((child) => statement(child))
        if (handlers.length === 0) return [...main, ...body(last)]
        return [{ k: 'try', body: main, handlers, ...place(node) }, ...body(last)]
      }
      case 'return': {
        const [value] = namedOf(ofType(node, 'argument_list'))
        return [{ k: 'return', ...(value === undefined ? {} : { value: expr(value) }), ...place(node) }]
      }
      case 'break':
      case 'next':
      case 'redo':
      case 'retry':
        return [{ k: 'leave', ...place(node) }]
      case 'block_body':
      case 'then':
      case 'do':
      case 'parenthesized_statements':
      case 'begin_block':
      case 'ERROR':
        return body(node)
      case 'comment':
      case 'empty_statement':
      case 'heredoc_body':
      case 'heredoc_end':
        return []
      default:
        return node.named ? [doing(node, expr(node))] : []
    }
  }

  function params(node: Syntax | undefined): readonly Param[] {
    return namedOf(node).flatMap((one): readonly Param[] => {
      const inner = one.type === 'identifier' ? one : childOf(one, 'name')
      if (one.type === 'destructured_parameter') return [{ target: listTarget(namedOf(one).map(target)) }]
      const fallback = childOf(one, 'value')
      return inner === undefined
        ? []
        : [
            {
              target: target(inner),
              ...(fallback === undefined ? {} : { fallback: expr(fallback) }),
              ...(one.type === 'splat_parameter' ? { rest: true } : {}),
            },
          ]
    })
  }

  return { body: body(root), complete: true, size: text.length }
}

function lastReturned(statements: readonly Stmt[]): readonly Stmt[] {
  const last = statements.at(-1)
  if (last?.k === 'do')
    return [...statements.slice(0, -1), { k: 'return', value: last.value, at: last.at, end: last.end }]
  if (last?.k === 'if')
    return [
      ...statements.slice(0, -1),
      { ...last, body: lastReturned(last.body), otherwise: lastReturned(last.otherwise) },
    ]
  return statements
}

/** Bodies of here documents, in the order of their beginnings. */
function heredocsOf(root: Syntax): readonly Syntax[] {
  const found: Syntax[] = []
  const walk = (node: Syntax): void => {
    if (node.type === 'heredoc_body') found.push(node)
    for (const child of node.children) walk(child)
  }
  walk(root)
  return found
}
