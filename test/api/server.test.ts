import { chmod, lstat, mkdir, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Route } from '../../packages/gateway/src/ingress/api/route.ts'
import { createApi } from '../../packages/gateway/src/ingress/api/server.ts'
import { systemRandom } from '../../packages/gateway/src/random.ts'
import { limitedTo, ask, sendRaw, startKit, type Kit } from './kit.ts'

let kit: Kit
let credential: string
let key: string
const seen: { route: string; body: unknown; text: string; headers: unknown; caller: unknown }[] = []

const echo: Route = {
  method: 'POST',
  path: '/v1/echo',
  plane: 'agent',
  scope: 'read',
  summary: 'Echo for the tests of the server.',
  handle: (request) => {
    seen.push({
      route: 'echo',
      body: request.body,
      text: request.bodyText,
      headers: request.headers,
      caller: request.caller,
    })
    return Promise.resolve({ status: 200, body: { agent: request.principal.id } })
  },
}

beforeAll(async () => {
  kit = await startKit({
    routes: [
      echo,
      {
        ...echo,
        path: '/v1/broken',
        handle: () => Promise.reject(new Error('secret path /srv/ana/.ssh/id_rsa')),
      },
      {
        ...echo,
        path: '/v1/hangs',
        handle: () => new Promise(() => undefined),
      },
      {
        ...echo,
        method: 'GET',
        path: '/v1/stream',
        handle: () => Promise.resolve({ status: 200, stream: lines() }),
      },
    ],
    api: { limits: { bodyBytes: 10_000, bodyDepth: 8 } },
    config: {
      rateLimit: { ...limitedTo(1e6, 1e6), failuresPerMinute: 1e6 },
    },
  })
  const agent = await kit.agent('coder')
  credential = agent.credential
  key = agent.key
})
afterAll(() => kit.close())
afterEach(() => void (seen.length = 0))

async function* lines(): AsyncGenerator<string> {
  for (let index = 0; index < 3; index++) yield await Promise.resolve(`{"n":${index}}\n`)
}

const post = (what: { body?: unknown; bodyText?: string; headers?: Record<string, string>; path?: string }) =>
  kit.ask('agent', { method: 'POST', path: '/v1/echo', bearer: credential, ...what })

describe('who is asking', () => {
  it.each([
    ['x-user', 'admin'],
    ['X-User-Id', '1'],
    ['X-Agent-Id', 'other'],
    ['x-principal', 'human'],
    ['x-approver', 'operator:ana'],
    ['x-scopes', 'admin'],
    ['X-Role', 'admin'],
    ['X-Forwarded-User', 'ana'],
    ['X-Remote-User', 'ana'],
    ['Remote-User', 'ana'],
    ['x-auth-request-user', 'ana'],
    ['X_User', 'ana'],
    ['x-http-method-override', 'DELETE'],
    ['X-Method-Override', 'PUT'],
    ['x-original-url', '/api/v1/agents'],
    ['X-Rewrite-Url', '/api/v1/agents'],
  ])('T-003 T-076: header %s is refused, not ignored', async (name, value) => {
    const answer = await post({ body: {}, headers: { [name]: value } })
    expect([answer.status, answer.body.code]).toEqual([400, 'SP_API_HEADER'])
    expect(seen).toHaveLength(0)
  })

  it('T-171: names that a client gives itself are shown without control characters and decide nothing', async () => {
    const hint = 'operator:ana\u0085x  y'
    await post({ body: {}, headers: { 'sallyport-session': hint, 'sallyport-purpose': `p${'q'.repeat(500)}` } })
    const caller = seen[0]?.caller as { sessionHint: string; purpose: string; principal: { id: string } }
    expect(caller.principal.id).toBe('coder')
    // oxlint-disable-next-line no-control-regex
    expect(caller.sessionHint).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
    expect(caller.purpose).toHaveLength(128)
  })

  it('T-002: the operator socket takes no credential, and an agent’s credential opens nothing there', async () => {
    const answer = await kit.ask('operator', { path: '/health', bearer: credential })
    expect(answer.status).toBe(200)
    const refused = await kit.ask('operator', { path: '/v1/echo', method: 'POST', body: {}, bearer: credential })
    expect(refused.status).toBe(403)
  })

  it('AC-2.1.2: a key is no credential, and a credential no key', async () => {
    expect((await kit.ask('agent', { path: '/v1/echo', method: 'POST', bearer: key })).status).toBe(401)
  })

  it('E-25: guesses are limited by source, and honest agents are not locked out by them', async () => {
    const rateLimit = limitedTo(600, 60)
    const small = await startKit({ routes: [echo], config: { rateLimit } })
    const agent = await small.agent('honest')
    const statuses: number[] = []
    for (let guess = 0; guess < 8; guess++) {
      const answer = await small.ask('agent', { path: '/v1/echo', method: 'POST', bearer: 'x.y.z' })
      statuses.push(answer.status)
      if (answer.status === 429) expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429])
    const honest = await small.ask('agent', { path: '/v1/echo', method: 'POST', body: {}, bearer: agent.credential })
    expect(honest.status).toBe(200)
    await small.close()
  })

  it('AC-2.2.3: too many requests get 429 with the seconds to wait', async () => {
    const rateLimit = limitedTo(6, 3)
    const small = await startKit({ routes: [echo], config: { rateLimit } })
    const { credential: bearer } = await small.agent('fast')
    const statuses: number[] = []
    for (let index = 0; index < 4; index++) {
      statuses.push((await small.ask('agent', { path: '/v1/echo', method: 'POST', body: {}, bearer })).status)
    }
    expect(statuses).toEqual([200, 200, 200, 429])
    await small.close()
  })
})

