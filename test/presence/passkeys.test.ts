import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { viewDigest, type GrantScope, type JsonObject } from '@sallyport/core'
import { approve, asked, DEMAND, held, proofFor, rig, SITE, type Rig } from '../approvals/setup.ts'
import { Authenticator, SELF } from './authenticator.ts'
import { assertionFor, ELSEWHERE, enrolled, HERE, proveAct } from './kit.ts'

const ANA = 'operator:ana'
const BEN = 'operator:ben'
const CRITICAL = { ...DEMAND, severity: 'critical' as const }
const DAY = 24 * 3_600_000

let on: Rig
beforeEach(async () => {
  on = await rig()
})
afterEach(() => on.close())

const human = { kind: 'human', chain: [], scopes: ['read'], trustLevel: 0, instance: '' } as const
const alerts = (name: string) => on.records.filter((each) => each.kind === 'alert' && each['name'] === name)
const binding = asked().binding
const redeem = (id: string) =>
  on.approvals.redeem({ kind: 'approval', approvalId: id, callDigest: asked().callDigest }, binding)

describe('enrolment', () => {
  test('T-022: the first passkey without another one, and only once', async () => {
    const { view } = await enrolled(on, ANA)
    expect(view).toMatchObject({ operator: ANA, class: 'platform', name: 'key', lastUsedAt: 0 })
    expect(view.criticalFrom).toBe(view.createdAt)
    await expect(enrolled(on, BEN)).rejects.toThrow('There is a passkey already')
    expect(alerts('passkey.refused')).toHaveLength(1)
    expect(on.presence.claimed()).toBe(true)
  })

  test('T-022: two first passkeys at once: one counts', async () => {
    const results = await Promise.allSettled(['a', 'b', 'c', 'd'].map((name) => enrolled(on, `operator:${name}`)))
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await on.passkeys.list()).toHaveLength(1)
  })

  test('T-022: its record is in the log before it counts, and an alert says so', async () => {
    on.failLog = true
    await expect(enrolled(on, ANA)).rejects.toThrow('disk full')
    expect(await on.passkeys.list()).toEqual([])
    on.failLog = false
    on.clock.advance(11_000)
    const { authenticator } = await enrolled(on, ANA)
    expect(on.records.find((each) => each['event'] === 'passkey.enrolled')).toMatchObject({
      kind: 'identity',
      ...{ operator: ANA, credential: authenticator.id, publicKey: authenticator.publicKey, by: 'first' },
    })
    expect(alerts('passkey.enrolled')).toMatchObject([{ severity: 'high', operator: ANA }])
  })

  test.each([
    ['another origin', { origin: 'https://sallyport.localhost:9999' }],
    ['another site', { rpId: 'localhost' }],
    ['inside another page', { crossOrigin: true }],
    ['below another page', { topOrigin: 'https://evil.example' }],
    ['without verifying its user', { flags: 0x01 }],
    ['without a user', { flags: 0x04 }],
    ['as an assertion', { type: 'webauthn.get' }],
  ])('T-023 T-025: not %s', async (_what, lies) => {
    const options = (await on.passkeys.beginEnrolment(ANA)) as JsonObject
    const response = new Authenticator(SITE).create(options, lies)
    const done = await on.passkeys.finishEnrolment(ANA, response, { kind: 'first' }, 'key', HERE)
    expect(done).toMatchObject({ ok: false, code: 'SP_AUTHN_PRESENCE' })
    expect(await on.passkeys.list()).toEqual([])
  })

  test('T-009: an offer is for one operator, once, for five minutes', async () => {
    const options = (await on.passkeys.beginEnrolment(ANA)) as JsonObject
    const key = new Authenticator(SITE)
    const finish = (who: string, response: JsonObject) =>
      on.passkeys.finishEnrolment(who, response, { kind: 'presence' }, 'key', HERE)
    expect(await finish(BEN, key.create(options))).toMatchObject({ ok: false })
    expect(await finish(ANA, key.create(options))).toMatchObject({ ok: true })
    expect(await finish(ANA, new Authenticator(SITE).create(options))).toMatchObject({ ok: false })
    const late = (await on.passkeys.beginEnrolment(ANA)) as JsonObject
    on.clock.advance(300_001)
    expect(await finish(ANA, new Authenticator(SITE).create(late))).toMatchObject({ ok: false })
  })

  test('T-022: the last passkey stays; a removed one proves nothing any more', async () => {
    const { authenticator } = await enrolled(on, ANA)
    expect(await on.passkeys.remove(authenticator.id)).toMatchObject({ ok: false, code: 'SP_AUTHN_PRESENCE' })
    const second = await enrolled(on, BEN, { first: false })
    const both = await Promise.all([on.passkeys.remove(authenticator.id), on.passkeys.remove(second.authenticator.id)])
    expect(both.map(({ ok }) => ok)).toEqual([true, false])
    const id = await held(on)
    const input = await assertionFor(on, id, ANA, authenticator)
    expect(await on.approvals.approve(id, input, 'test', { peer: HERE })).toMatchObject({
      ok: false,
      code: 'SP_AUTHN_PRESENCE',
    })
  })

  test('T-022: packed self-attestation is refused where makers are listed', async () => {
    const strict = await rig(
      {},
      { attestation: 'direct', aaguids: ['00000000-0000-0000-0000-000000000000'], roots: [] },
    )
    try {
      await expect(enrolled(strict, ANA, { attestation: SELF })).rejects.toThrow('says nothing of who made it')
      await expect(enrolled(strict, ANA)).rejects.toThrow('says nothing of who made it')
      expect(await strict.passkeys.list()).toEqual([])
    } finally {
      await strict.close()
    }
  })
})

