/**
 * The one way through. A call crosses in this order and in no other (architecture §3, E-20):
 *
 *  1 receive         strict decode, snapshot, freeze; nothing later looks at the caller's object
 *  2 identify        kill switch, session lifetime, rate limit, budget
 *  3 resolve         registered, enabled, equal to its pin, of this surface; arguments fit its schema
 *  4 gate            content of the arguments, and the code that they carry
 *  5 label           what this agent instance has read so far
 *  6 decide          policy: allow, deny, ask
 *  7 record intent   durable before anything happens
 *  8 approve         when asked: a human, this exact call, once
 *  9 release         policy once more, nothing changed since the human looked, release recorded, one-use token
 * 10 execute         the executor verifies token and evidence itself
 * 11 inspect         redact, strip, label
 * 12 record outcome
 *
 * An error in 1–9 is a deny; in 10–12 the raw result is withheld.
 */
import {
  DEFAULT_LIMITS,
  isTainted,
  judgedRecord,
  parseJson,
  refusalRisk,
  SallyportError,
  toSallyportError,
  wrapUntrusted,
  type CallBinding,
  type ArgumentFacts,
  type Decision,
  type ErrorCode,
  type FlowAssessment,
  type Json,
  type JsonObject,
  type Label,
  type LogRecord,
  type RegisteredTool,
} from '@sallyport/core'
import { isoTime } from '../clock.ts'
import { admitTool, unresolved } from './admit-tool.ts'
import { argsDigest, bindCall, policyRequest, provenanceOf, watchedLeaves } from './binding.ts'
import { ControlContext, ReasoningContext } from './contexts.ts'
import type { CrossingPorts } from './crossing-ports.ts'
import type { Delegations } from './delegated.ts'
import { dispatched } from './dispatched.ts'
import { held } from './held.ts'
import { releaseName } from './idempotency.ts'
import { lookFurther } from './look-further.ts'
import type { Bill } from './ports-budget.ts'
import type {
  Caller,
  CapabilityPort,
  CrossingResult,
  IncomingCall,
  Leaf,
  ReleaseEvidence,
  SeenResult,
  Verdict,
} from './ports.ts'
import {
  callRecord,
  gateRecord,
  originsMember,
  outcomeRecord,
  inspectionOf,
  policyWord,
  resultAlert,
  type CallExtra,
  type CallFacts,
  type Ending,
} from './records.ts'
import { violationRecord, type Refusals } from './violations.ts'
import { decideWritten } from './written.ts'

/** How long a spent idempotency key is remembered, ms. */
const KEY_LIFETIME = 7 * 86_400_000

type RunPorts = CrossingPorts & { readonly delegations: Delegations; readonly refusals: Refusals }

/** A call that has passed gates 1–5: what policy decides on and nothing else. */
interface Crossing {
  readonly call: IncomingCall
  readonly caller: Caller
  readonly args: JsonObject
  readonly tool: RegisteredTool
  readonly sinks: readonly Leaf[]
  readonly label: Label
  readonly assessment: FlowAssessment
  readonly facts: CallFacts
  readonly argumentFacts: ArgumentFacts
  /** Of its command lines. */
  readonly effects: readonly string[]
  readonly binding: CallBinding
  readonly bill: Bill | undefined
  readonly started: number
  readonly ask: (approved: boolean, facts?: ArgumentFacts) => Decision
}

/** Takes one call through all twelve steps. Never throws: whatever goes wrong is an answer, and the answer is not "yes". */
export async function crossControlBoundary(
  ports: RunPorts,
  caller: Caller,
  call: IncomingCall,
): Promise<CrossingResult> {
  const auditId = ports.random.uuid()
  const started = ports.clock.monotonic()
  const open: OpenBill = {}
  try {
    const entered = await enter(ports, auditId, caller, call, started, open)
    if (!entered.ok) {
      const denied = await deny(ports, entered.facts, entered.code, entered.reason, started)
      return open.retryAfterSeconds === undefined ? denied : { ...denied, retryAfterSeconds: open.retryAfterSeconds }
    }
    return await decideAndRun(ports, entered.value)
  } catch (thrown) {
    const error = toSallyportError(thrown)
    return await deny(ports, blankFacts(auditId, caller, call), error.code, error.entry.title, started)
  } finally {
    if (open.bill !== undefined) await open.bill.close()
  }
}

