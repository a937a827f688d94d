import { contextOf, type ContextOverrides } from './sample.ts'
import { entityRef, walkExpr, type EstExpr, type EstPolicy, type EstScope } from './est.ts'
import { ORIGINS, type Origin } from '../flow/facts.ts'
import { PROTECTED_EXAMPLES, type ProtectedClass } from './protected.ts'
import { PRINCIPAL_TYPES, type ActionModel, type PrincipalType } from './actions.ts'
import type { Json, JsonObject } from '../json/types.ts'
import type { PatternElement } from './pattern.ts'
import type { PolicyRequest } from './request.ts'
import type { Shape } from './shape.ts'

/** Numbers in [0, 1). */
export type Rng = () => number

/** A small repeatable generator (mulberry32): same seed, same requests. Not for secrets. */
export function seeded(seed: number): Rng {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Values that policies compare a request with, by path (`args.path`, `session.key`, `principal`). */
export type Pools = ReadonlyMap<string, readonly Json[]>

/** Collects what makes the conditions of policies true or false: constants, their neighbours, texts that fit patterns. */
export function collectPools(policies: readonly EstPolicy[]): Pools {
  const pools = new Map<string, Json[]>()
  const add = (path: string, ...values: readonly Json[]): void => {
    const pool = pools.get(path)
    if (pool === undefined) pools.set(path, [...values])
    else if (pool.length < 64) pool.push(...values)
  }
  for (const policy of policies) {
    for (const part of ['principal', 'resource'] as const) for (const id of scopeIds(policy[part])) add(part, id)
    for (const clause of policy.conditions) {
      walkExpr(clause.body, (operator, node) => {
        if (!COMPARISONS.has(operator)) return
        const { left, right, pattern } = node as { left: EstExpr; right?: EstExpr; pattern?: readonly PatternElement[] }
        const path = pathOf(left) ?? (right === undefined ? undefined : pathOf(right))
        if (path === undefined) return
        if (pattern !== undefined) add(path, fit(pattern, ''), fit(pattern, 'zz/y'))
        for (const value of [...constants(left), ...constants(right ?? {})]) {
          add(path, ...(typeof value === 'number' ? [value - 1, value, value + 1] : [value]))
        }
      })
    }
  }
  return pools
}
const COMPARISONS = new Set(['==', '!=', '<', '<=', '>', '>=', 'contains', 'containsAll', 'containsAny', 'like'])

const scopeIds = (scope: EstScope): readonly string[] => {
  if (scope.op === 'All') return []
  const entity = scope.op === 'is' ? scope.in?.entity : scope.entity
  return entity === undefined ? [] : [entityRef(entity).id]
}

function pathOf(expr: EstExpr): string | undefined {
  if (expr['Var'] === 'principal' || expr['Var'] === 'resource') return expr['Var']
  const access = expr['.'] as { left: EstExpr; attr: string } | undefined
  if (access === undefined) return undefined
  if (access.left['Var'] === 'context') return access.attr
  const left = pathOf(access.left)
  return left === undefined ? undefined : `${left}.${access.attr}`
}

function constants(expr: EstExpr): readonly Json[] {
  if (Array.isArray(expr['Set'])) return (expr['Set'] as EstExpr[]).flatMap(constants)
  if (!('Value' in expr)) return []
  const value = expr['Value'] as Json
  if (Array.isArray(value)) return value
  if (typeof value !== 'object' || value === null) return [value]
  const ref = (value as { __entity?: { id: string } }).__entity
  return ref === undefined ? [] : [ref.id]
}

const fit = (pattern: readonly PatternElement[], filler: string): string =>
  pattern.map((element) => (element === 'Wildcard' ? filler : element.Literal)).join('')

/** A request for one action that fits the schema; values come mostly from the pools, so that conditions come out both ways. */
export function generateRequest(
  action: ActionModel,
  pools: Pools,
  rng: Rng,
  principals: readonly PrincipalType[] = PRINCIPAL_TYPES,
): PolicyRequest {
  const pick = <T>(items: readonly T[]): T | undefined => items[Math.floor(rng() * items.length)]
  const chance = (p: number): boolean => rng() < p
  const from = (path: string, type: 'string' | 'number' | 'boolean'): Json | undefined => {
    if (!chance(0.85)) return undefined
    const fitting = (pools.get(path) ?? []).filter((value) => typeof value === type)
    return pick(fitting)
  }
  const text = (path: string, ...usual: readonly string[]): string =>
    (from(path, 'string') as string | undefined) ?? pick(usual) ?? word(rng)
  const long = (path: string): number => {
    const value = from(path, 'number')
    return typeof value === 'number' && Number.isSafeInteger(value) ? value : Math.floor(rng() * 200) - 20
  }
  const strings = (path: string): string[] =>
    Array.from({ length: Math.floor(rng() * 3) }, () => text(path, 'example.org', 'a', '/tmp/x'))
  const valueOf = (shape: Shape, path: string): Json => {
    switch (shape.kind) {
      case 'string':
        return text(path)
      case 'long':
        return long(path)
      case 'bool':
        return chance(0.5)
      case 'set':
        return Array.from({ length: Math.floor(rng() * 4) }, () => valueOf(shape.of, path))
      case 'record': {
        const members: Record<string, Json> = {}
        for (const [name, { shape: of, required }] of shape.attributes) {
          if (required || chance(0.7)) members[name] = valueOf(of, `${path}.${name}`)
        }
        return members
      }
    }
  }
  const origins = (): Origin[] => Array.from({ length: Math.floor(rng() * 3) }, () => pick(ORIGINS) ?? 'model')
  const paths = strings('facts.paths')
  for (const name of pools.get('facts.protected') ?? []) {
    if (chance(0.4) && typeof name === 'string' && Object.hasOwn(PROTECTED_EXAMPLES, name))
      paths.push(PROTECTED_EXAMPLES[name as ProtectedClass])
  }
  const effect = ['read', 'write', 'external'].find((group) => action.ancestors.has(group)) ?? 'external'
  const integrity = Math.floor(rng() * 4)
  const overrides: ContextOverrides = {
    args: (action.args === undefined ? {} : valueOf(action.args, 'args')) as JsonObject,
    facts: {
      hosts: strings('facts.hosts'),
      domains: strings('facts.domains'),
      schemes: strings('facts.schemes'),
      ports: Array.from({ length: Math.floor(rng() * 3) }, () => long('facts.ports')),
      networks: strings('facts.networks'),
      urlSigns: strings('facts.urlSigns'),
      addresses: strings('facts.addresses'),
      paths,
      named: strings('facts.named'),
      canonical: strings('facts.canonical'),
      where: strings('facts.where'),
      places: strings('facts.places'),
      pathSigns: strings('facts.pathSigns'),
      hostUnresolved: chance(0.1),
      pathUnresolved: chance(0.1),
      commands: strings('facts.commands'),
      command: pick(['none', 'clean', 'ask', 'block'] as const) ?? 'none',
      commandEffects: strings('facts.commandEffects'),
      count: Math.max(0, long('facts.count')),
      amountMinor: Math.max(0, long('facts.amountMinor')),
      omitted: strings('facts.omitted'),
      undeclared: strings('facts.undeclared'),
      bytes: Math.max(0, long('facts.bytes')),
    },
    tool: {
      name: text('tool.name', action.id.slice(action.id.indexOf('.') + 1)),
      effect,
      groups: [...action.ancestors].filter((group) => group.startsWith('group:')),
      irreversible: action.ancestors.has('irreversible'),
      persist: action.ancestors.has('persist'),
      sensitive: chance(0.2),
      annotated: !action.ancestors.has('unclassified'),
      elevated: chance(0.2),
    },
    labels: { tainted: integrity < 2, integrity, confidentiality: Math.floor(rng() * 4) },
    flow: {
      sinks: origins(),
      selectors: origins(),
      audiences: origins(),
      contentSinks: origins(),
      anchored: chance(0.5),
      spelledOut: chance(0.3),
      reaches: chance(0.5),
      confidentialContent: chance(0.4),
      confidentialDetail: chance(0.2),
      untrustedContent: chance(0.4),
      contentConfidentiality: Math.floor(rng() * 4),
      unvouchedMinor: Math.max(0, long('flow.unvouchedMinor')),
      seenUntrusted: integrity < 2,
      seenConfidential: chance(0.4),
      plan: pick(['none', 'in', 'out'] as const) ?? 'none',
    },
    session: {
      key: text('session.key', 'main', 'hook:abc'),
      surface: text('session.surface', 'local'),
      channel: text('session.channel', '', 'telegram'),
      chatType: text('session.chatType', '', 'group', 'direct'),
      contentTrust: text('session.contentTrust', 'trusted', 'untrusted'),
      trustLevel: pick([0, 1, 2] as const) ?? 2,
      ingress: text('session.ingress', 'mcp-stdio', 'hook'),
      purpose: text('session.purpose', ''),
    },
    approved: chance(0.5),
  }
  return {
    principal: {
      type: pick(principals) ?? 'Agent',
      id: text('principal', 'coder'),
    },
    action: action.id,
    resource: { type: 'Server', id: chance(0.85) ? action.server : text('resource', action.server) },
    context: contextOf(overrides),
  }
}

const WORDS = [
  'a',
  'main',
  'secret',
  'x y',
  'Ünïcode',
  '*',
  '"quoted"',
  'a\\b',
  '',
  '../../etc',
  'https://example.org/',
]
const word = (rng: Rng): string => WORDS[Math.floor(rng() * WORDS.length)] ?? ''
