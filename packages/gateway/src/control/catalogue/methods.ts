import {
  METHODS,
  type Effect,
  type JsonObject,
  type LaunchSpec,
  type ToolAnnotation,
  type ToolDefinition,
} from '@sallyport/core'

const TEXT = { type: 'string' } as const
const LIST: JsonObject = { type: 'object', properties: { cursor: TEXT } }
const URI: JsonObject = { type: 'object', properties: { uri: TEXT }, required: ['uri'] }
/** What the lists themselves say: names and descriptions of the server’s things. */
const LISTED = { integrity: 2, confidentiality: 0 } as const

interface MethodNote {
  readonly effect: Effect
  readonly schema: JsonObject
  readonly args: ToolAnnotation['args']
  readonly result?: ToolAnnotation['result']
}

/** The other MCP methods that policy decides on, as tools `mcp:<method>` of each server (T-060…T-063). */
const NOTES: Readonly<Record<string, MethodNote>> = {
  'prompts/list': { effect: 'read', schema: LIST, args: { cursor: 'param' }, result: LISTED },
  'prompts/get': {
    effect: 'read',
    schema: { type: 'object', properties: { name: TEXT, arguments: { type: 'object' } }, required: ['name'] },
    args: { name: 'selector', arguments: 'content' },
  },
  'resources/list': { effect: 'read', schema: LIST, args: { cursor: 'param' }, result: LISTED },
  'resources/templates/list': { effect: 'read', schema: LIST, args: { cursor: 'param' }, result: LISTED },
  'resources/read': { effect: 'read', schema: URI, args: { uri: 'selector' } },
  'resources/subscribe': { effect: 'read', schema: URI, args: { uri: 'selector' }, result: LISTED },
  'resources/unsubscribe': { effect: 'read', schema: URI, args: { uri: 'selector' }, result: LISTED },
  'completion/complete': {
    effect: 'read',
    schema: {
      type: 'object',
      properties: { ref: { type: 'object' }, argument: { type: 'object' }, context: { type: 'object' } },
    },
    args: { ref: 'selector', argument: 'content', context: 'content' },
    result: LISTED,
  },
  'logging/setLevel': {
    effect: 'read',
    schema: { type: 'object', properties: { level: TEXT }, required: ['level'] },
    args: { level: 'param' },
    result: LISTED,
  },
  'sampling/createMessage': { effect: 'external', schema: { type: 'object' }, args: {} },
  'elicitation/create': { effect: 'external', schema: { type: 'object' }, args: {} },
  'roots/list': { effect: 'external', schema: { type: 'object' }, args: {} },
}

/** Methods of the table that cross the boundary and have no note yet: a test holds this empty. */
export const unnotedMethods = (): readonly string[] =>
  METHODS.filter(
    ({ disposition, method }) => disposition === 'decided' && method !== 'tools/call' && !(method in NOTES),
  ).map(({ method }) => method)

/** These have tools and nothing else. */
const NO_METHODS: ReadonlySet<LaunchSpec['transport']> = new Set(['host', 'sdk', 'commands', 'requests'])

export interface MethodTool {
  readonly definition: ToolDefinition
  readonly annotation: ToolAnnotation
}

/**
 * The pseudo tools of a server. On a server that is not on this machine every argument leaves it, so that even a read is
 * external (T-111).
 */
export function methodTools(launch: LaunchSpec): readonly MethodTool[] {
  const remote = launch.transport === 'http' || launch.transport === 'sse'
  if (NO_METHODS.has(launch.transport)) return []
  return Object.entries(NOTES).map(([method, { effect, schema, args, result }]) => ({
    definition: { name: `mcp:${method}`, inputSchema: schema },
    annotation: {
      effect: remote && result === undefined ? 'external' : effect,
      groups: ['group:mcp'],
      args,
      irreversible: false,
      persist: false,
      ...(result === undefined ? {} : { result }),
    },
  }))
}
