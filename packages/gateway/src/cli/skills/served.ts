import { isJsonObject, type JsonObject } from '@sallyport/core'
import { toolHash, type ServedServer } from '../../assurance/admission/lock-servers.ts'
import type { CliIo } from '../command.ts'
import { listOf, serverPath, textOf } from '../mcp/answers.ts'

/** Built-in tools of agent hosts, and what programs bring themselves, are no servers of a project. */
const NOT_LOCKED: ReadonlySet<string> = new Set(['host', 'sdk'])

/**
 * Servers of the running gateway: each is asked for its tools now.
 * @param only aliases; default: every server that is started or reached
 * @throws SallyportError SP_GATEWAY_* without a gateway, SP_MCP_UPSTREAM_* when one does not answer
 */
export async function servedServers(io: CliIo, only?: readonly string[]): Promise<readonly ServedServer[]> {
  const servers = listOf(await io.gateway.request('GET', '/api/v1/mcp/servers'), 'servers')
  const asked = servers
    .filter((server) => !NOT_LOCKED.has(textOf(server, 'transport')))
    .map((server) => textOf(server, 'alias'))
    .filter((alias) => only === undefined || only.includes(alias))
  const all: ServedServer[] = []
  for (const alias of asked) {
    const tools = listOf(await io.gateway.request('POST', `${serverPath(alias)}/inspect`, {}), 'tools')
    all.push({ alias, tools: hashes(tools.filter(isPinned), 'definition'), served: hashes(tools.filter(isServed), '') })
  }
  return all
}

const isPinned = (tool: JsonObject): boolean => ['pinned', 'drifted', 'missing'].includes(textOf(tool, 'state'))
const isServed = (tool: JsonObject): boolean => textOf(tool, 'state') !== 'missing'

/** What the server says where it differs, else what is known of the tool. */
function hashes(tools: readonly JsonObject[], of: 'definition' | ''): Readonly<Record<string, string>> {
  return Object.fromEntries(
    tools.map((tool) => {
      const { definition = null, seen } = tool
      return [textOf(tool, 'name'), toolHash(of === '' && isJsonObject(seen) ? seen : definition)]
    }),
  )
}
