/** Sizes in bytes, times in ms (T-156). */
export interface ApiLimits {
  readonly bodyBytes: number
  readonly bodyDepth: number
  readonly headerBytes: number
  readonly headerCount: number
  /** From the first byte of a request to the last of its head. */
  readonly headTimeout: number
  /** From the first byte of a request to the last of its body. */
  readonly requestTimeout: number
  readonly keepAlive: number
  /** Open connections per listener, and of one principal. */
  readonly connections: number
  readonly connectionsPerPrincipal: number
  /** Requests of one principal that are being answered. */
  readonly requestsPerPrincipal: number
}

export const DEFAULT_API_LIMITS: ApiLimits = Object.freeze({
  bodyBytes: 4 * 1024 * 1024,
  bodyDepth: 64,
  headerBytes: 16 * 1024,
  headerCount: 64,
  headTimeout: 10_000,
  requestTimeout: 30_000,
  keepAlive: 30_000,
  connections: 1024,
  connectionsPerPrincipal: 256,
  requestsPerPrincipal: 256,
})
