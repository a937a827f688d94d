import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HERE, HOUR, MINUTE, peopleRig, type PeopleRig } from './kit.ts'

let rig: PeopleRig
let ana = ''
beforeAll(async () => {
  rig = await peopleRig()
  ana = await rig.claim('ana')
}, 60_000)
afterAll(() => rig.close())

const ask = (token: string, active = true, node = rig.node) => node.logins.verify(token, HERE, active)

/** Rows of the database as somebody with its file sees and changes them. */
function database(path: string) {
  const Database = createRequire(new URL('../../packages/gateway/package.json', import.meta.url))('better-sqlite3')
  return new Database(path) as {
    prepare(sql: string): { all(): object[]; run(...values: unknown[]): unknown }
    close(): void
  }
}

describe('a session of a person', () => {
  test('AC-4.2.1 AC-2.5.1 AC-4.2.4: ends after 30 minutes of silence; a request at 29 prolongs it, a poll does not (E-47)', async () => {
    const { token, login } = await rig.node.logins.open(ana, 'passkey', HERE)
    const ended: number[] = []
    rig.node.logins.whileAlive(login.id, (code) => ended.push(code))
    rig.clock.advance(29 * MINUTE)
    expect(ask(token).ok).toBe(true)
    rig.clock.advance(29 * MINUTE)
    expect(ask(token, false).ok).toBe(true)
    rig.clock.advance(2 * MINUTE)
    expect(ask(token)).toMatchObject({ ok: false, code: 'SP_AUTHZ_SESSION_EXPIRED' })
    expect(ended).toEqual([4001])
    expect(rig.of('login.ended').at(-1)).toMatchObject({ sessionId: login.id, reason: 'idle', ageSeconds: 3600 })
  })

  test('AC-4.2.2 AC-2.5.2: ends after 24 hours whatever it does, with an entry (AC-4.2.3)', async () => {
    const { token, login } = await rig.node.logins.open(ana, 'passkey', HERE)
    const ended: number[] = []
    rig.node.logins.whileAlive(login.id, (code) => ended.push(code))
    for (let minute = 0; minute < 24 * 60 - 20; minute += 20) {
      rig.clock.advance(20 * MINUTE)
      expect(ask(token).ok).toBe(true)
    }
    rig.clock.advance(20 * MINUTE)
    await rig.node.logins.tick()
    expect(ended).toEqual([4002])
    expect(ask(token).ok).toBe(false)
    expect(rig.of('login.ended').at(-1)).toMatchObject({ reason: 'absolute', ageSeconds: 86_400 })
  })

  test('T-165: setting the clock back prolongs nothing, not even over a restart', async () => {
    const { token } = await rig.node.logins.open(ana, 'passkey', HERE)
    rig.clock.advance(29 * MINUTE)
    rig.clock.wall -= 10 * HOUR
    rig.clock.elapsed += 2 * MINUTE
    expect(ask(token).ok).toBe(false)
    const second = await rig.node.logins.open(ana, 'passkey', HERE)
    rig.clock.wall -= 10 * HOUR
    await rig.restart()
    rig.clock.elapsed += 31 * MINUTE
    expect(ask(second.token).ok).toBe(false)
  })

  test('survives a restart with its age, and the store holds only a digest of the cookie', async () => {
    const { token } = await rig.node.logins.open(ana, 'passkey', HERE)
    rig.clock.advance(20 * MINUTE)
    expect(ask(token).ok).toBe(true)
    await rig.restart()
    expect(ask(token)).toMatchObject({ ok: true, value: { principal: { id: ana } } })
    const db = database(rig.path)
    const rows = JSON.stringify(db.prepare('SELECT * FROM document').all())
    db.close()
    expect(rows).toContain(createHash('sha256').update(token).digest('hex'))
    expect(rows).not.toContain(token)
    expect(JSON.stringify(rig.records)).not.toContain(token)
    rig.clock.advance(31 * MINUTE)
    expect(ask(token).ok).toBe(false)
  })

  test.each(['', 'x', 'A'.repeat(43), '../../etc/passwd', "' OR 1=1 --"])(
    'forged cookie %j is nobody',
    async (forged) => {
      await rig.node.logins.open(ana, 'passkey', HERE)
      expect(ask(forged)).toMatchObject({ ok: false, code: 'SP_AUTHZ_SESSION_EXPIRED' })
    },
  )

  test('the id of a session, its digest or a part of the cookie open nothing', async () => {
    const { token, login } = await rig.node.logins.open(ana, 'passkey', HERE)
    const guesses = [login.id, createHash('sha256').update(token).digest('hex'), token.slice(0, 42), `${token}A`]
    for (const guess of guesses) expect(ask(guess).ok).toBe(false)
    expect(ask(token).ok).toBe(true)
  })

  test('a replayed cookie after sign-out is refused, after a restart too', async () => {
    const { token, login } = await rig.node.logins.open(ana, 'passkey', HERE)
    await rig.node.logins.end(login.id, 'sign-out', login.operator)
    expect(ask(token).ok).toBe(false)
    await rig.restart()
    expect(ask(token).ok).toBe(false)
  })

  test('AC-2.5.4 E-27: taking back on one node ends it on the other within a second, with 4003', async () => {
    const other = await rig.another()
    const { token, login } = await rig.node.logins.open(ana, 'passkey', HERE)
    await expect.poll(() => ask(token, true, other).ok).toBe(true)
    const ended: number[] = []
    other.logins.whileAlive(login.id, (code) => ended.push(code))
    const from = performance.now()
    await rig.node.logins.end(login.id, 'revoked', ana)
    await expect.poll(() => ended, { interval: 5, timeout: 1000 }).toEqual([4003])
    expect(performance.now() - from).toBeLessThan(1000)
    expect(ask(token, true, other).ok).toBe(false)
    await other.close()
  })

  test('E-27: activity on one node keeps the session on the other, whose sweeper looks before it ends', async () => {
    const { token } = await rig.node.logins.open(ana, 'passkey', HERE)
    const other = await rig.another()
    rig.clock.advance(29 * MINUTE)
    expect(ask(token).ok).toBe(true)
    await rig.node.logins.tick()
    rig.clock.advance(20 * MINUTE)
    await other.logins.tick()
    expect(ask(token, true, other).ok).toBe(true)
    await other.close()
  })

  test('T-004: a row that somebody else wrote opens nothing, and one that was changed ends', async () => {
    const { token } = await rig.node.logins.open(ana, 'passkey', HERE)
    await rig.node.close()
    const db = database(rig.path)
    db.prepare(
      `UPDATE document SET body = replace(body, '"operator:ana"', '"operator:eve"') WHERE kind = 'login'`,
    ).run()
    db.close()
    await rig.restart().catch(() => undefined)
    expect(ask(token).ok).toBe(false)
  })

  test('AC-4.5.3: the same cookie from another place raises an alert, once', async () => {
    const { token } = await rig.node.logins.open(ana, 'passkey', HERE)
    rig.records.length = 0
    rig.node.logins.verify(token, { address: '198.51.100.9' }, true)
    rig.node.logins.verify(token, { address: '198.51.100.9' }, true)
    expect(rig.alerts()).toEqual(['login.new-address'])
  })

  test('the twenty-first session of a person ends the least used one; other people keep theirs', async () => {
    await rig.node.people.add('bo', ['viewer'], ana)
    const bo = await rig.node.logins.open('operator:bo', 'password', HERE)
    const tokens: string[] = []
    for (let index = 0; index < 21; index++) {
      rig.clock.advance(1000)
      tokens.push((await rig.node.logins.open(ana, 'passkey', HERE)).token)
    }
    expect(tokens.map((token) => ask(token).ok)).toEqual([false, ...Array.from({ length: 20 }, () => true)])
    expect(ask(bo.token).ok).toBe(true)
  })

  test('two sign-ins at once are two sessions, and ending one leaves the other', async () => {
    const [a, b] = await Promise.all([
      rig.node.logins.open(ana, 'passkey', HERE),
      rig.node.logins.open(ana, 'passkey', HERE),
    ])
    expect(a.token).not.toBe(b.token)
    await rig.node.logins.end(a.login.id, 'revoked', ana)
    expect([ask(a.token).ok, ask(b.token).ok]).toEqual([false, true])
  })

  test('E-22: a cookie that was sent in clear ends its session', async () => {
    const { token } = await rig.node.logins.open(ana, 'passkey', HERE)
    rig.records.length = 0
    rig.node.logins.exposed(token)
    expect(ask(token).ok).toBe(false)
    expect(rig.alerts()).toEqual(['login.exposed'])
  })

  test('an end that the store did not take is in force here and is written later', async () => {
    const { token, login } = await rig.node.logins.open(ana, 'passkey', HERE)
    const { store } = rig.node
    const put = store.put.bind(store)
    Object.assign(store, { put: () => Promise.reject(new Error('disk full')) })
    await expect(rig.node.logins.end(login.id, 'revoked', 'operator:ana')).rejects.toThrow('disk full')
    expect(ask(token).ok).toBe(false)
    Object.assign(store, { put })
    await rig.node.logins.tick()
    await rig.restart()
    expect(ask(token).ok).toBe(false)
  })
})
