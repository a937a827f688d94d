import { parseSync } from 'oxc-parser'
import type { Case, Expr, SourceUnit, Stmt } from '../syntax.ts'
import { isTooNested } from './nesting.ts'
import { TooDeep } from './tree.ts'
import { createExpressions, nodeOf, nodesOf, textOf, membersOf, typeName, type Node } from './javascript-expressions.ts'

/** Reads JavaScript or TypeScript, JSX in both; undefined when it is neither. @throws TooDeep */
export function readJavaScript(text: string, language: 'javascript' | 'typescript'): SourceUnit | undefined {
  if (isTooNested(text)) throw new TooDeep()
  for (const name of ATTEMPTS[language]) {
    const { program, errors } = parseSync(name, text, { sourceType: 'module' })
    const nodes = program.body as unknown as readonly Node[]
    if (nodes.length > 0 || errors.length === 0)
      return { body: createStatements().statements(nodes), complete: true, size: text.length }
  }
  for (const wrap of WRAPS) {
    const { program, errors } = parseSync('file.ts', wrap(text), { sourceType: 'module' })
    if (errors.length > 0) continue
    const nodes = program.body as unknown as readonly Node[]
    shift(nodes, wrap(text).indexOf(text))
    return { body: createStatements().statements(nodes), complete: true, size: text.length }
  }
  return undefined
}

/** What an excerpt may be: members of a class, a part of a function, a function with a decorator. */
const WRAPS: readonly ((text: string) => string)[] = [
  (text) => `class _ {${text}\n}`,
  (text) => `async function* _() {${text}\n}`,
  (text) => text.replace(/^[ \t]*@\w[\w.]*(?:\([^\n]*\))?[ \t]*$/gm, (line) => ' '.repeat(line.length)),
]

/** Moves nodes to where their text is. */
function shift(nodes: readonly unknown[], by: number): void {
  if (by <= 0) return
  for (const node of nodes) {
    if (typeof node !== 'object' || node === null) continue
    const place = node as { start?: number; end?: number }
    if (typeof place.start === 'number' && typeof place.end === 'number') {
      place.start = Math.max(0, place.start - by)
      place.end = Math.max(0, place.end - by)
    }
    shift(Object.values(node), by)
  }
}

/** TypeScript has casts that JSX does not allow; much JavaScript has types. */
const ATTEMPTS = { javascript: ['file.jsx', 'file.tsx', 'file.ts'], typescript: ['file.ts', 'file.tsx'] } as const

