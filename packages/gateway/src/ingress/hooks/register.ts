import { SallyportError, type ToolDefinition } from '@sallyport/core'
import type { Caller } from '../../boundary/ports.ts'
import type { WiredHost } from '../../hosts/host.ts'
import { unknownHostTool } from '../../hosts/tools/definition.ts'
import type { HostCatalogue } from './ports.ts'

/** Unknown tools one agent may bring up; more is a flood, and what is not registered is denied. */
const UNKNOWN_LIMIT = 200

/** Without a tool: everything that is known of the host, before anybody asks. */
export type Register = (caller: Caller, host: WiredHost, tool?: string) => Promise<void>

/**
 * Makes sure that a host's tool is in the registry before a call of it is decided. Definitions of known tools are ours, so
 * they are pinned with nothing to review, also when a new release of Sallyport words them anew. Unknown ones are pinned
 * only where the preset pins on first use, and are `unclassified` for policy.
 */
export function createRegistration(catalogue: HostCatalogue): Register {
  const unknown = new Map<string, Set<string>>()
  const known = new Map<string, Promise<void>>()

  const add = async (host: WiredHost, tools: readonly ToolDefinition[]): Promise<readonly string[]> => {
    const named = await catalogue.addServer(host.server, { transport: 'host', name: host.profile.id })
    if (!named.ok) throw new SallyportError(named.code, named.reason)
    const { added, drifted } = await catalogue.observe(host.server, tools)
    return [...added, ...drifted].map((id) => id.slice(host.server.length + 1))
  }

  const addKnown = async (host: WiredHost): Promise<void> => {
    const changed = await add(host, host.tools)
    if (changed.length > 0) await catalogue.pin(host.server, changed, 'shipped')
  }

  return async (caller, host, tool) => {
    const { id } = host.profile
    const pending = known.get(id) ?? addKnown(host)
    known.set(id, pending)
    await pending.catch((thrown: unknown) => {
      known.delete(id)
      throw thrown
    })
    if (tool === undefined || host.tools.some(({ name }) => name === tool)) return
    const seen = unknown.get(caller.principal.instance) ?? new Set<string>()
    unknown.set(caller.principal.instance, seen)
    if (!seen.has(tool) && seen.size >= UNKNOWN_LIMIT) {
      throw new SallyportError('SP_MCP_UNKNOWN_TOOL', 'This agent has named too many unknown tools.')
    }
    seen.add(tool)
    await add(host, [unknownHostTool(tool)])
  }
}
