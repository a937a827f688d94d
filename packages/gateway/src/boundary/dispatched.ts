import {
  mergeDemands,
  severityRank,
  type Decision,
  type ErrorCode,
  type JsonObject,
  type Label,
  type RegisteredTool,
} from '@sallyport/core'
import { admitTool } from './admit-tool.ts'
import { policyRequest } from './binding.ts'
import type { CrossingPorts } from './crossing-ports.ts'
import { held, type CallHold } from './held.ts'
import { callsOthers, innerCalls, type InnerCall } from './inner-calls.ts'
import { pass, refuse, type Caller, type Refusal, type Verdict } from './ports.ts'

interface Outer {
  readonly caller: Caller
  readonly sessionId: string
  readonly tool: RegisteredTool
  readonly args: JsonObject
  readonly label: Label
  readonly cwd: string | undefined
}

/** What policy says of the whole, given what it says of the outer call. */
type Joined = (outer: Decision, approved: boolean) => Decision

type Asked = (approved: boolean) => Decision

type DispatchPorts = Pick<CrossingPorts, 'registry' | 'surfaces' | 'policy' | 'flow'>

/** Inner calls that are decided one by one; more than this is asked about as a whole. */
const MOST = 16

/**
 * Calls inside of a call (T-079): a tool that calls others by name does not get past what is decided about them. Each inner call of a
 * known tool is decided as a call of its own, of every tool that has the name, and the strictest answer counts. Of what nobody knows
 * a person is asked.
 */
export function dispatched(ports: DispatchPorts, outer: Outer): Verdict<Joined> {
  const isDispatcher = callsOthers(outer.tool.name)
  const calls = innerCalls(outer.args, isDispatcher)
  if (calls.length === 0 && !isDispatcher) return pass((decision) => decision)
  const asked: Asked[] = []
  /** Tools of that name that are not in use; none where nobody has the name. */
  const unclear: string[] = []
  let unknown = false
  let known = 0
  for (const call of calls) {
    const named = ports.registry.named(call.name).filter(({ tool }) => tool.id !== outer.tool.id)
    if (named.length === 0 && call.surely) unknown = true
    for (const { tool, state } of named) {
      if ((known += 1) > MOST) break
      const judged = judgeInner(ports, outer, call, tool, state)
      if (typeof judged === 'string') unclear.push(judged)
      else if (!judged.ok) return judged
      else asked.push(judged.value)
    }
  }
  if (known > MOST || (known === 0 && isDispatcher)) unknown = true
  const hold = unknown || unclear.length > 0 ? holdOf(outer.tool, unclear) : undefined
  return pass((decision, approved) =>
    held(
      asked.reduce((worst, ask) => stricter(worst, ask(approved)), decision),
      approved,
      hold,
    ),
  )
}

/** @returns what asks policy about it, a refusal, or the name of what only a person can judge */
function judgeInner(
  ports: DispatchPorts,
  outer: Outer,
  { args }: InnerCall,
  tool: RegisteredTool,
  state: Refusal | undefined,
): Verdict<Asked> | string {
  const { caller, sessionId, label, cwd } = outer
  if (state !== undefined) {
    const isOff = state.code === 'SP_MCP_TOOL_DISABLED' || tool.server === outer.tool.server
    return isOff ? within(tool, state.code, state.reason) : tool.id
  }
  const admitted = admitTool(ports.surfaces, caller.principal, tool)
  if (!admitted.ok) return within(tool, admitted.code, admitted.reason)
  const described = ports.registry.describe(tool, args, cwd)
  const flow = ports.flow.assess(caller.principal.instance, tool, described, label).facts
  const about = { caller, sessionId, tool, args, label, flow, effect: described.effect, facts: described.facts }
  const ask: Asked = (approved) => {
    const decision = ports.policy.evaluate(policyRequest({ ...about, approved }))
    return { ...decision, reason: decision.reason === '' ? '' : `It calls ${tool.id}. ${decision.reason}` }
  }
  if (ports.registry.validate(tool, args).ok) return pass(ask)
  // arguments that policy cannot read are no way past a denial that needs none
  const { principal, action, resource } = policyRequest({ ...about, approved: false })
  return ports.policy.possible({ principal, action, resource })
    ? tool.id
    : within(tool, 'SP_POLICY_DENIED', 'Policy allows no call of it.')
}

const within = (tool: RegisteredTool, code: ErrorCode, reason: string): Refusal =>
  refuse(code, `It calls ${tool.id}. ${reason}`)

/** The reason says nothing of the arguments; whoever is asked sees them. */
const holdOf = (tool: RegisteredTool, unclear: readonly string[]): CallHold => ({
  reason: `${tool.id} calls other tools, and what it would do cannot be told from here${unclear.length === 0 ? '' : ` (${unclear.join(', ')})`}.`,
  severity: 'high',
  rules: ['gate.dispatcher'],
})

const RANK = { allow: 0, ask: 1, deny: 2 } as const

/** The stricter of two decisions; two questions are one, on the terms of both. */
function stricter(outer: Decision, inner: Decision): Decision {
  if (RANK[inner.outcome] < RANK[outer.outcome] || inner.outcome === 'allow') return outer
  if (RANK[inner.outcome] > RANK[outer.outcome]) return inner
  if (inner.outcome === 'deny' || outer.demand === undefined || inner.demand === undefined) return outer
  const demand = mergeDemands([outer.demand, inner.demand])
  if (demand === undefined) {
    const { demand: _none, ...rest } = outer
    return { ...rest, outcome: 'deny', code: 'SP_POLICY_DENIED', reason: 'Nobody may approve all that it would do.' }
  }
  return {
    ...outer,
    reason: `${outer.reason} ${inner.reason}`,
    determining: [...new Set([...outer.determining, ...inner.determining])],
    severity: severityRank(inner.severity) > severityRank(outer.severity) ? inner.severity : outer.severity,
    ...(inner.alert === true ? { alert: true } : {}),
    demand,
  }
}