/** What was set aside for a call, whatever becomes of it; or when there is something again. */
interface OpenBill {
  bill?: Bill
  retryAfterSeconds?: number | undefined
}

type Entered =
  | { readonly ok: true; readonly value: Crossing }
  | { readonly ok: false; readonly facts: CallFacts; readonly code: ErrorCode; readonly reason: string }

type Growing<T> = { -readonly [K in keyof T]: T[K] }

/** Steps 1–5. */
async function enter(
  ports: CrossingPorts,
  auditId: string,
  caller: Caller,
  arrived: IncomingCall,
  started: number,
  open: OpenBill,
): Promise<Entered> {
  let call = arrived
  const facts: Growing<CallFacts> = blankFacts(auditId, caller, call)
  // A reason may quote the arguments: an unknown member's name, a value that fits no schema.
  const told = (reason: string): string => {
    const redacted = ports.inspector.redact(reason, [])
    return typeof redacted === 'string' ? redacted : ''
  }
  const stop = ({ code, reason }: { code: ErrorCode; reason: string }): Entered => ({
    ...{ ok: false, facts, code },
    reason: told(reason),
  })

  const received = receive(call, ports.limits)
  if (!received.ok) return stop(received)
  let args = received.value

  const admitted = ports.admission.admit(caller)
  if (!admitted.ok) return stop(admitted)
  facts.sessionId = admitted.value.sessionId
  const reserving = ports.budgets?.reserve(caller, call, auditId)
  if (reserving !== undefined) {
    const reserved = await reserving
    if (!reserved.ok) {
      open.retryAfterSeconds = reserved.retryAfterSeconds
      return stop(reserved)
    }
    open.bill = reserved.value
  }

  const resolved = ports.registry.resolve(call.server, call.tool)
  if (!resolved.ok) return stop(unresolved(ports.surfaces, caller.principal, call, resolved))
  const tool = resolved.value
  const secrets = Object.keys(tool.annotation.args).filter((path) => tool.annotation.args[path] === 'secret')
  facts.tool = tool
  facts.parameters = ports.inspector.redact(args, secrets)
  const fitting = admitTool(ports.surfaces, caller.principal, tool)
  if (!fitting.ok) return stop(fitting)
  // bounds first: checking against a schema costs what the arguments are large
  const bytes = Buffer.byteLength(call.argsText)
  const gated = ports.content.inspect(tool, args, {
    bytes,
    argsText: call.argsText,
    caller,
    enforcement: call.enforcement,
  })
  if (gated.report !== undefined) ports.evidence.enqueue([gateRecord(facts, timestamp(ports), gated.report)])
  if (!gated.ok) return stop(gated)
  if (gated.argsText !== call.argsText) {
    // what is decided on, shown and forwarded from here on is the text without what hid in it
    call = { ...call, argsText: gated.argsText }
    const again = receive(call, ports.limits)
    if (!again.ok) return stop(again)
    args = again.value
    facts.parameters = ports.inspector.redact(args, secrets)
    facts.parameterHash = argsDigest(call.argsText)
  }
  const valid = ports.registry.validate(tool, args)
  if (!valid.ok) return stop(valid)

  const described = ports.registry.describe(tool, args, call.cwd)
  const looking = lookFurther(ports, { tool, args, call, caller, described })
  const { report, refusal, hold: wanted } = looking === undefined ? {} : await looking
  if (report !== undefined) ports.evidence.enqueue([gateRecord(facts, timestamp(ports), report, 'content.code')])
  if (refusal !== undefined) return stop(refusal)
  // a reason may quote the program
  const hold = wanted === undefined ? undefined : { ...wanted, reason: told(wanted.reason) }

  const label = ports.flow.snapshot(caller.principal.instance)
  facts.trust = isTainted(label) ? 'untrusted' : 'trusted'
  const { sessionId } = admitted.value
  const { facts: argumentFacts, effect } = described
  const joined = dispatched(ports, { caller, sessionId, tool, args, label, cwd: call.cwd })
  if (!joined.ok) return stop(joined)
  const assessment = ports.flow.assess(caller.principal.instance, tool, described, label)
  const sinks = watchedLeaves(assessment)
  const about = { caller, sessionId, tool, args, label, flow: assessment.facts, effect }
  const ask: Crossing['ask'] = (approved, of = argumentFacts) =>
    held(
      joined.value(ports.policy.evaluate(policyRequest({ ...about, facts: of, approved })), approved),
      approved,
      hold,
    )
  const { bundle } = ports.policy.current()
  const binding = bindCall({
    gateway: ports.gateway,
    caller,
    tool,
    argsDigest: facts.parameterHash,
    meta: call.meta,
    label,
    facts: argumentFacts,
    cwd: call.cwd ?? '',
    sinks,
    bundle,
  })
  const { commandEffects: effects } = argumentFacts
  const judged = { call, caller, args, tool, sinks, label, assessment, facts, argumentFacts, effects, binding }
  return { ok: true, value: { ...judged, bill: open.bill, started, ask } }
}

