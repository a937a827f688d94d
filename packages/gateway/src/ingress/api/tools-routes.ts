import { SallyportError, type ArgRole, type JsonObject } from '@sallyport/core'
import { z } from 'zod'
import type { Boundary } from '../../boundary/ports.ts'
import type { SdkTool, ToolsPort } from './ports.ts'
import { readAs } from './read-as.ts'
import type { Route } from './route.ts'

export interface ToolsRoutesDeps {
  readonly boundary: Pick<Boundary, 'visible'>
  readonly tools: ToolsPort
}

const ROLE = z.enum(['sink', 'selector', 'content', 'param', 'secret', 'audience', 'quantity'])
const SCHEMA = z.custom<JsonObject>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'not an object',
)
const REGISTRATION = z.strictObject({
  tools: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/),
        description: z.string().max(8192).optional(),
        inputSchema: SCHEMA,
        effect: z.enum(['read', 'write', 'external']),
        args: z.record(z.string().min(1).max(128), ROLE).optional(),
        irreversible: z.boolean().optional(),
        persist: z.boolean().optional(),
      }),
    )
    .min(1)
    .max(200),
})
type Registered = z.infer<typeof REGISTRATION>['tools'][number]

/** `/v1/tools`: what the agent may see, and the tools of its own program. */
export function toolsRoutes({ boundary, tools }: ToolsRoutesDeps): Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/tools',
      plane: 'agent',
      scope: 'read',
      visitors: true,
      summary: 'The tools that policy could allow this agent. `?server=ALIAS` for one server.',
      handle: async ({ caller, query }) => {
        const servers = tools
          .servers(caller)
          .filter((alias) => query['server'] === undefined || query['server'] === alias)
        await Promise.all(servers.map((alias) => tools.ready(caller, alias)))
        const body = servers.flatMap((alias) =>
          boundary.visible(caller, alias).map(({ id, definition }) => ({
            id,
            ...(definition.description === undefined ? {} : { description: definition.description }),
            inputSchema: definition.inputSchema,
          })),
        )
        return { status: 200, body: { tools: body } }
      },
    },
    {
      method: 'POST',
      path: '/v1/tools',
      plane: 'agent',
      scope: 'execute',
      summary:
        'Register tools that run in the agent’s own program, as server `sdk-<agent>`; they are pinned like any other.',
      handle: async ({ caller, principal, body }) => {
        const alias = `sdk-${principal.id}`
        const given = readAs(REGISTRATION, body).tools
        if (new Set(given.map(({ name }) => name)).size !== given.length) {
          throw new SallyportError('SP_API_INVALID', 'tools: a name comes twice.')
        }
        const states = await tools.register(caller, alias, given.map(sdkTool))
        if (!states.ok) throw new SallyportError(states.code, states.reason)
        const listed = states.value.map(({ name, state }) => ({ id: `${alias}.${name}`, name, state }))
        return { status: 200, body: { server: alias, tools: listed } }
      },
    },
  ]
}

function sdkTool(given: Registered): SdkTool {
  const { name, description, inputSchema, effect, args = {}, irreversible = false, persist = false } = given
  return {
    definition: { name, ...(description === undefined ? {} : { description }), inputSchema },
    claims: { effect, args: args as Readonly<Record<string, ArgRole>>, irreversible, persist },
  }
}