describe('a decision by passkey', () => {
  test('T-024 T-009: counts for exactly this call and view, and again at release', async () => {
    const { authenticator } = await enrolled(on, ANA)
    on.clock.advance(10)
    const id = await held(on, asked({ demand: CRITICAL }))
    const input = await assertionFor(on, id, ANA, authenticator)
    expect(await on.approvals.approve(id, input, 'test', { peer: HERE })).toEqual({
      ok: true,
      value: { id, state: 'approved' },
    })
    const resolved = on.records.find((each) => each.kind === 'approval.resolved')
    expect(resolved).toMatchObject({
      decidedBy: ANA,
      vote: { class: 'passkey', assertion: { credential: authenticator.id } },
    })
    expect(await redeem(id)).toEqual({ ok: true, value: null })
    expect(await redeem(id)).toMatchObject({ ok: false, code: 'SP_APPROVAL_STATE' })
  })

  test.each([
    ['for another decision', { challenge: Buffer.alloc(32, 7).toString('base64url') }],
    ['on another port of the same host', { origin: 'https://sallyport.localhost:9999' }],
    ['without TLS', { origin: 'http://sallyport.localhost:7443' }],
    ['for another site', { rpId: 'localhost' }],
    ['in a frame', { crossOrigin: true }],
    ['under another page', { topOrigin: 'https://sallyport.localhost:7443' }],
    ['by touch alone', { flags: 0x01 }],
    ['without touch', { flags: 0x04 }],
    ['with impossible backup flags', { flags: 0x15 }],
    ['as an enrolment', { type: 'webauthn.create' }],
  ])('T-023 T-025: no assertion made %s', async (_what, lies) => {
    const { authenticator } = await enrolled(on, ANA)
    const id = await held(on)
    const input = await assertionFor(on, id, ANA, authenticator, { lies })
    expect(await on.approvals.approve(id, input, 'test', { peer: HERE })).toMatchObject({
      ok: false,
      code: 'SP_AUTHN_PRESENCE',
    })
    expect(await on.approvals.list({ state: 'pending' })).toHaveLength(1)
    expect(alerts('presence.unexpected')).toHaveLength(1)
  })

  test('T-022 T-008: no assertion of a credential that is unknown or somebody else’s', async () => {
    const { authenticator } = await enrolled(on, ANA)
    await on.enrol('ben')
    const id = await held(on)
    const stranger = await assertionFor(on, id, ANA, new Authenticator(SITE))
    expect(await on.approvals.approve(id, stranger, 'test', { peer: HERE })).toMatchObject({ ok: false })
    const others = await assertionFor(on, id, BEN, authenticator)
    expect(await on.approvals.approve(id, others, 'test', { peer: HERE })).toMatchObject({ ok: false })
  })

  test('T-009: an assertion counts once', async () => {
    const { authenticator } = await enrolled(on, ANA)
    const id = await held(on, asked({ demand: { ...DEMAND, quorum: 2 } }))
    const input = await assertionFor(on, id, ANA, authenticator)
    expect(await on.approvals.approve(id, input, 'test', { peer: HERE })).toMatchObject({
      value: { state: 'partially_approved' },
    })
    expect(await on.approvals.approve(id, input, 'test', { peer: HERE })).toMatchObject({ ok: false })
  })

  test('T-025: a counter that goes back is an alert and proves nothing', async () => {
    const { authenticator } = await enrolled(on, ANA)
    const id = await held(on)
    const input = await assertionFor(on, id, ANA, authenticator, { lies: { counter: 1 } })
    expect(await on.approvals.approve(id, input, 'test', { peer: HERE })).toMatchObject({ ok: false })
    expect(alerts('passkey.counter')).toMatchObject([{ severity: 'critical' }])
  })

  test('T-011: nothing critical by PIN, nor by a passkey of less than a day that nobody vouched for', async () => {
    await on.enrol('cleo')
    const pinOnly = await held(on, asked({ demand: CRITICAL }))
    expect(await on.approvals.challenge(pinOnly, 'cd'.repeat(32))).toMatchObject({ code: 'SP_AUTHN_PRESENCE' })
    await enrolled(on, ANA)
    const byPin = await proofFor(on, pinOnly, 'operator:cleo')
    expect(await on.approvals.approve(pinOnly, byPin, 'test')).toMatchObject({ code: 'SP_AUTHN_PRESENCE' })
    const { authenticator } = await enrolled(on, BEN, { first: false })
    on.clock.advance(1000)
    const next = async () =>
      held(on, asked({ demand: CRITICAL }, { argsDigest: String(on.clock.now()).padStart(64, '0') }))
    const early = await next()
    const input = await assertionFor(on, early, BEN, authenticator)
    expect(await on.approvals.approve(early, input, 'test', { peer: HERE })).toMatchObject({
      code: 'SP_AUTHN_PRESENCE',
    })
    expect(await on.passkeys.confirm(authenticator.id, BEN)).toMatchObject({ code: 'SP_APPROVAL_SELF' })
    expect(await on.passkeys.confirm(authenticator.id, ANA)).toMatchObject({ ok: true })
    const vouched = await assertionFor(on, early, BEN, authenticator)
    expect(await on.approvals.approve(early, vouched, 'test', { peer: HERE })).toMatchObject({
      value: { state: 'approved' },
    })

    const third = await enrolled(on, 'operator:dan', { first: false })
    on.clock.advance(DAY)
    const late = await next()
    const day = await assertionFor(on, late, 'operator:dan', third.authenticator)
    expect(await on.approvals.approve(late, day, 'test', { peer: HERE })).toMatchObject({
      value: { state: 'approved' },
    })
  })

  test('T-024: where policy wants a device, only a passkey enrolled and used elsewhere', async () => {
    const { authenticator } = await enrolled(on, ANA)
    const phone = await enrolled(on, BEN, { first: false, peer: ELSEWHERE })
    expect(phone.view.class).toBe('device')
    on.clock.advance(DAY)
    const id = await held(on, asked({ demand: { ...CRITICAL, presence: 'device' } }))
    const here = await assertionFor(on, id, ANA, authenticator)
    expect(await on.approvals.approve(id, here, 'test', { peer: HERE })).toMatchObject({ code: 'SP_AUTHN_PRESENCE' })
    const there = await assertionFor(on, id, BEN, phone.authenticator)
    expect(await on.approvals.approve(id, there, 'test', { peer: ELSEWHERE })).toMatchObject({
      value: { state: 'approved' },
    })
    expect(await redeem(id)).toMatchObject({ ok: true })
  })

  test('T-024: a device that was used on the gateway’s own machine is none any more', async () => {
    const { authenticator } = await enrolled(on, BEN, { peer: ELSEWHERE })
    const signIn = authenticator.get((await on.passkeys.beginSignIn()) as JsonObject)
    expect(await on.passkeys.finishSignIn(signIn, HERE)).toMatchObject({ value: { operator: BEN } })
    expect((await on.passkeys.list())[0]?.class).toBe('cross')
    const id = await held(on, asked({ demand: { ...DEMAND, presence: 'device' } }))
    const input = await assertionFor(on, id, BEN, authenticator)
    expect(await on.approvals.approve(id, input, 'test', { peer: ELSEWHERE })).toMatchObject({
      code: 'SP_AUTHN_PRESENCE',
    })
  })

  test('T-018: a PIN that is locked does not stop a passkey, and a passkey turns it on again', async () => {
    const cleo = await on.enrol('cleo')
    const { authenticator } = await enrolled(on, ANA)
    for (let tries = 0; tries < 10; tries++) {
      const wrong = { ...(await proveAct(on, 'kill.resume', {}, cleo, authenticator)), proof: '00'.repeat(32) }
      const { assertion: _none, ...pin } = wrong as typeof wrong & { assertion?: unknown }
      expect(await on.presence.verify('kill.resume', {}, pin)).toMatchObject({ ok: false })
      on.clock.advance(3_600_000)
    }
    expect((await on.presence.status()).operators).toContainEqual(expect.objectContaining({ id: cleo, state: 'off' }))
    const again = await held(on)
    const input = await assertionFor(on, again, ANA, authenticator)
    expect(await on.approvals.approve(again, input, 'test', { peer: HERE })).toMatchObject({
      value: { state: 'approved' },
    })
    const act = { operator: cleo }
    const proof = await proveAct(on, 'presence.reset-pin', act, ANA, authenticator)
    expect(await on.presence.verify('presence.reset-pin', act, proof)).toMatchObject({ value: { class: 'passkey' } })
    expect(await on.presence.resetPin(cleo, ANA)).toMatchObject({ ok: true })
    expect((await on.presence.status()).operators).toContainEqual(expect.objectContaining({ id: cleo, state: 'ready' }))
  })
})

