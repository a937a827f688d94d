import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { CrossingResult } from '../../packages/gateway/src/boundary/ports.ts'
import { ALLOWED, ScriptedBoundary, startKit, type Answer, type Kit } from './kit.ts'

let kit: Kit
let coder: string
let other: string
const standard = new ScriptedBoundary().script

beforeAll(async () => {
  kit = await startKit()
  coder = (await kit.agent('coder')).credential
  other = (await kit.agent('other')).credential
})
afterAll(() => kit.close())
beforeEach(() => void (kit.boundary.crossed.length = 0))
afterEach(() => void (kit.boundary.script = standard))

const post = (path: string, body: unknown, headers: Record<string, string> = {}, bearer = coder): Promise<Answer> =>
  kit.ask('agent', {
    method: 'POST',
    path,
    bearer,
    headers,
    ...(typeof body === 'string' ? { bodyText: body } : { body }),
  })
const get = (path: string, headers: Record<string, string> = {}, bearer = coder): Promise<Answer> =>
  kit.ask('agent', { path, bearer, headers })
const call = { tool: 'files.read_file', arguments: { path: '/a' } }

/** A crossing that waits for a human until it is told the end. */
function held(): { finish: (result: CrossingResult) => void; signal: () => AbortSignal | undefined } {
  let finish: (result: CrossingResult) => void = () => undefined
  let signal: AbortSignal | undefined
  kit.boundary.script = (_caller, incoming) => {
    signal = incoming.signal
    incoming.onWaiting?.('approval-1', Date.UTC(2030, 0, 1))
    return new Promise((resolve) => (finish = resolve))
  }
  return { finish: (result) => finish(result), signal: () => signal }
}

