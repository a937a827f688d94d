import type { Json, LaunchSpec, ToolDefinition } from '@sallyport/core'
import type { Boundary, Caller, Clock, EvidencePort, FlowPort, Random, Verdict } from '../../boundary/ports.ts'

/** The registry (`control/catalogue`), as far as hooks need it. */
export interface HostCatalogue {
  addServer(alias: string, launch: LaunchSpec): Promise<Verdict<null>>
  /** Registers what is new. Cheap for what is known; resolves when step 3 reflects it. */
  observe(
    alias: string,
    tools: readonly ToolDefinition[],
  ): Promise<{ readonly added: readonly string[]; readonly drifted: readonly string[] }>
  /** Accepts the named tools as reviewed. */
  pin(alias: string, tools: readonly string[], by: string): Promise<unknown>
}

/** One MCP tool call as the gateway sees it, to be paired with the hook that asked about it. */
export interface McpCall {
  readonly alias: string
  readonly tool: string
  readonly argsDigest: string
  /** When it reached the gateway, ms, `Clock.now`. */
  readonly startedAt: number
}
/** `asked` before the call crosses the boundary, `released` when it was executed. */
export type McpCallPhase = 'asked' | 'released'

/** What the gateway itself sees of an agent's MCP traffic; without it no hooked MCP tool counts as routed. */
export interface AgentTraffic {
  /** True when this agent has that MCP server connected through `mcp wrap` now, under exactly this alias. */
  routed(caller: Caller, alias: string): boolean
  /**
   * True when exactly this call came at or after `since` (ms, `Clock.now`) and was released. Takes it: every released call
   * answers for one hook, and one that was denied for none.
   */
  claim(caller: Caller, call: Omit<McpCall, 'startedAt'>, since: number): boolean
}

export interface HookDeps {
  readonly boundary: Boundary
  readonly catalogue: HostCatalogue
  readonly evidence: EvidencePort
  readonly flow: Pick<FlowPort, 'begin' | 'settle' | 'hear'>
  readonly clock: Clock
  readonly random: Random
  readonly traffic?: AgentTraffic
}

/** The body goes to the hook client as it is; see `hosts/frame.ts`. */
export interface HookResponse {
  readonly status: 200 | 404
  readonly contentType: 'text/plain; charset=utf-8'
  readonly body: string
}

/**
 * Answers `POST /v1/hooks/:host`. Never throws: whatever goes wrong is a deny in the host's own form.
 * `caller` is the authenticated agent; nothing in the payload says who asks (T-003).
 */
type HookHandler = (caller: Caller, hostId: string, bodyText: string) => Promise<HookResponse>

/** How far the hooks of one agent can be relied on, for `status` and `doctor` (T-042). */
export interface HookSession {
  readonly agent: string
  readonly instance: string
  readonly host: string
  readonly sessionHint: string
  readonly startedAt: number
  readonly lastEventAt: number
  readonly decided: number
  readonly reported: number
  /** `unenforced`: something ran that was never allowed, so hooks do not fire or do not block. */
  readonly state: 'enforced' | 'unenforced'
  readonly reason: string
}

export interface Hooks {
  readonly handle: HookHandler
  sessions(): readonly HookSession[]
  /** The MCP side tells what crossed; an MCP call of a hooked agent without its hook means that hooks do not fire. */
  observeMcpCall(caller: Caller, call: McpCall, phase: McpCallPhase): void
}

/** Extra members of an alert record. */
export type AlertDetails = Readonly<Record<string, Json>>
