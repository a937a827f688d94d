import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '@sallyport/core'
import { held, rig, SITE, type Rig } from '../../../../../test/approvals/setup.ts'
import { Authenticator } from '../../../../../test/presence/authenticator.ts'
import { enrolled, HERE, proveAct } from '../../../../../test/presence/kit.ts'
import { contended } from '../../../../../test/store/contended.ts'
import { pass, refuse } from '../../boundary/ports.ts'
import { systemRandom } from '../../random.ts'
import type { Store } from '../../store/ports.ts'
import { createAttempts } from './attempts.ts'
import { createPasskeys, type Passkeys, type PasskeysDeps } from './passkeys.ts'
import { createPresence, type Presence, type PresenceDeps } from './presence.ts'

const [ANA, BEN] = ['operator:ana', 'operator:ben']
const NONCE = 'ab'.repeat(32)
let on: Rig
beforeEach(async () => {
  on = await rig()
})
afterEach(() => on.close())

const evidence = {
  append: async (added: readonly object[]) => void on.records.push(...(added as typeof on.records)),
  enqueue: (added: readonly object[]) => void on.records.push(...(added as typeof on.records)),
}
const parts = (store: Store) => ({ store, evidence, clock: on.clock, random: systemRandom })
const passkeysOn = (store: Store, more: Partial<PasskeysDeps> = {}): Passkeys =>
  createPasskeys({
    ...{ ...parts(store), mac: on.keys.mac, site: SITE, isOwnAddress: (address) => address === HERE },
    identityRecords: async () =>
      on.records.filter(({ kind }) => kind === 'identity').map((each) => JSON.stringify(each)),
    ...more,
  })
const presenceOn = (store: Store, more: Partial<PresenceDeps> = {}): Presence =>
  createPresence({ ...parts(store), keys: on.keys, passkeys: on.passkeys, ...more })
const alerts = (name: string) => on.records.filter((each) => each.kind === 'alert' && each['name'] === name)

describe('T-017: counters of attempts that others change too', () => {
  const no = async () => false
  const yes = async () => true

  test('a failure is counted although somebody was faster a few times', async () => {
    const attempts = createAttempts({ store: contended(on.store, 'meta', 3), clock: on.clock })
    await attempts.open('v')
    expect(await attempts.attempt('v', 's', no)).toEqual(pass(false))
    expect((await attempts.look('v')).failures).toBe(1)
  })

  test('a counter that never stands still refuses without a check', async () => {
    let checks = 0
    const attempts = createAttempts({ store: contended(on.store, 'meta'), clock: on.clock })
    const verdict = await attempts.attempt('v', 's', async () => (checks++, true))
    expect([verdict.ok, checks]).toEqual([false, 0])
  })

  test('a right answer resets, over somebody who was faster', async () => {
    const calm = createAttempts(on)
    await calm.open('v')
    await calm.attempt('v', 's', no)
    let armed = false
    const busy = contended(on.store, 'meta', 2)
    const store = { ...on.store, put: ((row, at) => (armed ? busy : on.store).put(row, at)) as Store['put'] }
    const attempts = createAttempts({ store, clock: on.clock })
    expect(await attempts.attempt('v', 's', async () => (armed = true))).toEqual(pass(true))
    expect(await attempts.look('v')).toEqual({ failures: 0, pausedUntil: 0, off: false })
  })

  test('no more than 64 wait; a verifier that nobody opened, or whose counter is no counter, is off', async () => {
    const attempts = createAttempts(on)
    const verdicts = await Promise.all(
      Array.from({ length: 70 }, (_, index) => attempts.attempt('v', `s${index}`, yes)),
    )
    expect(verdicts.filter((each) => !each.ok && each.reason === 'Too many attempts at once.')).toHaveLength(6)
    expect(verdicts.every(({ ok }) => !ok)).toBe(true)
    for (const body of [
      { failures: 'x' },
      { failures: 0, pausedUntil: null },
      { failures: 0, pausedUntil: 0, off: 0 },
    ]) {
      const id = `presence.verifier:${JSON.stringify(body)}`
      await on.store.put({ kind: 'meta', id, state: '', expiresAt: 0, body: body as JsonObject }, 0)
      expect((await attempts.look(JSON.stringify(body))).off).toBe(true)
    }
  })

  test('where a verifier need not be opened, a counter is forgotten in time and never says that it is off', async () => {
    const rules = { name: 'x', mostFailures: 2, offAfter: Infinity, mustBeOpened: false }
    const attempts = createAttempts(on, rules)
    expect(await attempts.attempt('v', 's', yes)).toEqual(pass(true))
    const row = await on.store.get('meta', 'x.verifier:v')
    expect(row?.expiresAt).toBeGreaterThan(on.clock.now())
  })
})