describe('T-006: web pages', () => {
  const at = (headers: Record<string, string>) =>
    kit.ask('tcp', { method: 'POST', path: '/v1/echo', bearer: credential, body: {}, headers })

  it('T-006: a program on this machine gets through, by any name of the loopback', async () => {
    const port = new URL(kit.url).port
    expect((await at({})).status).toBe(200)
    expect((await at({ host: `localhost:${port}` })).status).toBe(200)
    expect((await at({ host: `[::1]:${port}` })).status).toBe(200)
  })

  it.each([
    ['a rebound name', { host: 'evil.example:7443' }],
    ['the right name, another port', { host: '127.0.0.1:1' }],
    ['no port', { host: 'localhost' }],
    ['a name that ends like ours', { host: 'evil-localhost' }],
    ['another site', { origin: 'https://evil.example' }],
    ['another local port', { origin: 'http://localhost:3000' }],
    ['a file', { origin: 'null' }],
    ['https with our name', { origin: 'https://localhost' }],
    ['a page of another site', { 'sec-fetch-site': 'cross-site' }],
    ['a page of the same site', { 'sec-fetch-site': 'same-site' }],
    ['a typed address', { 'sec-fetch-site': 'none' }],
  ])('T-006: %s is refused', async (_name, headers) => {
    const answer = await at(headers)
    expect([answer.status, answer.body.code]).toEqual([403, 'SP_AUTHN_ORIGIN'])
    expect(seen).toHaveLength(0)
  })

  it('T-006: a page on a Unix socket’s far side is refused too, and no answer ever allows another origin', async () => {
    const answer = await post({ body: {}, headers: { origin: 'http://localhost' } })
    expect(answer.status).toBe(403)
    const preflight = await kit.ask('tcp', {
      method: 'OPTIONS',
      path: '/v1/echo',
      headers: { 'access-control-request-method': 'POST' },
    })
    expect(preflight.status).toBe(403)
    for (const one of [answer, preflight, await post({ body: {} })]) {
      expect(Object.keys(one.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
    }
  })

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'application/json;charset=utf-16',
    '',
  ])('T-006 T-076: a body of type %j is not read: no simple request of a browser gets in', async (type) => {
    const answer = await post({ bodyText: '{}', headers: { 'content-type': type } })
    expect([answer.status, answer.body.code]).toEqual([415, 'SP_API_MEDIA_TYPE'])
    expect(seen).toHaveLength(0)
  })
})

