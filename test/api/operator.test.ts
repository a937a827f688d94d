import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { limitedTo, startKit, type Answer, type Kit } from './kit.ts'

let kit: Kit
beforeAll(async () => {
  kit = await startKit()
})
afterAll(() => kit.close())
beforeEach(() => {
  kit.presence.isClaimed = true
  kit.presence.accepts = false
  kit.presence.asked.length = 0
})

const post = (path: string, body: unknown = {}): Promise<Answer> => kit.ask('operator', { method: 'POST', path, body })
const get = (path: string): Promise<Answer> => kit.ask('operator', { path })
const proof = { operator: 'operator:ana', nonce: 'n', notAfter: 1, proof: 'p' }

describe('what the operator socket allows without presence', () => {
  it('T-002: widening without a proof is refused with SP_AUTHN_PRESENCE and changes nothing', async () => {
    await kit.identity.agents.add({ name: 'coder', by: 'test' })
    await kit.identity.kill({ kind: 'agent', name: 'coder' }, 'test', 'stop')
    const before = JSON.stringify(kit.identity.agents.list())
    for (const [path, body] of [
      ['/api/v1/agents', { name: 'second' }],
      ['/api/v1/agents/coder/rotate-key', {}],
      ['/api/v1/agents/coder/trust', { level: 2 }],
      ['/api/v1/kill/resume', { agent: 'coder' }],
      ['/api/v1/kill/resume', { all: true }],
    ] as const) {
      const bare = await post(path, body)
      expect([path, bare.status, bare.body.code]).toEqual([path, 403, 'SP_AUTHN_PRESENCE'])
      const forged = await post(path, { ...body, proof })
      expect([path, forged.status, forged.body.code]).toEqual([path, 403, 'SP_AUTHN_PRESENCE'])
    }
    expect(JSON.stringify(kit.identity.agents.list())).toBe(before)
    expect(kit.identity.killSwitch.list()).toHaveLength(1)
  })

  it('T-051: kill, revoke and lowering the level are free; resume and raising are not', async () => {
    await kit.identity.agents.add({ name: 'lower', by: 'test' })
    await kit.identity.agents.setTrust('lower', 2, 'operator:ana')
    expect((await post('/api/v1/agents/lower/trust', { level: 1 })).status).toBe(200)
    expect((await post('/api/v1/agents/lower/trust', { level: 2 })).status).toBe(403)
    expect((await post('/api/v1/kill', { agent: 'lower' })).status).toBe(200)
    expect((await post('/api/v1/kill/resume', { agent: 'lower' })).status).toBe(403)
    expect((await post('/api/v1/agents/lower/revoke')).body).toMatchObject({ state: 'revoked', trustLevel: 0 })
  })

  it('HB-145: denying and killing stay possible while a flood uses up the operator’s requests', async () => {
    const rateLimit = limitedTo(6, 3)
    const small = await startKit({ config: { rateLimit } })
    await small.identity.agents.add({ name: 'wild', by: 'test' })
    const statuses: number[] = []
    for (let index = 0; index < 6; index++)
      statuses.push((await small.ask('operator', { path: '/api/v1/agents' })).status)
    expect(statuses).toEqual([200, 200, 200, 429, 429, 429])
    const killed = await small.ask('operator', { method: 'POST', path: '/api/v1/kill', body: { agent: 'wild' } })
    expect(killed.status).toBe(200)
    await small.close()
  })
})

