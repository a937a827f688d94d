import type { Rate, RateClass } from '../../boundary/ports-limits.ts'
import { ratesOf } from '../../config/rate-limit-schema.ts'

/** Lifetimes in seconds. */
export interface IdentityConfig {
  readonly session: { readonly idleTimeout: number; readonly absoluteTimeout: number }
  readonly rateLimit: {
    /** Tool calls per agent. */
    readonly callsPerMinute: number
    readonly burst: number
    /** Requests by class, counted before the body is read (T-156). */
    readonly rates: ReadonlyMap<RateClass, Rate>
    readonly enabled: boolean
    /** Failed authentications per name and per network, before a pause (E-25). */
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
    rates: ratesOf({ defaults: { requestsPerMinute: 100, burstSize: 20 }, categories: {} }),
    enabled: true,
    failuresPerMinute: 5,
  }),
  keyLifetime: 90 * 86_400,
  instanceWindow: 86_400,
})
