import { describe, expect, test } from 'vitest'
import { CREDENTIAL_TYPES, expiryOf, graceOf, isDue, hasEnded, judgeLifetime, LIFETIMES, whyStale } from './ttl.ts'

const DAY = 86_400
const lived = { type: 'token', createdAt: 1_000, expiresAt: expiryOf('token', 1_000), lastUsedAt: 0 } as const

describe('lifetimes', () => {
  test.each(CREDENTIAL_TYPES)(
    'SC4, O4, AC-4.1.1, E-44, E-08: %s ends by itself, and at what is said instead',
    (type) => {
      expect(Number.isFinite(LIFETIMES[type].usual) && LIFETIMES[type].usual > 0).toBe(true)
      expect(expiryOf(type, 1_000)).toBe(1_000 + LIFETIMES[type].usual * 1_000)
      expect(expiryOf(type, 1_000, 60)).toBe(61_000)
    },
  )

  test('AC-4.1.1: api keys live 90 days, tokens a day, OAuth as its provider says', () => {
    expect([LIFETIMES.api_key.usual, LIFETIMES.token.usual]).toEqual([90 * DAY, DAY])
    expect(expiryOf('oauth', 0, undefined, 5_000)).toBe(5_000)
    expect(expiryOf('oauth', 0, 60, 5_000)).toBe(5_000)
    expect(expiryOf('oauth', 0, 1, 5_000)).toBe(1_000)
  })

  test.each(CREDENTIAL_TYPES)('AC-4.1.2: %s is good a second before its end and not a second after', (type) => {
    const expiresAt = expiryOf(type, 0)
    expect([hasEnded({ expiresAt }, expiresAt - 1_000), hasEnded({ expiresAt }, expiresAt)]).toEqual([false, true])
    expect(hasEnded({ expiresAt }, expiresAt + 1_000)).toBe(true)
  })

  test('AC-4.1.4: longer than recommended is warned about, at the very day', () => {
    expect(judgeLifetime('api_key', 180 * DAY).kind).toBe('fine')
    expect(judgeLifetime('api_key', 181 * DAY)).toEqual({ kind: 'warn', most: 180 * DAY })
    expect(judgeLifetime('token', 7 * DAY).kind).toBe('fine')
    expect(judgeLifetime('token', 8 * DAY).kind).toBe('warn')
    expect(judgeLifetime('gateway', 366 * DAY).kind).toBe('refused')
  })

  test('AC-4.3.1: a token of 24 hours is due after 18', () => {
    const hour = 3_600_000
    expect(isDue(lived, 1_000 + 18 * hour - 1)).toBe(false)
    expect(isDue(lived, 1_000 + 18 * hour)).toBe(true)
  })

  test('AC-4.3.2, E-45: what was replaced may be used on for five minutes, and for no more than a tenth of its life', () => {
    expect(graceOf({ createdAt: 0, expiresAt: 90 * DAY * 1_000 }, 300_000)).toBe(300_000)
    expect(graceOf({ createdAt: 0, expiresAt: 900_000 }, 300_000)).toBe(90_000)
    expect(graceOf({ createdAt: 5, expiresAt: 5 }, 300_000)).toBe(0)
  })

  test('ND-4.1.a, ND-4.1.b, E-43: the table of lifetimes', () => {
    expect(LIFETIMES).toEqual({
      api_key: { usual: 7_776_000, recommended: 15_552_000 },
      oauth: { usual: 86_400 },
      token: { usual: 86_400, recommended: 604_800 },
      service: { usual: 2_592_000 },
      device: { usual: 2_592_000 },
      gateway: { usual: 7_776_000, most: 31_536_000 },
      channel: { usual: 7_776_000, recommended: 15_552_000 },
    })
  })

  test('HB-57: stale is what has ended, and what nobody used for 30 days', () => {
    const key = { ...lived, expiresAt: expiryOf('api_key', 1_000) }
    expect(whyStale(key, 1_000 + 30 * DAY * 1_000)).toBe('unused')
    expect(whyStale({ ...key, lastUsedAt: 2 * DAY * 1_000 }, 1_000 + 30 * DAY * 1_000)).toBeUndefined()
    expect(whyStale(key, key.expiresAt)).toBe('expired')
  })
})
