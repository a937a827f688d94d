import type { Boundary, Caller, Clock, CrossingResult } from '../../boundary/ports.ts'
import { argumentsDigest } from './call-name.ts'
import type { AgentTraffic, McpCall, McpCallPhase } from './ports.ts'

/** How long a server counts as connected through the gateway after the agent last asked for its tools, ms. */
const ROUTED_FOR = 24 * 3_600_000
/** How long after its release a call can still answer for a hook, ms. */
const CLAIM_WINDOW = 10 * 60_000
const SERVER_LIMIT = 10_000
/** Released calls kept for one agent instance: a flood of one agent's pushes out none of another's. */
const CALL_LIMIT = 1000

type Listener = (caller: Caller, call: McpCall, phase: McpCallPhase) => void

export interface WatchedBoundary {
  /** For the MCP ingress: the same boundary, seen. */
  readonly boundary: Boundary
  readonly traffic: AgentTraffic
  /** Told about every MCP tool call before it crosses, and again when it was released. */
  onCall(listener: Listener): void
}

interface Released extends McpCall {
  readonly releasedAt: number
}

const RELEASED: ReadonlySet<CrossingResult['outcome']> = new Set(['executed', 'delegated'])

/**
 * Watches what one ingress asks of the boundary, so that the hook ingress knows which MCP servers an agent reaches through
 * the gateway and which of its calls really ran here. It changes nothing that passes.
 */
export function watchTraffic(boundary: Boundary, clock: Clock): WatchedBoundary {
  const listed = new Map<string, number>()
  const released = new Map<string, Released[]>()
  const listeners: Listener[] = []
  const serverKey = (caller: Caller, alias: string): string => JSON.stringify([caller.principal.instance, alias])

  const noteServer = (key: string): void => {
    listed.delete(key)
    listed.set(key, clock.now())
    const oldest = listed.keys().next().value
    if (listed.size > SERVER_LIMIT && oldest !== undefined) listed.delete(oldest)
  }
  const noteRelease = (caller: Caller, call: McpCall): void => {
    const now = clock.now()
    const { instance } = caller.principal
    const calls = released.get(instance) ?? []
    calls.push({ ...call, releasedAt: now })
    while (calls.length > CALL_LIMIT || now - (calls[0]?.releasedAt ?? now) >= CLAIM_WINDOW) calls.shift()
    released.set(instance, calls)
  }

  return {
    boundary: Object.freeze<Boundary>({
      async cross(caller, call) {
        // Methods that policy decides as pseudo tools are no tool calls of the host.
        if (call.tool.startsWith('mcp:')) return boundary.cross(caller, call)
        const { server: alias, tool, argsText } = call
        const seen: McpCall = { alias, tool, argsDigest: argumentsDigest(argsText), startedAt: clock.now() }
        for (const listener of listeners) listener(caller, seen, 'asked')
        const result = await boundary.cross(caller, call)
        if (RELEASED.has(result.outcome)) {
          noteRelease(caller, seen)
          for (const listener of listeners) listener(caller, seen, 'released')
        }
        return result
      },
      visible(caller, server) {
        // The relay of `mcp wrap` is what `init` wires; other listings say nothing about the host's own entries.
        if (caller.ingress === 'mcp-stdio') noteServer(serverKey(caller, server))
        return boundary.visible(caller, server)
      },
      refused: (caller, what) => boundary.refused(caller, what),
      report: (caller, auditId, outcome, resultText) => boundary.report(caller, auditId, outcome, resultText),
    }),
    traffic: {
      routed: (caller, alias) => clock.now() - (listed.get(serverKey(caller, alias)) ?? -Infinity) < ROUTED_FOR,
      claim({ principal }, { alias, tool, argsDigest }, since) {
        const calls = released.get(principal.instance) ?? []
        const now = clock.now()
        const at = calls.findIndex(
          (call) =>
            call.alias === alias &&
            call.tool === tool &&
            call.argsDigest === argsDigest &&
            call.startedAt >= since &&
            now - call.releasedAt < CLAIM_WINDOW,
        )
        if (at >= 0) calls.splice(at, 1)
        return at >= 0
      },
    },
    onCall: (listener) => void listeners.push(listener),
  }
}
