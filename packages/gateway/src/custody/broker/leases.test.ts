import { describe, expect, test } from 'vitest'
import { systemRandom } from '../../random.ts'
import { Leases } from './leases.ts'

const MINUTE = 60_000
const GRACE = 300_000
function ground() {
  const now = { wall: 1_000_000, monotonic: 0 }
  const clock = { now: () => now.wall, monotonic: () => now.monotonic }
  const leases = new Leases(clock, systemRandom)
  const advance = (ms: number): void => {
    now.wall += ms
    now.monotonic += ms
    leases.sweep()
  }
  const use = (version = '1', { instance = 'i1', until = Number.MAX_SAFE_INTEGER, grace = GRACE } = {}) =>
    leases.use('api', 'coder', instance, { version, until }, grace)
  return { leases, now, advance, use }
}

describe('leases', () => {
  test('HB-86: a lease is good for 15 minutes, then the next use needs a new one', () => {
    const { advance, use, leases } = ground()
    const first = use().lease.id
    advance(15 * MINUTE - 1)
    expect(use().lease).toMatchObject({ id: first, uses: 2 })
    advance(1)
    expect(leases.list()).toEqual([])
    expect(use().lease.id).not.toBe(first)
  })

  test('AC-4.3.2: what is on its way with a value that was replaced goes on for 299 seconds, and not for 301', () => {
    const { advance, use, leases } = ground()
    const old = use('1')
    const next = use('2')
    expect(next.lease.id).not.toBe(old.lease.id)
    expect(leases.list().map(({ version }) => version)).toEqual(['2'])
    advance(299_000)
    expect([old.signal.aborted, next.signal.aborted]).toEqual([false, false])
    advance(2_000)
    expect([old.signal.aborted, next.signal.aborted]).toEqual([true, false])
  })

  test('AC-4.3.2: the same when the value is replaced and nobody uses the new one', () => {
    const { advance, use, leases } = ground()
    const old = use('1')
    expect(leases.retire(({ credential }) => credential === 'api', GRACE)).toBe(1)
    expect(leases.list()).toEqual([])
    advance(299_000)
    expect(old.signal.aborted).toBe(false)
    advance(2_000)
    expect(old.signal.aborted).toBe(true)
  })

  test('AC-4.3.2, E-45: a value that somebody else has gets no grace, not even that of an earlier replacement', () => {
    const { use, leases } = ground()
    const [older, old] = [use('1'), use('2')]
    expect(leases.revoke(({ credential }) => credential === 'api')).toBe(1)
    expect([older.signal.aborted, old.signal.aborted]).toEqual([true, true])
    const { use: again } = ground()
    const [first] = [again('1', { grace: 0 }), again('2', { grace: 0 })]
    expect(first.signal.aborted).toBe(true)
  })

  test('AC-4.1.2: what is on its way is cut when the value ends, and is not when only the lease does', () => {
    const { now, advance, use } = ground()
    const long = use('1', { until: now.wall + 60 * MINUTE })
    advance(20 * MINUTE)
    expect(use('1', { until: now.wall + 40 * MINUTE }).lease.uses).toBe(1)
    expect(long.signal.aborted).toBe(false)
    advance(40 * MINUTE - 1)
    expect(long.signal.aborted).toBe(false)
    advance(1)
    expect(long.signal.aborted).toBe(true)
    expect(() => use('1', { until: now.wall })).toThrow(expect.objectContaining({ code: 'SP_VAULT_EXPIRED' }) as Error)
  })

  test('T-165: a wall clock that is set back makes nothing live longer', () => {
    const { now, advance, use } = ground()
    const { lease, signal } = use('1', { until: now.wall + 5 * MINUTE })
    now.wall -= 3_600_000
    advance(5 * MINUTE)
    expect(signal.aborted).toBe(true)
    expect(use().lease.id).not.toBe(lease.id)
  })

  test('T-128: each instance has a lease of its own, with one signal for all that goes out under it', () => {
    const { use, leases } = ground()
    const [one, again, two] = [use('1', { instance: 'a' }), use('1', { instance: 'a' }), use('1', { instance: 'b' })]
    one.done()
    expect(again.signal).toBe(one.signal)
    expect(leases.revoke(({ instance }) => instance === 'a')).toBe(1)
    expect([one.signal.aborted, two.signal.aborted]).toEqual([true, false])
    expect(use('1', { instance: 'a' }).signal.aborted).toBe(false)
  })

  test('T-128: a lease that ran out while nothing was on its way gives its end to no other', () => {
    const { use, advance } = ground()
    const first = use('1')
    first.done()
    advance(20 * MINUTE)
    const next = use('1')
    expect(next.lease.id).not.toBe(first.lease.id)
    expect(next.signal.aborted).toBe(false)
  })
})
