import { UNCLASSIFIED, type RegisteredTool } from '@sallyport/core'
import type { Caller } from '../../boundary/ports.ts'
import { hookedMcpTool } from './call-name.ts'
import type { Ledger } from './ledger.ts'
import type { AlertDetails, HookDeps, McpCall, McpCallPhase } from './ports.ts'
import type { HookSessions } from './sessions.ts'

/** Ways in which the host's behaviour shows that hooks do not enforce, or that an event was forged. */
export type HookAlert =
  | 'hook.unmatched_report'
  | 'hook.denied_but_ran'
  | 'hook.input_changed'
  | 'hook.call_id_reused'
  | 'hook.gateway_bypassed'
  | 'hook.not_firing'

const MESSAGES: Readonly<Record<HookAlert, string>> = {
  'hook.unmatched_report': 'The host reported a tool call that was never decided.',
  'hook.denied_but_ran': 'The host ran a tool call that was denied.',
  'hook.input_changed': 'The tool ran with another input than the one that was decided.',
  'hook.call_id_reused': 'One call id came at the same time with two different inputs.',
  'hook.gateway_bypassed': 'An MCP tool ran that should have gone through the gateway and did not.',
  'hook.not_firing': 'An MCP call arrived whose hook did not fire.',
}

export interface Alerts {
  raise(caller: Caller, host: string, alert: HookAlert, details: AlertDetails): void
  /** Counts as having read the worst there is: something ran and nobody knows what came back (T-089). */
  worstRead(caller: Caller): Promise<void>
  mcpCall(caller: Caller, call: McpCall, phase: McpCallPhase, ledger: Ledger): void
}

const UNSEEN: RegisteredTool = Object.freeze({
  id: 'hook.unseen',
  server: 'hook',
  name: 'unseen',
  definition: Object.freeze({ name: 'unseen', inputSchema: Object.freeze({}) }),
  pin: '',
  annotation: UNCLASSIFIED,
  annotated: false,
  elevated: false,
})

/** Between the hook and the call the host may ask its own user, ms. */
const HOOK_WINDOW_MS = 30 * 60_000

export function createAlerts(deps: HookDeps, sessions: HookSessions): Alerts {
  const raise: Alerts['raise'] = (caller, host, alert, details) => {
    const { id, instance } = caller.principal
    sessions.note(caller, host, deps.clock.now(), { state: 'unenforced', reason: alert })
    deps.evidence.enqueue([
      {
        kind: 'alert',
        auditId: deps.random.uuid(),
        timestamp: new Date(deps.clock.now()).toISOString(),
        level: 'error',
        name: alert,
        severity: 'high',
        message: MESSAGES[alert],
        agentId: id,
        instance,
        host,
        sessionHint: caller.sessionHint,
        ...details,
      },
    ])
  }
  return {
    raise,
    async worstRead(caller) {
      deps.flow.begin(caller.principal.instance, UNSEEN)
      await deps.flow.settle(caller.principal.instance, UNSEEN)
    },
    mcpCall(caller, { alias, tool, argsDigest, startedAt }, phase, ledger) {
      const session = sessions.of(caller)
      if (session === undefined) return
      const hook = ledger.unpaired(caller.principal.instance, tool, argsDigest, startedAt - HOOK_WINDOW_MS)
      // Only a call that ran uses its hook up: one that waits for a human comes again under the same hook.
      if (hook?.mcp !== undefined) return void (hook.mcp.paired = phase === 'released')
      if (phase === 'released' && session.state === 'unenforced') return
      raise(caller, 'mcp', 'hook.not_firing', { server: alias, tool: hookedMcpTool(alias, tool) })
    },
  }
}
