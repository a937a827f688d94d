import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type {
  ArgRole,
  Effect,
  Json,
  JsonObject,
  PasskeyAssertion,
  Principal,
  Scope,
  ToolDefinition,
  TrustLevel,
} from '@sallyport/core'
import type { Surface } from '@sallyport/core/surface'
import type { Caller, Verdict } from '../../boundary/ports.ts'
import type { RateClass, Take } from '../../boundary/ports-limits.ts'

/** Pauses after failed authentications, by where they come from (E-25). */
interface Pauses {
  failed(keys: readonly string[]): Take
}

/** What the server needs to know who is asking; `createIdentity` gives it. */
export interface ApiIdentity {
  verify(credential: string): Verdict<Principal>
  /** An agent's key → the agent it belongs to. */
  verifyKey(key: string): Verdict<Principal>
  /** Refuses what the kill switch or a revocation ended. */
  alive(principal: Principal): Verdict<null>
  whileAlive(principal: Principal, abort: () => void): () => void
  readonly limits: { take(rate: RateClass, identity: string): Take }
  readonly lockout: Pauses
  readonly refusals: { take(identity: string): Take }
}

/** Why a console session ended: idle, absolute age, revoked or not valid (SEC-2.5). */
export type SessionEnd = 4001 | 4002 | 4003

/** Who is asking on the console: sessions that people signed in to. */
export interface ConsoleSessions {
  /**
   * Value of the cookie → who.
   * @param active whether somebody made this request; polls, pings and background fetches do not keep a session open (E-47)
   */
  verify(token: string, from: { readonly address: string }, active: boolean): Verdict<ConsoleSession>
  /** Told once when the session ends, at once when it has. Returns how to stop listening. */
  whileAlive(session: string, ended: (code: SessionEnd) => void): () => void
  /** The value was sent in clear: the session it belongs to ends (E-22). */
  exposed?(token: string): void
}

export interface ConsoleSession {
  readonly session: string
  readonly principal: Principal
}

/** The live WebSocket. */
export interface LiveHandler {
  /** Takes a handshake over whose sender is known, or throws before the protocol is switched. @throws SallyportError */
  upgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Uint8Array,
    who: ConsoleSession,
    again: () => Verdict<ConsoleSession>,
    sessions: ConsoleSessions,
  ): Promise<void>
}

/** The MCP ingress. It gets requests as they arrived, body unread, and a caller that is authenticated. */
export interface McpHandler {
  /** `/mcp` (alias undefined: all servers) and `/mcp/:alias`. */
  handleHttp(request: IncomingMessage, response: ServerResponse, caller: Caller, alias?: string): Promise<void>
  /** `GET /v1/mcp/stdio` with `Upgrade`: the handler answers 101 and speaks its own framing. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Uint8Array, caller: Caller): Promise<void>
}

/** Hooks of agent hosts: `POST /v1/hooks/:host`. Gets the text as it came and answers for the host's own reader. */
export interface HooksHandler {
  handle(
    caller: Caller,
    host: string,
    bodyText: string,
  ): Promise<{ readonly status: number; readonly contentType: string; readonly body: string }>
}

/** A tool that lives in the agent's own program. What it says of itself is a claim; the catalogue decides what to make of it. */
export interface SdkTool {
  readonly definition: ToolDefinition
  readonly claims: {
    readonly effect: Effect
    readonly args: Readonly<Record<string, ArgRole>>
    readonly irreversible: boolean
    readonly persist: boolean
  }
}

export interface SdkToolState {
  readonly name: string
  /** `pinned`: may be called. `unreviewed`: denied until an operator pins it. `drift`: not the one that was pinned. */
  readonly state: 'pinned' | 'unreviewed' | 'drift'
}

/** What the API needs of the catalogue. */
export interface ToolsPort {
  /** Aliases of all servers whose tools this caller may ask for. */
  servers(caller: Caller): readonly string[]
  /** Asks a server for its tools, where nobody has since this gateway started. What fails leaves the catalogue as it is. */
  ready(caller: Caller, alias: string): Promise<void>
  /**
   * Registers the tools of one SDK agent under `alias` (`sdk-<agent>`, made from the authenticated name). Adds to what is
   * there; the claims are part of the pin, so that changing an effect is drift (T-003, T-099).
   */
  register(caller: Caller, alias: string, tools: readonly SdkTool[]): Promise<Verdict<readonly SdkToolState[]>>
}

/** A proof that a human is there (threat-model §3.5), for one kind of act and exactly this payload. */
export interface PresencePort {
  /** False until a human has set a PIN: such a gateway has no operator. */
  claimed(): Promise<boolean>
  verify(kind: string, payload: Json, proof: ProofOfPresence): Promise<Verdict<{ readonly operator: string }>>
}

export type ProofOfPresence = {
  readonly operator: string
  readonly nonce: string
  readonly notAfter: number
} & ({ readonly proof: string } | { readonly assertion: PasskeyAssertion })

/** Times in ms since 1970. */
export interface AgentView {
  readonly name: string
  readonly state: 'active' | 'revoked'
  readonly trustLevel: TrustLevel
  readonly surface: Surface
  readonly scopes: readonly Scope[]
  readonly effects: readonly Effect[]
  readonly createdAt: number
  readonly createdBy: string
  readonly keyExpiresAt: number
  readonly instance: { readonly id: string; readonly since: number; readonly lastSeenAt: number }
}

export interface AgentsPort {
  list(): readonly AgentView[]
  get(name: string): AgentView | undefined
  add(wanted: {
    readonly name: string
    readonly by: string
    readonly scopes?: readonly string[]
    readonly role?: string
    readonly effects?: readonly Effect[]
    readonly surface?: Surface
  }): Promise<{ readonly agent: AgentView; readonly key: string }>
  rotateKey(name: string, by: string): Promise<{ readonly agent: AgentView; readonly key: string }>
  revoke(name: string, by: string): Promise<AgentView>
  setTrust(name: string, level: TrustLevel, by: string, reason?: string): Promise<AgentView>
}

/** Labels and story of the agent instance behind a session. */
export interface FlowView {
  show(instance: string): JsonObject
  /** Records the decision before it counts. */
  endorse(session: SessionView, value: string, by: string): Promise<void>
}

export type KillTarget = { readonly kind: 'all' } | { readonly kind: 'agent'; readonly name: string }

export interface KillState {
  readonly target: string
  readonly reason: string
  readonly by: string
  readonly at: number
  /** Calls that ran on this node then, and what became of them. */
  readonly calls?: { readonly running: number; readonly ended: number; readonly afterMs: number }
}

export interface SessionView {
  readonly id: string
  readonly principal: string
  readonly instance: string
  readonly ingress: string
  readonly surface: string
  readonly hint: string
  readonly node: string
  readonly createdAt: number
  readonly lastActivityAt: number
  readonly calls: number
  readonly state: 'active' | 'ended'
}
