import {
  memberText,
  SallyportError,
  toSallyportError,
  type JsonObject,
  type ListedTool,
  type OpenOptions,
  type ServerFacts,
  type ServerMessages,
  type ToolDefinition,
} from '@sallyport/core'
import type { Clock, Random, RawResult, Refusal, Verdict } from '../../boundary/ports.ts'
import type { OutgoingHttp } from '../egress/outgoing.ts'
import { commandTools } from '../commands/command-tools.ts'
import { requestTools } from '../web/request-tools.ts'
import type { WebDeps } from '../web/web-deps.ts'
import { UpstreamConnection } from './connection.ts'
import { shakeHands } from './handshake.ts'
import { LocalTransport } from './local-transport.ts'
import { rawResult } from './raw-result.ts'
import { readToolList, type ListLimits } from './tool-list.ts'
import { HttpTransport } from './http-transport.ts'
import type { ServerSpec } from './spec.ts'
import { SseTransport } from './sse-transport.ts'
import { StdioTransport } from './stdio-transport.ts'
import type { DecideWritten, LandingPort } from '../../boundary/ports-landing.ts'
import type { CopyMaker } from '../copy/copy-maker.ts'
import type { Confine } from '../sandbox/confine.ts'
import type { Transport } from './transport.ts'

export interface UpstreamsDeps {
  readonly clock: Clock
  readonly random: Random
  /** The gateway's environment, of which servers get PATH, HOME, LANG and TERM. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly version: string
  readonly outgoing: OutgoingHttp
  readonly confine: Confine
  readonly copies: CopyMaker
  readonly decideLanding: LandingPort
  /** The argument vector of a template with data in it, or undefined when it may not run (AC-3.3.1). */
  readonly bind: (template: string, argument: string) => readonly string[] | undefined
  readonly web: WebDeps
  /** What speaks against starting a server now; absent: nothing ever does. */
  readonly mayStart?: (spec: ServerSpec) => Promise<Refusal | undefined>
  readonly log?: (message: string, fields: JsonObject) => void
  readonly limits?: Partial<UpstreamLimits>
}

interface UpstreamLimits extends ListLimits {
  /** Bytes of one message of a server. */
  readonly messageBytes: number
  /** ms between the steps of ending a server's process. */
  readonly graceMs: number
  /** Open connections to servers; the one idle longest makes room. */
  readonly connections: number
}

const LIMITS: UpstreamLimits = Object.freeze({
  messageBytes: 16 * 1024 * 1024,
  listPages: 50,
  listTools: 2_000,
  listMs: 30_000,
  graceMs: 2_000,
  connections: 256,
})

interface CallOptions {
  readonly signal?: AbortSignal
  /** ms; the server's own limit when absent. */
  readonly timeoutMs?: number
  readonly onProgress?: (progress: JsonObject) => void
  readonly decideWritten?: DecideWritten
}

/** All servers behind the gateway. One connection per server and downstream connection, opened on first use. */
export interface Upstreams {
  add(spec: ServerSpec): void
  /** Ends every connection to the server. */
  remove(alias: string): Promise<void>
  specs(): readonly ServerSpec[]
  /** Sends one released call. Never rejects. `paramsText` is forwarded byte for byte; see `joinCall`. */
  call(
    server: string,
    connection: string,
    method: string,
    paramsText: string,
    options?: CallOptions,
  ): Promise<RawResult>
  open(server: string, connection: string, how: OpenOptions): Promise<Verdict<ServerFacts>>
  listTools(server: string, connection: string): Promise<Verdict<readonly ListedTool[]>>
  /** Like `listTools`, for reviews: without a connection given, on one of its own. @throws SallyportError */
  definitions(server: string, connection?: string): Promise<readonly ToolDefinition[]>
  /** Holds a `subscriptions/listen` open (2026 era) until the signal aborts or the server ends it. */
  listen(server: string, connection: string, filter: JsonObject, signal: AbortSignal): Promise<Verdict<JsonObject>>
  /** What is known of a server from its newest connection. */
  info(server: string): ServerFacts | undefined
  closeConnection(connection: string): Promise<void>
  close(): Promise<void>
}

