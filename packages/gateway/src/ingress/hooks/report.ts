import { parseJson, type CallOutcome, type Json } from '@sallyport/core'
import type { Caller } from '../../boundary/ports.ts'
import type { HookAnswer, NativeAnswer, ToolAfter } from '../../hosts/event.ts'
import type { WiredHost } from '../../hosts/host.ts'
import type { Alerts, HookAlert } from './alerts.ts'
import { sameInput, withhold } from './answers.ts'
import { argumentsDigest, callKey } from './call-name.ts'
import type { Ledger, LedgerEntry } from './ledger.ts'
import type { HookDeps } from './ports.ts'
import type { HookSessions } from './sessions.ts'

export type Report = (caller: Caller, host: WiredHost, event: ToolAfter) => Promise<NativeAnswer>

/** After a restart the ledger is empty, while hosts still finish calls that were allowed before it. */
const RESTART_GRACE_MS = 15 * 60_000

/**
 * Takes the host's word for how a call ended. The word has to match a decision of ours: same agent instance, same call id,
 * same input. What does not match raises an alert and counts as the worst read; it never lowers anything.
 */
export function createReporter(deps: HookDeps, ledger: Ledger, sessions: HookSessions, alerts: Alerts): Report {
  const startedAt = deps.clock.now()

  const mismatch = (caller: Caller, event: ToolAfter, entry: LedgerEntry | undefined): HookAlert | undefined => {
    if (entry === undefined) return 'hook.unmatched_report'
    // Hosts report a call that we denied as failed; that it did not run is what we wanted.
    if (entry.state === 'denied') return event.event === 'tool.failed' ? undefined : 'hook.denied_but_ran'
    if (entry.tool !== event.tool || !sameText(entry.inputText, event.inputText)) return 'hook.input_changed'
    const { routedTo } = entry
    if (routedTo === undefined) return undefined
    // Also a failed call takes the crossing that was its own, so that it answers for no other.
    const call = { ...routedTo, argsDigest: argumentsDigest(entry.inputText) }
    const bypassed = deps.traffic?.claim(caller, call, entry.at) !== true
    return bypassed && event.event === 'tool.after' ? 'hook.gateway_bypassed' : undefined
  }

  const settle = async (caller: Caller, event: ToolAfter, entry: LedgerEntry): Promise<HookAnswer> => {
    const { auditId } = entry
    const wasDenied = entry.state === 'denied'
    entry.state = 'reported'
    if (auditId === undefined || wasDenied) return { kind: 'proceed' }
    const seen = await deps.boundary.report(caller, auditId, outcomeOf(event), event.responseText)
    if (!seen.ok) return withheld(event)
    if (event.event === 'tool.failed') return { kind: 'proceed' }
    if (event.responseText === undefined) return withheld(event)
    if (seen.value === null || !seen.value.changed) return { kind: 'proceed' }
    const output = readable(seen.value.resultText)
    const note =
      seen.value.redactions > 0
        ? `Sallyport redacted ${seen.value.redactions} secret(s) from this result.`
        : 'Sallyport marked text in this result that tries to steer the agent.'
    return output === undefined ? withheld(event) : { kind: 'replace', output, note }
  }

  return async (caller, host, event) => {
    const now = deps.clock.now()
    const entry = ledger.find(caller.principal.instance, callKey(host, event))
    if (entry?.reported !== undefined) return entry.reported
    const restarted = entry === undefined && now - startedAt < RESTART_GRACE_MS && sessions.of(caller) === undefined
    const alert = mismatch(caller, event, entry)
    if (alert !== undefined) {
      const details = { tool: event.tool, toolUseId: event.toolUseId }
      if (!restarted) alerts.raise(caller, host.profile.id, alert, details)
      await alerts.worstRead(caller)
      if (entry === undefined) {
        await deps.boundary.refused(caller, { code: 'SP_HOOK_UNMATCHED', reason: event.tool, ingress: 'hook' })
        return host.encode(event, { kind: 'proceed' })
      }
    }
    if (entry === undefined) return host.encode(event, { kind: 'proceed' })
    sessions.note(caller, host.profile.id, now, { reported: 1 })
    entry.reported = settle(caller, event, entry).then((answer) => host.encode(event, answer))
    return entry.reported
  }
}

const outcomeOf = (event: ToolAfter): CallOutcome =>
  event.event === 'tool.after' ? 'success' : event.interrupted ? 'aborted' : 'failure'

function withheld(event: ToolAfter): HookAnswer {
  const note = 'Sallyport withheld this result because it could not be inspected.'
  return event.response === undefined
    ? { kind: 'deny', reason: note }
    : { kind: 'replace', output: withhold(event.response), note }
}

function readable(text: string): Json | undefined {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}

const sameText = (decided: string, ran: string): boolean =>
  decided === ran || sameInput(readable(decided) ?? null, readable(ran) ?? null)
