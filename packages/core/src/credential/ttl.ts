/** Kinds of credentials by how long they should live (E-43). */
export const CREDENTIAL_TYPES = ['api_key', 'oauth', 'token', 'service', 'device', 'gateway', 'channel'] as const
export type CredentialType = (typeof CREDENTIAL_TYPES)[number]

interface Lifetime {
  /** Seconds, where nothing else is said. */
  readonly usual: number
  /** Seconds; longer ones are warned about (AC-4.1.4). */
  readonly recommended?: number
  /** Seconds; longer ones are refused. */
  readonly most?: number
}

const DAY = 86_400

/**
 * How long a credential lives, seconds (AC-4.1.1, E-43, E-44). Nothing lives for ever: OAuth follows its provider, and lives a day
 * where the provider says nothing.
 */
export const LIFETIMES: Readonly<Record<CredentialType, Lifetime>> = {
  api_key: { usual: 90 * DAY, recommended: 180 * DAY },
  oauth: { usual: DAY },
  token: { usual: DAY, recommended: 7 * DAY },
  service: { usual: 30 * DAY },
  device: { usual: 30 * DAY },
  gateway: { usual: 90 * DAY, most: 365 * DAY },
  channel: { usual: 90 * DAY, recommended: 180 * DAY },
}

/** When a credential should be replaced, as a part of its life (AC-4.3.1). */
const ROTATE_AT = 0.75
/** What was replaced may be used on for so long, as a part of its life (E-45). */
const GRACE_PART = 0.1
/** Unused for so long, a credential is stale, ms (HB-57). */
const UNUSED = 30 * DAY * 1_000

/** Times in ms since 1970. */
export interface Lived {
  readonly type: CredentialType
  readonly createdAt: number
  readonly expiresAt: number
  /** 0: never. */
  readonly lastUsedAt: number
}

/**
 * When a credential ends, ms since 1970.
 * @param ttl seconds; undefined: what is usual for its type
 * @param provider what its issuer says, ms since 1970
 */
export function expiryOf(type: CredentialType, createdAt: number, ttl?: number, provider?: number): number {
  const own = createdAt + (ttl ?? LIFETIMES[type].usual) * 1_000
  if (provider === undefined) return own
  return ttl === undefined ? provider : Math.min(own, provider)
}

/** What is wrong with a lifetime; `refused` may not be used at all (AC-4.1.4). */
export function judgeLifetime(
  type: CredentialType,
  ttl: number,
): { readonly kind: 'fine' } | { readonly kind: 'warn' | 'refused'; readonly most: number } {
  const { recommended, most } = LIFETIMES[type]
  if (most !== undefined && ttl > most) return { kind: 'refused', most }
  return recommended !== undefined && ttl > recommended ? { kind: 'warn', most: recommended } : { kind: 'fine' }
}

/** An expired credential is none, from the very millisecond on (AC-4.1.2). */
export const hasEnded = ({ expiresAt }: Pick<Lived, 'expiresAt'>, now: number): boolean => now >= expiresAt

/** Due for a new one, before it ends (AC-4.3.1). */
export const isDue = ({ createdAt, expiresAt }: Lived, now: number, part = ROTATE_AT): boolean =>
  now >= createdAt + (expiresAt - createdAt) * part

/** How long what was replaced may be used on, ms: not longer than a tenth of its life (AC-4.3.2, E-45). */
export const graceOf = ({ createdAt, expiresAt }: Pick<Lived, 'createdAt' | 'expiresAt'>, most: number): number =>
  Math.max(0, Math.min(most, (expiresAt - createdAt) * GRACE_PART))

/** Why a credential should go (HB-57, `credential.stale`); undefined when it should not. */
export function whyStale(lived: Lived, now: number): 'expired' | 'unused' | undefined {
  if (hasEnded(lived, now)) return 'expired'
  return now - Math.max(lived.lastUsedAt, lived.createdAt) >= UNUSED ? 'unused' : undefined
}
