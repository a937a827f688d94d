import { toSallyportError, type Json, type SallyportError } from '@sallyport/core'
import type { Caller } from '../../boundary/ports.ts'
import type { HookAnswer, HookEvent, NativeAnswer, PromptSubmitted, SessionStarted } from '../../hosts/event.ts'
import { frameAnswer } from '../../hosts/frame.ts'
import type { WiredHost } from '../../hosts/host.ts'
import { wiredHost } from '../../hosts/table.ts'
import { createAlerts } from './alerts.ts'
import { createDecider } from './decide.ts'
import { Ledger } from './ledger.ts'
import type { HookDeps, HookResponse, Hooks } from './ports.ts'
import { createRegistration } from './register.ts'
import { createReporter } from './report.ts'
import { HookSessions } from './sessions.ts'

const respond = (status: HookResponse['status'], answer: NativeAnswer): HookResponse => ({
  status,
  contentType: 'text/plain; charset=utf-8',
  body: frameAnswer(answer),
})

/**
 * The hook ingress. A host asks before every tool call and runs the tool itself, so the boundary answers `delegated`
 * (`enforcement: host`). Everything a hook says is a claim of the agent's machine: it can raise labels and never lower
 * them, and a report has to match a call that was decided here (T-042, T-045).
 */
export function createHooks(deps: HookDeps): Hooks {
  const ledger = new Ledger()
  const sessions = new HookSessions()
  const alerts = createAlerts(deps, sessions)
  const register = createRegistration(deps.catalogue)
  const decide = createDecider(deps, register, ledger, sessions, alerts)
  const report = createReporter(deps, ledger, sessions, alerts)

  const claim = (caller: Caller, host: WiredHost, event: PromptSubmitted | SessionStarted): HookAnswer => {
    const started = event.event === 'session.start'
    const now = deps.clock.now()
    const hint = { sessionHint: event.sessionHint }
    // So that the first tool call does not wait for the catalogue; it asks again if this fails.
    if (started) void register(caller, host).catch(() => undefined)
    sessions.note(caller, host.profile.id, now, started ? { ...hint, startedAt: now } : hint)
    const detail: Readonly<Record<string, Json>> = started
      ? { source: event.source }
      : { promptLength: event.prompt.length, trust: 'untrusted' }
    // another program of this account can send this event, so it vouches for nothing (T-094)
    if (!started) deps.flow.hear(caller.principal.instance, event.prompt, 'relayed')
    deps.evidence.enqueue([
      {
        kind: 'gateway',
        auditId: deps.random.uuid(),
        timestamp: new Date(now).toISOString(),
        level: 'info',
        event: `hook.${event.event}`,
        agentId: caller.principal.id,
        instance: caller.principal.instance,
        host: host.profile.id,
        sessionHint: event.sessionHint,
        ...detail,
      },
    ])
    return { kind: 'proceed' }
  }

  const answer = async (caller: Caller, host: WiredHost, event: HookEvent): Promise<NativeAnswer> => {
    switch (event.event) {
      case 'tool.before':
        return decide(caller, host, event)
      case 'tool.after':
      case 'tool.failed':
        return report(caller, host, event)
      case 'prompt':
      case 'session.start':
        return host.encode(event, claim(caller, host, event))
    }
  }

  /** A payload that nobody understands is answered with the gating deny: it may have been one. */
  const refuse = async (caller: Caller, host: WiredHost, error: SallyportError): Promise<NativeAnswer> => {
    const id = await deps.boundary
      .refused(caller, { code: error.code, reason: error.message, ingress: 'hook' })
      .catch(() => 'none')
    const reason = `Sallyport denied this call (${error.code}): ${error.entry.title} Event ${id}.`
    return host.encode({ event: 'tool.before', native: gateName(host) }, { kind: 'deny', reason })
  }

  return Object.freeze<Hooks>({
    async handle(caller, hostId, bodyText) {
      let host: WiredHost
      try {
        host = wiredHost(hostId)
      } catch (thrown) {
        const error = toSallyportError(thrown)
        await deps.boundary.refused(caller, { code: error.code, reason: error.detail, ingress: 'hook' }).catch(() => '')
        return { status: 404, contentType: 'text/plain; charset=utf-8', body: `${error.message}\n` }
      }
      try {
        const event = host.decode(bodyText)
        const hooked: Caller = { ...caller, ingress: 'hook', sessionHint: event.sessionHint || caller.sessionHint }
        return respond(200, await answer(hooked, host, event))
      } catch (thrown) {
        return respond(200, await refuse(caller, host, toSallyportError(thrown)))
      }
    },
    sessions: () => sessions.all(),
    observeMcpCall: (caller, call, phase) => alerts.mcpCall(caller, call, phase, ledger),
  })
}

const gateName = (host: WiredHost): string =>
  Object.entries(host.profile.events).find(([, event]) => event === 'tool.before')?.[0] ?? 'PreToolUse'