describe('T-007: claiming', () => {
  const claimOf = async (presence: Presence) => {
    const asked = await presence.claimChallenge(NONCE)
    if (!asked.ok) throw new Error(asked.reason)
    const { nonce, notAfter, operators } = asked.value
    return { name: 'ana', salt: operators[0]?.salt ?? '', verifier: 'ab'.repeat(32), nonce, notAfter }
  }

  test('a nonce of another length, and a gateway that may not be claimed', async () => {
    expect((await on.presence.claimChallenge('ab')).ok).toBe(false)
    const claim = await claimOf(on.presence)
    const closed = presenceOn(on.store, { mayClaim: async () => refuse('SP_AUTHN_PRESENCE', 'Not now.') })
    expect(await closed.claimChallenge(NONCE)).toMatchObject({ ok: false, reason: 'Not now.' })
    expect(await closed.claim(claim, 'test')).toMatchObject({ ok: false, reason: 'Not now.' })
    expect(await presenceOn(on.store, { mayClaim: async () => pass(null) }).claim(claim, 'test')).toMatchObject({
      ok: true,
    })
  })

  test.each([
    ['name', { name: 'local' }],
    ['name', { name: 'Ana!' }],
    ['verifier', { verifier: 'short' }],
    ['challenge', { notAfter: 1 }],
    ['challenge', { nonce: 'zz' }],
    ['challenge', { salt: '00' }],
  ])('a claim with another %s is refused, and the right one still counts', async (word, change) => {
    const claim = await claimOf(on.presence)
    expect(await on.presence.claim({ ...claim, ...change }, 'test')).toMatchObject({
      ok: false,
      reason: expect.stringContaining(word) as string,
    })
    expect((await on.presence.claim(claim, 'test')).ok).toBe(true)
  })

  test('while one claim is under way another one is refused; a claim that died half-way frees it in time', async () => {
    const row = { kind: 'meta', id: 'presence.claim', state: '', expiresAt: 0, body: { at: on.clock.now() } } as const
    await on.store.put(row, 0)
    expect(await on.presence.claim(await claimOf(on.presence), 'test')).toMatchObject({ ok: false })
    expect(alerts('presence.claim-refused')).toHaveLength(1)
    on.clock.advance(120_001)
    expect((await on.presence.claim(await claimOf(on.presence), 'test')).ok).toBe(true)
  })

  test('the faster of two writers is the operator', async () => {
    const presence = presenceOn(contended(on.store, 'operator'))
    expect(await presence.claim(await claimOf(presence), 'test')).toMatchObject({
      ok: false,
      reason: 'This gateway has an operator.',
    })
  })

  test('nobody is asked to prove anything before there is somebody', async () => {
    expect(await on.presence.challenge('kill', {}, 'ab')).toMatchObject({ ok: false, code: 'SP_AUTHN_PRESENCE' })
    expect(await on.presence.challenge('kill', {}, NONCE)).toMatchObject({ ok: false, code: 'SP_AUTHN_UNCLAIMED' })
    expect(await on.presence.resetPin(ANA, BEN)).toMatchObject({ ok: false, code: 'SP_API_INVALID' })
  })
})

