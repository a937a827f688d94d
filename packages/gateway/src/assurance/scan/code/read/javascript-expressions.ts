import type { Argument, Comparison, Entry, Expr, Func, Member, Param, Stmt, Target, TargetPart } from '../syntax.ts'

/** A node of the ESTree, as oxc gives it; its shape is checked where it is read. */
export interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [member: string]: unknown
}

type ReadBody = (nodes: readonly Node[]) => readonly Stmt[]

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'
export const nodeOf = (value: unknown): Node | undefined => (isNode(value) ? value : undefined)
export const nodesOf = (value: unknown): readonly Node[] => (Array.isArray(value) ? value.filter(isNode) : [])
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

const COMPARISONS: ReadonlyMap<string, Comparison> = new Map([
  ['==', 'equal'],
  ['===', 'equal'],
  ['!=', 'unequal'],
  ['!==', 'unequal'],
  ['in', 'in'],
  ['<', 'order'],
  ['>', 'order'],
  ['<=', 'order'],
  ['>=', 'order'],
])

/** Wrappers that say nothing about the value. */
const TRANSPARENT: ReadonlySet<string> = new Set([
  'ParenthesizedExpression',
  'ChainExpression',
  'AwaitExpression',
  'TSAsExpression',
  'TSNonNullExpression',
  'TSSatisfiesExpression',
  'TSTypeAssertion',
  'TSInstantiationExpression',
  'YieldExpression',
])

