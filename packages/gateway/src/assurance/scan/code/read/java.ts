import type { Argument, Case, Expr, Func, Param, SourceUnit, Stmt, Target } from '../syntax.ts'
import { doing, lambda, literal, measure, name, nothing, number, place, unescaped } from './build.ts'
import { infix } from './infix.ts'
import { childOf, childrenOf, namedOf, ofType, type Syntax } from './tree.ts'

/** Reads the tree of a Java file or excerpt. Types go by their simple names. */
export function readJava(root: Syntax, text: string): SourceUnit {
  const of = (node: Syntax | undefined): string => (node === undefined ? '' : text.slice(node.at, node.end))
  const body = (node: Syntax | undefined): readonly Stmt[] => namedOf(node).flatMap((child) => statement(child))
  const optional = (node: Syntax | undefined, owner: Syntax): Expr => (node === undefined ? nothing(owner) : expr(node))
  const inBlock = (node: Syntax | undefined): readonly Stmt[] =>
    node === undefined ? [] : node.type === 'block' ? body(node) : statement(node)

  /** `@JsonTypeInfo(use = Id.CLASS)`: annotations with arguments, as calls. */
  const annotations = (node: Syntax): readonly Stmt[] =>
    namedOf(ofType(node, 'modifiers'))
      .filter(({ type }) => type === 'annotation')
      .map((one) => {
        const args = namedOf(childOf(one, 'arguments')).map((argument): Argument => {
          const value = childOf(argument, 'value')
          return argument.type === 'element_value_pair' && value !== undefined
            ? { name: of(childOf(argument, 'key')), value: expr(value) }
            : { value: expr(argument) }
        })
        const callee = name(one, of(childOf(one, 'name')))
        return doing(one, { k: 'call', callee, args, ...place(one) })
      })

  const statement = (node: Syntax): readonly Stmt[] =>
    ANNOTATED.has(node.type) ? [...annotations(node), ...declared(node)] : declared(node)

  function declared(node: Syntax): readonly Stmt[] {
    switch (node.type) {
      case 'import_declaration': {
        const path = of(namedOf(node)[0])
        const last = path.slice(path.lastIndexOf('.') + 1)
        return [{ k: 'import', name: last, path: last, ...place(node) }]
      }
      case 'class_declaration':
      case 'enum_declaration':
      case 'interface_declaration':
      case 'record_declaration': {
        const inner = childOf(node, 'body')
        const members = inner?.type === 'enum_body' ? namedOf(ofType(inner, 'enum_body_declarations')) : namedOf(inner)
        return [
          {
            k: 'class',
            name: of(childOf(node, 'name')),
            bases: node.type === 'enum_declaration' ? [name(node, 'Enum')] : [],
            body: members.flatMap((child) => statement(child)),
            ...place(node),
          },
        ]
      }
      case 'method_declaration':
      case 'constructor_declaration':
      case 'compact_constructor_declaration':
        return [method(node)]
      case 'field_declaration':
      case 'local_variable_declaration':
      case 'constant_declaration': {
        const type = typeOf(of(childOf(node, 'type')))
        return childrenOf(node, 'declarator').map((one): Stmt => {
          const value = childOf(one, 'value')
          return {
            k: 'bind',
            target: { k: 'name', name: of(childOf(one, 'name')) },
            value: optional(value, one),
            how: 'set',
            declares: /\bfinal\b/.test(of(ofType(node, 'modifiers'))) ? 'constant' : 'variable',
            ...(type === undefined || type === 'String' ? {} : { type }),
            ...place(one),
          }
        })
      }
      case 'expression_statement':
        return namedOf(node).flatMap((child) => simple(child))
      case 'if_statement':
        return [
          {
            k: 'if',
            test: optional(childOf(node, 'condition'), node),
            body: inBlock(childOf(node, 'consequence')),
            otherwise: inBlock(childOf(node, 'alternative')),
            ...place(node),
          },
        ]
      case 'enhanced_for_statement': {
        const over = childOf(node, 'value')
        return [
          {
            k: 'loop',
            target: { k: 'name', name: of(childOf(node, 'name')) },
            ...(over === undefined ? {} : { over: expr(over) }),
            body: inBlock(childOf(node, 'body')),
            ...place(node),
          },
        ]
      }
      case 'for_statement':
        return [
          ...childrenOf(node, 'init').flatMap((one) => statement(one)),
          { k: 'loop', body: inBlock(childOf(node, 'body')), ...place(node) },
        ]
      case 'while_statement':
      case 'do_statement':
        return [
          {
            k: 'loop',
            test: optional(childOf(node, 'condition'), node),
            body: inBlock(childOf(node, 'body')),
            ...place(node),
          },
        ]
      case 'return_statement': {
        const [value] = namedOf(node)
        return [{ k: 'return', ...(value === undefined ? {} : { value: expr(value) }), ...place(node) }]
      }
      case 'throw_statement':
      case 'break_statement':
      case 'continue_statement': {
        const value = node.type === 'throw_statement' ? namedOf(node)[0] : undefined
        return [{ k: 'leave', ...(value === undefined ? {} : { value: expr(value) }), ...place(node) }]
      }
      case 'try_statement':
      case 'try_with_resources_statement': {
        const resources = namedOf(childOf(node, 'resources')).flatMap((one): readonly Stmt[] => {
          const value = childOf(one, 'value')
          const variable = childOf(one, 'name')
          if (value === undefined) return namedOf(one).map((child) => doing(child, expr(child)))
          const type = typeOf(of(childOf(one, 'type')))
          return [
            {
              k: 'bind',
              target: { k: 'name', name: of(variable) },
              value: expr(value),
              how: 'set',
              declares: 'variable',
              ...(type === undefined ? {} : { type }),
              ...place(one),
            },
          ]
        })
        const handlers = node.children
          .filter(({ type }) => type === 'catch_clause')
          .map((one) => body(childOf(one, 'body')))
        const tried: Stmt = { k: 'try', body: [...resources, ...body(childOf(node, 'body'))], handlers, ...place(node) }
        return [tried, ...body(ofType(ofType(node, 'finally_clause'), 'block'))]
      }
      case 'switch_expression':
      case 'switch_statement':
        return [switchOf(node)]
      case 'yield_statement':
        return namedOf(node).map((child) => doing(child, expr(child)))
      case 'assert_statement': {
        const [test] = namedOf(node)
        return test === undefined ? [] : [{ k: 'assert', test: expr(test), ...place(node) }]
      }
      case 'synchronized_statement':
        return body(childOf(node, 'body'))
      case 'block':
      case 'constructor_body':
      case 'static_initializer':
        return [{ k: 'block', body: body(node), ...place(node) }]
      case 'ERROR':
      case 'labeled_statement':
        return body(node)
      case 'package_declaration':
      case 'comment':
      case 'modifiers':
      case 'line_comment':
      case 'block_comment':
        return []
      default:
        return node.named ? simple(node) : []
    }
  }

  function simple(node: Syntax): readonly Stmt[] {
    if (node.type !== 'assignment_expression') return [doing(node, expr(node))]
    const [left, right] = [childOf(node, 'left'), childOf(node, 'right')]
    if (left === undefined || right === undefined) return []
    const operator = of(childOf(node, 'operator'))
    const how = operator === '=' ? 'set' : operator === '+=' ? 'append' : 'change'
    return [{ k: 'bind', target: target(left), value: expr(right), how, ...place(node) }]
  }

  function switchOf(node: Syntax): Stmt {
    const subject = childOf(node, 'condition')
    const cases = namedOf(childOf(node, 'body')).map((group): Case => ({
      labels: group.children.filter(({ type }) => type === 'switch_label').flatMap((label) => namedOf(label).map(expr)),
      body: namedOf(group)
        .filter(({ type }) => type !== 'switch_label')
        .flatMap((child) => statement(child)),
    }))
    return { k: 'switch', ...(subject === undefined ? {} : { subject: expr(subject) }), cases, ...place(node) }
  }

  function method(node: Syntax): Stmt {
    const fnName = of(childOf(node, 'name'))
    const modifiers = ofType(node, 'modifiers')
    const decorators = namedOf(modifiers)
      .filter(({ type }) => type.endsWith('annotation'))
      .map((one) => name(one, of(childOf(one, 'name'))))
    const fn: Func = {
      name: fnName,
      params: params(childOf(node, 'parameters')),
      body: body(childOf(node, 'body')),
      decorators,
      open: !/\bprivate\b/.test(of(modifiers)),
      ...place(node),
    }
    return { k: 'define', name: fnName, fn, ...place(node) }
  }

  function expr(node: Syntax): Expr {
    switch (node.type) {
      case 'identifier':
      case 'type_identifier':
        return name(node, of(node))
      case 'scoped_type_identifier':
      case 'scoped_identifier':
        return name(node, of(node).slice(of(node).lastIndexOf('.') + 1))
      case 'generic_type':
        return optional(namedOf(node)[0], node)
      case 'string_literal':
        return string(node)
      case 'character_literal':
        return literal(node, unescaped(of(node).slice(1, -1)))
      case 'decimal_integer_literal':
      case 'hex_integer_literal':
      case 'decimal_floating_point_literal':
        return number(node, of(node).replace(/[lLfFdD]$/, ''))
      case 'true':
      case 'false':
        return { k: 'truth', value: node.type === 'true', ...place(node) }
      case 'null_literal':
        return nothing(node)
      case 'this':
      case 'super':
        return name(node, 'this')
      case 'field_access':
        return {
          k: 'member',
          object: optional(childOf(node, 'object'), node),
          name: of(childOf(node, 'field')),
          ...place(node),
        }
      case 'array_access':
        return {
          k: 'index',
          object: optional(childOf(node, 'array'), node),
          key: optional(childOf(node, 'index'), node),
          ...place(node),
        }
      case 'method_invocation': {
        const object = childOf(node, 'object')
        const method = of(childOf(node, 'name'))
        const callee: Expr =
          object === undefined
            ? name(childOf(node, 'name') ?? node, method)
            : { k: 'member', object: expr(object), name: method, ...place(node) }
        return { k: 'call', callee, args: args(childOf(node, 'arguments')), ...place(node) }
      }
      case 'object_creation_expression': {
        const type = childOf(node, 'type')
        const made: Expr = {
          k: 'call',
          callee: optional(type, node),
          args: args(childOf(node, 'arguments')),
          makes: true,
          ...place(node),
        }
        const inner = ofType(node, 'class_body')
        if (inner === undefined) return made
        return {
          k: 'other',
          parts: [made, lambda(node, { params: [], body: namedOf(inner).flatMap((child) => statement(child)) })],
          ...place(node),
        }
      }
      case 'method_reference': {
        const [object, method] = namedOf(node)
        // `host::equals`, `this::check`; of a type nobody knows which argument is the object
        if (object === undefined || method === undefined || !/^(?:[a-z]\w*|this)$/.test(of(object)))
          return { k: 'other', parts: [], ...place(node) }
        const callee: Expr = { k: 'member', object: expr(object), name: of(method), ...place(node) }
        const value: Expr = { k: 'call', callee, args: [{ value: name(node, 'it') }], ...place(node) }
        return lambda(node, {
          params: [{ target: { k: 'name', name: 'it' } }],
          body: [{ k: 'return', value, ...place(node) }],
        })
      }
      case 'binary_expression':
        return infix(node, { of, expr })
      case 'instanceof_expression':
        return measure(node, namedOf(node).slice(0, 1).map(expr))
      case 'unary_expression': {
        const inner = optional(childOf(node, 'operand'), node)
        return of(childOf(node, 'operator')) === '!'
          ? { k: 'not', operand: inner, ...place(node) }
          : measure(node, [inner])
      }
      case 'update_expression':
        return measure(node, [])
      case 'assignment_expression': {
        const [left, right] = [childOf(node, 'left'), childOf(node, 'right')]
        const value = optional(right, node)
        return left === undefined ? value : { k: 'set', target: target(left), value, ...place(node) }
      }
      case 'ternary_expression':
        return {
          k: 'choice',
          test: optional(childOf(node, 'condition'), node),
          options: [optional(childOf(node, 'consequence'), node), optional(childOf(node, 'alternative'), node)],
          ...place(node),
        }
      case 'cast_expression':
        return optional(childOf(node, 'value'), node)
      case 'parenthesized_expression':
        return optional(namedOf(node)[0], node)
      case 'array_creation_expression':
        return optional(childOf(node, 'value') ?? ofType(node, 'array_initializer'), node)
      case 'array_initializer':
        return { k: 'list', items: namedOf(node).map(expr), ...place(node) }
      case 'lambda_expression': {
        const inner = childOf(node, 'body')
        return lambda(node, {
          params: params(childOf(node, 'parameters')),
          body:
            inner === undefined
              ? []
              : inner.type === 'block'
                ? body(inner)
                : [{ k: 'return', value: expr(inner), ...place(inner) }],
        })
      }
      case 'switch_expression':
        return {
          k: 'choice',
          options: namedOf(childOf(node, 'body')).flatMap((rule) =>
            namedOf(rule)
              .filter(({ type }) => type === 'expression_statement')
              .flatMap((one) => namedOf(one).map(expr)),
          ),
          ...place(node),
        }
      case 'class_literal':
        return literal(node, of(node))
      default:
        return {
          k: 'other',
          parts: namedOf(node)
            .filter(({ type }) => !/type|comment|modifiers/.test(type))
            .map(expr),
          ...place(node),
        }
    }
  }

  function string(node: Syntax): Expr {
    const written = of(node)
    return literal(node, unescaped(written.startsWith('"""') ? written.slice(3, -3) : written.slice(1, -1)))
  }

  const args = (node: Syntax | undefined): readonly Argument[] =>
    namedOf(node)
      .filter(({ type }) => !/comment/.test(type))
      .map((one) => ({ value: expr(one) }))

  const target = (node: Syntax): Target =>
    node.type === 'identifier' ? { k: 'name', name: of(node) } : { k: 'place', place: expr(node) }

  function params(node: Syntax | undefined): readonly Param[] {
    if (node?.type === 'identifier') return [{ target: { k: 'name', name: of(node) } }]
    return namedOf(node).flatMap((one): readonly Param[] => {
      if (one.type === 'identifier') return [{ target: { k: 'name', name: of(one) } }]
      const type = typeOf(of(childOf(one, 'type')))
      const label = of(childOf(one, 'name') ?? childOf(ofType(one, 'variable_declarator'), 'name'))
      return label === ''
        ? []
        : [
            {
              target: { k: 'name', name: label },
              ...(type === undefined || type === 'String' ? {} : { type }),
              ...(one.type === 'spread_parameter' ? { rest: true } : {}),
            },
          ]
    })
  }

  return { body: body(root), complete: true, size: text.length }
}

const typeOf = (written: string): string | undefined => {
  const plain = written.replace(/<.*>/s, '').replace(/^(?:[a-z]\w*\.)+/, '')
  return /^\w+$/.test(plain) && !/^(?:Object|var|CharSequence|T|List|Map|Set)$/.test(plain) ? plain : undefined
}

const ANNOTATED: ReadonlySet<string> = new Set([
  'class_declaration',
  'record_declaration',
  'interface_declaration',
  'field_declaration',
  'method_declaration',
])