describe('bodies', () => {
  it.each([
    ['{"a":1,"a":2}', 'SP_JSON_DUPLICATE_KEY'],
    ['{"a":1,"\\u0061":2}', 'SP_JSON_DUPLICATE_KEY'],
    ['{"__proto__":{}}', 'SP_JSON_FORBIDDEN_KEY'],
    ['{"a":9007199254740993}', 'SP_JSON_UNSAFE_NUMBER'],
    ['{"a":"\\ud800"}', 'SP_JSON_LONE_SURROGATE'],
    ['{"a":1} x', 'SP_JSON_INVALID'],
    ['\ufeff{}', 'SP_JSON_INVALID'],
    ['[[[[[[[[[[]]]]]]]]]]', 'SP_JSON_TOO_DEEP'],
    ["{'a':1}", 'SP_JSON_INVALID'],
  ])('T-074: %s is refused', async (bodyText, code) => {
    const answer = await post({ bodyText })
    expect([answer.status, answer.body.code]).toEqual([400, code])
    expect(answer.body.eventId).toMatch(/^refusal-/)
    expect(seen).toHaveLength(0)
  })

  it('T-156: a body over the limit is refused with 413, announced or not', async () => {
    const big = JSON.stringify({ a: 'x'.repeat(20_000) })
    expect((await post({ bodyText: big })).status).toBe(413)
    const chunks = `POST /v1/echo HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${credential}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n${'1000\r\n'}${'x'.repeat(4096)}\r\n`
    const more = `1000\r\n${'x'.repeat(4096)}\r\n`.repeat(3)
    expect(await sendRaw(kit.agentSocket, chunks + more)).toMatch(/^HTTP\/1\.1 413/)
    expect(seen).toHaveLength(0)
  })

  it('T-076: compressed bodies are refused', async () => {
    const answer = await post({ bodyText: '{}', headers: { 'content-encoding': 'gzip' } })
    expect([answer.status, answer.body.code]).toEqual([415, 'SP_API_MEDIA_TYPE'])
  })

  it('bodies reach the handler parsed, frozen and as their exact text', async () => {
    await post({ bodyText: '{ "b":1.0,\n"a" :"\\u0041"}' })
    expect(seen[0]?.text).toBe('{ "b":1.0,\n"a" :"\\u0041"}')
    expect(seen[0]?.body).toEqual({ b: 1, a: 'A' })
    expect(Object.isFrozen(seen[0]?.body)).toBe(true)
  })
})

describe('answers', () => {
  it('a failure inside says SP_INTERNAL and an event id, and not what failed', async () => {
    const answer = await post({ path: '/v1/broken', body: {} })
    expect([answer.status, answer.body.code]).toEqual([500, 'SP_INTERNAL'])
    expect(answer.text).not.toContain('ana')
    expect(answer.body.eventId).toMatch(/^refusal-/)
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8')
  })

  it('streams arrive line by line and are not cached', async () => {
    const answer = await kit.ask('agent', { path: '/v1/stream', bearer: credential })
    expect(answer.text).toBe('{"n":0}\n{"n":1}\n{"n":2}\n')
    expect(answer.headers['cache-control']).toBe('no-store')
  })

  it('health needs nobody and says nothing', async () => {
    for (const plane of ['agent', 'operator', 'tcp'] as const) {
      const answer = await kit.ask(plane, { path: '/health' })
      expect([answer.status, answer.text]).toEqual([200, '{"status":"ok"}'])
    }
  })

  it('HB-145: kill answers a request that hangs in its handler in less than a second', async () => {
    const { credential: bearer } = await kit.agent('hanging')
    const started = performance.now()
    const running = kit.ask('agent', { method: 'POST', path: '/v1/hangs', body: {}, bearer })
    setTimeout(() => void kit.identity.kill({ kind: 'agent', name: 'hanging' }, 'test', 'stop'), 50)
    const answer = await running
    expect([answer.status, answer.body.code]).toEqual([403, 'SP_AUTHZ_KILLED'])
    expect(performance.now() - started).toBeLessThan(1000)
    const after = await kit.ask('agent', { method: 'POST', path: '/v1/echo', body: {}, bearer })
    expect([after.status, after.body.code]).toEqual([403, 'SP_AUTHZ_KILLED'])
  })
})

