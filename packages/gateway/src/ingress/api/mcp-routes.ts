import {
  launchDigest,
  pinDigest,
  pseudoMethod,
  SallyportError,
  type Json,
  type JsonObject,
  type LaunchSpec,
  type RegisteredTool,
  type ToolDefinition,
} from '@sallyport/core'
import { z } from 'zod'
import type { Verdict } from '../../boundary/ports.ts'
import { PROOF, requirePresence } from './operator-presence.ts'
import type { PresencePort } from './ports.ts'
import { readAs } from './read-as.ts'
import type { Route } from './route.ts'

interface ServerReview {
  readonly alias: string
  /** `stdio`, `http`, `sse`, `sdk` or `host`. */
  readonly transport: string
  /** Command line or URL, without values that may be secret. */
  readonly target: string
  readonly pinned: number
  /** Waiting for a review, changed, or refused. */
  readonly open: number
}

interface ToolReview {
  readonly name: string
  /** `pinned` may run · `unreviewed` waits · `drifted` differs from its pin · `disabled` · `refused` · `missing` no longer listed. */
  readonly state: string
  readonly pin: string
  /** Digest of what `mcp pin` would accept now. */
  readonly candidate: string
  readonly effect: string
  readonly annotated: boolean
  readonly note: string
  readonly definition: JsonObject
  /** What the server says now, where it differs. */
  readonly seen?: JsonObject
}

/** What a review needs of the catalogue. */
export interface ReviewCatalogue {
  servers(): readonly { readonly alias: string; readonly launch: LaunchSpec }[]
  entries(alias: string): readonly { readonly tool: RegisteredTool; readonly state: string; readonly note: string }[]
  drifts(alias: string): Promise<readonly { readonly tool: string; readonly seen: ToolDefinition }[]>
  observe(alias: string, definitions: readonly ToolDefinition[]): Promise<unknown>
  pin(
    alias: string,
    tools: readonly string[],
    by: string,
    reviewed: Readonly<Record<string, string>>,
  ): Promise<readonly string[]>
}

/** What it needs of the servers themselves. @throws SallyportError SP_MCP_UNKNOWN_SERVER, SP_MCP_UPSTREAM_* */
export interface ReviewUpstreams {
  definitions(alias: string): Promise<readonly ToolDefinition[]>
}

/** Where commands of wrapped servers are registered. */
export interface CommandRegistry {
  registerCommand(
    alias: string,
    launch: LaunchSpec & { readonly transport: 'stdio' },
    cwd: string,
  ): Promise<Verdict<null>>
}

const SERVER = z.strictObject({
  alias: z.string().max(32),
  command: z.array(z.string().min(1).max(4096)).min(1).max(256),
  env: z
    .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/))
    .max(64)
    .default([]),
  cwd: z.string().startsWith('/').max(4096),
  proof: PROOF,
})
const PIN = z.strictObject({
  /** Tool → `candidate` digest that the operator looked at. */
  tools: z.record(z.string().max(64), z.string().regex(/^[0-9a-f]{64}$/)),
  proof: PROOF,
})