describe('POST /v1/calls', () => {
  it('executed: 200 with the result exactly as the boundary gave it', async () => {
    const resultText = '{"content":[{"type":"text","text":"\\u00e9"}],"n":1.0}'
    kit.boundary.script = () => Promise.resolve({ outcome: 'executed', auditId: 'e1', resultText, decision: ALLOWED })
    const answer = await post('/v1/calls', call)
    expect(answer.status).toBe(200)
    expect(answer.text).toContain(`"result":${resultText}}`)
    expect(answer.body).toMatchObject({ status: 'executed', eventId: 'e1' })
  })

  it('T-028: the argument text crosses byte for byte', async () => {
    const bodyText = '{"tool":"files.read_file","arguments":{ "path" : "/\\u0061", "n":1.0 }}'
    await post('/v1/calls', bodyText)
    expect(kit.boundary.crossed[0]?.call.argsText).toBe('{ "path" : "/\\u0061", "n":1.0 }')
  })

  it('denied: 403 problem details with code, reason and event id, and nothing else', async () => {
    kit.boundary.script = () =>
      Promise.resolve({ outcome: 'denied', auditId: 'e2', code: 'SP_POLICY_DENIED', reason: 'Not there.' })
    const answer = await post('/v1/calls', call)
    expect([answer.status, answer.headers['content-type']]).toEqual([403, 'application/problem+json; charset=utf-8'])
    expect(Object.keys(answer.body).sort()).toEqual([
      'callId',
      'code',
      'detail',
      'eventId',
      'next',
      'status',
      'title',
      'type',
    ])
    expect(answer.body).toMatchObject({ code: 'SP_POLICY_DENIED', detail: 'Not there.', eventId: 'e2' })
  })

  it('pending: 202 with a place to ask, and the result there when a human agreed', async () => {
    const { finish } = held()
    const asked = await post('/v1/calls', call, { prefer: 'wait=0' })
    expect(asked.status).toBe(202)
    expect(asked.body).toMatchObject({
      status: 'pending',
      approvalId: 'approval-1',
      expiresAt: '2030-01-01T00:00:00.000Z',
    })
    const place = asked.headers.location ?? ''
    expect(place).toBe(`/v1/calls/${asked.body.callId}`)
    expect((await get(place)).status).toBe(202)
    setTimeout(() => finish({ outcome: 'executed', auditId: 'e3', resultText: '{}', decision: ALLOWED }), 100)
    const answer = await get(place, { prefer: 'wait=10' })
    expect([answer.status, answer.body.status, answer.body.eventId]).toEqual([200, 'executed', 'e3'])
    expect(kit.boundary.crossed).toHaveLength(1)
  })

  it('T-003 TM-DISC-002: another agent’s call does not exist', async () => {
    held()
    const asked = await post('/v1/calls', call, { prefer: 'wait=0' })
    const answer = await get(asked.headers.location ?? '', {}, other)
    expect([answer.status, answer.body.code]).toEqual([404, 'SP_API_UNKNOWN_CALL'])
    expect((await get('/v1/calls/none')).status).toBe(404)
  })

  it('a repeated key joins the call; with other arguments it is a conflict; for another agent it is another call', async () => {
    const { finish } = held()
    const key = { 'idempotency-key': 'k1', prefer: 'wait=0' }
    const first = await post('/v1/calls', call, key)
    const second = await post('/v1/calls', call, key)
    expect(second.body.callId).toBe(first.body.callId)
    const conflict = await post('/v1/calls', { ...call, arguments: { path: '/b' } }, key)
    expect([conflict.status, conflict.body.code]).toEqual([409, 'SP_API_CONFLICT'])
    const elsewhere = await post('/v1/calls', call, key, other)
    expect(elsewhere.body.callId).not.toBe(first.body.callId)
    expect(kit.boundary.crossed).toHaveLength(2)
    expect(kit.boundary.crossed[0]?.call.idempotencyKey).toBe('k1')
    finish({ outcome: 'denied', auditId: 'e', code: 'SP_APPROVAL_DENIED', reason: '' })
  })

  it('a client that goes away without a key has its call aborted; with a key it may come back', async () => {
    const { connect } = await import('node:net')
    for (const [header, aborted] of [
      ['', true],
      ['idempotency-key: k-gone\r\n', false],
    ] as const) {
      const { signal } = held()
      const body = JSON.stringify(call)
      const socket = connect({ path: kit.agentSocket })
      socket.write(
        `POST /v1/calls HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${coder}\r\ncontent-type: application/json\r\n${header}content-length: ${body.length}\r\n\r\n${body}`,
      )
      await expect.poll(signal).toBeDefined()
      socket.destroy()
      await new Promise((resolve) => setTimeout(resolve, 200))
      expect(signal()?.aborted).toBe(aborted)
    }
  })

  it('HB-145: kill aborts a running call and its client hears of it in less than a second', async () => {
    const { credential } = await kit.agent('wild')
    const { signal } = held()
    const started = performance.now()
    const running = post('/v1/calls', call, { prefer: 'wait=20' }, credential)
    await expect.poll(signal).toBeDefined()
    const killed = await kit.ask('operator', {
      method: 'POST',
      path: '/api/v1/kill',
      body: { agent: 'wild', reason: 'stop' },
    })
    expect(killed.status).toBe(200)
    const answer = await running
    expect([answer.status, answer.body.code]).toEqual([403, 'SP_AUTHZ_KILLED'])
    expect(signal()?.aborted).toBe(true)
    expect(performance.now() - started).toBeLessThan(1000)
  })

  it.each([
    ['an identity', { ...call, agent: 'other' }],
    ['an approver', { ...call, approver: 'operator:ana' }],
    ['scopes', { ...call, scopes: ['admin'] }],
    ['a principal', { ...call, principal: { kind: 'human' } }],
    ['an instance', { ...call, instance: 'x' }],
    ['an enforcement', { ...call, enforcement: 'host' }],
    ['an unknown member', { ...call, x: 1 }],
    ['arguments that are no object', { ...call, arguments: [1] }],
    ['no arguments', { tool: 'files.read_file' }],
    ['a tool without server', { ...call, tool: 'read_file' }],
    ['a tool with a space', { ...call, tool: 'files.read file' }],
    ['a tool in other letters', { ...call, tool: 'fіles.read_file' }],
    ['a server in capitals', { ...call, tool: 'Files.read_file' }],
  ])('T-003: a body with %s is refused', async (_name, body) => {
    for (const path of ['/v1/calls', '/v1/decisions']) {
      const answer = await post(path, body)
      expect([answer.status, answer.body.code]).toEqual([422, 'SP_API_INVALID'])
    }
    expect(kit.boundary.crossed).toHaveLength(0)
  })

  it.each([
    { prefer: 'respond-async' },
    { prefer: 'wait=x' },
    { 'idempotency-key': 'a b' },
    { 'idempotency-key': 'x'.repeat(200) },
  ])('header %j is refused', async (headers) => {
    expect((await post('/v1/calls', call, headers as never)).status).toBe(422)
  })

  it('T-088 HB-61: session and purpose are what the agent says; who it is comes from the credential', async () => {
    await post('/v1/calls', { ...call, session: 's-1', purpose: 'tidy\u0007 up' })
    const { caller } = kit.boundary.crossed[0]!
    expect(caller).toMatchObject({ sessionHint: 's-1', purpose: 'tidy up', ingress: 'api', channel: 'unix' })
    expect(caller.principal.id).toBe('coder')
  })

  it('T-156: an agent has no more than 256 calls open', async () => {
    const { credential } = await kit.agent('greedy')
    held()
    const waiting = await Promise.all(
      Array.from({ length: 260 }, () => post('/v1/calls', call, { prefer: 'wait=0' }, credential)),
    )
    const refused = waiting.filter(({ status }) => status === 429)
    expect(refused.length).toBeGreaterThanOrEqual(4)
    expect(refused[0]?.body.code).toBe('SP_AUTHZ_RATE')
    await kit.identity.agents.revoke('greedy', 'test')
  })

  it('a failure of the server behind is told as such, with its own error', async () => {
    kit.boundary.script = () =>
      Promise.resolve({
        outcome: 'failed',
        auditId: 'e4',
        code: 'SP_MCP_UPSTREAM_FAILED',
        reason: 'It said so.',
        rpcError: { code: -32000, message: 'boom' },
      })
    const answer = await post('/v1/calls', call)
    expect(answer.status).toBe(502)
    expect(answer.body).toMatchObject({ code: 'SP_MCP_UPSTREAM_FAILED', rpcError: { code: -32000 } })
  })

  it('a boundary that throws is a deny', async () => {
    kit.boundary.script = () => Promise.reject(new Error('secret'))
    const answer = await post('/v1/calls', call)
    expect([answer.status, answer.body.code]).toEqual([500, 'SP_INTERNAL'])
    expect(answer.text).not.toContain('secret')
  })
})

