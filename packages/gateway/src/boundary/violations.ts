import type { Decision, ErrorCode, LogRecord, Severity } from '@sallyport/core'
import type { CallFacts } from './records.ts'

/** Refusals within the window that count as an attempt to find a way round (E-57). */
const BURST = 5
/** ms */
const WINDOW = 60_000
const INSTANCES = 10_000

/**
 * When each agent instance was refused last. The instance is the session that counts here: an agent gives itself as many
 * session names as it likes (T-088). Bounded: who was quiet longest is forgotten first (T-157).
 */
export class Refusals {
  readonly #instances = new Map<string, { readonly times: number[]; told: number }>()

  /** @param at ms of a clock that never goes back. @returns true when this refusal makes it a burst that nobody was told of. */
  count(instance: string, at: number): boolean {
    const known = this.#instances.get(instance) ?? { times: [], told: -Infinity }
    this.#instances.delete(instance)
    this.#instances.set(instance, known)
    if (this.#instances.size > INSTANCES) this.#instances.delete(this.#instances.keys().next().value ?? '')
    known.times.push(at)
    if (known.times.length > BURST) known.times.shift()
    const burst = known.times.length === BURST && at - (known.times[0] ?? at) <= WINDOW
    if (!burst || at - known.told <= WINDOW) return false
    known.told = at
    return true
  }
}

const MESSAGES = {
  'call.refused_repeatedly': 'An agent was refused five times within a minute.',
  'policy.rule_fired': 'A rule that raises an alert decided a call.',
  'token.refused': 'The executor was shown evidence that does not release the call.',
} as const
type Violation = keyof typeof MESSAGES

/**
 * The alert about a call, under the audit id of the call: tool, session, agent, redacted arguments and rule (AC-5.2.1), what
 * a command line would have done and what became of it (AC-3.3.3).
 */
export function violationRecord(
  name: Violation,
  call: CallFacts,
  timestamp: string,
  why: {
    readonly severity: Severity
    readonly rules: readonly string[]
    readonly code?: ErrorCode
    readonly tokenId?: string
    readonly action?: Decision['outcome']
    /** What its command lines would do. */
    readonly patterns?: readonly string[]
  },
): LogRecord {
  const { code, tokenId, action, patterns = [] } = why
  return {
    kind: 'alert',
    auditId: call.auditId,
    timestamp,
    level: 'warn',
    name,
    severity: why.severity,
    message: MESSAGES[name],
    toolName: call.tool?.id ?? `${call.server}.${call.toolName}`.slice(0, 200),
    sessionId: call.sessionId,
    agentId: call.caller.principal.id,
    instance: call.caller.principal.instance,
    policyRule: why.rules,
    parameters: call.parameters,
    parameterHash: call.parameterHash,
    ...(code === undefined ? {} : { code }),
    ...(tokenId === undefined ? {} : { tokenId }),
    ...(action === undefined ? {} : { action }),
    ...(patterns.length === 0 ? {} : { patterns }),
  }
}