describe('proofs', () => {
  test('T-010: late, of another subject, and of nobody', async () => {
    const { authenticator } = await enrolled(on, ANA)
    const proof = await proveAct(on, 'freeze', { a: 1 }, ANA, authenticator)
    expect(await on.presence.verify('freeze', { a: 2 }, proof)).toMatchObject({
      ok: false,
      reason: 'The proof is for another decision.',
    })
    expect((await on.presence.verify('freeze', { a: 1 }, { ...proof, operator: 'agent:x' })).ok).toBe(false)
    expect((await on.presence.verify('freeze', { a: 1 }, { ...proof, nonce: 'zz' })).ok).toBe(false)
    expect((await on.presence.verify('freeze', { a: 1 }, {})).ok).toBe(false)
    on.clock.advance(121_000)
    expect(await on.presence.verify('freeze', { a: 1 }, proof)).toMatchObject({
      ok: false,
      reason: 'The challenge has expired.',
    })
  })

  test('T-004: a PIN under another pepper proves nothing; whoever has no role is no principal', async () => {
    await on.enrol('ana')
    const [operator] = await on.presence.operators()
    const other = presenceOn(on.store, {
      keys: { ...on.keys, pepper: randomBytes(32) },
      scopesOf: async () => undefined,
    })
    expect(operator !== undefined && other.proves(operator, 'decision', 'proof')).toBe(false)
    expect([...(await other.principals())]).toEqual([])
    const some = presenceOn(on.store, { scopesOf: async () => ['read'] })
    expect((await some.principals()).get(ANA)?.scopes).toEqual(['read'])
  })

  test('T-001: refusals of a client are alerts, thirty a minute, and the last says that there are more', () => {
    for (let count = 0; count < 40; count++) on.presence.refused('x'.repeat(99), 'no terminal', 'test')
    expect(alerts('presence.refused').map((each) => each['more'])).toEqual([...Array.from({ length: 29 }), true])
    on.clock.advance(60_000)
    on.presence.refused('approve', 'no terminal', 'test')
    expect(alerts('presence.refused')).toHaveLength(31)
  })
})

describe('T-022: passkeys that others change too', () => {
  const later =
    (authenticator: Authenticator, operator = BEN) =>
    async (passkeys: Passkeys) => {
      const options = (await passkeys.beginEnrolment(operator)) as JsonObject
      return passkeys.finishEnrolment(operator, authenticator.create(options), { kind: 'presence' }, 'key', HERE)
    }

  test('the same credential twice, and one that another gateway enrols at this moment', async () => {
    const { authenticator } = await enrolled(on, ANA)
    expect(await later(authenticator)(on.passkeys)).toMatchObject({
      ok: false,
      reason: 'This passkey is known already.',
    })
    const busy = passkeysOn(contended(on.store, 'passkey'))
    expect(await later(new Authenticator(SITE))(busy)).toMatchObject({
      ok: false,
      reason: 'This passkey is known already.',
    })
  })

  test('nobody is enrolled for another kind of name, nor where no console listens', async () => {
    const { authenticator } = await enrolled(on, ANA)
    expect(await later(authenticator, 'agent:x')(on.passkeys)).toMatchObject({ ok: false, code: 'SP_API_INVALID' })
    const closed = passkeysOn(on.store, { site: { origin: '', rpId: '' } })
    const answer = authenticator.create({ challenge: 'AAAA' })
    expect(await closed.finishEnrolment(ANA, answer, { kind: 'first' }, 'key', HERE)).toMatchObject({
      ok: false,
      reason: expect.stringContaining('does not listen') as string,
    })
    expect(await closed.accept(ANA, NONCE, authenticator.assert(NONCE), HERE)).toMatchObject({
      reason: expect.stringContaining('another name of the console') as string,
    })
  })

  test('a first enrolment that is under way elsewhere is waited for; one that lies in the future is not', async () => {
    const marker = (at: number, version: number) =>
      on.store.put({ kind: 'meta', id: 'presence.first-passkey', state: '', expiresAt: 0, body: { at } }, version)
    await marker(on.clock.now() - 5_000, 0)
    await expect(enrolled(on, ANA)).rejects.toThrow('There is a passkey already')
    await marker(on.clock.now() + 5_000, 1)
    await enrolled(on, ANA)
    expect((await on.passkeys.list(ANA)).length).toBe(1)
    expect(await on.passkeys.list(BEN)).toEqual([])
  })

  test('a row that never stands still: it is neither used nor confirmed, but removed for good by its record', async () => {
    const { authenticator } = await enrolled(on, ANA)
    const { view } = await enrolled(on, BEN, { first: false })
    const busy = passkeysOn(contended(on.store, 'passkey'))
    expect(await busy.confirm(view.id, ANA)).toMatchObject({
      ok: false,
      reason: 'This passkey is being used elsewhere.',
    })
    expect(await busy.accept(ANA, NONCE, authenticator.assert(NONCE), HERE)).toMatchObject({
      ok: false,
      reason: 'This passkey is being used elsewhere.',
    })
    const twice = passkeysOn(contended(on.store, 'passkey', 2))
    expect(await twice.accept(ANA, NONCE, authenticator.assert(NONCE), HERE)).toMatchObject({ ok: true })
    expect(await busy.remove(view.id)).toMatchObject({ ok: true })
    expect((await passkeysOn(on.store).all()).map(({ id }) => id)).toEqual([authenticator.id])
  })

  test('one that is removed while it is used is not accepted; one that is not there is neither removed nor confirmed', async () => {
    const { authenticator } = await enrolled(on, ANA)
    const gone = passkeysOn(contended(on.store, 'passkey', 1, (row) => ({ ...row, state: 'removed' })))
    expect(await gone.accept(ANA, NONCE, authenticator.assert(NONCE), HERE)).toMatchObject({
      ok: false,
      reason: 'This passkey is being used elsewhere.',
    })
    expect(await on.passkeys.remove('none')).toMatchObject({ ok: false, code: 'SP_API_INVALID' })
    expect(await on.passkeys.confirm('none', ANA)).toMatchObject({ ok: false, code: 'SP_API_INVALID' })
  })

  test('T-023: a counter that goes to zero is a copy', async () => {
    const { authenticator } = await enrolled(on, ANA)
    expect((await on.passkeys.accept(ANA, NONCE, authenticator.assert(NONCE, { counter: 0 }), HERE)).ok).toBe(false)
    expect(alerts('passkey.counter')).toMatchObject([{ severity: 'critical', had: 1, counter: 0 }])
  })

  test('an authenticator that does not count is accepted each time', async () => {
    const authenticator = new Authenticator(SITE)
    const options = (await on.passkeys.beginEnrolment(ANA)) as JsonObject
    const response = authenticator.create(options, { counter: 0 })
    expect((await on.passkeys.finishEnrolment(ANA, response, { kind: 'first' }, 'key', HERE)).ok).toBe(true)
    for (const _ of [1, 2]) {
      expect((await on.passkeys.accept(ANA, NONCE, authenticator.assert(NONCE, { counter: 0 }), HERE)).ok).toBe(true)
    }
  })
})