/** Step 1. The snapshot is what `argsText` says; the object a caller holds is never looked at (ND-1.1.b). */
function receive(call: IncomingCall, limits: CrossingPorts['limits']): Verdict<JsonObject> {
  try {
    const value: Json = parseJson(call.argsText, { maxLength: limits.argumentBytes, maxDepth: limits.depth })
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return { ok: false, code: 'SP_MCP_INVALID_ARGUMENTS', reason: 'The arguments are not an object.' }
    }
    parseJson(JSON.stringify(call.meta), DEFAULT_LIMITS)
    return { ok: true, value: value as JsonObject }
  } catch (thrown) {
    const { code, detail } = toSallyportError(thrown)
    return { ok: false, code, reason: detail }
  }
}

/** Steps 6–9 for a call that has entered; then 10–12. */
async function decideAndRun(ports: RunPorts, crossing: Crossing): Promise<CrossingResult> {
  const decision = crossing.ask(false)
  if (decision.outcome !== 'allow') {
    ports.flow.held(crossing.caller.principal.instance, crossing.tool, crossing.assessment, decision.determining)
  }
  if (decision.outcome === 'deny') return denyByPolicy(ports, crossing, decision)
  if (decision.outcome === 'allow') {
    if (!(await spendKey(ports, crossing))) return alreadyRan(ports, crossing)
    const token = issue(ports, crossing, { kind: 'policy' }, decision)
    await ports.evidence.append([decisionRecord(ports, crossing, decision, { tokenId: token.claims.jti })])
    ports.evidence.enqueue(ruleAlerts(ports, crossing, decision))
    return run(ports, crossing, decision, { evidence: { kind: 'policy' }, answered: [], ...token })
  }
  await ports.evidence.append([decisionRecord(ports, crossing, decision, {}), ...ruleAlerts(ports, crossing, decision)])
  return approveAndRun(ports, crossing, decision)
}