describe('with a proof', () => {
  it('the proof is asked about exactly what is done, and the operator is recorded', async () => {
    kit.presence.accepts = true
    const added = await post('/api/v1/agents', { name: 'proved', effects: ['read'], proof })
    expect(added.status).toBe(201)
    expect(added.body).toMatchObject({ agent: { name: 'proved', trustLevel: 0, createdBy: 'operator:ana' } })
    expect(added.body.key).toMatch(/^spk_/)
    const trusted = await post('/api/v1/agents/proved/trust', { level: 1, reason: 'good weeks', proof })
    expect(trusted.body.trustLevel).toBe(1)
    expect(kit.presence.asked).toEqual([
      { kind: 'agent.add', payload: { name: 'proved', effects: ['read'] } },
      { kind: 'agent.trust', payload: { name: 'proved', level: 1, reason: 'good weeks' } },
    ])
    expect(kit.evidence.records.at(-1)).toMatchObject({ event: 'agent.trust', actor: 'operator:ana', from: 0, to: 1 })
    expect((await get('/api/v1/agents/proved')).text).not.toContain('spk_')
    expect((await get('/api/v1/agents')).text).not.toContain('keyHash')
  })

  it('HB-145: kill all, then resume with a proof', async () => {
    expect((await post('/api/v1/kill', { all: true, reason: 'fire' })).body).toMatchObject({
      target: 'all',
      reason: 'fire',
    })
    const key = (await kit.agent('late')).credential
    expect((await kit.ask('agent', { path: '/v1/session', bearer: key })).body.code).toBe('SP_AUTHZ_KILLED')
    kit.presence.accepts = true
    expect((await post('/api/v1/kill/resume', { all: true, proof })).status).toBe(200)
    expect(kit.presence.asked[0]).toEqual({ kind: 'kill.resume', payload: { all: true, reason: '' } })
    expect((await kit.ask('agent', { path: '/v1/session', bearer: key })).status).toBe(200)
  })
})

describe('before there is an operator', () => {
  it('T-007: agents can be added at level 0; raising and resuming wait for a human who claims the gateway', async () => {
    kit.presence.isClaimed = false
    const added = await post('/api/v1/agents', { name: 'first' })
    expect([added.status, added.body.agent.trustLevel, added.body.agent.createdBy]).toEqual([201, 0, 'unclaimed'])
    expect((await post('/api/v1/agents/first/rotate-key')).status).toBe(200)
    const raised = await post('/api/v1/agents/first/trust', { level: 1, proof })
    expect([raised.status, raised.body.code]).toEqual([403, 'SP_AUTHN_UNCLAIMED'])
    const resumed = await post('/api/v1/kill/resume', { all: true, proof })
    expect(resumed.body.code).toBe('SP_AUTHN_UNCLAIMED')
  })
})

describe('bodies', () => {
  it.each([
    ['/api/v1/agents', { name: 'x', trustLevel: 2 }, 422],
    ['/api/v1/agents', { name: 'x', scopes: ['all'] }, 422],
    ['/api/v1/agents', { name: 'x', scopes: ['approve'] }, 422],
    ['/api/v1/agents', { name: 'x', role: 'admin' }, 422],
    ['/api/v1/agents', { name: 'operator:x' }, 422],
    ['/api/v1/agents', { name: 'x', by: 'operator:ana' }, 422],
    ['/api/v1/agents/none/revoke', {}, 404],
    ['/api/v1/agents/first/trust', { level: 3 }, 422],
    ['/api/v1/agents/first/trust', { level: '1' }, 422],
    ['/api/v1/kill', {}, 422],
    ['/api/v1/kill', { all: true, agent: 'x' }, 422],
    ['/api/v1/kill', { agent: 'none' }, 404],
    ['/api/v1/kill', { all: false }, 422],
  ])('T-003 HB-63: %s with %j is refused', async (path, body, status) => {
    kit.presence.isClaimed = false
    expect((await post(path, body)).status).toBe(status)
  })

  it('sessions are listed with what the gateway saw of them', async () => {
    const { credential } = await kit.agent('busy')
    const principal = kit.identity.verify(credential)
    if (!principal.ok) throw new Error('no principal')
    const caller = {
      ingress: 'hook',
      connection: 'c',
      sessionHint: 'conversation 7',
      surface: 'hook',
      channel: 'unix',
    } as const
    kit.identity.admit({
      ...caller,
      principal: principal.value,
      chatType: '',
      contentTrust: 'semi-trusted',
      purpose: '',
    })
    const list = await get('/api/v1/sessions?agent=busy')
    expect(list.body.sessions).toHaveLength(1)
    const { id } = list.body.sessions[0]
    expect((await get(`/api/v1/sessions/${id}`)).body).toMatchObject({
      agent: 'busy',
      hint: 'conversation 7',
      calls: 1,
    })
    expect((await get('/api/v1/sessions/none')).body.code).toBe('SP_AGENT_SESSION')
  })
})
