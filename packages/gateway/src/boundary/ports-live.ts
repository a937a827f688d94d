import type { Json } from '@sallyport/core'

/** What people who watch are told of. */
export const LIVE_TOPICS = [
  'approvals',
  'activity',
  'sessions',
  'alerts',
  'agents',
  'tools',
  'policy',
  'egress',
  'credentials',
  'health',
] as const
export type LiveTopic = (typeof LIVE_TOPICS)[number]

/** Something changed. Readers fetch the object again; only what must be on screen at once comes along as `body`. */
export interface LiveEvent {
  readonly topic: LiveTopic
  readonly id: string
  readonly version?: number
  readonly body?: Json
}

/** Never waits and never throws: who does not read fast enough is told to fetch everything anew. */
export type PublishLive = (event: LiveEvent) => void

/** Tickets of the live WebSocket, the same on all gateways of one store. */
export interface LiveTickets {
  issue(session: string): { readonly ticket: string; readonly expiresInSeconds: number }
  /** True once, for the session it was given to, within 30 seconds. @throws SallyportError SP_STORE_UNAVAILABLE */
  redeem(ticket: string, session: string): Promise<boolean>
}
