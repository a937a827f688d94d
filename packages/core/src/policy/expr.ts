import { compilePattern, type PatternElement } from './pattern.ts'
import { entityRef, type EstEntity, type EstExpr } from './est.ts'
import { Entity, equals, Fault, includes, isRecord, isSet, keysOf, spend } from './value.ts'
import type { Env, RecordValue, Value } from './value.ts'

type Closure = (env: Env) => Value

/** An operator the compiler lacks: the whole bucket is then answered by the stock engine. */
export class Unsupported extends Error {
  readonly construct: string

  constructor(construct: string) {
    super(`not compiled: ${construct}`)
    this.construct = construct
  }
}

/** What compiling an expression needs to know and finds out. */
export interface Scope {
  /** Action id → ids of all its groups. */
  readonly ancestors: (action: string) => ReadonlySet<string>
  /** Parts of the context that the expression looks at: `args`, `facts`, … or `*` for the whole. */
  readonly reads: Set<string>
  /** Equal expressions share one closure: thousands of policies that differ in little then stay in the processor's cache. */
  readonly shared: SharedExpressions
}
export type SharedExpressions = Map<string, Compiled & { readonly reads: ReadonlySet<string> }>

interface Compiled {
  readonly run: Closure
  /** Present when the value does not depend on the request. */
  readonly constant?: Value
}

interface Binary {
  readonly left: EstExpr
  readonly right: EstExpr
}

const MAX_DEPTH = 200
/** Deeper parts are too rare to share, and their keys too long. */
const MAX_SHARED_DEPTH = 12

/** Compiles one expression to a closure. @throws Unsupported */
function compileExpr(expr: EstExpr, scope: Scope): Closure {
  return compile(expr, scope, 0).run
}

/** Compiles a condition; its value must be a Bool. */
export function compileCondition(expr: EstExpr, scope: Scope): (env: Env) => boolean {
  const run = compileExpr(expr, scope)
  return (env) => bool(run(env))
}

function compile(expr: EstExpr, scope: Scope, depth: number): Compiled {
  const operator = Object.keys(expr)[0] ?? ''
  const operators = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined
  if (operators === undefined) throw new Unsupported(operator)
  if (depth > MAX_DEPTH) throw new Unsupported('deep nesting')
  if (depth > MAX_SHARED_DEPTH) return operators(expr[operator], scope, depth + 1)
  const key = JSON.stringify(expr)
  const known = scope.shared.get(key)
  if (known !== undefined) {
    for (const part of known.reads) scope.reads.add(part)
    return known
  }
  const reads = new Set<string>()
  const made = operators(expr[operator], { ...scope, reads }, depth + 1)
  for (const part of reads) scope.reads.add(part)
  scope.shared.set(key, { ...made, reads })
  return made
}

type OperatorCompiler = (node: unknown, scope: Scope, depth: number) => Compiled

const dynamic = (run: Closure): Compiled => ({ run })
const literal = (constant: Value): Compiled => ({ constant, run: () => constant })

function bool(value: Value): boolean {
  if (typeof value !== 'boolean') throw new Fault('type', 'expected a Bool')
  return value
}
function long(value: Value): number {
  if (typeof value !== 'number') throw new Fault('type', 'expected a Long')
  return value
}
function text(value: Value): string {
  if (typeof value !== 'string') throw new Fault('type', 'expected a String')
  return value
}
function set(value: Value): readonly Value[] {
  if (!isSet(value)) throw new Fault('type', 'expected a Set')
  return value
}
/** Arithmetic stays within ±(2^53−1): a result beyond it is an error, hence a deny. */
function exact(result: number): number {
  if (!Number.isSafeInteger(result)) throw new Fault('overflow', 'integer overflow')
  return result === 0 ? 0 : result
}

/** Reads an attribute by own property. */
function attribute(value: Value, name: string): Value {
  if (!isRecord(value)) throw new Fault('type', `no attribute ${name}: not a record`)
  if (!Object.hasOwn(value, name)) throw new Fault('missing', `no attribute ${name}`)
  return value[name] as Value
}
function hasAttribute(value: Value, name: string): boolean {
  if (value instanceof Entity) return false
  if (!isRecord(value)) throw new Fault('type', `has ${name}: not a record`)
  return Object.hasOwn(value, name)
}

function isMember(left: Value, right: Value): boolean {
  if (!(left instanceof Entity)) throw new Fault('type', 'expected an entity')
  if (right instanceof Entity) return memberOf(left, right)
  let found = false
  for (const item of set(right)) {
    if (!(item instanceof Entity)) throw new Fault('type', 'expected a set of entities')
    found ||= memberOf(left, item)
  }
  return found
}
const memberOf = (entity: Entity, group: Entity): boolean =>
  entity.type === group.type && (entity.id === group.id || entity.ancestors.has(group.id))

