import type { Json, Principal, Scope } from '@sallyport/core'
import type { Caller } from '../../boundary/ports.ts'
import type { RateClass } from '../../boundary/ports-limits.ts'

/** How an entry of the operator plane is reached: the operator socket (command line, TUI) or the console's listener. */
export type Surface = 'socket' | 'console'

/**
 * What holds a cross-site request off, where a browser could send one. `inert`: GET, and it changes nothing. `origin`: exact
 * `Origin` and `Sec-Fetch-Site: same-origin`, JSON only. `state`: a browser is sent here by another site (the answer of an
 * identity provider), and the handler itself compares an unguessable value that this browser was given.
 */
export type Csrf = 'inert' | 'origin' | 'state'

/**
 * One endpoint. The table of all routes is the authentication matrix: what is not in it is answered 403, and no handler
 * runs before `plane` and `scope` have been checked (SEC-2.1).
 */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Fastify form: `/api/v1/approvals/:id`. */
  readonly path: string
  /** `agent`: /v1/*, agent credentials · `operator`: /api/v1/*, operator socket only. */
  readonly plane: 'agent' | 'operator'
  /** Agents that strangers talk to may use it too. What does not say so is closed to them (HB-83). */
  readonly visitors?: true
  /** What the credential must hold. */
  readonly scope: Scope | 'public'
  /** Why an entry may be `public`; such an entry does not load without (AC-2.1.3). */
  readonly justification?: string
  /** Default: both. Where `presence` is `account`: the socket only. */
  readonly surfaces?: readonly Surface[]
  /** Which limit a request counts against (`gateway.rateLimit.categories`); default: by path and channel. */
  readonly rate?: RateClass
  /** Default: `inert` for GET, `origin` for all else. */
  readonly csrf?: Csrf
  /**
   * How a person on the operator socket gets past a scope other than `read` (threat-model §4). `route`: the handler itself
   * verifies a proof of presence before it does anything. `free`: it only narrows what may happen (deny, kill), and
   * `summary` says so. `inert`: what it writes decides nothing and is read before it does; in the console it needs its own
   * scope, and it counts against the limits like everything else. `account`: it gives what this account has without the gateway, to something less trusted (a confined agent).
   * Absent on such a route: the table does not load.
   */
  readonly presence?: 'route' | 'free' | 'inert' | 'account'
  /** `key`: the agent's key instead of a credential; only the exchange of one for the other. */
  readonly auth?: 'key'
  /** `text`: of any type, and not read as JSON; the handler checks a signature over it. */
  readonly body?: 'text'
  /** For docs/reference/api.md. */
  readonly summary: string
  readonly handle: (request: ApiRequest) => Promise<ApiResponse>
}

export interface ApiRequest {
  readonly principal: Principal
  readonly caller: Caller
  /** Address of the client, `unix` on sockets; behind a trusted proxy the one that it names. */
  readonly peer: string
  /** The console's session, where there is one. */
  readonly session: string | undefined
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  /** Strictly parsed; undefined when there is none. */
  readonly body: Json | undefined
  /** Exact text of the body, for digests and signatures. */
  readonly bodyText: string
  readonly signal: AbortSignal
}

export interface ApiResponse {
  readonly status: number
  readonly body?: Json
  /** Instead of `body`: the exact JSON text to send, for results that must not change on the way. */
  readonly text?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Server-sent events or NDJSON instead of a body. */
  readonly stream?: AsyncIterable<string>
}
