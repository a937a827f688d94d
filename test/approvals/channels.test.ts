import { createHmac, randomBytes } from 'node:crypto'
import { callDigest, decisionDigest } from '@sallyport/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { macOver, webhookClaim } from '../../packages/gateway/src/control/approvals/asserted.ts'
import { createWebhookInbox, createWebhookOutbox } from '../../packages/gateway/src/control/approvals/webhook.ts'
import { systemRandom } from '../../packages/gateway/src/random.ts'
import { approve, asked, binding, DEMAND, held, rig, type Rig } from './setup.ts'

const LOW = { ...DEMAND, severity: 'low' } as const

describe('who else says yes', () => {
  const secret = randomBytes(32)
  let on: Rig
  let ann: string
  let n = 0
  beforeAll(async () => {
    on = await rig({ channels: [{ secret, approvers: ['operator:ann'] }] })
    ann = await on.enrol('ann')
  })
  afterAll(() => on.close())

  const fresh = (): { instance: string; argsDigest: string } => ({
    instance: `c-${++n}`,
    argsDigest: `${n}`.padStart(64, '0'),
  })

  it('T-064: a client that accepts everything gets nothing but low, revocable calls', async () => {
    const cases = [
      [asked({ demand: LOW, grave: false }), true],
      [asked({ demand: LOW, grave: true }), false],
      [asked({ demand: { ...LOW, severity: 'medium' }, grave: false }), false],
      [asked({ demand: { ...LOW, quorum: 2 }, grave: false }), false],
      [asked({ demand: { ...LOW, approvers: ['operator:ann'] }, grave: false }), false],
    ] as const
    for (const [wanted, counts] of cases) {
      const of = fresh()
      const id = await held(on, { ...wanted, binding: binding(of), callDigest: callDigest(binding(of)) })
      expect((await on.approvals.clientAsserted(id, true, of)).ok).toBe(counts)
      const evidence = { kind: 'approval', approvalId: id, callDigest: callDigest(binding(of)) } as const
      expect((await on.approvals.redeem(evidence, binding(of))).ok).toBe(counts)
      const shown = await on.approvals.show(id)
      expect(shown).toMatchObject({ value: { approval: { state: counts ? 'consumed' : 'pending' } } })
    }
  })

  it('T-064: the client of another instance says nothing; its own client may always decline', async () => {
    const of = fresh()
    const id = await held(on, asked({ demand: LOW, grave: false }, of))
    expect(await on.approvals.clientAsserted(id, true, { instance: 'other' })).toMatchObject({
      code: 'SP_APPROVAL_UNKNOWN',
    })
    expect(await on.approvals.clientAsserted(id, false, of)).toMatchObject({ ok: true, value: { state: 'denied' } })
  })

  it('T-008 T-003: whoever asks, acts for it or shares an ancestor does not approve; agents never', async () => {
    for (const of of [
      { ...fresh(), principal: ann },
      { ...fresh(), chain: [ann] },
    ]) {
      const id = await held(on, asked({}, of))
      expect(await approve(on, id, ann)).toMatchObject({ ok: false, code: 'SP_APPROVAL_SELF' })
    }
    const named = await held(on, asked({ demand: { ...DEMAND, approvers: ['operator:cfo'] } }, fresh()))
    expect(await approve(on, named, ann)).toMatchObject({ ok: false, code: 'SP_AUTHZ_SCOPE' })
  })

  it('a PIN is never enough for what is critical', async () => {
    const id = await held(on, asked({ demand: { ...DEMAND, severity: 'critical' } }, fresh()))
    expect(await on.approvals.challenge(id, 'ab'.repeat(32))).toMatchObject({ ok: false, code: 'SP_AUTHN_PRESENCE' })
  })

  describe('T-011: the webhook', () => {
    const inbox = () => createWebhookInbox({ secret, store: on.store, clock: on.clock, service: on.approvals })
    const send = (body: object, more: { at?: number; nonce?: string; key?: Buffer } = {}) => {
      const text = JSON.stringify(body)
      const timestamp = String(more.at ?? on.clock.now())
      const nonce = more.nonce ?? randomBytes(16).toString('hex')
      const signature = createHmac('sha256', more.key ?? secret)
        .update(`sallyport/webhook/1\n${timestamp}\n${nonce}\n${text}`)
        .digest('hex')
      const headers = {
        'x-sallyport-timestamp': timestamp,
        'x-sallyport-nonce': nonce,
        'x-sallyport-signature': signature,
      }
      return inbox().receive(headers, text)
    }
    const vote = async (id: string, approver = ann, key = secret) => {
      const shown = await on.approvals.show(id)
      if (!shown.ok) throw new Error(shown.code)
      const { call, view, notAfter } = on.approvals.webhookSubject(shown.value.approval.request)
      const nonce = randomBytes(32).toString('hex')
      const decision = decisionDigest({ approvalId: id, call, view, scope: { kind: 'once' }, notAfter, nonce })
      return {
        approvalId: id,
        verdict: 'approve',
        approver,
        nonce,
        view,
        notAfter,
        proof: macOver(key, webhookClaim(approver, decision)),
        reason: '',
      }
    }

    it('T-011: a signed approval counts up to medium, and its proof is checked again at release', async () => {
      for (const [severity, counts] of [
        ['medium', true],
        ['high', false],
        ['critical', false],
      ] as const) {
        const of = fresh()
        const id = await held(on, asked({ demand: { ...DEMAND, severity } }, of))
        expect((await send(await vote(id))).ok).toBe(counts)
        const evidence = { kind: 'approval', approvalId: id, callDigest: callDigest(binding(of)) } as const
        expect((await on.approvals.redeem(evidence, binding(of))).ok).toBe(counts)
      }
    })

    it('T-011: forged, replayed, stale, foreign and unmapped messages are refused; deny always counts', async () => {
      const id = await held(on, asked({ demand: { ...DEMAND, severity: 'medium' } }, fresh()))
      const body = await vote(id)
      expect(await send(body, { key: randomBytes(32) })).toMatchObject({ code: 'SP_AUTHN_INVALID' })
      expect(await send(body, { at: on.clock.now() - 301_000 })).toMatchObject({ code: 'SP_AUTHN_INVALID' })
      expect(await send(await vote(id, 'operator:eve'))).toMatchObject({ code: 'SP_AUTHZ_SCOPE' })
      expect(await send({ ...body, proof: 'f'.repeat(64) })).toMatchObject({ code: 'SP_APPROVAL_EVIDENCE' })
      expect(await send({ ...body, view: 'f'.repeat(64) })).toMatchObject({ code: 'SP_APPROVAL_EVIDENCE' })
      expect(await send({ ...body, extra: 1 })).toMatchObject({ code: 'SP_API_INVALID' })
      const nonce = randomBytes(16).toString('hex')
      expect((await send({ ...body, verdict: 'deny' }, { nonce })).ok).toBe(true)
      expect(await send({ ...body, verdict: 'deny' }, { nonce })).toMatchObject({ code: 'SP_AUTHN_INVALID' })
    })

    it('T-011: outgoing messages are signed, carry the whole view and nothing that acts; the queue is bounded', async () => {
      const sent: { headers: Readonly<Record<string, string>>; body: string }[] = []
      let down = false
      const outbox = createWebhookOutbox({
        config: { url: 'https://hooks.example/x', secret },
        clock: on.clock,
        random: systemRandom,
        post: async (_, headers, body) => {
          if (down) throw new Error('down')
          sent.push({ headers, body })
          return 204
        },
      })
      const id = await held(on, asked({ demand: { ...DEMAND, severity: 'medium' } }, fresh()))
      const shown = await on.approvals.show(id)
      if (!shown.ok) throw new Error(shown.code)
      outbox.notify(shown.value.approval)
      await expect.poll(() => sent.length).toBe(1)
      const { headers, body } = sent[0]!
      const signed = `sallyport/webhook/1\n${headers['x-sallyport-timestamp']}\n${headers['x-sallyport-nonce']}\n${body}`
      expect(headers['x-sallyport-signature']).toBe(createHmac('sha256', secret).update(signed).digest('hex'))
      expect(JSON.parse(body)).toMatchObject({ approvalId: id, verdicts: ['deny', 'approve'] })
      expect(body).toContain('bob@corp.com')
      expect(body).not.toMatch(/https?:/)
      down = true
      for (let index = 0; index < 400; index++) outbox.notify(shown.value.approval)
      expect(outbox.dropped).toBeGreaterThan(100)
      outbox.close()
    })
  })
})

