import { describe, expect, test } from 'vitest'
import { UsageWatch } from './usage-watch.ts'

const config = { maxFailedAttempts: 5, alertOnNewIdentity: true, alertOnNewLocation: true }
const use = { credential: 'github', holder: 'coder', source: '/work/shop', success: true }
const failure = { ...use, success: false }
const at = (hour: number, minute = 0): number => new Date(2026, 10, 28, hour, minute).getTime()

describe('unusual use of credentials', () => {
  test('AC-4.5.3: the first use by somebody is news, once, and not after a restart', () => {
    const watch = new UsageWatch(config)
    expect(watch.see(use, at(9))).toEqual(['credential-new-identity'])
    expect(watch.see(use, at(10))).toEqual([])
    expect(watch.see({ ...use, holder: 'other' }, at(10))).toEqual(['credential-new-identity'])
    expect(new UsageWatch(config, [use]).see(use, at(9))).toEqual([])
    expect(new UsageWatch({ ...config, alertOnNewIdentity: false }).see(use, at(9))).toEqual([])
  })

  test('AC-4.5.3, E-49: a use from a workspace it was never used from is news, once, and is not the news of somebody new', () => {
    const watch = new UsageWatch(config, [use])
    const elsewhere = { ...use, source: '/tmp/other' }
    expect(watch.see(use, at(9))).toEqual([])
    expect(watch.see(elsewhere, at(9))).toEqual(['credential-new-location'])
    expect(watch.see(elsewhere, at(10))).toEqual([])
    expect(watch.see({ ...use, source: '/tmp/third' }, at(9))).toEqual(['credential-new-location'])
    expect(watch.see({ ...elsewhere, holder: 'other' }, at(9))).toEqual(['credential-new-identity'])
    expect(new UsageWatch({ ...config, alertOnNewLocation: false }, [use]).see(elsewhere, at(9))).toEqual([])
  })

  test('ND-4.5.a: the fifth failure in ten minutes is said, the fourth is not, nor those that are long ago', () => {
    const watch = new UsageWatch(config)
    const minutes = [0, 1, 2, 3, 4, 5]
    expect(minutes.map((minute) => watch.see(failure, at(9, minute)).length)).toEqual([0, 0, 0, 0, 1, 0])
    const slow = new UsageWatch(config)
    expect(minutes.map((n) => slow.see(failure, at(9 + n)).length)).toEqual([0, 0, 0, 0, 0, 0])
    const two = new UsageWatch(config)
    for (const minute of minutes.slice(0, 4)) {
      expect(two.see(failure, at(9, minute))).toEqual([])
      expect(two.see({ ...failure, holder: 'other' }, at(9, minute))).toEqual([])
    }
  })

  test.each([
    [
      8,
      18,
      [
        [8, true],
        [17, true],
        [18, false],
        [7, false],
      ],
    ],
    [
      22,
      6,
      [
        [22, true],
        [3, true],
        [6, false],
        [12, false],
      ],
    ],
  ] as const)('AC-4.5.3: from %i to %i is normal', (start, end, hours) => {
    for (const [hour, isNormal] of hours) {
      const watch = new UsageWatch({ ...config, normalHours: { start, end } }, [use])
      expect(watch.see(use, at(hour)), String(hour)).toEqual(isNormal ? [] : ['credential-unusual-hour'])
    }
  })
})