/** Steps 8 and 9. */
async function approveAndRun(ports: RunPorts, crossing: Crossing, asked: Decision): Promise<CrossingResult> {
  const { call, facts, tool, binding } = crossing
  const demand = asked.demand
  if (demand === undefined) throw new SallyportError('SP_POLICY_ERROR', 'A question came without its terms.')
  const { annotation } = tool
  let evidence: ReleaseEvidence | undefined = await ports.approvals.findGrant(binding, demand, crossing.sinks)
  let approvalId = ''
  if (evidence === undefined) {
    const result = await ports.approvals.request(
      {
        auditId: facts.auditId,
        callDigest: ports.approvals.callDigest(binding),
        binding,
        args: crossing.args,
        demand,
        policyRule: asked.determining,
        reason: asked.reason,
        grave: crossing.assessment.facts.reaches || annotation.irreversible || annotation.persist,
        requestId: call.requestId,
        sessionId: facts.sessionId,
        sinks: crossing.sinks,
        story: { provenance: provenanceOf(crossing.assessment) },
      },
      call.approvalWaitMs,
      call.signal,
      call.onWaiting?.bind(call),
    )
    if (result.state === 'pending') {
      const { approvalId: id, expiresAt } = result
      return { outcome: 'pending', auditId: facts.auditId, approvalId: id, expiresAt, reason: asked.reason }
    }
    if (result.state === 'refused') return ended(ports, crossing, result.code, result.reason)
    evidence = result.evidence
    approvalId = evidence.kind === 'approval' ? evidence.approvalId : ''
  }
  const changed = whatChanged(ports, crossing)
  if (changed !== undefined) {
    if (approvalId !== '') await ports.approvals.supersede(approvalId, changed)
    return ended(ports, crossing, 'SP_APPROVAL_SUPERSEDED', changed)
  }
  const decision = crossing.ask(true)
  if (decision.outcome !== 'allow') return ended(ports, crossing, decision.code ?? 'SP_POLICY_DENIED', decision.reason)
  if (!(await spendKey(ports, crossing))) return alreadyRan(ports, crossing)
  const token = issue(ports, crossing, evidence, decision)
  const proof = { approvalId, evidence: evidence.kind, tokenId: token.claims.jti }
  await ports.evidence.append([
    callRecord(
      'release',
      facts,
      timestamp(ports),
      { ...recordOf(decision, tool), policyRule: asked.determining },
      proof,
    ),
  ])
  return run(ports, crossing, decision, { evidence, answered: asked.determining, ...token })
}

/** A keyed call is released at most once, restarts and other nodes included. */
async function spendKey(ports: CrossingPorts, { call, caller }: Crossing): Promise<boolean> {
  if (call.idempotencyKey === undefined) return true
  return ports.once.spend(releaseName(caller, call), ports.clock.now() + KEY_LIFETIME)
}

const alreadyRan = (ports: CrossingPorts, crossing: Crossing): Promise<CrossingResult> =>
  ended(ports, crossing, 'SP_CAP_REPLAYED', 'A call with this idempotency key was released before; look at the log.')

/** Policy, pin or labels that are no longer what the approver saw void the approval (T-030). */
function whatChanged(ports: CrossingPorts, crossing: Crossing): string | undefined {
  const { tool, caller, binding, call } = crossing
  if (ports.policy.current().bundle !== binding.bundle) return 'The policy has changed.'
  const resolved = ports.registry.resolve(call.server, call.tool)
  if (!resolved.ok || resolved.value.pin !== tool.pin) return 'The tool has changed.'
  const now = ports.flow.snapshot(caller.principal.instance)
  const same = now.integrity === crossing.label.integrity && now.confidentiality === crossing.label.confidentiality
  if (!same) return 'The agent has read something else since.'
  const admitted = ports.admission.admit(caller)
  return admitted.ok ? undefined : admitted.reason
}

/** What let a call go: the proof, and the rules whose questions were answered. */
interface Release extends ReturnType<CapabilityPort['issue']> {
  readonly evidence: ReleaseEvidence
  readonly answered: readonly string[]
}