/** Back-off between starts of a server that fails: 250 ms, doubled up to 30 s, forgotten after a minute of life. */
const FIRST_BACKOFF = 250
const MAX_BACKOFF = 30_000
const HEALTHY_MS = 60_000
/** A call waits this long for a server that is in its back-off; longer ones are refused at once. */
const WAIT_MS = 2_000
const REVIEW_CONNECTION = 'review'

const SILENT: ServerMessages = Object.freeze({
  notification: () => undefined,
  request: async () => ({ code: -32601, message: 'Method not found', error: 'SP_MCP_METHOD_REFUSED' as const }),
  closed: () => undefined,
})
const DEFAULT_OPEN: OpenOptions = Object.freeze({ prefer: 'legacy', capabilities: {}, handler: SILENT })

/** A conversation that has begun. */
interface Begun {
  readonly live: UpstreamConnection
  readonly facts: ServerFacts
}

interface Connected extends Begun {
  readonly spec: ServerSpec
  readonly slot: Slot
}

interface Slot {
  readonly connection: string
  options: OpenOptions
  live: Promise<Begun> | undefined
  current: UpstreamConnection | undefined
  startedAt: number
  usedAt: number
  failures: number
  notBefore: number
  /** Schemas of the tools as listed here, for `Mcp-Param-*`. */
  schemas: ReadonlyMap<string, JsonObject>
}

export function createUpstreams(deps: UpstreamsDeps): Upstreams {
  return new Pool(deps)
}

class Pool implements Upstreams {
  private readonly deps: UpstreamsDeps
  private readonly limits: UpstreamLimits
  private readonly servers = new Map<string, ServerSpec>()
  private readonly slots = new Map<string, Map<string, Slot>>()
  private readonly known = new Map<string, ServerFacts>()
  private closed = false

  constructor(deps: UpstreamsDeps) {
    this.deps = deps
    this.limits = { ...LIMITS, ...deps.limits }
  }

  add(spec: ServerSpec): void {
    this.servers.set(spec.alias, spec)
  }

  async remove(alias: string): Promise<void> {
    this.servers.delete(alias)
    this.known.delete(alias)
    const slots = this.slots.get(alias)
    this.slots.delete(alias)
    if (slots !== undefined) await Promise.all([...slots.values()].map(endSlot))
  }

  specs(): readonly ServerSpec[] {
    return [...this.servers.values()]
  }

  async call(
    server: string,
    connection: string,
    method: string,
    paramsText: string,
    options: CallOptions = {},
  ): Promise<RawResult> {
    const found = await this.connect(server, connection)
    if (!found.ok) {
      const { code, reason } = found
      return { outcome: 'failure', error: { code, reason }, confinement: 'none' }
    }
    const { spec, live, slot } = found.value
    const schema = method === 'tools/call' ? slot.schemas.get(nameOf(paramsText)) : undefined
    const sentAt = this.deps.clock.monotonic()
    const reply = await live.request(method, paramsText, {
      timeoutMs: options.timeoutMs ?? spec.timeoutMs,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
      ...(options.decideWritten === undefined ? {} : { decideWritten: options.decideWritten }),
      ...(schema === undefined ? {} : { inputSchema: schema }),
    })
    slot.usedAt = this.deps.clock.monotonic()
    return { ...rawResult(reply, live.confinement), tookMs: slot.usedAt - sentAt }
  }

  async open(server: string, connection: string, how: OpenOptions): Promise<Verdict<ServerFacts>> {
    if (!this.servers.has(server)) return unknownServer
    const slot = this.slot(server, connection)
    const changed = handshakeOf(slot.options) !== handshakeOf(how)
    if (changed && slot.current !== undefined) await endSlot(slot)
    slot.options = how
    const found = await this.connect(server, connection)
    return found.ok ? { ok: true, value: found.value.facts } : found
  }

