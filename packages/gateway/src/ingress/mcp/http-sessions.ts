import { isJsonObject, type JsonObject } from '@sallyport/core'
import type { Caller } from '../../boundary/ports.ts'
import { EventLog } from './event-log.ts'
import type { EventStreamWriter } from './event-stream-writer.ts'
import type { McpIngressDeps } from './ports.ts'
import type { StateSeal } from './sealed-state.ts'
import { ClientSession, type Scope } from './session.ts'

/** One session of the 2025 era over HTTP. */
export interface HttpSession {
  readonly id: string
  readonly key: string
  readonly session: ClientSession
  readonly log: EventLog
  readonly streams: Map<number, EventStreamWriter>
  push: EventStreamWriter | undefined
  busy: number
  usedAt: number
}

interface Shared {
  readonly session: ClientSession
  usedAt: number
}

/** ms a session may be idle, and how many one agent may have open. */
const IDLE_MS = 30 * 60_000
const MAX_PER_AGENT = 64
const MAX_STREAMS = 64

/**
 * Sessions over HTTP. A session id is 128 random bits, the gateway's own, and means something only together with the
 * principal and the instance that opened it and the endpoint it was opened at (T-071).
 */
export class HttpSessions {
  private readonly deps: McpIngressDeps
  private readonly seal: StateSeal
  private readonly sessions = new Map<string, HttpSession>()
  private readonly sharedSessions = new Map<string, Shared>()

  constructor(deps: McpIngressDeps, seal: StateSeal) {
    this.deps = deps
    this.seal = seal
  }

  open(caller: Caller, scope: Scope): HttpSession {
    this.reap()
    const key = ownerKey(caller, scope)
    const own = [...this.sessions.values()].filter((one) => one.session.caller.principal.id === caller.principal.id)
    const oldest = own.sort((a, b) => a.usedAt - b.usedAt)[0]
    if (own.length >= MAX_PER_AGENT && oldest !== undefined) this.end(oldest).catch(() => undefined)
    const id = Buffer.from(this.deps.random.bytes(16)).toString('hex')
    const entry: HttpSession = {
      id,
      key,
      session: this.session(caller, scope, true, (text) => pushTo(entry, text)),
      log: new EventLog(Buffer.from(this.deps.random.bytes(9)).toString('base64url')),
      streams: new Map(),
      push: undefined,
      busy: 0,
      usedAt: this.deps.clock.monotonic(),
    }
    this.sessions.set(id, entry)
    return entry
  }

  /** The session, when this caller opened it at this endpoint; whether it exists for anybody else is not told. */
  find(caller: Caller, scope: Scope, id: string | undefined): HttpSession | undefined {
    const found = id === undefined ? undefined : this.sessions.get(id)
    if (found === undefined || found.key !== ownerKey(caller, scope)) return undefined
    found.usedAt = this.deps.clock.monotonic()
    for (const [stream, writer] of found.streams) {
      if (found.streams.size <= MAX_STREAMS) break
      if (writer.done) found.streams.delete(stream)
    }
    return found
  }

  /**
   * 2026 era: one conversation with the servers per agent instance, endpoint and kind of client (what it can be asked);
   * requests share nothing else.
   */
  shared(caller: Caller, scope: Scope, capabilities: JsonObject): ClientSession {
    this.reap()
    const kinds = ['sampling', 'elicitation', 'roots'].filter((kind) => isJsonObject(capabilities[kind]))
    const key = `${ownerKey(caller, scope)} ${kinds.join()}`
    const known = this.sharedSessions.get(key)
    const usedAt = this.deps.clock.monotonic()
    if (known !== undefined) {
      known.usedAt = usedAt
      return known.session
    }
    const session = this.session(caller, scope, false, () => false)
    this.sharedSessions.set(key, { session, usedAt })
    return session
  }

  async end(found: HttpSession): Promise<void> {
    this.sessions.delete(found.id)
    found.push?.end()
    for (const writer of found.streams.values()) writer.end()
    await found.session.close()
  }

  async close(): Promise<void> {
    const shared = [...this.sharedSessions.values()]
    this.sharedSessions.clear()
    await Promise.all([
      ...[...this.sessions.values()].map((one) => this.end(one)),
      ...shared.map(({ session }) => session.close()),
    ])
  }

  private session(caller: Caller, scope: Scope, ownIds: boolean, push: (text: string) => boolean): ClientSession {
    const own: Caller = { ...caller, ingress: 'mcp-http', connection: this.deps.random.uuid() }
    return new ClientSession({ deps: this.deps, caller: own, scope, seal: this.seal, ownIds, push })
  }

  private reap(): void {
    const old = this.deps.clock.monotonic() - IDLE_MS
    for (const one of this.sessions.values()) {
      if (one.usedAt < old && one.busy === 0 && one.push?.attached !== true) this.end(one).catch(() => undefined)
    }
    for (const [key, { session, usedAt }] of this.sharedSessions) {
      if (usedAt >= old || session.busy) continue
      this.sharedSessions.delete(key)
      session.close().catch(() => undefined)
    }
  }
}

/** What a server says by itself goes to the open GET stream, else with the newest answer that is still being streamed. */
function pushTo(entry: HttpSession, text: string): boolean {
  if (entry.push !== undefined) return entry.push.send(text)
  const running = [...entry.streams.values()].filter((writer) => !writer.done && writer.attached).at(-1)
  return running?.send(text) ?? false
}

const ownerKey = (caller: Caller, scope: Scope): string =>
  JSON.stringify([caller.principal.id, caller.principal.instance, scope.kind === 'server' ? scope.entry.alias : ''])