/** Steps 10–12. From here on something may have happened, so every path writes an outcome. */
async function run(
  ports: RunPorts,
  crossing: Crossing,
  decision: Decision,
  { evidence, answered, token, claims }: Release,
): Promise<CrossingResult> {
  const { call, caller, tool, facts, argumentFacts, binding, bill, ask } = crossing
  const { auditId } = facts
  ports.flow.begin(caller.principal.instance, tool, crossing.assessment)
  let tookMs: number | undefined
  const finish = (ending: Omit<Ending, 'durationMs'>): void => {
    const durationMs = ports.clock.monotonic() - crossing.started
    const isOurs = tookMs !== undefined && evidence.kind === 'policy'
    const added = isOurs ? { addedMs: durationMs - (tookMs ?? 0) } : {}
    ports.evidence.enqueue([outcomeRecord(facts, timestamp(ports), { ...ending, ...added, durationMs })])
  }
  bill?.began()
  try {
    const raw = await ports.executor.execute(
      new ControlContext({
        tool,
        argsText: call.argsText,
        meta: call.meta,
        binding,
        evidence,
        token,
        sessionId: facts.sessionId,
        enforcement: call.enforcement,
        caller,
        signal: call.signal,
        onProgress:
          call.onProgress === undefined
            ? undefined
            : (progress) => call.onProgress?.(inspected(ports, tool, progress) as JsonObject),
        decideWritten: (written, cwd) =>
          decideWritten(ask, ports.registry.describeWritten(tool, argumentFacts, written, cwd), answered),
      }),
    )
    const { confinement } = raw
    tookMs = raw.tookMs
    if (raw.resultText !== undefined) bill?.answered(raw.resultText)
    const settle = (seen: SeenResult | 'awaited') => ports.flow.settle(caller.principal.instance, tool, seen)
    if (call.enforcement === 'host' && raw.outcome === 'success') {
      // what a host shows its model is out of our sight: its label counts from now on, durably, reported or not
      await settle('awaited')
      ports.delegations.add({ facts, tool, bill, started: crossing.started })
      return { outcome: 'delegated', auditId, decision }
    }
    if (raw.resultText === undefined) {
      const code = raw.error?.code ?? 'SP_MCP_UPSTREAM_FAILED'
      const rpcError = raw.rpcError === undefined ? {} : { rpcError: inspected(ports, tool, raw.rpcError) }
      const label = await settle({ text: JSON.stringify([rpcError, raw.error?.reason ?? '']) })
      finish({ outcome: raw.outcome, code, confinement, labels: labelsOf(label) })
      return { outcome: 'failed', auditId, code, reason: raw.error?.reason ?? '', ...rpcError }
    }
    const seen = ports.inspector.inspect(tool, wrapUntrusted(raw.resultText, tool.id))
    const labels = labelsOf(await settle({ text: seen.resultText, hostile: seen.suspicious }))
    finish({ outcome: raw.outcome, ...inspectionOf(seen, raw.resultText), confinement, labels })
    if (seen.suspicious) ports.evidence.enqueue([resultAlert(facts, timestamp(ports), seen.findings)])
    return { outcome: 'executed', auditId, resultText: seen.resultText, decision }
  } catch (thrown) {
    const { code, entry } = toSallyportError(thrown)
    const refused = REFUSED_BY_EXECUTOR.test(code)
    finish({ outcome: refused ? 'not_executed' : 'failure', code })
    if (refused) {
      bill?.undone()
      const why = { severity: 'critical', rules: decision.determining, code, tokenId: claims.jti } as const
      ports.evidence.enqueue([violationRecord('token.refused', facts, timestamp(ports), why)])
    }
    await ports.flow.settle(caller.principal.instance, tool).catch(() => undefined)
    return { outcome: 'failed', auditId, code, reason: entry.title }
  }
}

const labelsOf = ({ confidentiality, integrity }: Label) => ({ confidentiality, integrity })

/** What an executor says when it has run nothing. */
const REFUSED_BY_EXECUTOR = /^SP_(CAP|APPROVAL)_/

/** Errors and progress of a server are words of the server like results (AC-3.5.1). */
const inspected = (ports: CrossingPorts, tool: RegisteredTool, value: Json): Json =>
  parseJson(ports.inspector.inspect(tool, wrapUntrusted(JSON.stringify(value), tool.id)).resultText)

async function denyByPolicy(ports: RunPorts, crossing: Crossing, decision: Decision): Promise<CrossingResult> {
  const code = decision.code ?? 'SP_POLICY_DENIED'
  const { reason, severity } = decision
  await ports.evidence
    .append([
      decisionRecord(ports, crossing, decision, { outcome: 'not_executed', code, reason, severity }),
      ...ruleAlerts(ports, crossing, decision),
      ...burstAlert(ports, crossing.facts, decision.determining, code),
    ])
    .catch(() => undefined)
  return { outcome: 'denied', auditId: crossing.facts.auditId, code, reason: decision.reason }
}

