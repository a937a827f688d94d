import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { provePin } from '../../packages/gateway/src/control/presence/pin.ts'
import { openVerifier } from '../../packages/gateway/src/control/presence/operator.ts'
import { approve, asked, held, proofFor, rig, type Rig } from './setup.ts'

const HUMAN = { kind: 'human', id: 'operator:local', chain: [], scopes: [], trustLevel: 0, instance: '' } as const

describe('guessing the PIN', () => {
  let on: Rig
  let ann: string
  beforeAll(async () => {
    on = await rig()
    ann = await on.enrol('ann')
  })
  afterAll(() => on.close())

  const guess = async (id: string, source: string, operator = ann) =>
    on.approvals.approve(
      id,
      { ...(await proofFor(on, id, ann)), operator, proof: randomBytes(32).toString('hex') },
      source,
    )

  it('T-002: the recorded bytes of an accepted decision are worth nothing a second time', async () => {
    const first = await held(on, asked({}, { instance: 'replay' }))
    const bytes = await proofFor(on, first, ann)
    expect((await on.approvals.approve(first, bytes, 'a')).ok).toBe(true)
    expect((await on.approvals.approve(first, bytes, 'b')).ok).toBe(false)
    const second = await held(on, asked({}, { instance: 'replay', argsDigest: '1'.repeat(64) }))
    expect(await on.approvals.approve(second, bytes, 'b')).toMatchObject({ ok: false })
    const later = await proofFor(on, second, ann)
    expect(await on.approvals.approve(second, { ...later, nonce: bytes.nonce }, 'b')).toMatchObject({
      code: 'SP_AUTHN_PRESENCE',
    })
  })

  it('T-017: 1 000 guesses from 50 sources, some as other people: at most 10 are looked at', async () => {
    const id = await held(on, asked({}, { instance: 'guess' }))
    let evaluated = 0
    for (let batch = 0; batch < 20; batch++) {
      const verdicts = await Promise.all(
        Array.from({ length: 50 }, (_, n) => guess(id, `source-${n}`, n % 10 === 9 ? 'operator:nobody' : ann)),
      )
      evaluated += verdicts.filter((verdict) => !verdict.ok && verdict.code === 'SP_AUTHN_PRESENCE').length
      const real = verdicts.filter((verdict) => verdict.ok)
      expect(real).toHaveLength(0)
      on.clock.advance(10_000)
    }
    expect(evaluated).toBeGreaterThan(4)
    expect(evaluated).toBeLessThanOrEqual(10)
  })

  it('T-018: a locked PIN stops approving, also with the right one and after a restart; never denying', async () => {
    const id = await held(on, asked({}, { instance: 'locked' }))
    expect(await approve(on, id, ann)).toMatchObject({ ok: false, code: 'SP_AUTHN_LOCKED' })
    await on.restart()
    expect(await approve(on, id, ann)).toMatchObject({ ok: false, code: 'SP_AUTHN_LOCKED' })
    expect(await on.approvals.deny(id, HUMAN, 'no')).toMatchObject({ ok: true })
  })

  it('T-017: five failures pause for a minute, doubling; ten switch the PIN off', async () => {
    const other = await rig()
    const bob = await other.enrol('bob')
    const pauses: number[] = []
    for (let n = 0; n < 10; n++) {
      const id = await held(other, asked({ demand: { ...asked().demand, ttlSeconds: 80_000 } }, { instance: `p${n}` }))
      const wrong = { ...(await proofFor(other, id, bob)), proof: '0'.repeat(64) }
      expect(await other.approvals.approve(id, wrong, `s${n}`)).toMatchObject({ code: 'SP_AUTHN_PRESENCE' })
      let waited = 0
      for (;;) {
        const again = await other.approvals.approve(id, await proofFor(other, id, 'operator:none'), 'probe')
        if (!again.ok && again.code === 'SP_AUTHN_PRESENCE') break
        const status = await other.presence.status()
        if (status.operators[0]?.state !== 'paused') break
        other.clock.advance(60_000)
        waited += 1
      }
      pauses.push(waited)
      if ((await other.presence.status()).operators[0]?.state === 'off') break
    }
    expect(pauses.slice(4, 9).filter((minutes) => minutes > 0).length).toBeGreaterThan(0)
    for (let index = 5; index < pauses.length - 1; index++)
      expect(pauses[index]).toBeGreaterThanOrEqual(pauses[index - 1] ?? 0)
    await other.close()
  })

  it('T-017: the verifier as stored is useless without the pepper, and for another operator', async () => {
    const [operator] = await on.presence.operators()
    if (operator === undefined) throw new Error('gone')
    expect(openVerifier(operator, on.keys.pepper)).toEqual(on.pins.get(ann))
    expect(openVerifier(operator, randomBytes(32))).toBeUndefined()
    expect(openVerifier({ ...operator, id: 'operator:eve' }, on.keys.pepper)).toBeUndefined()
    expect(JSON.stringify(await on.store.get('operator', ann))).not.toContain(on.pins.get(ann)?.toString('hex'))
  })

  it('T-007: a gateway is claimed once; a second claim, a replayed one and one without challenge are refused', async () => {
    const fresh = await rig()
    const ask = await fresh.presence.claimChallenge('ab'.repeat(32))
    if (!ask.ok) throw new Error(ask.reason)
    const { nonce, notAfter, operators } = ask.value
    const claim = { name: 'ann', salt: operators[0]?.salt ?? '', verifier: 'aa'.repeat(32), nonce, notAfter }
    const both = await Promise.all([
      fresh.presence.claim(claim, 'a'),
      fresh.presence.claim({ ...claim, name: 'eve' }, 'b'),
    ])
    expect(both.filter(({ ok }) => ok)).toHaveLength(1)
    expect(await fresh.presence.claim(claim, 'a')).toMatchObject({ ok: false })
    expect(await fresh.presence.claimChallenge('ab'.repeat(32))).toMatchObject({ ok: false })
    expect(await fresh.presence.claim({ ...claim, nonce: '0'.repeat(64) }, 'a')).toMatchObject({ ok: false })
    expect(fresh.presence.claimed()).toBe(true)
    await fresh.close()
  })

  it('T-010: a proof for one decision does not decide another: kinds and payloads are part of it', async () => {
    const fresh = await rig()
    const ann2 = await fresh.enrol('ann')
    const challenge = await fresh.presence.challenge('agent.trust', { agent: 'claude', level: 1 }, 'ab'.repeat(32))
    if (!challenge.ok) throw new Error(challenge.reason)
    const { operatorDecisionDigest } = await import('@sallyport/core')
    const { nonce, notAfter } = challenge.value
    const proof = {
      operator: ann2,
      nonce,
      notAfter,
      proof: provePin(fresh.pins.get(ann2)!, operatorDecisionDigest(challenge.value)),
    }
    expect(await fresh.presence.verify('agent.trust', { agent: 'claude', level: 2 }, proof)).toMatchObject({
      code: 'SP_AUTHN_PRESENCE',
    })
    expect(await fresh.presence.verify('kill.resume', { agent: 'claude', level: 1 }, proof)).toMatchObject({
      code: 'SP_AUTHN_PRESENCE',
    })
    expect(
      await fresh.presence.verify('agent.trust', { agent: 'claude', level: 1 }, { ...proof, extra: 1 }),
    ).toMatchObject({ ok: false })
    expect(await fresh.presence.verify('agent.trust', { agent: 'claude', level: 1 }, proof)).toMatchObject({ ok: true })
    expect(await fresh.presence.verify('agent.trust', { agent: 'claude', level: 1 }, proof)).toMatchObject({
      ok: false,
    })
    await fresh.close()
  })
})
