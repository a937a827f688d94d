import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Principal } from '@sallyport/core'
import { rig, testClock, type Rig } from '../../../../../test/approvals/setup.ts'
import { contended } from '../../../../../test/store/contended.ts'
import type { Boundary } from '../../boundary/ports.ts'
import { KillSwitch } from './kill-switch.ts'
import { Lockout } from './lockout.ts'
import { breakLoops, Loops } from './loops.ts'
import { RateLimiter } from './rate-limiter.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

describe('T-156: agents that run in circles', () => {
  const RULES = { calls: 4, window: MINUTE, pause: 10_000 }
  const times = (count: number, ...calls: readonly string[]): readonly string[] =>
    Array.from({ length: count }, () => calls).flat()

  test('one call, and two in turn, again and again; anything else goes on; a pause ends', () => {
    const clock = testClock()
    const loops = new Loops(clock, RULES)
    const noted = times(5, 'a').map((call) => loops.note('i', call)?.isNew)
    expect(noted).toEqual([...Array.from({ length: 4 }), true])
    expect(loops.note('i', 'a')).toEqual({ retryAfterSeconds: 10, isNew: false })
    expect(loops.note('i', 'b')).toBeUndefined()
    clock.advance(10_000)
    expect(loops.note('i', 'a')).toBeUndefined()
    const turns = times(4, 'x', 'y').map((call) => loops.note('j', call))
    expect(turns.map((each) => each?.isNew)).toEqual([...Array.from({ length: 4 }), true, false, false, false])
  })

  test('eight calls in turn are work as long as they came once', () => {
    const loops = new Loops(testClock(), RULES)
    const eight = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
    expect(times(2, ...eight).map((call) => loops.note('i', call)?.isNew)).toEqual([
      ...Array.from({ length: 15 }),
      true,
    ])
  })

  test('a silence ends a row, and beyond the most that are kept the oldest is forgotten', () => {
    const clock = testClock()
    const loops = new Loops(clock, RULES)
    const isLoop = (): boolean => times(4, 'a').some((call) => loops.note('i', call) !== undefined)
    expect(isLoop()).toBe(false)
    clock.advance(MINUTE + 1)
    expect(isLoop()).toBe(false)
    for (let count = 0; count < 10_001; count++) loops.note(`other-${count}`, 'a')
    expect(isLoop()).toBe(false)
    expect(loops.note('i', 'a')).toMatchObject({ isNew: true })
  })

  test('a call of a loop leaves a record and goes no further; somebody is told once', async () => {
    const crossed: string[] = []
    const told: string[] = []
    const refused: unknown[] = []
    const inner = {
      cross: async (_caller: unknown, call: { tool: string }) => (crossed.push(call.tool), { outcome: 'allowed' }),
      refused: async (_caller: unknown, what: unknown) => (refused.push(what), 'audit'),
      report: async () => undefined,
      visible: () => [],
    } as unknown as Boundary
    const boundary = breakLoops(inner, new Loops(testClock(), RULES), (agent, tool) => told.push(`${agent} ${tool}`))
    for (const instance of ['i', '']) {
      const caller = { principal: { id: 'agent:x', instance } as Principal, ingress: 'test' } as never
      const call = { server: 'fs', tool: 'read', argsText: instance } as never
      const answers = []
      for (let count = 0; count < 12; count++) answers.push(await boundary.cross(caller, call))
      expect(answers.at(-1)).toMatchObject({ outcome: 'denied', code: 'SP_AUTHZ_LOOP' })
      expect(boundary.visible(caller, 'fs')).toEqual([])
      await boundary.refused(caller, {} as never)
      await boundary.report(caller, 'audit', {} as never)
    }
    expect(told).toEqual(['agent:x fs.read', 'agent:x fs.read'])
    expect(refused).toHaveLength(2 * 8 + 2)
    expect(crossed).toHaveLength(2 * 4)
  })
})

describe('buckets', () => {
  test('a look takes nothing; beyond the most that are kept full ones go first, then the longest unused', () => {
    const clock = testClock()
    const limiter = new RateLimiter(clock, 60, 2, 3)
    expect([limiter.peek('a').ok, limiter.isLow('a'), limiter.isLow('nobody')]).toEqual([true, false, false])
    for (const name of ['a', 'a']) limiter.take(name)
    expect([limiter.take('a').ok, limiter.peek('a')]).toEqual([false, { ok: false, retryAfterSeconds: 1 }])
    for (const name of ['b', 'c', 'd', 'e']) limiter.take(name)
    expect(limiter.size).toBe(3)
    clock.advance(HOUR)
    for (const name of ['f', 'g', 'h', 'i']) limiter.take(name)
    expect([limiter.size <= 3, limiter.hits, limiter.violations]).toEqual([true, 11, 1])
  })
})

