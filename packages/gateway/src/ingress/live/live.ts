import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { SallyportError } from '@sallyport/core'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Clock, EvidencePort, Random } from '../../boundary/ports.ts'
import type { LiveTickets } from '../../boundary/ports-live.ts'
import type { RawRoute } from '../api/matrix.ts'
import type { ConsoleSession, ConsoleSessions, LiveHandler, SessionEnd } from '../api/ports.ts'
import type { Route } from '../api/route.ts'
import { LiveConnection, type LiveEnd } from './connection.ts'
import { LiveHub } from './hub.ts'

/** Name of the protocol; the ticket travels beside it and is never sent back. */
const PROTOCOL = 'sallyport.live'
const MOST_BYTES = 4096

export interface LiveDeps {
  readonly clock: Clock
  readonly random: Random
  readonly evidence: EvidencePort
  readonly tickets: LiveTickets
  /** Takes one message of this person; false when there were too many (E-25). */
  readonly mayTalk: (principal: string) => boolean
  readonly limits?: Partial<LiveLimits>
}

/** Times in ms. */
export interface LiveLimits {
  readonly connectionsPerSession: number
  readonly connections: number
  readonly pingMs: number
  /** How often a session is asked for again, should the push be lost (AC-2.5.3). */
  readonly recheckMs: number
}

const DEFAULT_LIVE_LIMITS: LiveLimits = Object.freeze({
  connectionsPerSession: 8,
  connections: 2048,
  pingMs: 30_000,
  recheckMs: 300_000,
})

/** The live WebSocket of the console (SEC-2.5): tickets, connections and what they are told. */
export class Live implements LiveHandler {
  readonly hub = new LiveHub()
  readonly #deps: LiveDeps
  readonly #limits: LiveLimits
  readonly #open = new Map<LiveConnection, string>()
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: MOST_BYTES,
    perMessageDeflate: false,
    handleProtocols: () => PROTOCOL,
  })

  constructor(deps: LiveDeps) {
    this.#deps = deps
    this.#limits = { ...DEFAULT_LIVE_LIMITS, ...deps.limits }
  }

  /** @throws SallyportError SP_AUTHN_INVALID, SP_AUTHZ_RATE, SP_STORE_UNAVAILABLE, before the protocol is switched */
  async upgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Uint8Array,
    { session, principal }: ConsoleSession,
    again: () => ReturnType<ConsoleSessions['verify']>,
    sessions: ConsoleSessions,
  ): Promise<void> {
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim())
    const [ticket, ...more] = offered.filter((one) => one !== PROTOCOL)
    if (!offered.includes(PROTOCOL) || ticket === undefined || more.length > 0) {
      throw new SallyportError('SP_AUTHN_INVALID', `Offer ${PROTOCOL} and one ticket as sub-protocols.`)
    }
    if (!(await this.#deps.tickets.redeem(ticket, session))) {
      throw new SallyportError('SP_AUTHN_INVALID', 'The ticket was used, is over, or is of another session.')
    }
    const own = [...this.#open.values()].filter((one) => one === session).length
    if (own >= this.#limits.connectionsPerSession || this.#open.size >= this.#limits.connections) {
      throw new SallyportError('SP_AUTHZ_RATE', 'Too many live connections are open.')
    }
    this.#server.handleUpgrade(request, socket, Buffer.from(head), (webSocket) => {
      this.#opened(webSocket, { session, principal }, again, sessions)
    })
  }

  #opened(
    socket: WebSocket,
    { session, principal }: ConsoleSession,
    again: () => ReturnType<ConsoleSessions['verify']>,
    sessions: ConsoleSessions,
  ): void {
    const { clock, mayTalk } = this.#deps
    const check = (): SessionEnd | undefined => {
      const now = again()
      return now.ok && now.value.session === session && now.value.principal.scopes.includes('read') ? undefined : 4003
    }
    const { pingMs, recheckMs } = this.#limits
    const stop: (() => void)[] = []
    const connection = new LiveConnection(
      { socket, check, mayTalk: () => mayTalk(principal.id), now: () => clock.now(), pingMs, recheckMs },
      (end) => {
        for (const each of stop) each()
        this.#open.delete(connection)
        this.#record(session, principal.id, end)
      },
    )
    this.#open.set(connection, session)
    stop.push(this.hub.add(connection))
    stop.push(sessions.whileAlive(session, (code) => connection.close(code)))
  }

  /** A session that ended by itself is news for the log; a browser that went away is a line of it. */
  #record(sessionId: string, actor: string, { code, reason, duration, lastActivity }: LiveEnd): void {
    const { clock, random, evidence } = this.#deps
    const level = code === 4003 || code === 1008 ? 'warn' : 'info'
    evidence.enqueue([
      {
        ...{ kind: 'identity', auditId: random.uuid(), timestamp: new Date(clock.now()).toISOString(), level },
        ...{ event: 'live.disconnected', actor, sessionId, code, reason, duration },
        lastActivity: new Date(lastActivity).toISOString(),
      },
    ])
  }

  close(): void {
    for (const connection of this.#open.keys()) connection.close(1001)
    this.#server.close()
  }

  /** The ticket's route, and the entry of the upgrade. */
  routes(): readonly (Route | RawRoute)[] {
    const base = { plane: 'operator', scope: 'read', surfaces: ['console'], rate: 'live' } as const
    return [
      {
        ...{ ...base, method: 'POST', path: '/api/v1/live/ticket' },
        summary: 'A ticket for one WebSocket handshake within 30 seconds; it goes into the sub-protocol.',
        handle: ({ session = '' }) => Promise.resolve({ status: 200, body: this.#deps.tickets.issue(session) }),
      },
      {
        ...{ ...base, method: 'GET', path: '/api/v1/live', raw: 'live' },
        summary:
          'Upgrade: WebSocket `sallyport.live`. Send `{"subscribe": [topics]}`; frames are `{seq, events: [{topic, id, version?, body?}]}`, and `{seq, topic: "gap"}` says that everything must be fetched anew. Closes with 4001 idle, 4002 absolute age, 4003 revoked.',
      },
    ]
  }
}