describe('low severity', () => {
  const low = (n: number, of = {}) =>
    asked({ demand: { ...DEMAND, severity: 'low' } }, { argsDigest: String(n).padStart(64, '0'), ...of })
  const via = { peer: HERE, connection: 'c1' }
  const agree = async (id: string, by = via, scope: GrantScope = { kind: 'once' }) => {
    const shown = await on.approvals.show(id)
    if (!shown.ok) throw new Error(shown.code)
    const input = { operator: ANA, held: true, view: viewDigest(shown.value.view), scope, reason: '' } as const
    return on.approvals.approve(id, input, 'test', by)
  }

  test('AC-5.3.2 T-016: a proof holds five minutes, for this connection, agent instance and low calls only', async () => {
    const { authenticator } = await enrolled(on, ANA)
    on.clock.advance(10)
    const first = await held(on, low(1))
    expect(await on.approvals.holds(first, ANA, 'c1')).toBe(false)
    expect(await agree(first)).toMatchObject({ code: 'SP_AUTHN_PRESENCE' })
    await on.approvals.approve(first, await assertionFor(on, first, ANA, authenticator), 'test', via)
    const next = await held(on, low(2))
    expect(await on.approvals.holds(next, ANA, 'c1')).toBe(true)
    expect(await agree(next, { peer: HERE, connection: 'c2' })).toMatchObject({ code: 'SP_AUTHN_PRESENCE' })
    expect(await agree(next, { peer: HERE, connection: '' })).toMatchObject({ code: 'SP_AUTHN_PRESENCE' })
    expect(await agree(next, via, { kind: 'value' })).toMatchObject({ code: 'SP_API_INVALID' })
    const other = await held(on, low(3, { instance: 'instance-2' }))
    expect(await agree(other)).toMatchObject({ code: 'SP_AUTHN_PRESENCE' })
    const medium = await held(on, asked({ demand: { ...DEMAND, severity: 'medium' } }))
    expect(await agree(medium)).toMatchObject({ code: 'SP_AUTHN_PRESENCE' })
    expect(await agree(next)).toMatchObject({ value: { state: 'approved' } })
    const wanted = low(2)
    const evidence = { kind: 'approval', approvalId: next, callDigest: wanted.callDigest } as const
    expect(await on.approvals.redeem(evidence, wanted.binding)).toMatchObject({ ok: true })
    const late = await held(on, low(4))
    on.clock.advance(299_000)
    const still = await held(on, low(5))
    on.clock.advance(1_001)
    expect(await agree(still)).toMatchObject({ code: 'SP_AUTHN_PRESENCE' })
    expect(late).not.toBe(still)
  })

  test('T-004: a held vote that this gateway did not vouch for releases nothing', async () => {
    const { authenticator } = await enrolled(on, ANA)
    on.clock.advance(10)
    const first = await held(on, low(1))
    await on.approvals.approve(first, await assertionFor(on, first, ANA, authenticator), 'test', via)
    const id = await held(on, low(2))
    await agree(id)
    const row = await on.store.get('approval', id)
    if (row === undefined) throw new Error('no row')
    const [vote] = row.body['votes'] as readonly JsonObject[]
    const { version, updatedAt: _at, ...same } = row
    const forged = { ...vote, nonce: '0'.repeat(64) }
    await on.store.put({ ...same, body: { ...row.body, votes: [forged] } }, version)
    const wanted = low(2)
    const evidence = { kind: 'approval', approvalId: id, callDigest: wanted.callDigest } as const
    expect(await on.approvals.redeem(evidence, wanted.binding)).toMatchObject({ code: 'SP_APPROVAL_EVIDENCE' })
  })
})