describe('sockets', () => {
  it('T-002: directory and sockets are for the owner alone', async () => {
    expect((await stat(join(kit.directory, 'run'))).mode & 0o777).toBe(0o700)
    for (const path of [kit.agentSocket, kit.operatorSocket]) expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  const fresh = () =>
    createApi({ routes: [echo], identity: kit.identity, boundary: kit.boundary, random: systemRandom })

  it('a socket that answers belongs to a running gateway: SP_STORE_BUSY, and it is left alone', async () => {
    await expect(fresh().listen({ agentSocket: kit.agentSocket })).rejects.toMatchObject({ code: 'SP_STORE_BUSY' })
    expect((await kit.ask('agent', { path: '/health' })).status).toBe(200)
  })

  it('a socket file that a crash left is taken over', async () => {
    const path = join(kit.directory, 'stale', 'agent.sock')
    await mkdir(join(kit.directory, 'stale'))
    const left = createServer().listen(path)
    await new Promise((resolve) => left.once('listening', resolve))
    // A server that goes without unlinking: what a killed process leaves.
    const { spawnSync } = await import('node:child_process')
    left.close()
    const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
    spawnSync(process.execPath, ['-e', script])
    expect((await lstat(path)).isSocket()).toBe(true)
    const api = fresh()
    await api.listen({ agentSocket: path })
    expect((await ask({ socketPath: path }, { path: '/health' })).status).toBe(200)
    await api.close(0)
  })

  it('a file that is no socket is not removed', async () => {
    const path = join(kit.directory, 'file', 'agent.sock')
    await mkdir(join(kit.directory, 'file'))
    await writeFile(path, 'precious')
    await expect(fresh().listen({ agentSocket: path })).rejects.toMatchObject({ code: 'SP_CONFIG_INSECURE' })
    expect((await stat(path)).size).toBe(8)
  })

  it('a directory that others may use is closed to them first', async () => {
    const directory = join(kit.directory, 'open')
    await mkdir(directory)
    await chmod(directory, 0o777)
    const api = fresh()
    await api.listen({ agentSocket: join(directory, 'agent.sock') })
    expect((await stat(directory)).mode & 0o777).toBe(0o700)
    await api.close(0)
  })

  it('only loopback addresses are listened on', async () => {
    await expect(fresh().listen({ tcp: { host: '0.0.0.0' as '127.0.0.1', port: 0 } })).rejects.toMatchObject({
      code: 'SP_CONFIG_INSECURE',
    })
  })

  it('close lets a running request end, and cuts what does not within the grace', async () => {
    const api = createApi({
      routes: [
        {
          ...echo,
          path: '/v1/slow',
          handle: () => new Promise((resolve) => setTimeout(() => resolve({ status: 200 }), 200)),
        },
        { ...echo, path: '/v1/never', handle: () => new Promise(() => undefined) },
      ],
      identity: kit.identity,
      boundary: kit.boundary,
      random: systemRandom,
    })
    const path = join(kit.directory, 'run2', 'agent.sock')
    await api.listen({ agentSocket: path })
    const request = (to: string) =>
      ask({ socketPath: path }, { method: 'POST', path: to, body: {}, bearer: credential })
    const slow = request('/v1/slow')
    const never = request('/v1/never').catch(() => 'cut')
    await new Promise((resolve) => setTimeout(resolve, 50))
    const started = performance.now()
    await api.close(600)
    expect((await slow).status).toBe(200)
    expect(await never).toBe('cut')
    expect(performance.now() - started).toBeLessThan(2000)
    await expect(lstat(path)).rejects.toThrow('ENOENT')
  })
})
