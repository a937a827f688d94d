import { describe, expect, test } from 'vitest'
import { systemRandom } from '../../random.ts'
import { Grants } from './grants.ts'

const asked = { credential: 'api', holder: 'coder', by: 'ana' }

function ground() {
  const now = { wall: 1_000_000, monotonic: 0 }
  const grants = new Grants({ now: () => now.wall, monotonic: () => now.monotonic }, systemRandom)
  return { now, grants }
}

describe('leases by hand', () => {
  test('HB-56, HB-86: one ends to the millisecond, and is for this holder and this credential alone', () => {
    const { now, grants } = ground()
    const grant = grants.give(asked, 60)
    expect([grants.of('api', 'other'), grants.of('other', 'coder')]).toEqual([undefined, undefined])
    now.wall += 59_999
    now.monotonic += 59_999
    expect(grants.of('api', 'coder')).toEqual(grant)
    now.wall += 1
    expect(grants.of('api', 'coder')).toBeUndefined()
    expect(grants.list()).toEqual([])
  })

  test('T-165: a wall clock that is set back does not make it live longer', () => {
    const { now, grants } = ground()
    grants.give(asked, 60)
    now.wall -= 3_600_000
    now.monotonic += 60_000
    expect(grants.of('api', 'coder')).toBeUndefined()
  })

  test('HB-59: it is used up, also by those who ask at once, and a new one does not revive an old one', () => {
    const { grants } = ground()
    const old = grants.give({ ...asked, most: 2 }, 60)
    expect([grants.use(old), grants.use(old), grants.use(old)]).toEqual([true, true, false])
    expect(grants.of('api', 'coder')).toBeUndefined()
    const next = grants.give({ ...asked, most: 1 }, 60)
    expect([grants.use(old), grants.use(next), grants.use(next)]).toEqual([false, true, false])
  })

  test('T-128: it is ended with all that is taken back', () => {
    const { grants } = ground()
    const grant = grants.give(asked, 60)
    expect(grants.end(({ holder }) => holder === 'other')).toEqual([])
    expect(grants.end(({ holder }) => holder === 'coder')).toEqual([grant])
    expect(grants.use(grant)).toBe(false)
  })
})
