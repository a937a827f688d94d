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
  /** For docs/reference/api.md. */
  readonly summary: string
  readonly handle: (request: ApiRequest) => Promise<ApiResponse>
}

export interface ApiRequest {
  readonly principal: Principal
  readonly caller: Caller
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
  readonly headers?: Readonly<Record<string, string>>
  /** Server-sent events or NDJSON instead of a body. */
  readonly stream?: AsyncIterable<string>
}