/** Reads expressions; `bodyOf` reads the statements of functions. */
export function createExpressions(bodyOf: ReadBody, classOf: (node: Node) => Stmt) {
  const at = ({ start, end }: Node): { at: number; end: number } => ({ at: start, end })
  const nothing = (node: Node): Expr => ({ k: 'nothing', ...at(node) })
  const optional = (value: unknown, owner: Node): Expr => {
    const node = nodeOf(value)
    return node === undefined ? nothing(owner) : expr(node)
  }

  function expr(node: Node): Expr {
    if (TRANSPARENT.has(node.type)) return optional(node['expression'] ?? node['argument'], node)
    switch (node.type) {
      case 'Literal':
        return literal(node)
      case 'Identifier':
        return { k: 'name', name: textOf(node['name']), ...at(node) }
      case 'ThisExpression':
      case 'Super':
        return { k: 'name', name: 'this', ...at(node) }
      case 'MetaProperty':
        return { k: 'name', name: 'import.meta', ...at(node) }
      case 'MemberExpression':
        return member(node)
      case 'CallExpression':
      case 'NewExpression': {
        const made = node.type === 'NewExpression' ? ({ makes: true } as const) : {}
        return {
          k: 'call',
          callee: optional(node['callee'], node),
          args: args(node['arguments']),
          ...made,
          ...at(node),
        }
      }
      case 'ImportExpression':
        return {
          k: 'call',
          callee: { k: 'name', name: 'import', ...at(node) },
          args: [{ value: optional(node['source'], node) }],
          ...at(node),
        }
      case 'TemplateLiteral':
        return { k: 'join', parts: templateParts(node), ...at(node) }
      case 'TaggedTemplateExpression': {
        const quasi = nodeOf(node['quasi'])
        return {
          k: 'tagged',
          tag: optional(node['tag'], node),
          parts: quasi === undefined ? [] : templateParts(quasi),
          ...at(node),
        }
      }
      case 'BinaryExpression':
        return binary(node)
      case 'LogicalExpression': {
        const [left, right] = [optional(node['left'], node), optional(node['right'], node)]
        if (node['operator'] === '&&') return { k: 'and', left, right, ...at(node) }
        return { k: 'or', left, right, ...at(node) }
      }
      case 'ConditionalExpression':
        return {
          k: 'choice',
          test: optional(node['test'], node),
          options: [optional(node['consequent'], node), optional(node['alternate'], node)],
          ...at(node),
        }
      case 'UnaryExpression': {
        const operand = optional(node['argument'], node)
        if (node['operator'] === '!') return { k: 'not', operand, ...at(node) }
        return { k: 'measure', parts: [operand], ...at(node) }
      }
      case 'UpdateExpression':
        return { k: 'measure', parts: [], ...at(node) }
      case 'ArrayExpression':
        return { k: 'list', items: nodesOf(node['elements']).map((item) => expr(item)), ...at(node) }
      case 'ObjectExpression':
        return { k: 'map', entries: nodesOf(node['properties']).map(entry), ...at(node) }
      case 'SpreadElement':
        return optional(node['argument'], node)
      case 'SequenceExpression': {
        const parts = nodesOf(node['expressions']).map((part) => expr(part))
        return parts.at(-1) ?? nothing(node)
      }
      case 'ArrowFunctionExpression':
      case 'FunctionExpression':
        return { k: 'function', fn: func(node, false), ...at(node) }
      case 'AssignmentExpression': {
        const left = nodeOf(node['left'])
        const value = optional(node['right'], node)
        return left === undefined ? value : { k: 'set', target: target(left), value, ...at(node) }
      }
      case 'ClassExpression':
        return { k: 'function', fn: { ...nameless(node), body: [classOf(node)] }, ...at(node) }
      default:
        return { k: 'other', parts: children(node), ...at(node) }
    }
  }

  const nameless = (node: Node): Func => ({ params: [], body: [], decorators: [], open: false, ...at(node) })

  function literal(node: Node): Expr {
    const { value } = node
    const regex = node['regex'] as { pattern?: string } | undefined
    if (regex?.pattern !== undefined) return { k: 'pattern', source: regex.pattern, ...at(node) }
    if (typeof value === 'string') return { k: 'text', value, ...at(node) }
    if (typeof value === 'number') return { k: 'number', value, ...at(node) }
    if (typeof value === 'boolean') return { k: 'truth', value, ...at(node) }
    return nothing(node)
  }

  function member(node: Node): Expr {
    const object = optional(node['object'], node)
    const property = nodeOf(node['property'])
    if (property === undefined) return object
    if (node['computed'] === true) return { k: 'index', object, key: expr(property), ...at(node) }
    return { k: 'member', object, name: textOf(property['name']), at: node.start, end: node.end }
  }

  function templateParts(node: Node): readonly Expr[] {
    const holes = nodesOf(node['expressions'])
    return nodesOf(node['quasis']).flatMap((quasi, i): Expr[] => {
      const { cooked } = quasi['value'] as { cooked?: string }
      const hole = holes[i]
      return [{ k: 'text', value: cooked ?? '', ...at(quasi) }, ...(hole === undefined ? [] : [expr(hole)])]
    })
  }

  function binary(node: Node): Expr {
    const operator = textOf(node['operator'])
    if (operator === '+') {
      const parts: Expr[] = []
      // long chains of `+` lean to the left: they are taken apart without recursion
      let left: Node | undefined = node
      while (left?.type === 'BinaryExpression' && left['operator'] === '+') {
        parts.push(optional(left['right'], left))
        left = nodeOf(left['left'])
      }
      if (left !== undefined) parts.push(expr(left))
      return { k: 'join', parts: parts.reverse(), ...at(node) }
    }
    const [left, right] = [optional(node['left'], node), optional(node['right'], node)]
    const op = COMPARISONS.get(operator)
    return op === undefined
      ? { k: 'measure', parts: [left, right], ...at(node) }
      : { k: 'compare', op, left, right, ...at(node) }
  }

  function entry(node: Node): Entry {
    if (node.type === 'SpreadElement') return { key: undefined, value: optional(node['argument'], node) }
    const key = nodeOf(node['key'])
    return {
      key: key === undefined ? undefined : keyOf(key, node['computed'] === true),
      value: optional(node['value'], node),
    }
  }

  function keyOf(key: Node, computed: boolean): Expr {
    if (!computed && (key.type === 'Identifier' || key.type === 'PrivateIdentifier'))
      return { k: 'text', value: textOf(key['name']), ...at(key) }
    return expr(key)
  }

  const args = (value: unknown): readonly Argument[] =>
    nodesOf(value).map((node) =>
      node.type === 'SpreadElement' ? { value: expr(node), spread: true } : { value: expr(node) },
    )

  function target(node: Node): Target {
    switch (node.type) {
      case 'Identifier':
        return { k: 'name', name: textOf(node['name']) }
      case 'AssignmentPattern':
      case 'RestElement':
      case 'TSParameterProperty': {
        const inner = nodeOf(node['left'] ?? node['argument'] ?? node['parameter'])
        return inner === undefined ? { k: 'parts', parts: [] } : target(inner)
      }
      case 'ArrayPattern':
        return {
          k: 'parts',
          parts: (Array.isArray(node['elements']) ? node['elements'] : []).flatMap((item: unknown, i): TargetPart[] => {
            const element = nodeOf(item)
            return element === undefined ? [] : [part(element.type === 'RestElement' ? undefined : i, element)]
          }),
        }
      case 'ObjectPattern':
        return {
          k: 'parts',
          parts: nodesOf(node['properties']).flatMap((property): TargetPart[] => {
            if (property.type === 'RestElement') return [part(undefined, property)]
            const [key, value] = [nodeOf(property['key']), nodeOf(property['value'])]
            if (key === undefined || value === undefined) return []
            const name = keyOf(key, property['computed'] === true)
            return [part(name.k === 'text' ? name.value : undefined, value)]
          }),
        }
      default:
        return { k: 'place', place: expr(node) }
    }
  }

  function part(key: string | number | undefined, node: Node): TargetPart {
    const fallback = node.type === 'AssignmentPattern' ? nodeOf(node['right']) : undefined
    return { key, target: target(node), ...(fallback === undefined ? {} : { fallback: expr(fallback) }) }
  }

  function param(node: Node): Param {
    const inner = node.type === 'TSParameterProperty' ? (nodeOf(node['parameter']) ?? node) : node
    const fallback = inner.type === 'AssignmentPattern' ? nodeOf(inner['right']) : undefined
    const holder = inner.type === 'AssignmentPattern' ? (nodeOf(inner['left']) ?? inner) : inner
    const type = isParsed(node) ? 'UUID' : typeName(nodeOf(holder['typeAnnotation']))
    const members = membersOf(nodeOf(nodeOf(holder['typeAnnotation'])?.['typeAnnotation']))
    return {
      target: target(inner),
      ...(type === undefined ? {} : { type }),
      ...(members.length === 0 ? {} : { members }),
      ...(fallback === undefined ? {} : { fallback: expr(fallback) }),
      ...(node.type === 'RestElement' ? { rest: true } : {}),
    }
  }

  /** `@Param("id", ParseUUIDPipe) id: string`: a framework lets nothing else through. */
  const isParsed = (node: Node): boolean =>
    nodesOf(node['decorators'])
      .flatMap((decorator) => nodesOf(nodeOf(decorator['expression'])?.['arguments']))
      .some((argument) => {
        const pipe = argument.type === 'NewExpression' ? nodeOf(argument['callee']) : argument
        return /^Parse(?:UUID|Int|Float|Bool|Enum|Date)Pipe$/.test(textOf(pipe?.['name']))
      })

  /** `constructor(private readonly url: string)`: the object keeps it. */
  const kept = (value: unknown): readonly Stmt[] =>
    paramNodes(value)
      .filter(({ type }) => type === 'TSParameterProperty')
      .flatMap((node): readonly Stmt[] => {
        const inner = nodeOf(node['parameter'])
        const holder = inner?.type === 'AssignmentPattern' ? nodeOf(inner['left']) : inner
        const name = textOf(holder?.['name'])
        if (name === '') return []
        const place: Expr = { k: 'member', object: { k: 'name', name: 'this', ...at(node) }, name, ...at(node) }
        return [
          {
            k: 'bind',
            target: { k: 'place', place },
            value: { k: 'name', name, ...at(node) },
            how: 'set',
            ...at(node),
          },
        ]
      })

  function func(node: Node, open: boolean): Func {
    const body = nodeOf(node['body'])
    const id = nodeOf(node['id'])
    const statements: readonly Stmt[] =
      body === undefined
        ? []
        : body.type === 'BlockStatement' || body.type === 'FunctionBody'
          ? bodyOf(nodesOf(body['body']))
          : [{ k: 'return', value: expr(body), ...at(body) }]
    return {
      ...(id === undefined ? {} : { name: textOf(id['name']) }),
      params: paramNodes(node['params']).map(param),
      body: [...kept(node['params']), ...statements],
      decorators: nodesOf(node['decorators']).map((decorator) => optional(decorator['expression'], decorator)),
      open,
      ...at(node),
    }
  }

  /** Parts of constructs that have no meaning of their own here: their expressions are read all the same. */
  function children(node: Node): readonly Expr[] {
    if (node.type.startsWith('TS')) return []
    return Object.values(node).flatMap((value) =>
      isNode(value) ? [expr(value)] : Array.isArray(value) ? nodesOf(value).map((item) => expr(item)) : [],
    )
  }

  return { expr, target, func }
}