function binary(apply: (env: Env, left: Value, right: Value) => Value): OperatorCompiler {
  return (node, scope, depth) => {
    const { left, right } = node as Binary
    const a = compile(left, scope, depth)
    const b = compile(right, scope, depth)
    const bValue = b.constant
    if (bValue !== undefined) return dynamic((env) => apply(env, a.run(env), bValue))
    return dynamic((env) => apply(env, a.run(env), b.run(env)))
  }
}

function unary(apply: (value: Value) => Value): OperatorCompiler {
  return (node, scope, depth) => {
    const { run } = compile((node as { arg: EstExpr }).arg, scope, depth)
    return dynamic((env) => apply(run(env)))
  }
}

/** Strings of a constant set, for lookups without a scan. */
function constantStrings(value: Value | undefined): ReadonlySet<string> | undefined {
  if (value === undefined || !isSet(value)) return undefined
  const strings = new Set<string>()
  for (const item of value) {
    if (typeof item !== 'string') return undefined
    strings.add(item)
  }
  return strings
}

/** The context attributes that a chain of `.` from `context` goes through, or undefined for any other expression. */
function contextPath(expr: EstExpr): readonly string[] | undefined {
  if (expr['Var'] === 'context') return []
  const node = expr['.'] as { left: EstExpr; attr: string } | undefined
  if (node === undefined) return undefined
  const left = contextPath(node.left)
  return left === undefined ? undefined : [...left, node.attr]
}

/** Parts of the context, read without a lookup by name: they are what nearly every condition begins with. */
const PARTS: Readonly<Record<string, (env: Env) => Value>> = Object.freeze({
  args: (env) => env.context.args,
  facts: (env) => env.context.facts,
  tool: (env) => env.context.tool,
  labels: (env) => env.context.labels,
  flow: (env) => env.context.flow,
  session: (env) => env.context.session,
  approved: (env) => env.context.approved,
})

/** Members of a part. `hasOwn` also here: a polluted prototype must not answer for a missing argument. */
function member(part: (env: Env) => Value, name: string): Closure {
  return (env) => {
    const record = part(env) as RecordValue
    const found = record[name]
    if (found === undefined || !Object.hasOwn(record, name)) throw new Fault('missing', `no attribute ${name}`)
    return found
  }
}

function access(path: readonly string[]): Closure {
  const [first, second, third] = path
  if (first === undefined) return (env) => env.context
  const part = Object.hasOwn(PARTS, first) ? PARTS[first] : undefined
  if (part !== undefined && second === undefined) return part
  if (part !== undefined && second !== undefined && first !== 'approved') {
    const one = member(part, second)
    if (third === undefined) return one
    const rest = path.slice(2)
    return (env) => rest.reduce<Value>((value, name) => attribute(value, name), one(env))
  }
  return (env) => path.reduce<Value>((value, name) => attribute(value, name), env.context)
}

function value(json: unknown, scope: Scope): Value {
  if (typeof json === 'boolean' || typeof json === 'string') return json
  if (typeof json === 'number') {
    if (!Number.isSafeInteger(json)) throw new Unsupported('integers beyond 2^53')
    return json === 0 ? 0 : json
  }
  if (Array.isArray(json)) return Object.freeze(json.map((item) => value(item, scope)))
  if (typeof json !== 'object' || json === null) throw new Unsupported('null')
  if ('__entity' in json) return entity(json as EstEntity, scope)
  if ('__extn' in json) throw new Unsupported('extension values')
  return record(Object.entries(json).map(([name, item]) => [name, value(item, scope)]))
}
function entity(json: EstEntity, scope: Scope): Entity {
  const { type, id } = entityRef(json)
  return type === 'Action' ? new Entity(type, id, scope.ancestors(id)) : new Entity(type, id)
}
const record = (entries: readonly (readonly [string, Value])[]): RecordValue =>
  Object.freeze(Object.fromEntries(entries)) as RecordValue