function createStatements() {
  const { expr, target, func } = createExpressions(statements, classOf)
  const at = ({ start, end }: Node): { at: number; end: number } => ({ at: start, end })

  function statements(nodes: readonly Node[]): readonly Stmt[] {
    return nodes.flatMap((node) => statement(node, false))
  }

  const optional = (value: unknown): readonly Stmt[] => {
    const node = nodeOf(value)
    return node === undefined ? [] : statement(node, false)
  }
  const optionalExpr = (value: unknown): Expr | undefined => {
    const node = nodeOf(value)
    return node === undefined ? undefined : expr(node)
  }

  function statement(node: Node, open: boolean): readonly Stmt[] {
    switch (node.type) {
      case 'ExpressionStatement':
        return expression(node)
      case 'VariableDeclaration':
        return nodesOf(node['declarations']).map((declarator) => declare(declarator, textOf(node['kind'])))
      case 'FunctionDeclaration': {
        const fn = func(node, open)
        return fn.name === undefined
          ? [{ k: 'do', value: { k: 'function', fn, ...at(node) }, ...at(node) }]
          : [{ k: 'define', name: fn.name, fn, ...at(node) }]
      }
      case 'ClassDeclaration':
        return [classOf(node)]
      case 'ReturnStatement': {
        const value = optionalExpr(node['argument'])
        return [{ k: 'return', ...(value === undefined ? {} : { value }), ...at(node) }]
      }
      case 'ThrowStatement':
      case 'BreakStatement':
      case 'ContinueStatement': {
        const value = optionalExpr(node['argument'])
        return [{ k: 'leave', ...(value === undefined ? {} : { value }), ...at(node) }]
      }
      case 'IfStatement': {
        const test = optionalExpr(node['test'])
        if (test === undefined) return []
        return [
          { k: 'if', test, body: optional(node['consequent']), otherwise: optional(node['alternate']), ...at(node) },
        ]
      }
      case 'BlockStatement':
      case 'StaticBlock':
        return [{ k: 'block', body: statements(nodesOf(node['body'])), ...at(node) }]
      case 'ForStatement': {
        const [init, test] = [nodeOf(node['init']), optionalExpr(node['test'])]
        const before =
          init === undefined ? [] : init.type === 'VariableDeclaration' ? statement(init, false) : [doing(init)]
        const loop: Stmt = {
          k: 'loop',
          ...(test === undefined ? {} : { test }),
          body: [...optional(node['body'])],
          ...at(node),
        }
        return [{ k: 'block', body: [...before, loop], ...at(node) }]
      }
      case 'ForOfStatement':
      case 'ForInStatement': {
        const left = nodeOf(node['left'])
        const declared = left?.type === 'VariableDeclaration' ? nodeOf(nodesOf(left['declarations'])[0]?.['id']) : left
        const over = optionalExpr(node['right'])
        return [
          {
            k: 'loop',
            ...(declared === undefined ? {} : { target: target(declared) }),
            ...(over === undefined ? {} : { over }),
            body: optional(node['body']),
            ...at(node),
          },
        ]
      }
      case 'WhileStatement':
      case 'DoWhileStatement': {
        const test = optionalExpr(node['test'])
        return [{ k: 'loop', ...(test === undefined ? {} : { test }), body: optional(node['body']), ...at(node) }]
      }
      case 'TryStatement': {
        const handler = nodeOf(nodeOf(node['handler'])?.['body'])
        const handlers = [handler === undefined ? [] : statement(handler, false)]
        const tried: Stmt = { k: 'try', body: optional(node['block']), handlers, ...at(node) }
        return [tried, ...optional(node['finalizer'])]
      }
      case 'SwitchStatement': {
        const subject = optionalExpr(node['discriminant'])
        const cases = nodesOf(node['cases']).map((one): Case => {
          const test = optionalExpr(one['test'])
          return { labels: test === undefined ? [] : [test], body: statements(nodesOf(one['consequent'])) }
        })
        return [{ k: 'switch', ...(subject === undefined ? {} : { subject }), cases: joinEmpty(cases), ...at(node) }]
      }
      case 'LabeledStatement':
        return optional(node['body'])
      case 'ImportDeclaration':
        return imports(node)
      case 'ExportNamedDeclaration':
      case 'ExportDefaultDeclaration': {
        const declared = nodeOf(node['declaration'])
        if (declared === undefined) return exported(node)
        if (declared.type.endsWith('Declaration')) return statement(declared, true)
        return [doing(declared)]
      }
      case 'TSImportEqualsDeclaration': {
        const from = textOf(nodeOf(nodeOf(node['moduleReference'])?.['expression'])?.['value'])
        return [
          { k: 'import', name: textOf(nodeOf(node['id'])?.['name']), path: from.replace(/^node:/, ''), ...at(node) },
        ]
      }
      case 'TSExportAssignment':
        return [doing(nodeOf(node['expression']) ?? node)]
      case 'TSEnumDeclaration': {
        const members = nodesOf(nodeOf(node['body'])?.['members'] ?? node['members'])
        const body = members.flatMap((member): readonly Stmt[] => {
          const name = textOf(nodeOf(member['id'])?.['name'])
          const value = optionalExpr(member['initializer'])
          return [
            {
              k: 'bind',
              target: { k: 'name', name },
              value: value ?? { k: 'number', value: 0, ...at(member) },
              how: 'set',
              declares: 'constant',
              ...at(member),
            },
          ]
        })
        return [fixedType(node, body)]
      }
      case 'TSTypeAliasDeclaration':
        return typeName(nodeOf(node['typeAnnotation'])) === 'literal'
          ? [fixedType(node, [])]
          : shapeOf(node, nodeOf(node['typeAnnotation']))
      case 'TSInterfaceDeclaration':
        return shapeOf(node, nodeOf(node['body']))
      case 'TSModuleDeclaration':
        return statements(nodesOf(nodeOf(node['body'])?.['body']))
      default:
        return []
    }
  }

  const shapeOf = (node: Node, written: Node | undefined): readonly Stmt[] => {
    const members = membersOf(written)
    return members.length === 0
      ? []
      : [{ k: 'shape', name: textOf(nodeOf(node['id'])?.['name']), members, ...at(node) }]
  }

  /** A type that has fixed values only. */
  const fixedType = (node: Node, body: readonly Stmt[]): Stmt => ({
    k: 'class',
    name: textOf(nodeOf(node['id'])?.['name']),
    bases: [{ k: 'name', name: 'Enum', ...at(node) }],
    body,
    ...at(node),
  })

  const doing = (node: Node): Stmt => ({ k: 'do', value: expr(node), ...at(node) })

  function expression(node: Node): readonly Stmt[] {
    const inner = nodeOf(node['expression'])
    if (inner === undefined) return []
    if (inner.type !== 'AssignmentExpression') return [doing(inner)]
    const [left, right] = [nodeOf(inner['left']), nodeOf(inner['right'])]
    if (left === undefined || right === undefined) return []
    const operator = inner['operator']
    const how =
      operator === '=' || operator === '??=' || operator === '||=' ? 'set' : operator === '+=' ? 'append' : 'change'
    return [{ k: 'bind', target: target(left), value: expr(right), how, ...at(node) }]
  }

  function declare(node: Node, kind: string): Stmt {
    const id = nodeOf(node['id'])
    const value = optionalExpr(node['init'])
    const type = typeName(nodeOf(id?.['typeAnnotation']))
    return {
      k: 'bind',
      target: id === undefined ? { k: 'parts', parts: [] } : target(id),
      value: value ?? { k: 'nothing', ...at(node) },
      how: 'set',
      declares: kind === 'const' ? 'constant' : 'variable',
      ...(type === undefined ? {} : { type }),
      ...at(node),
    }
  }

  function classOf(node: Node): Stmt {
    const members = nodesOf(nodeOf(node['body'])?.['body'])
    const body = members.flatMap((member): readonly Stmt[] => {
      const [key, value] = [nodeOf(member['key']), nodeOf(member['value'])]
      const name = textOf(key?.['name'] ?? key?.['value'])
      if (member.type === 'StaticBlock') return statement(member, false)
      if (value === undefined) return []
      if (member.type === 'MethodDefinition')
        return [{ k: 'define', name, fn: { ...func(value, true), name }, ...at(member) }]
      return [
        { k: 'bind', target: { k: 'name', name }, value: expr(value), how: 'set', declares: 'variable', ...at(member) },
      ]
    })
    const base = optionalExpr(node['superClass'])
    const name = textOf(nodeOf(node['id'])?.['name'])
    return { k: 'class', name, bases: base === undefined ? [] : [base], body, ...at(node) }
  }

  function imports(node: Node): readonly Stmt[] {
    const from = textOf(nodeOf(node['source'])?.['value']).replace(/^node:/, '')
    return nodesOf(node['specifiers']).map((one): Stmt => {
      const imported = nodeOf(one['imported'])
      const wanted = textOf(imported?.['name'] ?? imported?.['value'])
      const whole = one.type !== 'ImportSpecifier' || wanted === 'default'
      return {
        k: 'import',
        name: textOf(nodeOf(one['local'])?.['name']),
        path: whole ? from : `${from}.${wanted}`,
        ...at(one),
      }
    })
  }

  /** `export { a, b as c }`: the names escape. */
  function exported(node: Node): readonly Stmt[] {
    if (nodeOf(node['source']) !== undefined) return []
    return nodesOf(node['specifiers']).flatMap((one): readonly Stmt[] => {
      const local = nodeOf(one['local'])
      return local === undefined ? [] : [doing(local)]
    })
  }

  return { statements }
}

/** `case "a": case "b": …`: labels without statements belong to the next ones. */
function joinEmpty(cases: readonly Case[]): readonly Case[] {
  const result: Case[] = []
  let waiting: Expr[] = []
  for (const one of cases) {
    if (one.body.length === 0 && one.labels.length > 0) {
      waiting.push(...one.labels)
      continue
    }
    result.push({ labels: one.labels.length === 0 ? [] : [...waiting, ...one.labels], body: one.body })
    waiting = []
  }
  return result
}
