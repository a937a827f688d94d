import { learnServerTime } from './clock.ts'
import { ask, useAsk } from './query.ts'

/** Who is signed in and what this gateway is, as `GET /api/v1/me` says. Times are ISO 8601 by the gateway's clock. */
export interface Me {
  /** `operator:jonas` */
  readonly id: string
  readonly name: string
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
  /** How many recovery codes are left. */
  readonly recoveryCodes?: number
  readonly session: Login | null
  readonly gateway: {
    readonly level: string
    readonly mode: string
    readonly version: string
    /** `prod`; absent where the configuration names none. */
    readonly environment?: string
  }
  readonly serverTime: string
}

/** One signed-in browser. */
export interface Login {
  readonly id: string
  readonly operator: string
  readonly method: string
  readonly browser: string
  readonly address: string
  readonly createdAt: string
  readonly lastActivityAt: string
  readonly idleEndsAt: string | null
  readonly endsAt: string | null
}

/** It is also how the clocks are compared. */
export const ME = ask<Me>('/api/v1/me', {}, [], ({ serverTime }) => learnServerTime(Date.parse(serverTime)))

/** Fetched once a minute. */
export const useMe = () => useAsk(ME, { every: 60_000 })

/** True when this person's roles hold the scope. Nobody signed in holds none. */
export function useMay(scope: string): boolean {
  const { data } = useMe()
  return data?.scopes.includes(scope) ?? false
}