const OPERATORS: Readonly<Record<string, OperatorCompiler>> = Object.freeze({
  Value: (node, scope) => literal(value(node, scope)),

  Var: (node, scope) => {
    switch (node) {
      case 'principal':
        return dynamic((env) => env.principal)
      case 'action':
        return dynamic((env) => env.action)
      case 'resource':
        return dynamic((env) => env.resource)
      default:
        scope.reads.add('*')
        return dynamic((env) => env.context)
    }
  },

  '.': (node, scope, depth) => {
    const { left, attr } = node as { left: EstExpr; attr: string }
    const path = contextPath(left)
    if (path !== undefined) {
      scope.reads.add([...path, attr].slice(0, 2).join('.'))
      return dynamic(access([...path, attr]))
    }
    const { run } = compile(left, scope, depth)
    return dynamic((env) => attribute(run(env), attr))
  },

  has: (node, scope, depth) => {
    const { left, attr } = node as { left: EstExpr; attr: string | readonly string[] }
    const chain = typeof attr === 'string' ? [attr] : attr
    const path = contextPath(left)
    if (path !== undefined) scope.reads.add([...path, ...chain].slice(0, 2).join('.'))
    const run = path === undefined ? compile(left, scope, depth).run : access(path)
    const [only] = chain
    if (only !== undefined && chain.length === 1) return dynamic((env) => hasAttribute(run(env), only))
    return dynamic((env) => {
      let current = run(env)
      for (const name of chain) {
        if (!hasAttribute(current, name)) return false
        current = attribute(current, name)
      }
      return true
    })
  },

  like: (node, scope, depth) => {
    const { left, pattern } = node as { left: EstExpr; pattern: readonly PatternElement[] }
    const { run } = compile(left, scope, depth)
    const matches = compilePattern(pattern)
    return dynamic((env) => matches(env, text(run(env))))
  },

  '&&': (node, scope, depth) => {
    const { left, right } = node as Binary
    const a = compile(left, scope, depth).run
    const b = compile(right, scope, depth).run
    return dynamic((env) => bool(a(env)) && bool(b(env)))
  },
  '||': (node, scope, depth) => {
    const { left, right } = node as Binary
    const a = compile(left, scope, depth).run
    const b = compile(right, scope, depth).run
    return dynamic((env) => bool(a(env)) || bool(b(env)))
  },
  '!': unary((v) => !bool(v)),
  neg: unary((v) => exact(-long(v))),
  isEmpty: unary((v) => set(v).length === 0),

  '==': binary(equals),
  '!=': binary((env, a, b) => !equals(env, a, b)),
  '<': binary((_, a, b) => long(a) < long(b)),
  '<=': binary((_, a, b) => long(a) <= long(b)),
  '>': binary((_, a, b) => long(a) > long(b)),
  '>=': binary((_, a, b) => long(a) >= long(b)),
  '+': binary((_, a, b) => exact(long(a) + long(b))),
  '-': binary((_, a, b) => exact(long(a) - long(b))),
  '*': binary((_, a, b) => exact(long(a) * long(b))),
  in: binary((_, a, b) => isMember(a, b)),

  contains: (node, scope, depth) => {
    const { left, right } = node as Binary
    const a = compile(left, scope, depth)
    const b = compile(right, scope, depth).run
    const strings = constantStrings(a.constant)
    if (strings !== undefined) {
      return dynamic((env) => {
        const item = b(env)
        return typeof item === 'string' && strings.has(item)
      })
    }
    return dynamic((env) => includes(env, set(a.run(env)), b(env)))
  },
  containsAll: binary((env, a, b) => {
    const all = set(a)
    const wanted = set(b)
    const [only] = wanted
    if (only !== undefined && wanted.length === 1) return includes(env, all, only)
    const keys = keysOf(env, all)
    return [...keysOf(env, wanted)].every((key) => keys.has(key))
  }),
  containsAny: (node, scope, depth) => {
    const { left, right } = node as Binary
    const a = compile(left, scope, depth).run
    const b = compile(right, scope, depth)
    const strings = constantStrings(b.constant)
    if (strings !== undefined) {
      return dynamic((env) => {
        const items = set(a(env))
        spend(env, items.length)
        return items.some((item) => typeof item === 'string' && strings.has(item))
      })
    }
    return dynamic((env) => {
      const keys = keysOf(env, set(a(env)))
      return [...keysOf(env, set(b.run(env)))].some((key) => keys.has(key))
    })
  },

  is: (node, scope, depth) => {
    const { left, entity_type: type, in: group } = node as { left: EstExpr; entity_type: string; in?: EstExpr }
    const { run } = compile(left, scope, depth)
    const parent = group === undefined ? undefined : compile(group, scope, depth).run
    return dynamic((env) => {
      const item = run(env)
      if (!(item instanceof Entity)) throw new Fault('type', 'expected an entity')
      return item.type === type && (parent === undefined || isMember(item, parent(env)))
    })
  },

  'if-then-else': (node, scope, depth) => {
    const branches = node as { if: EstExpr; then: EstExpr; else: EstExpr }
    const test = compile(branches.if, scope, depth).run
    const yes = compile(branches.then, scope, depth).run
    const no = compile(branches.else, scope, depth).run
    return dynamic((env) => (bool(test(env)) ? yes(env) : no(env)))
  },

  Set: (node, scope, depth) => {
    const items: Compiled[] = []
    const constants: Value[] = []
    for (const item of node as readonly EstExpr[]) {
      const compiled = compile(item, scope, depth)
      items.push(compiled)
      if (compiled.constant !== undefined) constants.push(compiled.constant)
    }
    if (constants.length === items.length) return literal(Object.freeze(constants))
    return dynamic((env) => items.map((item) => item.run(env)))
  },

  Record: (node, scope, depth) => {
    const members = Object.entries(node as Record<string, EstExpr>).map(
      ([name, item]) => [name, compile(item, scope, depth).run] as const,
    )
    return dynamic((env) => record(members.map(([name, run]) => [name, run(env)])))
  },
})
