import { FOUNDER_ROLES, personScopes } from '@sallyport/core'
import { createRequire } from 'node:module'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { HERE, peopleRig, type PeopleRig } from './kit.ts'

let rig: PeopleRig
let ana = ''
beforeAll(async () => {
  rig = await peopleRig()
  ana = await rig.claim('ana')
}, 60_000)
beforeEach(() => void (rig.records.length = 0))
afterAll(() => rig.close())

const code = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: { code?: string }) => error.code ?? 'other',
  )

describe('people and roles', () => {
  test('E-48: the roles hold these scopes, and no role that decides also administrates', () => {
    const table = (['viewer', 'operator', 'approver', 'policy', 'admin'] as const).map((role) => personScopes([role]))
    expect(table).toEqual([
      ['read'],
      ['read', 'write'],
      ['read', 'write', 'approve'],
      ['read', 'policy'],
      ['read', 'write', 'admin'],
    ])
    expect(personScopes(FOUNDER_ROLES)).toEqual(['read', 'write', 'approve', 'policy', 'admin'])
    expect(personScopes([])).toEqual([])
  })

  test('whoever claimed the gateway is its first person, with everything a person can hold', () => {
    expect(rig.node.people.get(ana)).toMatchObject({ roles: FOUNDER_ROLES, origin: 'founder' })
    expect(rig.node.people.principal('operator:nobody').scopes).toEqual([])
  })

  test('adding is in the log with roles and author, before it counts', async () => {
    await rig.node.people.add('bo', ['viewer', 'policy'], ana)
    expect(rig.node.people.principal('operator:bo').scopes).toEqual(['read', 'policy'])
    expect(rig.of('person.added')).toMatchObject([{ person: 'operator:bo', actor: ana, roles: ['viewer', 'policy'] }])
  })

  test.each(['', 'local', 'Bo', 'a b', 'operator:x', '-x', 'ä', '../x', 'x'.repeat(33)])(
    'no person is named %j',
    async (name) => {
      expect(await code(rig.node.people.add(name, ['viewer'], ana))).toBe('SP_API_INVALID')
    },
  )

  test('a role that there is not, or none, is refused', async () => {
    expect(await code(rig.node.people.add('cy', ['root'] as never, ana))).toBe('SP_API_INVALID')
    expect(await code(rig.node.people.setRoles(ana, [], ana))).toBe('SP_API_INVALID')
  })

  test('the last admin and the last approver stay', async () => {
    const { people } = rig.node
    expect(await code(people.remove(ana, ana))).toBe('SP_PEOPLE_LAST')
    expect(await code(people.setRoles(ana, ['admin'], ana))).toBe('SP_PEOPLE_LAST')
    expect(await code(people.setRoles(ana, ['approver'], ana))).toBe('SP_PEOPLE_LAST')
    await people.add('company', ['admin', 'approver'], 'company', { origin: 'company', subject: 'x' })
    expect(await code(people.remove(ana, ana)), 'people of the company do not count').toBe('SP_PEOPLE_LAST')
    expect(people.get(ana)?.roles).toEqual(FOUNDER_ROLES)
  })

  test('two admins who remove each other at once, on two nodes: one remains', async () => {
    const { people } = rig.node
    const di = await people.add('di', ['admin', 'approver'], ana)
    const other = await rig.another()
    const done = await Promise.all([code(people.remove(di.id, ana)), code(other.people.remove(ana, di.id))])
    expect(done.toSorted()).toEqual(['SP_PEOPLE_LAST', 'done'])
    await other.close()
    await people.load()
    const admins = people.list().filter(({ roles, origin }) => roles.includes('admin') && origin !== 'company')
    expect(admins).toHaveLength(1)
    ana = admins[0]?.id ?? ''
  })

  test('a removed person: sessions and PIN end at once, the name is not given again, and a restart changes nothing', async () => {
    const { people, logins, store, presence } = rig.node
    const ed = await people.add('ed', ['approver'], ana)
    const [pin] = await presence.operators()
    const { version: _version, updatedAt: _at, ...row } = (await store.get('operator', pin?.id ?? ''))!
    await store.put({ ...row, id: ed.id }, 0)
    expect((await presence.operators()).map(({ id }) => id)).toContain(ed.id)
    const { token, login } = await logins.open(ed.id, 'passkey', HERE)
    const ended: number[] = []
    logins.whileAlive(login.id, (end) => ended.push(end))
    await people.remove(ed.id, ana)
    expect(logins.verify(token, HERE, true).ok).toBe(false)
    expect(ended).toEqual([4003])
    expect((await presence.operators()).map(({ id }) => id)).not.toContain(ed.id)
    expect(await code(people.add('ed', ['viewer'], ana))).toBe('SP_PEOPLE_EXISTS')
    await rig.restart()
    expect(rig.node.people.get(ed.id)).toBeUndefined()
    expect(rig.node.logins.verify(token, HERE, true).ok).toBe(false)
  })

  test('a changed role is in force at once for a session that is open, and on the other node', async () => {
    const { people, logins } = rig.node
    const fay = await people.add('fay', ['viewer'], ana)
    const other = await rig.another()
    const { token } = await logins.open(fay.id, 'passkey', HERE)
    await people.setRoles(fay.id, ['viewer', 'policy'], ana)
    expect(logins.verify(token, HERE, true)).toMatchObject({ value: { principal: { scopes: ['read', 'policy'] } } })
    await expect.poll(() => other.people.principal(fay.id).scopes, { timeout: 1000 }).toEqual(['read', 'policy'])
    await people.setRoles(fay.id, ['viewer'], ana)
    await expect.poll(() => other.people.principal(fay.id).scopes, { timeout: 1000 }).toEqual(['read'])
    await other.close()
  })

  test('T-004: with the entry of a person taken out of the database, a PIN makes nobody a founder again', async () => {
    const { people } = rig.node
    expect(people.get(ana)?.roles).toContain('admin')
    await rig.node.close()
    const Database = createRequire(new URL('../../packages/gateway/package.json', import.meta.url))('better-sqlite3')
    const db = new Database(rig.path)
    db.prepare(`DELETE FROM document WHERE kind = 'person'`).run()
    db.close()
    await rig.restart().catch(() => undefined)
    expect(rig.node.people.list()).toEqual([])
    expect(rig.node.people.principal(ana).scopes).toEqual([])
  })
})
