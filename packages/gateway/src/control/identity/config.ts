/** Lifetimes in seconds. */
export interface IdentityConfig {
  readonly session: { readonly idleTimeout: number; readonly absoluteTimeout: number }
  readonly rateLimit: {
    /** Tool calls per agent. */
    readonly callsPerMinute: number
    readonly burst: number
    /** HTTP requests per agent, counted before the body is read (T-156). */
    readonly requestsPerMinute: number
    readonly requestBurst: number
    /** Failed authentications per source (E-25). */
    readonly failuresPerMinute: number
  }
  /** How long an agent's key can be exchanged (E-43). */
  readonly keyLifetime: number
  /** An agent that was silent for this long gets a new instance (threat-model §4). */
  readonly instanceWindow: number
}

export const DEFAULT_IDENTITY_CONFIG: IdentityConfig = Object.freeze({
  session: Object.freeze({ idleTimeout: 1800, absoluteTimeout: 86_400 }),
  rateLimit: Object.freeze({
    callsPerMinute: 600,
    burst: 100,
    requestsPerMinute: 6000,
    requestBurst: 600,
    failuresPerMinute: 5,
  }),
  keyLifetime: 90 * 86_400,
  instanceWindow: 86_400,
})
