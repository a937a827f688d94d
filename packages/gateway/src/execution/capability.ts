import {
  CAPABILITY_MS,
  namesKey,
  SallyportError,
  signToken,
  tokenKey,
  verifyToken,
  type TokenClaims,
  type TokenKey,
} from '@sallyport/core'
import { pass, refuse, type CapabilityPort, type Clock, type Random } from '../boundary/ports.ts'
import { createSteadyClock } from '../clock.ts'
import type { Store } from '../store/ports.ts'

export interface CapabilityDeps {
  readonly clock: Clock
  readonly random: Random
  /** With PostgreSQL the single use of a token is also spent there. */
  readonly store?: Pick<Store, 'driver' | 'spend'>
}

/** How long a key signs, ms (policy.md §4). A key verifies for one token lifetime longer. */
const ROTATION_MS = 3_600_000
/** Tokens per page of the table of used ones. */
const PAGE = 8192

/**
 * Issues and redeems one-use capability tokens (HB-58, HB-59, SYS-12). The key is random for this process, never stored and
 * rotated hourly: a restart or another node makes every older token worthless. Times come from a clock that never goes back.
 */
export function createCapability({ clock, random, store }: CapabilityDeps): CapabilityPort {
  const time = createSteadyClock(clock)
  const boot = Buffer.from(random.bytes(12)).toString('base64url')
  const uses = createUses()
  let keys = 0
  let issued = 0
  let current = newKey(time.now())
  let previous: SigningKey | undefined

  function newKey(since: number): SigningKey {
    keys += 1
    return { ...tokenKey(`${boot}.${keys}`, random.bytes(32)), since }
  }

  function signingKey(now: number): SigningKey {
    if (now - current.since >= ROTATION_MS) {
      previous = current
      current = newKey(now)
    }
    return current
  }

  return {
    issue(wanted) {
      requireNarrow(wanted)
      const iat = time.now()
      issued += 1
      uses.open(issued, iat)
      const { sub, instance, aud, sid, act, evidence, pol } = wanted
      const jti = `${boot}.${issued.toString(36)}`
      const claims: TokenClaims = {
        jti,
        sub,
        instance,
        aud,
        sid,
        act,
        evidence,
        pol,
        iat,
        exp: iat + CAPABILITY_MS,
      }
      return { token: signToken(signingKey(iat), claims), claims }
    },
    async redeem(token, expected) {
      const now = time.now()
      const key = namesKey(token, current) ? current : previous
      if (key === undefined) return refuse('SP_CAP_INVALID')
      const verified = verifyToken(key, token, expected, now)
      if (!verified.ok) return refuse(verified.code, verified.reason)
      const { claims } = verified
      if (!uses.take(Number.parseInt(claims.jti.slice(boot.length + 1), 36))) return refuse('SP_CAP_REPLAYED')
      if (
        store?.driver === 'postgres' &&
        !(await store.spend(`capability:${claims.jti}`, claims.exp + CAPABILITY_MS))
      ) {
        return refuse('SP_CAP_REPLAYED')
      }
      return pass(claims)
    },
  }
}

type SigningKey = TokenKey & { readonly since: number }

/** `scope: all`, wildcards and blanks are not things a token can be for (HB-63). */
function requireNarrow({ sub, aud, sid, act }: { sub: string; aud: string; sid: string; act: string }): void {
  const at = aud.indexOf('@')
  const wide =
    at < 1 || at === aud.length - 1 || aud.includes('*') || aud.includes(' ') || !aud.slice(0, at).includes('.')
  if (wide) throw new SallyportError('SP_AUTHZ_GRANT', 'A capability is for one tool and one definition of it.')
  if (sub === '' || sub === '*' || sid === '' || act === '') {
    throw new SallyportError('SP_AUTHZ_GRANT', 'A capability names its agent, its session and its arguments.')
  }
}

/**
 * One bit per issued token: single use in constant time and without a growing set of ids. The number of a token is under its
 * MAC, so it is one of ours. A page is forgotten once all its tokens have expired, and what is forgotten counts as used.
 */
function createUses(): { open(number: number, now: number): void; take(number: number): boolean } {
  const pages = new Map<number, { readonly bits: Uint8Array; last: number }>()
  let newest: { readonly bits: Uint8Array; last: number } | undefined
  let at = -1
  return {
    open(number, now) {
      const page = Math.floor(number / PAGE)
      if (page !== at || newest === undefined) {
        for (const [old, { last }] of pages) if (last + 2 * CAPABILITY_MS < now) pages.delete(old)
        newest = { bits: new Uint8Array(PAGE / 8), last: now }
        at = page
        pages.set(page, newest)
      }
      newest.last = now
    },
    take(number) {
      const bits = pages.get(Math.floor(number / PAGE))?.bits
      const index = (number % PAGE) >> 3
      const bit = 1 << (number & 7)
      const byte = bits?.[index]
      if (bits === undefined || byte === undefined || (byte & bit) !== 0) return false
      bits[index] = byte | bit
      return true
    },
  }
}