/** `/api/v1/mcp/*`: servers, reviews and pins. Pinning widens what may run, so it needs presence once there is an operator. */
export function mcpRoutes(
  catalogue: ReviewCatalogue,
  upstreams: ReviewUpstreams,
  presence: PresencePort,
  registry: CommandRegistry,
): Route[] {
  const known = (params: Readonly<Record<string, string>>): string => {
    const alias = params['alias'] ?? ''
    if (catalogue.servers().some((server) => server.alias === alias)) return alias
    throw new SallyportError('SP_MCP_UNKNOWN_SERVER')
  }
  return [
    {
      method: 'GET',
      path: '/api/v1/mcp/servers',
      plane: 'operator',
      scope: 'read',
      summary: 'Servers behind the gateway, with the numbers of pinned and open tools.',
      handle: () => {
        const servers = catalogue
          .servers()
          .map(({ alias, launch }) => serverReview(alias, launch, catalogue.entries(alias)))
        return Promise.resolve({ status: 200, body: { servers: servers as unknown as Json } })
      },
    },
    {
      method: 'POST',
      path: '/api/v1/mcp/servers',
      plane: 'operator',
      scope: 'policy',
      presence: 'route',
      summary:
        'Registers the command of a wrapped server, which the gateway then starts for agents. The same command again changes nothing. Free until the gateway has an operator.',
      handle: async ({ body }) => {
        const { alias, command, cwd, env, proof } = readAs(SERVER, body)
        const launch = { transport: 'stdio', command, env: [...env].sort() } as const
        const known = catalogue.servers().find((server) => server.alias === alias)
        if (known === undefined || launchDigest(known.launch) !== launchDigest(launch)) {
          await requirePresence(presence, 'server.add', { alias, command, cwd, env }, proof, 'free')
        }
        const registered = await registry.registerCommand(alias, launch, cwd)
        if (!registered.ok) throw new SallyportError(registered.code, registered.reason)
        return { status: 200, body: { server: alias } }
      },
    },
    {
      method: 'GET',
      path: '/api/v1/mcp/servers/:alias/tools',
      plane: 'operator',
      scope: 'read',
      summary: 'Tools of a server as stored: pins, states and differences. The server is not asked.',
      handle: async ({ params }) => ({ status: 200, body: { tools: await toolReviews(catalogue, known(params)) } }),
    },
    {
      method: 'POST',
      path: '/api/v1/mcp/servers/:alias/inspect',
      plane: 'operator',
      scope: 'read',
      summary: 'Asks the server for its tools and compares them with the pins.',
      handle: async ({ params }) => {
        const alias = known(params)
        const listed = await upstreams.definitions(alias)
        await catalogue.observe(alias, listed)
        return {
          status: 200,
          body: { tools: await toolReviews(catalogue, alias, new Set(listed.map(({ name }) => name))) },
        }
      },
    },
    {
      method: 'POST',
      path: '/api/v1/mcp/servers/:alias/pin',
      plane: 'operator',
      scope: 'policy',
      presence: 'route',
      summary:
        'Accepts tools of a server as they were looked at (tool → candidate digest). Free until the gateway has an operator.',
      handle: async ({ params, body }) => {
        const { tools, proof } = readAs(PIN, body ?? {})
        const server = known(params)
        const by = await requirePresence(presence, 'tool.pin', { server, tools }, proof, 'free')
        return { status: 200, body: { pinned: await catalogue.pin(server, Object.keys(tools), by, tools) } }
      },
    },
  ]
}

function serverReview(
  alias: string,
  launch: LaunchSpec,
  entries: ReturnType<ReviewCatalogue['entries']>,
): ServerReview {
  const own = entries.filter(({ tool }) => pseudoMethod(tool.name) === undefined)
  const pinned = own.filter(({ state }) => state === 'pinned').length
  const waiting = own.filter(({ state }) => state !== 'pinned' && state !== 'disabled').length
  return { alias, transport: launch.transport, target: targetOf(launch), pinned, open: waiting }
}

/** Command line or address of a server, without values that may be secret. */
export function targetOf(launch: LaunchSpec): string {
  switch (launch.transport) {
    case 'stdio':
      return launch.command.join(' ')
    case 'http':
    case 'sse':
      return launch.url
    case 'commands':
      return launch.commands
    case 'requests':
      return launch.requests
    case 'host':
    case 'sdk':
      return launch.name
  }
}

/** @param listed what the server lists now; absent when it was not asked */
async function toolReviews(catalogue: ReviewCatalogue, alias: string, listed?: ReadonlySet<string>): Promise<Json> {
  const launch = catalogue.servers().find((server) => server.alias === alias)?.launch
  if (launch === undefined) throw new SallyportError('SP_MCP_UNKNOWN_SERVER')
  const drifts = new Map((await catalogue.drifts(alias)).map(({ tool, seen }) => [tool, seen]))
  const reviews = catalogue.entries(alias).flatMap(({ tool, state, note }): ToolReview[] => {
    if (pseudoMethod(tool.name) !== undefined) return []
    const seen = drifts.get(tool.id)
    return [
      {
        name: tool.name,
        state: listed?.has(tool.name) === false ? 'missing' : state,
        pin: tool.pin,
        candidate: pinDigest(seen ?? tool.definition, launch),
        effect: tool.annotation.effect,
        annotated: tool.annotated,
        note,
        definition: tool.definition as unknown as JsonObject,
        ...(seen === undefined ? {} : { seen: seen as unknown as JsonObject }),
      },
    ]
  })
  return reviews as unknown as Json
}
