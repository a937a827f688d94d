import { callDigest } from '@sallyport/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { approve, asked, binding, held, proofFor, rig, type Rig } from './setup.ts'

const CLAUDE = {
  kind: 'human',
  id: 'operator:local',
  chain: [],
  scopes: ['read'],
  trustLevel: 0,
  instance: '',
} as const

describe('a request for a human', () => {
  let on: Rig
  let ann: string
  beforeEach(async () => {
    on = await rig()
    ann = await on.enrol('ann')
  })
  afterEach(() => on.close())

  const kinds = (): readonly unknown[] => on.records.map((each) => each['resolution'] ?? each['kind'])

  it('ND-5.3.a E-55: asked, held, approved by proof, redeemed once', async () => {
    const waiting = on.approvals.request(asked(), 5000)
    await expect.poll(async () => (await on.approvals.list({ state: 'pending' })).length).toBe(1)
    const [request] = await on.approvals.list({ state: 'pending' })
    const id = request?.request.id ?? ''
    expect((await approve(on, id, ann)).ok).toBe(true)
    const result = await waiting
    expect(result).toMatchObject({ state: 'approved', voters: [ann] })
    if (result.state !== 'approved') return
    expect(await on.approvals.redeem(result.evidence, binding())).toEqual({ ok: true, value: null })
    expect(await on.approvals.redeem(result.evidence, binding())).toMatchObject({
      ok: false,
      code: 'SP_APPROVAL_STATE',
    })
  })

  it('AC-5.3.3: lives 5 minutes by default, then it is denied; approve, deny and expire are records of their own', async () => {
    const first = await held(on)
    const [request] = await on.approvals.list()
    expect((request?.request.expiresAt ?? 0) - (request?.request.createdAt ?? 0)).toBe(300_000)
    await approve(on, first, ann)
    const second = await held(on, asked({}, { argsDigest: 'c'.repeat(64) }))
    await on.approvals.deny(second, CLAUDE, 'no')
    const third = asked({}, { argsDigest: 'd'.repeat(64) })
    const expiring = on.approvals.request(third, 60_000)
    await expect.poll(async () => (await on.approvals.list({ state: 'pending' })).length).toBe(1)
    on.clock.advance(300_000)
    await on.approvals.sweep()
    expect(await expiring).toMatchObject({ state: 'refused', code: 'SP_APPROVAL_EXPIRED' })
    const audit = on.records.filter((each) => each.kind === 'approval.resolved').map((each) => each['resolution'])
    expect(audit).toEqual(['approve', 'deny', 'expire', 'expire'])
  })

  it('AC-5.3.3: the demand of a rule names its own time', async () => {
    const wanted = asked()
    const id = await held(on, { ...wanted, demand: { ...wanted.demand, ttlSeconds: 20 } })
    on.clock.advance(20_000)
    expect(await on.approvals.show(id)).toMatchObject({ ok: true, value: { approval: { state: 'expired' } } })
    expect(await on.approvals.approve(id, { ...(await proofFor(on, await held(on), ann)) }, 'test')).toMatchObject({
      ok: false,
      code: 'SP_APPROVAL_EXPIRED',
    })
  })

  it('AC-5.3.2 E-56: the record names tool, session, agent and rule, and carries no raw arguments without a redactor', async () => {
    await held(on)
    expect(on.records.find((each) => each.kind === 'approval.requested')).toMatchObject({
      toolName: 'mail.send',
      sessionId: 'session-1',
      agentId: 'agent:claude',
      policyRule: ['mail-asks'],
      parameters: null,
    })
  })

  it('an identical call joins the open request, and an approved one is used by the next identical call', async () => {
    const first = await held(on)
    expect(await held(on)).toBe(first)
    await approve(on, first, ann)
    expect(await on.approvals.request(asked(), 0)).toMatchObject({ state: 'approved', evidence: { approvalId: first } })
    expect(on.records.filter((each) => each.kind === 'approval.requested')).toHaveLength(1)
  })

  it('a denial answers the same call again without asking again, until it would have expired', async () => {
    const id = await held(on)
    await on.approvals.deny(id, CLAUDE, 'no')
    expect(await on.approvals.request(asked(), 0)).toMatchObject({ state: 'refused', code: 'SP_APPROVAL_DENIED' })
    on.clock.advance(300_001)
    expect(await held(on)).not.toBe(id)
  })

  it('T-009: a used approval does not stand for the next identical call, and pending ones survive a restart', async () => {
    const id = await held(on)
    await on.restart()
    expect(await held(on)).toBe(id)
    await approve(on, id, ann)
    await on.restart()
    const evidence = { kind: 'approval', approvalId: id, callDigest: callDigest(binding()) } as const
    expect((await on.approvals.redeem(evidence, binding())).ok).toBe(true)
    await on.restart()
    expect((await on.approvals.redeem(evidence, binding())).ok).toBe(false)
    expect(await held(on)).not.toBe(id)
  })

  it('T-030: superseded approvals release nothing and the next call is asked anew', async () => {
    const id = await held(on)
    await approve(on, id, ann)
    await on.approvals.supersede(id, 'The policy has changed.')
    const evidence = { kind: 'approval', approvalId: id, callDigest: callDigest(binding()) } as const
    expect((await on.approvals.redeem(evidence, binding())).ok).toBe(false)
    expect(await held(on)).not.toBe(id)
    expect(kinds()).toContain('supersede')
  })

  it('T-031: deny wins over an approval that has not been used', async () => {
    const id = await held(on)
    await approve(on, id, ann)
    expect(await on.approvals.deny(id, CLAUDE, 'stop')).toMatchObject({ ok: true, value: { state: 'denied' } })
    const evidence = { kind: 'approval', approvalId: id, callDigest: callDigest(binding()) } as const
    expect(await on.approvals.redeem(evidence, binding())).toMatchObject({ ok: false, code: 'SP_APPROVAL_DENIED' })
  })

  it('an approval that cannot be recorded does not happen; a denial does', async () => {
    const id = await held(on)
    const proof = await proofFor(on, id, ann)
    on.failLog = true
    await expect(on.approvals.approve(id, proof, 'test')).rejects.toThrow('disk full')
    expect(await on.approvals.show(id)).toMatchObject({ ok: true, value: { approval: { state: 'pending' } } })
    expect(await on.approvals.deny(id, CLAUDE, 'no')).toMatchObject({ ok: true, value: { state: 'denied' } })
  })

  it('a gateway without an operator holds nothing: everything that needs a human is denied', async () => {
    const bare = await rig()
    expect(await bare.approvals.request(asked(), 0)).toMatchObject({ state: 'refused', code: 'SP_AUTHN_UNCLAIMED' })
    await bare.close()
  })

  it('quorum counts people: the same one twice is not two, two different ones are', async () => {
    const bob = await on.enrol('bob')
    const wanted = asked()
    const id = await held(on, { ...wanted, demand: { ...wanted.demand, quorum: 2 } })
    expect(await approve(on, id, ann)).toMatchObject({ ok: true, value: { state: 'partially_approved' } })
    expect(await approve(on, id, ann)).toMatchObject({ ok: false, code: 'SP_APPROVAL_STATE' })
    expect(await approve(on, id, bob)).toMatchObject({ ok: true, value: { state: 'approved' } })
  })

  it('AC-5.3.1: kill cancels everything an instance waits for', async () => {
    const id = await held(on)
    await on.approvals.cancelInstance('instance-1', 'killed')
    expect(await on.approvals.show(id)).toMatchObject({ ok: true, value: { approval: { state: 'cancelled' } } })
  })

  it('ND-5.3.a: 200 callers wait at the same time and each gets its own answer', async () => {
    const calls = Array.from({ length: 200 }, (_, n) => asked({}, { instance: `i-${n}`, principal: `agent:${n}` }))
    const waiting = calls.map((call) => on.approvals.request(call, 20_000))
    await expect
      .poll(async () => (await on.approvals.list({ state: 'pending', limit: 1000 })).length, { timeout: 10_000 })
      .toBe(200)
    const all = await on.approvals.list({ state: 'pending', limit: 1000 })
    await Promise.all(
      all.map(({ request }, n) =>
        n % 4 === 0 ? approve(on, request.id, ann) : on.approvals.deny(request.id, CLAUDE, ''),
      ),
    )
    const results = await Promise.all(waiting)
    expect(results.filter(({ state }) => state === 'approved')).toHaveLength(50)
    expect(results.filter(({ state }) => state === 'refused')).toHaveLength(150)
  })
})