describe('T-048: floods', () => {
  it('T-048 HB-21: five wait per instance, the rest are denied with one alert, and other agents are heard at once', async () => {
    const on = await rig()
    const ann = await on.enrol('ann')
    const flood = await Promise.all(
      Array.from({ length: 100_000 }, (_, n) =>
        on.approvals.request(asked({}, { instance: 'noisy', argsDigest: `${n}`.padStart(64, '0') }), 0),
      ),
    )
    expect(flood.filter(({ state }) => state === 'pending')).toHaveLength(5)
    expect(flood.filter((each) => each.state === 'refused' && each.code === 'SP_APPROVAL_FLOOD')).toHaveLength(99_995)
    expect(on.records.filter((each) => each['name'] === 'approval.flood')).toHaveLength(1)
    const before = performance.now()
    const quiet = await held(on, asked({}, { instance: 'quiet' }))
    expect(performance.now() - before).toBeLessThan(300)
    expect((await on.approvals.list({ state: 'pending' })).some(({ request }) => request.id === quiet)).toBe(true)
    const [first] = flood
    if (first?.state !== 'pending') throw new Error('not pending')
    await approve(on, first.approvalId, ann)
    expect((await on.approvals.request(asked({}, { instance: 'noisy', argsDigest: 'f'.repeat(64) }), 0)).state).toBe(
      'pending',
    )
    await on.close()
  }, 120_000)
})

describe('T-165: clocks', () => {
  it('T-165: a clock set back revives nothing, during a request and over a restart; set forward it only expires', async () => {
    const on = await rig()
    const ann = await on.enrol('ann')
    const id = await held(on)
    await approve(on, id, ann)
    const evidence = { kind: 'approval', approvalId: id, callDigest: callDigest(binding()) } as const
    on.clock.elapsed += 301_000
    on.clock.wall -= 3_600_000
    expect((await on.approvals.redeem(evidence, binding())).ok).toBe(false)
    const second = await held(on, asked({}, { instance: 'second' }))
    on.clock.wall += 2 * 3_600_000
    expect(await on.approvals.show(second)).toMatchObject({ value: { approval: { state: 'expired' } } })
    await on.close()
  })

  it('T-165: after a restart the time is at least that of the last checkpoint', async () => {
    const on = await rig()
    await on.enrol('ann')
    const id = await held(on)
    on.clock.advance(299_000)
    const row = {
      body: '{"kind":"gateway"}',
      ts: on.clock.now(),
      kind: 'gateway',
      auditId: '',
      session: '',
      agent: '',
      tool: '',
      decision: '',
    }
    await on.store.append([row])
    await on.store.checkpoint()
    on.clock.wall -= 3_600_000
    await on.restart()
    await on.approvals.grants()
    on.clock.elapsed += 2_000
    expect(await on.approvals.show(id)).toMatchObject({ value: { approval: { state: 'expired' } } })
    await on.close()
  })
})