  async listTools(server: string, connection: string): Promise<Verdict<readonly ListedTool[]>> {
    const found = await this.connect(server, connection)
    if (!found.ok) return found
    const { spec, live, slot, facts } = found.value
    if (facts.capabilities['tools'] === undefined) return { ok: true, value: [] }
    const listed = await readToolList(live, spec.timeoutMs, this.limits, this.deps.clock)
    if (!listed.ok) return listed
    const tools = listed.value
    slot.schemas = new Map(tools.map(({ definition }) => [definition.name, definition.inputSchema]))
    return { ok: true, value: tools }
  }

  async definitions(server: string, connection = REVIEW_CONNECTION): Promise<readonly ToolDefinition[]> {
    const listed = await this.listTools(server, connection)
    if (connection === REVIEW_CONNECTION) await this.drop(server, connection)
    if (!listed.ok) throw new SallyportError(listed.code, listed.reason)
    return listed.value.map(({ definition }) => definition)
  }

  async listen(
    server: string,
    connection: string,
    filter: JsonObject,
    signal: AbortSignal,
  ): Promise<Verdict<JsonObject>> {
    const found = await this.connect(server, connection)
    if (!found.ok) return found
    const { live, facts } = found.value
    if (facts.era !== 'modern') return { ok: true, value: {} }
    const params = JSON.stringify({ notifications: filter })
    // An open subscription has no time limit: it ends with the client or the server.
    const reply = await live.request('subscriptions/listen', params, { timeoutMs: 2 ** 31 - 1, signal })
    if (reply.kind === 'lost' && reply.how !== 'aborted') return refusal(reply.code, reply.reason)
    if (reply.kind === 'error')
      return refusal('SP_MCP_UPSTREAM_FAILED', `It refused the subscription (${reply.error.code}).`)
    return { ok: true, value: {} }
  }

  info(server: string): ServerFacts | undefined {
    return this.known.get(server)
  }

  async closeConnection(connection: string): Promise<void> {
    await Promise.all([...this.slots.keys()].map((server) => this.drop(server, connection)))
  }

  async close(): Promise<void> {
    this.closed = true
    const slots = [...this.slots.values()].flatMap((of) => [...of.values()])
    this.slots.clear()
    await Promise.all(slots.map(endSlot))
  }

  private async drop(server: string, connection: string): Promise<void> {
    const slots = this.slots.get(server)
    const slot = slots?.get(connection)
    slots?.delete(connection)
    if (slot !== undefined) await endSlot(slot)
  }

  private slot(server: string, connection: string): Slot {
    const slots = this.slots.get(server) ?? new Map<string, Slot>()
    this.slots.set(server, slots)
    const slot = slots.get(connection) ?? newSlot(connection)
    slots.set(connection, slot)
    return slot
  }

  private async connect(server: string, connection: string): Promise<Verdict<Connected>> {
    const spec = this.servers.get(server)
    if (spec === undefined) return unknownServer
    if (this.closed) return refusal('SP_MCP_UPSTREAM_FAILED', 'The gateway is stopping.')
    const slot = this.slot(spec.alias, connection)
    const now = this.deps.clock.monotonic()
    slot.usedAt = now
    if (slot.current !== undefined && !slot.current.alive) {
      if (now - slot.startedAt > HEALTHY_MS) slot.failures = 0
      else this.backOff(slot, now)
      slot.live = undefined
      slot.current = undefined
    }
    if (slot.live === undefined) {
      const refused = await this.deps.mayStart?.(spec)
      if (refused !== undefined) return refused
    }
    // somebody else may have started it meanwhile
    if (slot.live === undefined) {
      const wait = slot.notBefore - now
      if (wait > WAIT_MS) return refusal('SP_MCP_UPSTREAM_FAILED', 'The server keeps failing; it is tried again later.')
      slot.live = this.start(spec, slot, Math.max(0, wait))
    }
    try {
      return { ok: true, value: { ...(await slot.live), spec, slot } }
    } catch (thrown) {
      const error = toSallyportError(thrown, 'SP_MCP_UPSTREAM_FAILED')
      return refusal(error.code, error.detail)
    }
  }

