import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { JsonObject } from '@sallyport/core'
import { rig, type Rig } from '../../../../../test/approvals/setup.ts'
import { contended } from '../../../../../test/store/contended.ts'
import { systemRandom } from '../../random.ts'
import type { Document, Store } from '../../store/ports.ts'
import { Exclusive } from './exclusive.ts'
import { Links } from './links.ts'
import { LogViews } from './log-views.ts'
import { loginOf } from './login.ts'
import { whyPasswordIsWeak } from './password.ts'
import { personBody, personOf, type Person } from './person.ts'

const ANA = 'operator:ana'
let on: Rig
const onStore = (): void => {
  beforeEach(async () => {
    on = await rig()
  })
  afterEach(() => on.close())
}

const row = (kind: Document['kind'], id: string, state: string, body: JsonObject): Document => ({
  ...{ kind, id, state, body, version: 1, expiresAt: 0, updatedAt: 0 },
})

describe('T-004: rows of people that are not whole', () => {
  const PASSWORD = { salt: '00', sealed: 'ab', setAt: 1, cost: { N: 2, r: 1, p: 1 } }
  const PERSON: Person = {
    ...{ id: ANA, roles: ['admin'], origin: 'added', addedAt: 1, addedBy: 'operator:ben', subject: 's' },
    ...{ password: PASSWORD, recovery: ['x'] },
  }
  const read = (change: JsonObject, state = 'active') =>
    personOf(row('person', ANA, state, { ...personBody(PERSON), ...change }))

  test.each<[string, JsonObject, string?]>([
    ['removed', {}, 'removed'],
    ['no roles', { roles: 'admin' }],
    ['no recovery codes', { recovery: null }],
    ['an origin of its own', { origin: 'root' }],
    ['no time', { addedAt: 'x' }],
    ['nobody who added it', { addedBy: 7 }],
  ])('nobody: %s', (_, change, state) => {
    expect(read({})).toEqual(PERSON)
    expect(read(change, state)).toBeUndefined()
  })

  test.each<[JsonObject]>([
    [{ password: 'secret' }],
    [{ password: { ...PASSWORD, cost: 7 } }],
    [{ password: { ...PASSWORD, cost: { N: 2, r: 1 } } }],
    [{ password: { ...PASSWORD, salt: 7 } }],
    [{ password: { ...PASSWORD, setAt: null } }],
  ])('no password: %j', (change) => {
    expect(read(change)).not.toHaveProperty('password')
  })

  test('roles and codes of no known kind are left out, and a subject that is no text', () => {
    const person = read({ roles: ['admin', 'root', 7], recovery: ['x', 7], subject: 7 })
    expect([person?.roles, person?.recovery, person?.subject]).toEqual([['admin'], ['x'], undefined])
  })

  const LOGIN = {
    ...{ operator: ANA, method: 'passkey', credential: 'c', browser: 'b', token: 't' },
    ...{ createdAt: 1, lastActivityAt: 2, addresses: [] },
  }
  test.each<[string, JsonObject, string?]>([
    ['ended', {}, 'ended'],
    ['no person', { operator: 7 }],
    ['no cookie', { token: null }],
    ['no beginning', { createdAt: 'x' }],
    ['no activity', { lastActivityAt: null }],
    ['no addresses', { addresses: 'a' }],
  ])('no session: %s', (_, change, state = 'active') => {
    expect(loginOf(row('login', 'l1', 'active', LOGIN))?.id).toBe('l1')
    expect(loginOf(row('login', 'l1', state, { ...LOGIN, ...change }))).toBeUndefined()
  })
})

