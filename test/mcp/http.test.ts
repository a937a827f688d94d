import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fixture, stdio, testGateway, type TestGateway } from './kit.ts'
import { callTool, initialize } from './lines.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await testGateway({
    servers: [stdio('mirror', fixture('echo-server.mjs')), stdio('sdk2', fixture('sdk2-server.mjs'))],
    decide: async (_caller, call) => {
      if (call.argsText.includes('slowly')) await new Promise((resolve) => setTimeout(resolve, 300))
      return undefined
    },
  })
})
afterAll(() => gateway.close())

const JSON_HEADERS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
const post = (path: string, body: string, headers: Record<string, string> = {}) =>
  fetch(`${gateway.url}${path}`, { method: 'POST', body, headers: { ...JSON_HEADERS, ...headers } })

async function session(path: string, token = 'tester'): Promise<{ id: string; headers: Record<string, string> }> {
  const answer = await post(path, initialize(0), { authorization: `Bearer ${token}` })
  const id = answer.headers.get('mcp-session-id') ?? ''
  await answer.text()
  return { id, headers: { 'mcp-session-id': id, authorization: `Bearer ${token}` } }
}

describe('sessions of the 2025 era', () => {
  it('T-071: an id is 128 random bits, never the server’s own', async () => {
    const ids = await Promise.all([session('/mirror'), session('/mirror')])
    for (const { id } of ids) expect(id).toMatch(/^[0-9a-f]{32}$/)
    expect(ids[0]?.id).not.toBe(ids[1]?.id)
  })

  it.each([
    ['another principal', '/mirror', 'mallory'],
    ['another endpoint', '/sdk2', 'tester'],
    ['the aggregated endpoint', '', 'tester'],
  ])('T-071: an id is worth nothing to %s', async (_name, path, token) => {
    const { id } = await session('/mirror')
    const headers = { 'mcp-session-id': id, authorization: `Bearer ${token}` }
    const url = `${gateway.url}${path}`
    expect((await post(path, callTool(1, 'mirror'), headers)).status).toBe(404)
    expect((await fetch(url, { method: 'GET', headers: { ...headers, accept: 'text/event-stream' } })).status).toBe(404)
    expect((await fetch(url, { method: 'DELETE', headers })).status).toBe(404)
    const own = await session('/mirror')
    expect((await post('/mirror', callTool(1, 'mirror'), own.headers)).status).toBe(200)
  })

  it('T-071: without an id there is no session, after DELETE neither', async () => {
    expect((await post('/mirror', callTool(1, 'mirror'))).status).toBe(400)
    const { headers } = await session('/mirror')
    expect((await fetch(`${gateway.url}/mirror`, { method: 'DELETE', headers })).status).toBe(200)
    expect((await post('/mirror', callTool(1, 'mirror'), headers)).status).toBe(404)
  })

  it('T-071: a broken stream goes on with what was inspected, from where it broke, in its own session only', async () => {
    const { headers } = await session('/sdk2')
    const mine = await post('/sdk2', callTool(5, 'slow', { steps: 8 }, { _meta: { progressToken: 't' } }), headers)
    const reader = mine.body?.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    while (!text.includes('"progress":2')) text += (await reader?.read())?.value ?? ''
    await reader?.cancel()
    const last = [...text.matchAll(/^id: (.+)$/gm)].at(-1)?.[1] ?? ''
    const resume = (more: Record<string, string>) =>
      fetch(`${gateway.url}/sdk2`, { headers: { accept: 'text/event-stream', 'last-event-id': last, ...more } })
    expect((await resume((await session('/sdk2', 'mallory')).headers)).status).toBe(404)
    expect((await resume((await session('/sdk2')).headers)).status).toBe(404)
    const rest = await (await resume(headers)).text()
    expect(rest).toContain('8 steps')
    const seen = [...(text + rest).matchAll(/"progress":(\d)/g)].map(([, n]) => Number(n))
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b))
  })

  it('SYS-14: an unknown protocol version in the header is refused', async () => {
    const { headers } = await session('/mirror')
    const answer = await post('/mirror', callTool(1, 'mirror'), { ...headers, 'mcp-protocol-version': '1999-01-01' })
    expect(answer.status).toBe(400)
  })

  it('T-072: a batch is answered entry by entry', async () => {
    const { headers } = await session('/mirror')
    const answer = await post('/mirror', `[${callTool(1, 'mirror')},${callTool(2, 'mirror')}]`, headers)
    expect(((await answer.json()) as { id: number }[]).map(({ id }) => id)).toEqual([1, 2])
    expect(gateway.calls.filter(({ requestId }) => requestId === '2')).toEqual([])
  })
})

