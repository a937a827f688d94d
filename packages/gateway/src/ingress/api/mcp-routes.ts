import type { Json, JsonObject } from '@sallyport/core'
import { z } from 'zod'
import { PROOF, requirePresence } from './operator-presence.ts'
import type { PresencePort } from './ports.ts'
import { readAs } from './read-as.ts'
import type { Route } from './route.ts'

export interface ServerReview {
  readonly alias: string
  /** `stdio`, `http`, `sse`, `sdk` or `host`. */
  readonly transport: string
  /** Command line or URL, without values that may be secret. */
  readonly target: string
  readonly pinned: number
  /** Waiting for a review, changed, or refused. */
  readonly open: number
}

export interface ToolReview {
  readonly name: string
  /** `pinned` may run · `unreviewed` waits · `drifted` differs from its pin · `disabled` · `refused` · `missing` no longer listed. */
  readonly state: string
  readonly pin: string
  readonly effect: string
  readonly annotated: boolean
  readonly note: string
  readonly definition: JsonObject
  /** What the server says now, where it differs. */
  readonly seen?: JsonObject
}

/** What a review needs of catalogue and upstreams; the composition root joins them. */
export interface McpReview {
  servers(): Promise<readonly ServerReview[]>
  /** Asks the server for its tools and compares. @throws SallyportError SP_MCP_UNKNOWN_SERVER, SP_MCP_UPSTREAM_* */
  inspect(alias: string): Promise<readonly ToolReview[]>
  /** Without asking the server: what is stored. @throws SallyportError SP_MCP_UNKNOWN_SERVER */
  stored(alias: string): Promise<readonly ToolReview[]>
  /** Accepts what was last seen of these tools, of all when none are named. Ids of what was accepted. */
  pin(alias: string, tools: readonly string[], by: string): Promise<readonly string[]>
}

const PIN = z.strictObject({ tools: z.array(z.string().max(64)).max(2_000).default([]), proof: PROOF })

/** `/api/v1/mcp/*`: servers, reviews and pins. Pinning widens what may run, so it needs presence once there is an operator. */
export function mcpRoutes(review: McpReview, presence: PresencePort): Route[] {
  return [
    {
      method: 'GET',
      path: '/api/v1/mcp/servers',
      plane: 'operator',
      scope: 'read',
      summary: 'Servers behind the gateway, with the numbers of pinned and open tools.',
      handle: async () => ({ status: 200, body: { servers: (await review.servers()) as unknown as Json } }),
    },
    {
      method: 'GET',
      path: '/api/v1/mcp/servers/:alias/tools',
      plane: 'operator',
      scope: 'read',
      summary: 'Tools of a server as stored: pins, states and differences. The server is not asked.',
      handle: async ({ params }) => ({
        status: 200,
        body: { tools: (await review.stored(alias(params))) as unknown as Json },
      }),
    },
    {
      method: 'POST',
      path: '/api/v1/mcp/servers/:alias/inspect',
      plane: 'operator',
      scope: 'read',
      summary: 'Asks the server for its tools and compares them with the pins.',
      handle: async ({ params }) => ({
        status: 200,
        body: { tools: (await review.inspect(alias(params))) as unknown as Json },
      }),
    },
    {
      method: 'POST',
      path: '/api/v1/mcp/servers/:alias/pin',
      plane: 'operator',
      scope: 'policy',
      presence: 'route',
      summary:
        'Accepts tools of a server as they were last seen (`tools` empty: all). Free until the gateway has an operator.',
      handle: async ({ params, body }) => {
        const { tools, proof } = readAs(PIN, body ?? {})
        const payload: JsonObject = { server: alias(params), tools }
        const by = await requirePresence(presence, 'tool.pin', payload, proof, 'free')
        return { status: 200, body: { pinned: await review.pin(alias(params), tools, by) } }
      },
    },
  ]
}

const alias = (params: Readonly<Record<string, string>>): string => params['alias'] ?? ''