const paramNodes = (value: unknown): readonly Node[] =>
  Array.isArray(value) ? nodesOf(value) : nodesOf(nodeOf(value)?.['items'])

/** `{ limit: number; sort: "a" | "b" }`: members and what they are. */
export const membersOf = (type: Node | undefined): readonly Member[] =>
  nodesOf(type?.['members'] ?? type?.['body']).flatMap((member): readonly Member[] => {
    const name = textOf(nodeOf(member['key'])?.['name'])
    const own = member.type === 'TSPropertySignature' ? typeName(nodeOf(member['typeAnnotation'])) : undefined
    return name === '' || own === undefined ? [] : [[name, own]]
  })

/** `string` of `x: string`, `"a" | "b"` as `literal`, `Pool` of `x: pg.Pool`. */
export function typeName(annotation: Node | undefined): string | undefined {
  const type = annotation?.type === 'TSTypeAnnotation' ? nodeOf(annotation['typeAnnotation']) : annotation
  if (type === undefined) return undefined
  switch (type.type) {
    case 'TSNumberKeyword':
    case 'TSBigIntKeyword':
      return 'number'
    case 'TSBooleanKeyword':
      return 'boolean'
    case 'TSLiteralType':
      return 'literal'
    case 'TSUnionType': {
      const names = nodesOf(type['types']).map((option) => typeName(option))
      return names.every((name) => name === 'literal' || name === 'number' || name === 'nothing')
        ? 'literal'
        : undefined
    }
    case 'TSTypeOperator':
      return type['operator'] === 'keyof' ? 'literal' : undefined
    case 'TSIndexedAccessType':
      return nodeOf(type['objectType'])?.type === 'TSTypeQuery' ||
        nodeOf(nodeOf(type['objectType'])?.['typeAnnotation'])?.type === 'TSTypeQuery'
        ? 'literal'
        : undefined
    case 'TSParenthesizedType':
      return typeName(nodeOf(type['typeAnnotation']))
    case 'TSNullKeyword':
    case 'TSUndefinedKeyword':
      return 'nothing'
    case 'TSTypeReference': {
      const name = nodeOf(type['typeName'])
      return textOf(name?.['name']) || textOf(nodeOf(name?.['right'])?.['name']) || undefined
    }
    default:
      return undefined
  }
}