describe('requests of the 2026 era', () => {
  const VERSION = '2026-07-28'
  const _meta = (version = VERSION) => ({
    'io.modelcontextprotocol/protocolVersion': version,
    'io.modelcontextprotocol/clientCapabilities': {},
  })
  const HEADERS = { 'mcp-protocol-version': VERSION, 'mcp-method': 'tools/call', 'mcp-name': 'echo' }
  const call = (id = 1, version = VERSION) => callTool(id, 'echo', { text: 'x' }, { _meta: _meta(version) })

  it('SYS-14: needs no session and says that the result is complete', async () => {
    const answer = await post('/sdk2', call(), HEADERS)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('mcp-session-id')).toBeNull()
    expect(await answer.json()).toMatchObject({ result: { resultType: 'complete' } })
  })

  it.each([
    ['no version', { 'mcp-protocol-version': '' }],
    ['another version', { 'mcp-protocol-version': '2025-11-25' }],
    ['another method', { 'mcp-method': 'tools/list' }],
    ['another name', { 'mcp-name': 'slow' }],
    ['no method', { 'mcp-method': '' }],
    ['no name', { 'mcp-name': '' }],
    ['two methods', { 'mcp-method': 'tools/call, tools/list' }],
  ])('T-076: headers with %s are refused with −32020 and nothing crosses', async (_name, change) => {
    const before = gateway.calls.length
    const headers = Object.fromEntries(Object.entries({ ...HEADERS, ...change }).filter(([, value]) => value !== ''))
    const answer = await post('/sdk2', call(), headers)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ error: { code: -32020 } })
    expect(gateway.calls.length).toBe(before)
  })

  it('SYS-14: another version is refused with −32022 and the supported ones', async () => {
    const answer = await post('/sdk2', call(1, '2030-01-01'), { ...HEADERS, 'mcp-protocol-version': '2030-01-01' })
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ error: { code: -32022, data: { supported: [VERSION] } } })
  })

  it('SYS-14: a method of the other era does not exist', async () => {
    const body = JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'logging/setLevel',
      params: { level: 'info', _meta: _meta() },
    })
    const answer = await post('/sdk2', body, { 'mcp-protocol-version': VERSION, 'mcp-method': 'logging/setLevel' })
    expect(answer.status).toBe(404)
    expect(await answer.json()).toMatchObject({ error: { code: -32601 } })
  })

  it('SYS-14: serves a server of the 2025 era to a client that asks in the 2026 form', async () => {
    const body = callTool(1, 'mirror', {}, { _meta: _meta() })
    const answer = await post('/mirror', body, { ...HEADERS, 'mcp-name': 'mirror' })
    expect(await answer.json()).toMatchObject({ result: { resultType: 'complete' } })
  })

  it('T-066: closing the response cancels the call', async () => {
    const abort = new AbortController()
    const body = callTool(1, 'echo', { text: 'slowly' }, { _meta: _meta() })
    const before = gateway.calls.length
    const sent = fetch(`${gateway.url}/sdk2`, {
      method: 'POST',
      body,
      headers: { ...JSON_HEADERS, ...HEADERS },
      signal: abort.signal,
    })
    sent.catch(() => undefined)
    await expect.poll(() => gateway.calls.length).toBe(before + 1)
    abort.abort()
    await expect.poll(() => gateway.calls.at(-1)?.signal?.aborted).toBe(true)
  })

  it('SYS-14: a subscription is acknowledged under the id of its request', async () => {
    const abort = new AbortController()
    const params = { _meta: _meta(), notifications: { toolsListChanged: true, promptsListChanged: true } }
    const body = JSON.stringify({ jsonrpc: '2.0', id: 'sub-1', method: 'subscriptions/listen', params })
    const headers = { ...JSON_HEADERS, 'mcp-protocol-version': VERSION, 'mcp-method': 'subscriptions/listen' }
    const answer = await fetch(`${gateway.url}/sdk2`, { method: 'POST', body, headers, signal: abort.signal })
    const { value } = (await answer.body?.pipeThrough(new TextDecoderStream()).getReader().read()) ?? {}
    expect(value).toContain('notifications/subscriptions/acknowledged')
    expect(value).toContain('"io.modelcontextprotocol/subscriptionId":"sub-1"')
    expect(value).toContain('"toolsListChanged":true')
    abort.abort()
  })
})

describe('what is in front of the protocol', () => {
  /** fetch would not send these headers. */
  const raw = (headers: Record<string, string>, body = initialize(1)) =>
    new Promise<number>((resolve, reject) => {
      const sent = httpRequest(gateway.url, { method: 'POST', headers: { ...JSON_HEADERS, ...headers } }, (answer) => {
        answer.resume()
        resolve(answer.statusCode ?? 0)
      })
      sent.once('error', reject)
      sent.end(body)
    })

  it.each([
    ['a foreign host', { host: 'evil.example' }],
    ['a host that begins like ours', { host: 'localhost.evil.example' }],
    ['a foreign origin', { origin: 'http://evil.example' }],
    ['the null origin', { origin: 'null' }],
  ])('T-070: %s is answered 403', async (_name, headers) => {
    expect(await raw(headers as never)).toBe(403)
  })

  it('T-070: the names of this machine are known', async () => {
    expect(await raw({ host: 'localhost:9' })).toBe(200)
  })

  it.each([
    ['another content type', { 'content-type': 'text/plain' }, initialize(1), 415],
    ['no content type', { 'content-type': '' }, initialize(1), 415],
    ['an encoded body', { 'content-encoding': 'gzip' }, initialize(1), 415],
    ['a body that is too large', {}, `{"x":"${'x'.repeat(5 * 1024 * 1024)}"}`, 413],
  ])('T-076: %s is refused', async (_name, headers, body, status) => {
    expect(await raw(headers as never, body)).toBe(status)
  })

  it('T-085: an unknown server is not found', async () => {
    expect((await post('/nobody', initialize(1))).status).toBe(404)
  })
})