describe('on a store', () => {
  let on: Rig
  beforeEach(async () => {
    on = await rig()
  })
  afterEach(() => on.close())

  const lockout = (store = on.store): Lockout => new Lockout({ store, clock: on.clock, failuresPerMinute: 2 })
  const fail = (of: Lockout, times: number): void => {
    for (let count = 0; count < times; count++) of.failed(['name'])
  }

  test('E-25: failures far apart are forgiven, and so is an old pause', async () => {
    const here = lockout()
    fail(here, 1)
    on.clock.advance(MINUTE)
    fail(here, 1)
    expect(here.check(['name']).ok).toBe(true)
    fail(here, 1)
    expect(here.check(['name'])).toEqual({ ok: false, retryAfterSeconds: 60 })
    on.clock.advance(MINUTE)
    fail(here, 1)
    expect(here.check(['name'])).toEqual({ ok: false, retryAfterSeconds: 120 })
    on.clock.advance(2 * HOUR)
    fail(here, 1)
    expect([here.check(['name']).ok, here.hits, here.violations]).toEqual([true, 5, 0])
  })

  test('E-25: pauses of another node hold here, the longer one counts, and rows that are not whole do not', async () => {
    const [here, there] = [lockout(), lockout(contended(on.store, 'limit', 1))]
    await here.load()
    fail(there, 2)
    await expect.poll(() => here.check(['name']).ok).toBe(false)
    const row = { kind: 'limit', state: 'lockout', expiresAt: 9e15 } as const
    await on.store.put({ ...row, id: 'lockout|odd', body: { until: 'x' } }, 0)
    const again = lockout()
    await again.load()
    expect([again.check(['name']).ok, again.check(['odd']).ok]).toEqual([false, true])
    for (const each of [here, there, again]) each.close()
  })

  test('E-25: a store that is lost keeps nobody out of the pause; beyond the most that are kept whoever is idle goes', () => {
    const here = lockout({
      ...on.store,
      put: async () => Promise.reject(new Error('disk')),
      get: async () => Promise.reject(new Error('disk')),
    })
    fail(here, 2)
    for (let count = 0; count < 10_001; count++) here.failed([`other-${count}`])
    expect(here.check(['name']).ok).toBe(false)
  })

  const switchOn = (store = on.store): KillSwitch =>
    new KillSwitch({
      store,
      clock: on.clock,
      log: { append: async () => undefined, enqueue: () => undefined } as never,
    })

  test('HB-145: what cannot be read, or was written by somebody else, counts as on, until it is read again', async () => {
    let lost = true
    const here = switchOn({
      ...on.store,
      get: async (kind, id) => (lost ? Promise.reject(new Error('disk')) : on.store.get(kind, id)),
    })
    await here.refresh('agent:x')
    expect(here.check('x')).toMatchObject({ ok: false, reason: 'The kill switch could not be read.' })
    lost = false
    await here.retry()
    await switchOn().kill({ kind: 'agent', name: 'x' }, 'ana', 'why')
    await here.refresh('agent:x')
    expect(here.check('x')).toMatchObject({ ok: false, reason: 'why' })
    here.tampered('all')
    expect(here.check('y').ok).toBe(false)
    expect(
      here
        .list()
        .map(({ target }) => target)
        .sort(),
    ).toEqual(['agent:x', 'all'])
  })

  test('HB-145: one that cannot be written is on all the same, and says that it is not durable', async () => {
    const here = switchOn(contended(on.store, 'switch'))
    await expect(here.kill({ kind: 'all' }, 'ana', 'why')).rejects.toMatchObject({ code: 'SP_STORE_UNAVAILABLE' })
    let aborted = 0
    const stop = here.whileAlive('x', () => aborted++)
    stop()
    expect([here.check('x').ok, aborted]).toEqual([false, 1])
  })

  test('HB-145: calls that end after a kill are counted for it; others, and those of nobody, are not', async () => {
    const here = switchOn()
    const stops = [here.whileAlive('x', () => undefined, 'call'), here.whileAlive('x', () => undefined)]
    expect([here.running(), here.running('x'), here.running('nobody'), here.cut('nobody')]).toEqual([1, 1, 0, 0])
    await here.kill({ kind: 'agent', name: 'x' }, 'ana', 'why')
    for (const stop of [...stops, ...stops]) stop()
    expect(here.list()[0]?.calls).toMatchObject({ running: 1, ended: 1 })
    await here.resume({ kind: 'agent', name: 'x' }, 'ana', 'over')
    expect(here.check('x').ok).toBe(true)
    await here.resume({ kind: 'agent', name: 'never' }, 'ana', 'over')
  })
})