describe('who may decide', () => {
  test('E-55: everybody is listed, and why some may not; what is over says who and why', async () => {
    const cleo = await on.enrol('cleo')
    await enrolled(on, ANA)
    const id = await held(on, asked({ demand: CRITICAL }, { chain: [cleo] }))
    const shown = await on.approvals.show(id)
    expect(shown).toMatchObject({ value: { scopes: ['once'] } })
    expect(shown.ok && shown.value.people).toEqual([
      { operator: cleo, may: false, why: expect.stringContaining('own request') },
      { operator: ANA, may: true, why: '' },
    ])
    await on.approvals.deny(id, { ...human, id: ANA }, 'wrong recipient')
    const [over] = await on.approvals.list({ state: 'decided' })
    expect(over).toMatchObject({ state: 'denied', votes: [{ approver: ANA, reason: 'wrong recipient' }] })
    expect((await on.approvals.show(id)).ok).toBe(true)
  })
})

describe('other acts', () => {
  test('T-003: an assertion for one act and payload is none for another', async () => {
    const { authenticator } = await enrolled(on, ANA)
    const proof = await proveAct(on, 'kill.resume', { agent: 'a' }, ANA, authenticator)
    expect(await on.presence.verify('kill.resume', { agent: 'b' }, proof)).toMatchObject({ ok: false })
    expect(await on.presence.verify('kill.resume', { agent: 'a' }, proof)).toMatchObject({ value: { operator: ANA } })
    expect(await on.presence.verify('kill.resume', { agent: 'a' }, proof)).toMatchObject({ ok: false })
    const decided = on.records.filter((each) => each['event'] === 'operator.decided')
    expect(decided.at(1)).toMatchObject({ accepted: true, assertion: { credential: authenticator.id } })
  })

  test('T-011 T-012: no PIN for what changes who may decide or leads to a new passkey, nor for policy once there is a passkey', async () => {
    const cleo = await on.enrol('cleo')
    const pin = { operator: cleo, nonce: '00'.repeat(32), notAfter: on.clock.now() + 1000, proof: '00'.repeat(32) }
    const notEnough = { reason: expect.stringContaining('not enough') }
    for (const kind of ['passkey.enrol', 'passkey.remove', 'presence.reset-pin']) {
      expect(await on.presence.verify(kind, {}, pin)).toMatchObject(notEnough)
    }
    const people = ['people.add', 'people.roles', 'people.remove', 'people.link', 'people.password', 'people.recovery']
    const once = ['policy.accept', ...people, 'device.pair']
    for (const kind of once) expect(await on.presence.verify(kind, {}, pin)).not.toMatchObject(notEnough)
    await enrolled(on, ANA)
    for (const kind of once) expect(await on.presence.verify(kind, {}, pin)).toMatchObject(notEnough)
  })
})

