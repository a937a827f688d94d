/** What requests count against: each class has a bucket of its own for each person, agent or network (AC-2.2.2). */
export const RATE_CLASSES = [
  'default',
  'read',
  'agent',
  'hooks',
  'mcp',
  'local',
  'static',
  'live',
  'messages',
  'sign-in',
  'webhook',
] as const
export type RateClass = (typeof RATE_CLASSES)[number]

export type Take = { readonly ok: true } | { readonly ok: false; readonly retryAfterSeconds: number }

/** Tokens a minute, and how many may be taken at once. */
export interface Rate {
  readonly requestsPerMinute: number
  readonly burstSize: number
}

/** Requests that were counted, and those of them that were too many. Both only grow while the process runs. */
export interface LimitCounts {
  readonly hits: number
  readonly violations: number
}
