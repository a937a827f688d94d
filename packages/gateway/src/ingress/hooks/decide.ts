import { digest, SallyportError, sha256 } from '@sallyport/core'
import type { Caller, IncomingCall } from '../../boundary/ports.ts'
import type { NativeAnswer, ToolBefore } from '../../hosts/event.ts'
import type { WiredHost } from '../../hosts/host.ts'
import { deadlineSeconds } from '../../hosts/script.ts'
import type { Alerts } from './alerts.ts'
import { answerOf } from './answers.ts'
import { argumentsDigest, callKey, isMcpTool, routedMcp } from './call-name.ts'
import type { Ledger, LedgerEntry } from './ledger.ts'
import type { HookDeps } from './ports.ts'
import type { Register } from './register.ts'
import type { HookSessions } from './sessions.ts'

/** ms before our own deadline: a human may take until then, and the answer still has to travel. */
const ANSWER_MARGIN_MS = 10_000
const HANG_MARGIN_MS = 3000

/** Hooks of two configurations ask about one call within this time; later the labels may be others, so policy is asked again. */
const SAME_CALL_MS = 5000

export type Decide = (caller: Caller, host: WiredHost, event: ToolBefore) => Promise<NativeAnswer>

const inputDigest = (tool: string, inputText: string): string =>
  digest('sallyport/hook-call/1', { tool, input: sha256(inputText) })

/** Decides a tool call before the host runs it. Hooks that ask about one call at the same time get one answer. */
export function createDecider(
  deps: HookDeps,
  register: Register,
  ledger: Ledger,
  sessions: HookSessions,
  alerts: Alerts,
): Decide {
  const cross = async (
    caller: Caller,
    host: WiredHost,
    event: ToolBefore,
    entry: LedgerEntry,
  ): Promise<NativeAnswer> => {
    const routed = routedMcp(event)
    if (routed !== undefined && deps.traffic?.routed(caller, routed.alias) === true) {
      entry.routedTo = routed
      allow(entry)
      return host.encode(event, { kind: 'proceed' })
    }
    await register(caller, host, event.tool)
    const deadline = deadlineSeconds(host.timeoutSeconds) * 1000
    const result = await deps.boundary.cross(caller, incomingCall(host, event, deadline))
    entry.auditId = result.auditId
    if (entry.state === 'denied') {
      // Too late: the host has been told no, so what was allowed does not happen.
      if (result.outcome === 'delegated') await deps.boundary.report(caller, result.auditId, 'not_executed')
      return host.unreachable
    }
    if (result.outcome === 'delegated') allow(entry)
    else entry.state = 'denied'
    return host.encode(event, answerOf(result))
  }

  return async (caller, host, event) => {
    const { instance } = caller.principal
    const key = callKey(host, event)
    const inputHash = inputDigest(event.tool, event.inputText)
    const known = ledger.find(instance, key)
    // Some models number their calls anew in every turn: an old entry says nothing about a new call.
    if (known !== undefined && deps.clock.now() - known.at < SAME_CALL_MS && known.state !== 'reported') {
      if (known.digest === inputHash) return known.answer
      const details = { tool: event.tool, toolUseId: event.toolUseId, state: known.state }
      alerts.raise(caller, host.profile.id, 'hook.call_id_reused', details)
      throw new SallyportError('SP_HOOK_REPLAYED')
    }
    const distrusted = sessions.of(caller)
    if (distrusted?.state === 'unenforced') throw new SallyportError('SP_HOOK_UNENFORCED', distrusted.reason)
    sessions.note(caller, host.profile.id, deps.clock.now(), { decided: 1, sessionHint: event.sessionHint })
    const entry: LedgerEntry = {
      key,
      instance,
      tool: event.tool,
      digest: inputHash,
      inputText: event.inputText,
      at: deps.clock.now(),
      answer: Promise.resolve(host.unreachable),
      state: 'asked',
      auditId: undefined,
      routedTo: undefined,
      mcp: undefined,
      reported: undefined,
    }
    ledger.add(entry, deps.clock.now())
    entry.answer = withDeadline(cross(caller, host, event, entry), host).catch((thrown: unknown) => {
      entry.state = 'denied'
      throw thrown
    })
    return entry.answer
  }
}

function allow(entry: LedgerEntry): void {
  entry.state = 'allowed'
  if (isMcpTool(entry.tool)) entry.mcp = { argsDigest: argumentsDigest(entry.inputText), paired: false }
}

function incomingCall(host: WiredHost, event: ToolBefore, deadlineMs: number): IncomingCall {
  return {
    requestId: event.toolUseId,
    server: host.server,
    tool: event.tool,
    argsText: event.inputText,
    meta: {},
    ...(event.cwd === '' ? {} : { cwd: event.cwd }),
    enforcement: 'host',
    approvalWaitMs: deadlineMs - ANSWER_MARGIN_MS,
  }
}

/** Nothing here may take longer than the hook client waits: a hang is a deny that says so (T-044). */
async function withDeadline(work: Promise<NativeAnswer>, host: WiredHost): Promise<NativeAnswer> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    const wait = deadlineSeconds(host.timeoutSeconds) * 1000 - HANG_MARGIN_MS
    timer = setTimeout(() => reject(new SallyportError('SP_AUTHZ_UNAVAILABLE', 'The decision took too long.')), wait)
    timer.unref()
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