describe('what the store says', () => {
  test('T-004: a passkey of a row without its record in the log counts for nothing', async () => {
    const { authenticator } = await enrolled(on, ANA)
    const id = await held(on)
    const input = await assertionFor(on, id, ANA, authenticator)
    on.records.splice(0)
    await on.restart()
    expect(await on.passkeys.list()).toEqual([])
    expect(await on.approvals.approve(id, input, 'test', { peer: HERE })).toMatchObject({ ok: false })
  })

  test('T-004: state approved, another class, another voter or another assertion release nothing', async () => {
    const { authenticator } = await enrolled(on, ANA)
    const second = await enrolled(on, BEN, { first: false })
    on.clock.advance(DAY)
    const changes: readonly ((vote: JsonObject) => JsonObject)[] = [
      (vote) => ({ ...vote, approver: BEN }),
      (vote) => ({ ...vote, class: 'pin' }),
      (vote) => ({ ...vote, class: 'device' }),
      (vote) => ({ ...vote, scope: { kind: 'value' } }),
      (vote) => ({ ...vote, assertion: { ...(vote['assertion'] as JsonObject), credential: second.authenticator.id } }),
      (vote) => ({ ...vote, assertion: { ...second.authenticator.assert('00'.repeat(32)) } }),
      ({ assertion: _gone, ...vote }) => vote,
    ]
    for (const [index, change] of changes.entries()) {
      const of = { argsDigest: String(index).padStart(64, '0') }
      const wanted = asked({}, of)
      const id = await held(on, wanted)
      await on.approvals.approve(id, await assertionFor(on, id, ANA, authenticator), 'test', { peer: HERE })
      const row = await on.store.get('approval', id)
      if (row === undefined) throw new Error('no row')
      const [vote] = row.body['votes'] as readonly JsonObject[]
      const { version, updatedAt: _at, ...same } = row
      await on.store.put({ ...same, body: { ...row.body, votes: [change(vote ?? {})] } }, version)
      const evidence = { kind: 'approval', approvalId: id, callDigest: wanted.callDigest } as const
      expect(await on.approvals.redeem(evidence, wanted.binding), String(index)).toMatchObject({ ok: false })
    }
  })

  test('T-009: restarted between approving and releasing, it is released once', async () => {
    const { authenticator } = await enrolled(on, ANA)
    const id = await held(on)
    await on.approvals.approve(id, await assertionFor(on, id, ANA, authenticator), 'test', { peer: HERE })
    await on.restart()
    const all = await Promise.all(Array.from({ length: 1000 }, () => redeem(id)))
    expect(all.filter(({ ok }) => ok)).toHaveLength(1)
  })

  test('a PIN and a passkey of two people make a quorum; two credentials of one person do not (T-031)', async () => {
    const cleo = await on.enrol('cleo')
    const { authenticator } = await enrolled(on, ANA)
    const other = await enrolled(on, ANA, { first: false })
    on.clock.advance(10)
    const id = await held(on, asked({ demand: { ...DEMAND, quorum: 2 } }))
    await on.approvals.approve(id, await assertionFor(on, id, ANA, authenticator), 'test', { peer: HERE })
    const twice = await assertionFor(on, id, ANA, other.authenticator)
    expect(await on.approvals.approve(id, twice, 'test', { peer: HERE })).toMatchObject({ ok: false })
    expect(await approve(on, id, cleo)).toMatchObject({ value: { state: 'approved' } })
    expect(await redeem(id)).toMatchObject({ ok: true })
  })
})