  private async start(spec: ServerSpec, slot: Slot, wait: number): Promise<Begun> {
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
    await this.makeRoom()
    const identity = { name: 'sallyport', version: this.deps.version }
    const connection = new UpstreamConnection(
      spec.alias,
      this.transport(spec),
      {
        limits: { maxLength: this.limits.messageBytes, maxDepth: 64 },
        tokenPrefix: `${Buffer.from(this.deps.random.bytes(9)).toString('base64url')}.`,
        identity,
        log: (message, fields) => this.deps.log?.(message, fields),
      },
      slot.options,
    )
    try {
      slot.startedAt = this.deps.clock.monotonic()
      await connection.start()
      const facts = await shakeHands(connection, slot.options, identity, spec.timeoutMs)
      this.known.set(spec.alias, facts)
      slot.current = connection
      return { live: connection, facts }
    } catch (thrown) {
      slot.live = undefined
      this.backOff(slot, this.deps.clock.monotonic())
      await connection.close()
      throw thrown
    }
  }

  private transport(spec: ServerSpec): Transport {
    const maxMessageBytes = this.limits.messageBytes
    const { outgoing, environment, confine, copies, bind, decideLanding } = this.deps
    switch (spec.transport) {
      case 'stdio': {
        const log = (message: string, fields: JsonObject): void => this.deps.log?.(message, fields)
        return new StdioTransport(spec, { environment, confine, maxMessageBytes, graceMs: this.limits.graceMs, log })
      }
      case 'commands':
        return new LocalTransport(commandTools(spec, { confine, copies, bind, decideLanding }))
      case 'requests':
        return new LocalTransport(requestTools(spec, this.deps.web))
      case 'http':
        return new HttpTransport(spec, { outgoing, maxMessageBytes })
      case 'sse':
        return new SseTransport(spec, { outgoing, maxMessageBytes })
    }
  }

  private backOff(slot: Slot, now: number): void {
    slot.failures++
    slot.notBefore = slot.failures === 1 ? now : now + Math.min(MAX_BACKOFF, FIRST_BACKOFF * 2 ** (slot.failures - 2))
  }

  /** Ends the connections that have been idle longest when there are too many (T-156). */
  private async makeRoom(): Promise<void> {
    const all = [...this.slots].flatMap(([server, slots]) => [...slots.values()].map((slot) => ({ server, slot })))
    const open = all.filter(({ slot }) => slot.current?.alive === true).sort((a, b) => a.slot.usedAt - b.slot.usedAt)
    const surplus = open.slice(0, Math.max(0, open.length + 1 - this.limits.connections))
    await Promise.all(surplus.map(({ server, slot }) => this.drop(server, slot.connection)))
  }
}

/** What of the options the server has seen: a difference needs a new connection. */
const handshakeOf = ({ prefer, version, capabilities }: OpenOptions): string =>
  JSON.stringify([prefer, version ?? '', capabilities])

function newSlot(connection: string): Slot {
  return {
    connection,
    options: DEFAULT_OPEN,
    live: undefined,
    current: undefined,
    startedAt: 0,
    usedAt: 0,
    failures: 0,
    notBefore: 0,
    schemas: new Map(),
  }
}

async function endSlot(slot: Slot): Promise<void> {
  const { live } = slot
  slot.live = undefined
  slot.current = undefined
  const begun = await live?.catch(() => undefined)
  await begun?.live.close()
}

const refusal = (code: Refusal['code'], reason: string): Refusal => ({ ok: false, code, reason })
const unknownServer = refusal('SP_MCP_UNKNOWN_SERVER', '')

function nameOf(paramsText: string): string {
  const name = memberText(paramsText, 'name')
  return name === undefined ? '' : String(JSON.parse(name))
}
