import { useGet } from './query.ts'

/** Who is signed in and what this gateway is, as `GET /api/v1/me` says. Times are ms since 1970 by the gateway's clock. */
export interface Me {
  readonly id: string
  readonly name: string
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
  readonly session: { readonly id: string; readonly idleEndsAt: number; readonly endsAt: number }
  readonly environment: string
  readonly mode: string
  readonly level: string
  readonly serverTime: number
}

/** Fetched once a minute; it is also how the clocks are compared. */
export const useMe = () => useGet<Me>('/api/v1/me', {}, { every: 60_000 })

/** True when this person's roles hold the scope. Nobody signed in holds none. */
export function useMay(scope: string): boolean {
  const { data } = useMe()
  return data?.scopes.includes(scope) ?? false
}