describe('T-023: signing in with what is no assertion', () => {
  const client = (value: unknown): Json => ({
    id: 'x',
    response: {
      authenticatorData: 'a',
      signature: 's',
      clientDataJSON: Buffer.from(JSON.stringify(value)).toString('base64url'),
    },
  })
  test('whatever it lacks, it is refused', async () => {
    const table: readonly (readonly [string, Json])[] = [
      ['nothing', null],
      ['no response', {}],
      ['half a response', { id: 'x', response: { signature: 's' } }],
      ['no id', { response: { authenticatorData: 'a', signature: 's', clientDataJSON: 'e30' } }],
      [
        'client data that is no JSON',
        { id: 'x', response: { authenticatorData: 'a', signature: 's', clientDataJSON: 'AAAA' } },
      ],
      ['no challenge', client({})],
      ['a challenge of another kind', client({ challenge: 7 })],
      ['a challenge that nobody gave', client({ challenge: 'AAAA' })],
    ]
    for (const [what, response] of table) {
      expect(await on.passkeys.finishSignIn(response), what).toMatchObject({ ok: false, code: 'SP_AUTHN_INVALID' })
      expect((await on.passkeys.readNew(response)).ok, what).toBe(false)
    }
  })

  test('an offer counts once, and only for a passkey of this gateway', async () => {
    const { authenticator } = await enrolled(on, ANA)
    const offer = (await on.passkeys.beginSignIn()) as JsonObject
    expect(await on.passkeys.finishSignIn(authenticator.get(offer))).toMatchObject({
      ok: true,
      value: { operator: ANA },
    })
    expect(await on.passkeys.finishSignIn(authenticator.get(offer))).toMatchObject({
      ok: false,
      reason: expect.stringContaining('used') as string,
    })
    const next = (await on.passkeys.beginSignIn()) as JsonObject
    expect(await on.passkeys.finishSignIn(new Authenticator(SITE).get(next))).toMatchObject({
      ok: false,
      code: 'SP_AUTHN_INVALID',
    })
  })

  test('a held request is not decided by the proof of an act', async () => {
    const { authenticator } = await enrolled(on, ANA)
    const id = await held(on)
    const proof = await proveAct(on, 'freeze', { id }, ANA, authenticator)
    const verdict = await on.approvals.approve(id, { ...proof, view: '', scope: { kind: 'once' }, reason: '' }, 'test')
    expect(verdict.ok).toBe(false)
  })
})