/** A refusal before policy: the record is written first, and a log that fails cannot turn a deny into anything else. */
async function deny(
  ports: RunPorts,
  facts: CallFacts,
  code: ErrorCode,
  reason: string,
  started: number,
): Promise<Extract<CrossingResult, { outcome: 'denied' }>> {
  const none = { policyDecision: 'denied', policyRule: [], bundle: '' } as const
  const severity = refusalRisk(facts.tool?.annotation.groups ?? [])
  const record = callRecord('decision', facts, timestamp(ports), none, {
    outcome: 'not_executed',
    code,
    decidedMs: ports.clock.monotonic() - started,
    reason,
    severity,
  })
  await ports.evidence.append([record, ...burstAlert(ports, facts, [], code)]).catch(() => undefined)
  return { outcome: 'denied', auditId: facts.auditId, code, reason }
}

/** An alert for a rule that is marked with one, durable with the decision itself (E-57). */
function ruleAlerts(ports: CrossingPorts, { facts, effects }: Crossing, decision: Decision): readonly LogRecord[] {
  const { severity, determining: rules, outcome: action } = decision
  return decision.alert === true
    ? [violationRecord('policy.rule_fired', facts, timestamp(ports), { severity, rules, action, patterns: effects })]
    : []
}

/** Somebody is looking for a way round: said once a minute, durable before the caller hears of the refusal (E-57). */
function burstAlert(
  ports: RunPorts,
  facts: CallFacts,
  rules: readonly string[],
  code: ErrorCode,
): readonly LogRecord[] {
  // who has nothing left to spend looks for no way round
  if (code.startsWith('SP_BUDGET_') || !ports.refusals.count(facts.caller.principal.instance, ports.clock.monotonic()))
    return []
  return [violationRecord('call.refused_repeatedly', facts, timestamp(ports), { severity: 'critical', rules, code })]
}

/** A call that was asked about and is not going to happen. */
async function ended(
  ports: CrossingPorts,
  crossing: Crossing,
  code: ErrorCode,
  reason: string,
): Promise<CrossingResult> {
  const durationMs = ports.clock.monotonic() - crossing.started
  const ending: Ending = { outcome: 'not_executed', durationMs, code }
  await ports.evidence.append([outcomeRecord(crossing.facts, timestamp(ports), ending)]).catch(() => undefined)
  return { outcome: 'denied', auditId: crossing.facts.auditId, code, reason }
}

function issue(ports: CrossingPorts, crossing: Crossing, evidence: ReleaseEvidence, decision: Decision) {
  const { tool, caller, facts } = crossing
  return ports.capability.issue({
    sub: caller.principal.id,
    instance: caller.principal.instance,
    aud: `${tool.id}@${tool.pin}`,
    sid: facts.sessionId,
    act: facts.parameterHash,
    evidence: evidence.kind === 'policy' ? 'policy' : evidence.callDigest,
    pol: decision.bundle,
  })
}

function recordOf(decision: Decision, tool: RegisteredTool) {
  return { policyDecision: policyWord(decision, tool), policyRule: decision.determining, bundle: decision.bundle }
}

function decisionRecord(ports: CrossingPorts, crossing: Crossing, decision: Decision, extra: CallExtra) {
  return callRecord('decision', crossing.facts, timestamp(ports), recordOf(decision, crossing.tool), {
    decidedMs: ports.clock.monotonic() - crossing.started,
    judged: judgedOf(crossing),
    labels: labelsOf(crossing.label),
    ...originsMember(crossing.assessment),
    ...extra,
  })
}

const judgedOf = ({ assessment, call, caller: { channel, chatType, contentTrust, principal } }: Crossing) =>
  judgedRecord({
    ...{ flow: assessment.facts, cwd: call.cwd ?? '', channel, chatType, contentTrust },
    trustLevel: principal.trustLevel,
  })

const timestamp = (ports: CrossingPorts): string => isoTime(ports.clock.now())

function blankFacts(auditId: string, caller: Caller, call: IncomingCall): CallFacts {
  const { requestId, server, tool, enforcement } = call
  const reasoning = new ReasoningContext({ conversation: caller.sessionHint, purpose: caller.purpose })
  return {
    auditId,
    requestId,
    caller,
    reasoning,
    sessionId: '',
    server,
    toolName: tool,
    enforcement,
    tool: undefined,
    parameters: null,
    parameterHash: argsDigest(call.argsText),
    trust: 'unknown',
  }
}
