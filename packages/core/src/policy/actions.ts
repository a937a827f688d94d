import type { JsonObject } from '../json/types.ts'
import type { RegisteredTool } from '../action/tool.ts'
import type { PolicyContext } from './request.ts'
import { GROUP_ALIASES, GROUP_ALL, GROUP_UNCLASSIFIED, TOOL_GROUPS } from './groups.ts'
import { argumentShape, cedarType, type RecordShape } from './shape.ts'

/** A tool as policies see it: a Cedar action with its groups and the type of its arguments. */
export interface ActionModel {
  readonly id: string
  readonly server: string
  readonly parents: readonly string[]
  /** Every group it is in, directly or not. */
  readonly ancestors: ReadonlySet<string>
  /** Absent: arguments are not typed (tests of policies without the tool's schema). */
  readonly args?: RecordShape
  /** What the context will say about the tool, where that is known beforehand. */
  readonly tool?: PolicyContext['tool']
}

/** Groups that are there even when no tool is in them, with their parents. */
const FIXED_GROUPS: Readonly<Record<string, readonly string[]>> = Object.freeze({
  read: [],
  stateChange: [],
  write: ['stateChange'],
  external: ['stateChange'],
  irreversible: [],
  persist: [],
  unclassified: [],
  [GROUP_UNCLASSIFIED]: [],
  ...Object.fromEntries(Object.keys(TOOL_GROUPS).map((group) => [group, []])),
  [GROUP_ALL]: Object.keys(GROUP_ALIASES),
  ...Object.fromEntries(Object.keys(GROUP_ALIASES).map((alias) => [alias, []])),
})

export type ToolForPolicy = Pick<RegisteredTool, 'id' | 'server' | 'annotation' | 'annotated'> & {
  readonly definition?: { readonly inputSchema: JsonObject }
  readonly name?: string
  readonly elevated?: boolean
}

export function actionModel(tool: ToolForPolicy): ActionModel {
  const { effect, groups, irreversible, persist, sensitive = false } = tool.annotation
  const parents = new Set<string>([effect, GROUP_ALL, ...groups])
  if (irreversible) parents.add('irreversible')
  if (persist) parents.add('persist')
  if (!tool.annotated) parents.add('unclassified').add(GROUP_UNCLASSIFIED)
  const ancestors = new Set<string>()
  const climb = (group: string): void => {
    if (ancestors.has(group)) return
    ancestors.add(group)
    for (const parent of FIXED_GROUPS[group] ?? []) climb(parent)
  }
  for (const parent of parents) climb(parent)
  const args = tool.definition === undefined ? {} : { args: argumentShape(tool.definition.inputSchema) }
  const { name, elevated, annotated } = tool
  const about =
    name === undefined || elevated === undefined
      ? {}
      : { tool: { name, effect, groups, irreversible, persist, sensitive, annotated, elevated } }
  return { id: tool.id, server: tool.server, parents: [...parents].sort(), ancestors, ...args, ...about }
}

/** All group ids: the fixed ones and those that a tool is in. */
export function groupIds(actions: Iterable<ActionModel>): readonly string[] {
  const ids = new Set(Object.keys(FIXED_GROUPS))
  for (const action of actions) for (const group of action.ancestors) ids.add(group)
  return [...ids].sort()
}

const STRING: JsonObject = { type: 'String', required: true }
const LONG: JsonObject = { type: 'Long', required: true }
const BOOL: JsonObject = { type: 'Boolean', required: true }
const STRINGS: JsonObject = { type: 'Set', element: { type: 'String' }, required: true }
const LONGS: JsonObject = { type: 'Set', element: { type: 'Long' }, required: true }
const record = (attributes: Record<string, JsonObject>): JsonObject => ({ type: 'Record', attributes })

/** Types of `PolicyContext` (request.ts) without `args`; `facts.protected` is derived (protected.ts). */
const CONTEXT_TYPES: Readonly<Record<string, JsonObject>> = Object.freeze({
  Facts: record({
    hosts: STRINGS,
    domains: STRINGS,
    schemes: STRINGS,
    ports: LONGS,
    networks: STRINGS,
    urlSigns: STRINGS,
    addresses: STRINGS,
    paths: STRINGS,
    named: STRINGS,
    canonical: STRINGS,
    where: STRINGS,
    places: STRINGS,
    pathSigns: STRINGS,
    hostUnresolved: BOOL,
    pathUnresolved: BOOL,
    commands: STRINGS,
    command: STRING,
    commandEffects: STRINGS,
    count: LONG,
    amountMinor: LONG,
    omitted: STRINGS,
    undeclared: STRINGS,
    bytes: LONG,
    protected: STRINGS,
  }),
  Tool: record({
    name: STRING,
    effect: STRING,
    groups: STRINGS,
    irreversible: BOOL,
    persist: BOOL,
    sensitive: BOOL,
    annotated: BOOL,
    elevated: BOOL,
  }),
  Labels: record({ tainted: BOOL, integrity: LONG, confidentiality: LONG }),
  Flow: record({
    sinks: STRINGS,
    selectors: STRINGS,
    audiences: STRINGS,
    contentSinks: STRINGS,
    anchored: BOOL,
    spelledOut: BOOL,
    reaches: BOOL,
    confidentialContent: BOOL,
    confidentialDetail: BOOL,
    untrustedContent: BOOL,
    contentConfidentiality: LONG,
    unvouchedMinor: LONG,
    seenUntrusted: BOOL,
    seenConfidential: BOOL,
    plan: STRING,
  }),
  Session: record({
    key: STRING,
    surface: STRING,
    channel: STRING,
    chatType: STRING,
    contentTrust: STRING,
    trustLevel: LONG,
    ingress: STRING,
    purpose: STRING,
  }),
})
export const PRINCIPAL_TYPES = Object.freeze(['Agent', 'Service', 'User'] as const)
export type PrincipalType = (typeof PRINCIPAL_TYPES)[number]

/**
 * Cedar schema (JSON form) of a registry: one action per tool, groups as the actions above them, `stubs` as actions that
 * apply to nothing (tools of servers that are not inspected yet). Fewer `principals` make type-checking faster.
 */
export function cedarSchema(
  actions: readonly ActionModel[],
  stubs: readonly string[] = [],
  principals: readonly PrincipalType[] = PRINCIPAL_TYPES,
): JsonObject {
  const table: Record<string, JsonObject> = {}
  const members = (ids: readonly string[]): JsonObject[] => ids.map((id) => ({ id }))
  for (const group of groupIds(actions)) table[group] = { memberOf: members(FIXED_GROUPS[group] ?? []) }
  for (const stub of stubs) table[stub] = {}
  for (const action of actions) {
    const context = record({
      args: { ...cedarType(action.args ?? { kind: 'record', attributes: new Map() }), required: true },
      facts: { type: 'Facts', required: true },
      tool: { type: 'Tool', required: true },
      labels: { type: 'Labels', required: true },
      flow: { type: 'Flow', required: true },
      session: { type: 'Session', required: true },
      approved: BOOL,
    })
    table[action.id] = {
      memberOf: members(action.parents),
      appliesTo: { principalTypes: [...principals], resourceTypes: ['Server'], context },
    }
  }
  const entityTypes = Object.fromEntries([...PRINCIPAL_TYPES, 'Server'].map((type) => [type, {}]))
  return { '': { entityTypes, actions: table, commonTypes: { ...CONTEXT_TYPES } } }
}