describe('decisions, outcomes, tools', () => {
  it('POST /v1/decisions asks for the host’s enforcement and says allowed', async () => {
    const answer = await post('/v1/decisions', { tool: 'sdk-coder.x', arguments: {} })
    expect([answer.status, answer.body.status, answer.body.eventId]).toEqual([200, 'allowed', 'event-1'])
    expect(kit.boundary.crossed[0]?.call.enforcement).toBe('host')
  })

  it('POST /v1/outcomes reports and gives back the redacted result', async () => {
    const answer = await post('/v1/outcomes', '{"eventId":"event-1","outcome":"success","result":{"p":"hunter2"}}')
    expect(answer.body).toEqual({ recorded: true, redactions: 1, result: { p: '[redacted]' } })
    expect(kit.boundary.reports.at(-1)?.resultText).toBe('{"p":"hunter2"}')
    expect((await post('/v1/outcomes', { eventId: 'e', outcome: 'not_executed' })).status).toBe(422)
  })

  it('T-003: SDK tools land under the name of the authenticated agent, whatever they claim', async () => {
    const tool = { name: 'read', inputSchema: { type: 'object' }, effect: 'read' }
    const answer = await post('/v1/tools', { tools: [tool] }, {}, other)
    expect(answer.body).toEqual({
      server: 'sdk-other',
      tools: [{ id: 'sdk-other.read', name: 'read', state: 'pinned' }],
    })
    expect(kit.registered.at(-1)?.alias).toBe('sdk-other')
    for (const body of [
      { app: 'coder', tools: [tool] },
      { tools: [{ ...tool, name: 'a b' }] },
      { tools: [{ ...tool, name: 'ｒead' }] },
      { tools: [tool, tool] },
      { tools: [{ ...tool, effect: 'none' }] },
      { tools: [{ ...tool, pin: 'x' }] },
      { tools: [{ ...tool, args: { to: 'nobody' } }] },
    ]) {
      expect((await post('/v1/tools', body, {}, other)).status).toBe(422)
    }
  })

  it('GET /v1/session says who the gateway takes the caller for', async () => {
    const answer = await get('/v1/session')
    expect(answer.body).toMatchObject({ agent: 'coder', trustLevel: 0, scopes: ['read', 'execute'] })
  })

  it('HB-59 HB-64: a credential can be had for fewer effects, never for more', async () => {
    const { key } = await kit.agent('narrow')
    const issued = await kit.ask('agent', {
      method: 'POST',
      path: '/v1/token',
      bearer: key,
      body: { effects: ['read'] },
    })
    expect(issued.body).toMatchObject({ agent: 'narrow', effects: ['read'], tokenType: 'Bearer' })
    expect(Date.parse(issued.body.expiresAt) - Date.now()).toBeLessThanOrEqual(900_000)
    expect((await get('/v1/session', {}, issued.body.credential)).body.effects).toEqual(['read'])
    for (const body of [
      { effects: [] },
      { effects: ['all'] },
      { scope: 'all' },
      { agent: 'coder' },
      { expiresIn: 1e9 },
    ]) {
      const refused = await kit.ask('agent', { method: 'POST', path: '/v1/token', bearer: key, body })
      expect(refused.status).toBe(422)
    }
  })
})