describe('links that others use too', () => {
  onStore()
  const linksOn = (store: Store): Links =>
    new Links({ store, clock: on.clock, random: systemRandom, pepper: on.keys.pepper })
  const wanted = { for: 'recovery', operator: ANA, by: ANA } as const

  test('no more than a few are open; a code that is taken is not given twice', async () => {
    const links = linksOn(on.store)
    let made = 0
    while ((await links.make(wanted)).ok) made++
    expect(made).toBeGreaterThan(3)
    expect(await links.make({ ...wanted, for: 'first' })).toMatchObject({ ok: true })
    for (const { id } of await links.open()) await links.end(id)
    expect((await links.make({ ...wanted, for: 'device' }, { code: '12345678' })).ok).toBe(true)
    expect(await links.make({ ...wanted, for: 'device' }, { code: '12345678' })).toMatchObject({
      ok: false,
      code: 'SP_PEOPLE_LIMIT',
    })
  })

  test('the faster of two browsers has it; a row that is not whole is no link', async () => {
    const made = await linksOn(on.store).make(wanted)
    if (!made.ok) throw new Error(made.reason)
    const { code, id } = made.value
    expect(await linksOn(contended(on.store, 'login')).redeem(code)).toMatchObject({
      ok: false,
      reason: 'It was already used.',
    })
    const links = linksOn(on.store)
    expect(await links.of(undefined)).toMatchObject({ ok: false })
    expect(await links.of(`${'0'.repeat(64)}.${'a'.repeat(43)}`)).toMatchObject({ ok: false })
    expect([await links.confirm('link:none', 'x'), await links.confirm(id, ''), await links.end('link:none')]).toEqual([
      false,
      false,
      false,
    ])
    for (const change of [{ for: 'root' }, { operator: 7 }, { from: 7 }, { createdAt: 'x' }, { endsAt: null }]) {
      const now = await on.store.get('login', id)
      if (now === undefined) throw new Error('no row')
      const { version, updatedAt: _at, ...before } = now
      await on.store.put({ ...before, body: { ...before.body, ...change } as JsonObject }, version)
      expect(await links.redeem(code)).toMatchObject({ ok: false, reason: 'There is no such link.' })
      await on.store.put(before, version + 1)
    }
    expect((await links.redeem(code)).ok).toBe(true)
  })

  test('a browser is confirmed once, and as the one it is', async () => {
    const links = linksOn(on.store)
    const made = await links.make(wanted)
    if (!made.ok) throw new Error(made.reason)
    const redeemed = await links.redeem(made.value.code)
    if (!redeemed.ok) throw new Error(redeemed.reason)
    const { id, bound } = redeemed.value.link
    expect([await links.confirm(id, 'other'), await links.confirm(id, bound), await links.confirm(id, bound)]).toEqual([
      false,
      true,
      false,
    ])
  })
})

describe('what several windows change', () => {
  onStore()
  test('views: a faster window is waited for, one that never stops is an error, a row of no list is empty', async () => {
    await on.store.put({ kind: 'view', id: ANA, state: '', expiresAt: 0, body: { views: 'x' } }, 0)
    expect(await new LogViews(on.store).list(ANA)).toEqual([])
    const view = { name: 'mine', search: 'q=1' }
    expect(await new LogViews(contended(on.store, 'view', 2)).save(ANA, view)).toEqual([view])
    await expect(new LogViews(contended(on.store, 'view')).remove(ANA, 'mine')).rejects.toMatchObject({
      code: 'SP_STORE_UNAVAILABLE',
    })
  })

  const lock = (until: unknown, version: number) =>
    on.store.put({ kind: 'meta', id: 'lock:t', state: '', expiresAt: 0, body: { until } as JsonObject }, version)
  const exclusive = (store: Store): Exclusive =>
    new Exclusive({ store, clock: on.clock, random: systemRandom, name: 't' })

  test.each([
    ['of no time', () => 'x'],
    ['that has ended', () => on.clock.now() - 1],
    ['of a clock that was wrong', () => on.clock.now() + 60_000],
  ])('a lock %s keeps nobody out', async (_, until) => {
    await lock(until(), 0)
    expect(await exclusive(on.store).run(async () => 'done')).toBe('done')
  })

  test('whoever holds it is waited for, and not for ever', async () => {
    await lock(on.clock.now() + 5_000, 0)
    const waiting = exclusive(on.store).run(async () => 'done')
    on.clock.advance(6_000)
    expect(await waiting).toBe('done')
    const never = exclusive(contended(on.store, 'meta')).run(async () => 'done')
    const passing = setInterval(() => on.clock.advance(5_000), 10)
    await expect(never).rejects.toMatchObject({ code: 'SP_STORE_UNAVAILABLE' })
    clearInterval(passing)
  })

  test('a work that fails lets the next one in', async () => {
    const one = exclusive(on.store)
    await expect(one.run(async () => Promise.reject(new Error('disk full')))).rejects.toThrow('disk full')
    expect(await one.run(async () => 'next')).toBe('next')
  })
})

test.each([
  ['anaanaanaana', 'ana', false],
  ['ana likes zebras', 'an', true],
  ['x'.repeat(129), 'ana', false],
  ['P4$$w0rd2024!', 'ana', false],
])('a password is weak or not: %s', (password, name, good) => {
  expect(whyPasswordIsWeak(password, name) === undefined).toBe(good)
})
