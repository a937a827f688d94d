import type { Boundary, Caller, Clock } from '../../boundary/ports.ts'
import type { AgentTraffic } from './ports.ts'

/** How long a server counts as connected through the gateway after the agent last asked for its tools, ms. */
const ROUTED_FOR = 24 * 3_600_000
const LIMIT = 10_000

export interface WatchedBoundary {
  /** For the MCP ingress: the same boundary, seen. */
  readonly boundary: Boundary
  readonly traffic: AgentTraffic
  /** Told about every MCP tool call, before it crosses. */
  onCall(listener: (caller: Caller, alias: string, tool: string) => void): void
}

/**
 * Watches what one ingress asks of the boundary, so that the hook ingress knows which MCP servers an agent reaches through
 * the gateway and which of its calls really came. It changes nothing that passes.
 */
export function watchTraffic(boundary: Boundary, clock: Clock): WatchedBoundary {
  const listed = new Map<string, number>()
  const called = new Map<string, number>()
  const listeners: ((caller: Caller, alias: string, tool: string) => void)[] = []
  const note = (map: Map<string, number>, ...key: readonly string[]): void => {
    const name = JSON.stringify(key)
    map.delete(name)
    map.set(name, clock.now())
    const oldest = map.keys().next().value
    if (map.size > LIMIT && oldest !== undefined) map.delete(oldest)
  }
  const at = (map: Map<string, number>, ...key: readonly string[]): number => map.get(JSON.stringify(key)) ?? -Infinity

  return {
    boundary: Object.freeze<Boundary>({
      cross(caller, call) {
        // Methods that policy decides as pseudo tools are no tool calls of the host.
        if (!call.tool.startsWith('mcp:')) {
          note(called, caller.principal.instance, call.server, call.tool)
          for (const listener of listeners) listener(caller, call.server, call.tool)
        }
        return boundary.cross(caller, call)
      },
      visible(caller, server) {
        note(listed, caller.principal.instance, server)
        return boundary.visible(caller, server)
      },
      refused: (caller, what) => boundary.refused(caller, what),
      report: (caller, auditId, outcome, resultText) => boundary.report(caller, auditId, outcome, resultText),
    }),
    traffic: {
      routed: ({ principal }, alias) => clock.now() - at(listed, principal.instance, alias) < ROUTED_FOR,
      crossed: ({ principal }, alias, tool, since) => at(called, principal.instance, alias, tool) >= since,
    },
    onCall: (listener) => void listeners.push(listener),
  }
}
