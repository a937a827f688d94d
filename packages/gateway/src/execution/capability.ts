import {
  CAPABILITY_MS,
  namesKey,
  SallyportError,
  signToken,
  tokenKey,
  verifyToken,
  type TokenKey,
} from '@sallyport/core'
import { pass, refuse, type CapabilityClaims, type CapabilityPort, type Clock, type Random } from '../boundary/ports.ts'
import { createSteadyClock } from '../control/approvals/steady-clock.ts'
import type { Store } from '../store/ports.ts'

export interface CapabilityDeps {
  readonly clock: Clock
  readonly random: Random
  /** With PostgreSQL the single use of a token is also spent there. */
  readonly store?: Pick<Store, 'driver' | 'spend'>
}

/** How long a key signs, ms (policy.md §4). A key verifies for one token lifetime longer. */
const ROTATION_MS = 3_600_000
/** Slots of the wheel of used ids; one second each, so an id is forgotten only after its token has expired. */
const SLOTS = 64

/**
 * Issues and redeems one-use capability tokens (HB-58, HB-59, SYS-12). The key is random for this process, never stored and
 * rotated hourly: a restart or another node makes every older token worthless. Times come from a clock that never goes back.
 */
export function createCapability({ clock, random, store }: CapabilityDeps): CapabilityPort {
  const time = createSteadyClock(clock)
  const spent = createWheel()
  const boot = Buffer.from(random.bytes(12)).toString('base64url')
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
      const { sub, instance, aud, sid, act, evidence, pol } = wanted
      const jti = `${boot}.${issued.toString(36)}`
      const claims: CapabilityClaims = {
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
      if (!spent.add(claims.jti, now)) return refuse('SP_CAP_REPLAYED')
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

/** Used ids, forgotten slot by slot once no token of that second can be valid any more. */
function createWheel(): { add(id: string, now: number): boolean } {
  const used = new Set<string>()
  const slots: string[][] = Array.from({ length: SLOTS }, () => [])
  let second = 0
  return {
    add(id, now) {
      const at = Math.floor(now / 1000)
      if (second === 0) second = at
      for (let turns = 0; second < at && turns < SLOTS; turns++) {
        second += 1
        for (const old of slots[second % SLOTS] ?? []) used.delete(old)
        slots[second % SLOTS] = []
      }
      second = Math.max(second, at)
      if (used.has(id)) return false
      used.add(id)
      slots[second % SLOTS]?.push(id)
      return true
    },
  }
}
