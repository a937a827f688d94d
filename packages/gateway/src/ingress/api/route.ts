import type { Json, Principal, Scope } from '@sallyport/core'
import type { Caller } from '../../boundary/ports.ts'

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
  /** What the credential must hold; `public` needs a justification in `summary`. */
  readonly scope: Scope | 'public'
  /**
   * How a person on the operator socket gets past a scope other than `read` (threat-model §4). `route`: the handler itself
   * verifies a proof of presence before it does anything. `free`: it only narrows what may happen (deny, kill), and
   * `summary` says so. `account`: it gives what this account has without the gateway, to something less trusted (a confined agent).
   * Absent on such a route: the table does not load.
   */
  readonly presence?: 'route' | 'free' | 'account'
  /** `key`: the agent's key instead of a credential; only the exchange of one for the other. */
  readonly auth?: 'key'
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
