import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SallyportError, toSallyportError, type InjectionForm, type RequestHead } from '@sallyport/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Exchange } from '../../packages/gateway/src/custody/backends/http.ts'
import { httpInjector } from '../../packages/gateway/src/custody/broker/http-injector.ts'
import { ownInjector, type Injector } from '../../packages/gateway/src/custody/broker/injector.ts'
import { temporaryDirectory } from '../api/kit.ts'
import { certificateFor, tlsUpstream, wayOut } from './lent-kit.ts'

const SERVICE = fileURLToPath(new URL('../../examples/injector/server.mjs', import.meta.url))
const TOKEN = 'a-token-of-the-gateway'
const VALUES: Readonly<
  Record<string, { readonly value: string; readonly version: string; readonly expiresAt?: number }>
> = {
  api: { value: '123456:AA-a+token of/the=vault', version: '7' },
  plain: { value: '123456:AA-a_token', version: '2', expiresAt: 4_102_444_800_000 },
  broken: { value: 'two\r\nlines-of-it', version: '1' },
  ended: { value: 'it-was-good-once', version: '1', expiresAt: 1 },
}
const valueOf = (name: string): string => VALUES[name]?.value ?? ''
const PLACEHOLDER = 'sallyport-lease-api'

/** The guarded one refuses this machine; what it guards is tried elsewhere. */
const exchange: Exchange = async (url, { method, headers, body, signal }) => {
  const answer = await fetch(url, { method, headers, signal, ...(body === undefined ? {} : { body }) })
  return { status: answer.status, body: (answer.body ?? []) as AsyncIterable<Uint8Array> }
}

let service: ChildProcess
let url = ''
let folder: Awaited<ReturnType<typeof temporaryDirectory>>
beforeAll(async () => {
  folder = await temporaryDirectory()
  const file = join(folder.path, 'values.json')
  writeFileSync(file, JSON.stringify(VALUES))
  service = spawn(process.execPath, [SERVICE, file], {
    env: { INJECTOR_TOKEN: TOKEN },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(service.stdout ?? service, 'data')) as [Buffer]
  url = line.toString().trim()
})
afterAll(async () => {
  service.kill()
  await folder.remove()
})

const INJECTORS: Readonly<Record<string, () => Injector>> = {
  'the built-in one': () =>
    ownInjector(
      {
        use: async (reference, act) => {
          const known = new Map(Object.entries(VALUES)).get(reference.slice('injector:'.length))
          if (known === undefined) throw new SallyportError('SP_VAULT_UNKNOWN')
          const { value, version, expiresAt = Number.MAX_SAFE_INTEGER } = known
          if (expiresAt <= Date.now()) throw new SallyportError('SP_VAULT_EXPIRED')
          return act(Buffer.from(value), { version, expiresAt })
        },
      },
      { now: () => Date.now() },
    ),
  'a service over HTTP': () => httpInjector({ url, token: () => TOKEN }, exchange),
}

const HEAD: RequestHead = {
  headers: {
    host: 'api.example',
    accept: '*/*',
    authorization: 'Bearer mine',
    cookie: 'sid=mine',
    'x-api-key': 'mine',
  },
  ...{ path: '/v1/x', search: '?a=1&b=%20c' },
}
const withType = (type: string): RequestHead => ({ ...HEAD, headers: { ...HEAD.headers, 'content-type': type } })
interface Asked {
  readonly name?: string
  readonly head?: RequestHead
  readonly body?: string
}
const ask = async (injector: Injector, form: InjectionForm, { name = 'api', head = HEAD, body }: Asked = {}) =>
  injector.use(
    {
      ...{ secret: `injector:${name}`, form, host: 'api.example' },
      request: {
        ...{ method: 'POST', head, placeholder: PLACEHOLDER },
        ...(body === undefined ? {} : { body: Buffer.from(body) }),
      },
    },
    async (injected, using) => ({ ...injected, using }),
  )
const errorOf = async (act: Promise<unknown>): Promise<SallyportError> =>
  act.then(
    () => {
      throw new Error('It was done.')
    },
    (thrown: unknown) => toSallyportError(thrown),
  )

describe.each(Object.entries(INJECTORS))('the contract of injectors: %s', (_name, make) => {
  const value = valueOf('api')
  const own = { host: 'api.example', accept: '*/*' }
  it.each<readonly [InjectionForm, Partial<RequestHead>]>([
    [
      { kind: 'header', name: 'authorization', prefix: 'Bearer ' },
      { headers: { ...own, authorization: `Bearer ${value}` } },
    ],
    [{ kind: 'header', name: 'x-api-key', prefix: '' }, { headers: { ...own, 'x-api-key': value } }],
    [
      { kind: 'basic', user: 'x' },
      { headers: { ...own, authorization: `Basic ${Buffer.from(`x:${value}`).toString('base64')}` } },
    ],
    [{ kind: 'cookie', name: 'sid' }, { headers: { ...own, cookie: `sid=${encodeURIComponent(value)}` } }],
    [{ kind: 'query', name: 'a' }, { search: `?b=%20c&a=${encodeURIComponent(value)}` }],
  ])(
    'HB-92, HB-88, T-115: %j stands in its place, nothing of the client does, all else is as it was',
    async (form, changed) => {
      const { head, secrets, using } = await ask(make(), form)
      expect(head).toEqual({ ...HEAD, headers: own, ...changed })
      expect(secrets.map((each) => Buffer.from(each).toString())).toEqual([value])
      expect(using).toEqual({ version: '7', expiresAt: Number.MAX_SAFE_INTEGER })
    },
  )

  it('HB-92, HB-88: in a path, a member of JSON and a field of a form, with the right length', async () => {
    const path = { ...HEAD, path: `/bot${PLACEHOLDER}/send` }
    const { head, using } = await ask(make(), { kind: 'path' }, { name: 'plain', head: path })
    expect(head.path).toBe(`/bot${valueOf('plain')}/send`)
    expect(using).toEqual({ version: '2', expiresAt: 4_102_444_800_000 })
    const text = `{"n": 12345678901234, "auth": {"a/b": "${PLACEHOLDER}"}}`
    const json = await ask(
      make(),
      { kind: 'json', pointer: '/auth/a~1b' },
      { head: withType('application/json'), body: text },
    )
    const sent = text.replace(`"${PLACEHOLDER}"`, JSON.stringify(value))
    expect(Buffer.from(json.body ?? []).toString()).toBe(sent)
    expect(json.head.headers['content-length']).toBe(String(sent.length))
    const type = withType('application/x-www-form-urlencoded')
    const form = await ask(make(), { kind: 'form', name: 'key' }, { head: type, body: 'a=1&key=mine&b=%2B' })
    expect(Buffer.from(form.body ?? []).toString()).toBe(`a=1&b=%2B&key=${encodeURIComponent(value)}`)
  })

  it.each<readonly [string, InjectionForm, Asked, string]>([
    ['a name that is not there', { kind: 'basic', user: 'x' }, { name: 'nobody' }, 'SP_VAULT_UNKNOWN'],
    ['a name of all objects', { kind: 'basic', user: 'x' }, { name: '__proto__' }, 'SP_VAULT_UNKNOWN'],
    ['a value that has ended', { kind: 'basic', user: 'x' }, { name: 'ended' }, 'SP_VAULT_EXPIRED'],
    ['lines in a header', { kind: 'header', name: 'x-api-key', prefix: '' }, { name: 'broken' }, 'SP_VAULT_INVALID'],
    ['a path without its place', { kind: 'path' }, { name: 'plain' }, 'SP_VAULT_SCOPE'],
    [
      'a value that is no part of a path',
      { kind: 'path' },
      { head: { ...HEAD, path: `/${PLACEHOLDER}` } },
      'SP_VAULT_INVALID',
    ],
    [
      'another member',
      { kind: 'json', pointer: '/b' },
      { head: withType('application/json'), body: `{"a":"${PLACEHOLDER}"}` },
      'SP_VAULT_BODY',
    ],
    [
      'two places',
      { kind: 'json', pointer: '/a' },
      { head: withType('application/json'), body: `{"a":"${PLACEHOLDER}","b":"${PLACEHOLDER}"}` },
      'SP_VAULT_BODY',
    ],
    ['another type', { kind: 'form', name: 'a' }, { head: withType('text/plain'), body: 'a=1' }, 'SP_VAULT_BODY'],
  ])('HB-92, T-125: %s is refused, and no value is quoted', async (_what, form, asked, code) => {
    const error = await errorOf(ask(make(), form, asked))
    expect(error.code).toBe(code)
    const said = JSON.stringify([error.message, error.detail, error.details, error.stack])
    for (const { value: each } of Object.values(VALUES)) expect(said).not.toContain(each)
  })
})

describe('an injector over HTTP that is not what it should be', () => {
  const bearer = { kind: 'header', name: 'authorization', prefix: 'Bearer ' } as const
  const secrets = [Buffer.from('a-long-value').toString('base64')]
  const good = { headers: { authorization: 'Bearer a-long-value' }, secrets, version: '1' }
  /** Answers once, with this. */
  const answering = async (answer: unknown, form: InjectionForm, asked: Asked = {}, status = 200) => {
    const server = createServer((_request, response) => {
      response.writeHead(status).end(typeof answer === 'string' ? answer : JSON.stringify(answer))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    return ask(httpInjector({ url: at, token: () => TOKEN }, exchange), form, asked).finally(() => {
      server.closeAllConnections()
      server.close()
    })
  }

  it('HB-92: the same answer without a fault goes through', async () => {
    expect((await answering(good, bearer)).head.headers['authorization']).toBe('Bearer a-long-value')
  })

  it.each<readonly [string, unknown, InjectionForm, Asked]>([
    ['another host', { ...good, headers: { ...good.headers, host: 'evil.example' } }, bearer, {}],
    ['another length', { ...good, headers: { ...good.headers, 'content-length': '0' } }, bearer, {}],
    ['another header', { ...good, headers: { 'x-other': 'a' } }, bearer, {}],
    ['a line break', { ...good, headers: { authorization: 'a\r\nhost: evil' } }, bearer, {}],
    ['a path with a header', { ...good, path: '/v1/admin' }, bearer, {}],
    ['a body with a header', { ...good, body: secrets[0] }, bearer, {}],
    ['nothing', { secrets, version: '1' }, bearer, {}],
    ['nothing that must not come back', { ...good, secrets: [] }, bearer, {}],
    ['an unknown member', { ...good, method: 'DELETE' }, bearer, {}],
    [
      'a climbing path',
      { path: '/a/../admin', secrets, version: '1' },
      { kind: 'path' },
      { head: { ...HEAD, path: `/a/${PLACEHOLDER}` } },
    ],
    [
      'another path',
      { path: '/b/value', secrets, version: '1' },
      { kind: 'path' },
      { head: { ...HEAD, path: `/a/${PLACEHOLDER}` } },
    ],
    [
      'two requests in a query',
      { search: '?a HTTP/1.1\r\n\r\n', secrets, version: '1' },
      { kind: 'query', name: 'a' },
      {},
    ],
    ['no JSON', 'a-long-value', bearer, {}],
    ['members twice', '{"secrets":[],"secrets":["YQ=="],"version":"1"}', bearer, {}],
  ])('T-125: %s in its answer is refused', async (_what, answer, form, asked) => {
    const error = await errorOf(answering(answer, form, asked))
    expect(error.code).toMatch(/^SP_VAULT_(INVALID|UNAVAILABLE)$/)
    expect(error.message + String(error.detail)).not.toMatch(/a-long-value|evil/)
  })

  it('T-131: an error of it is never quoted, and a code that is none of ours is none', async () => {
    for (const code of ['SP_OK', 'a-long-value', 'SP_VAULT_EXPIRED\n']) {
      const error = await errorOf(answering({ code, why: 'a-long-value' }, bearer, {}, 409))
      expect(error.code).toBe('SP_VAULT_UNAVAILABLE')
      expect(error.message + String(error.detail)).not.toContain('a-long-value')
    }
  })

  it('T-115: it is not shown what the client says of itself, and asks for its token', async () => {
    const denied = httpInjector({ url, token: () => 'wrong' }, exchange)
    expect((await errorOf(ask(denied, bearer))).code).toBe('SP_VAULT_DENIED')
    const asked: string[] = []
    const watched: Exchange = async (to, order) => {
      asked.push(order.body ?? '')
      return exchange(to, order)
    }
    await ask(httpInjector({ url, token: () => TOKEN }, watched), bearer)
    expect(asked.join()).not.toContain('mine')
  })
})

describe('a way out with an injector over HTTP', () => {
  it('HB-92, HB-90: the request goes out with the value, the answer comes back without it, and without a service nothing goes', async () => {
    const certificate = certificateFor('localhost')
    const upstream = await tlsUpstream(certificate, (socket, request) => {
      socket.end(`HTTP/1.1 200 OK\r\ncontent-length: ${request.length}\r\n\r\n${request}`)
    })
    const base = `https://localhost:${upstream.port}`
    const given = { api: { secret: 'injector:plain', category: 'read', agents: ['coder'], base } }
    const authorities = [certificate.cert.toString()]
    const way = await wayOut(given, {}, { authorities, injector: httpInjector({ url, token: () => TOKEN }, exchange) })
    const answer = await way.ask('/sallyport/api/x')
    expect(answer.status).toBe(200)
    expect(upstream.heard.at(-1)).toContain(`authorization: Bearer ${valueOf('plain')}`)
    expect(answer.body).toContain('authorization: Bearer ****')
    expect(answer.body).not.toContain(valueOf('plain'))
    expect(way.records.at(-1)).toMatchObject({ operation: 'use', success: true, provider: 'injector', version: '2' })
    way.close()
    const without = await wayOut(given, {}, { authorities })
    expect((await without.ask('/sallyport/api/x')).headers['x-sallyport-deny']).toBe('credential_unavailable')
    expect(upstream.heard).toHaveLength(1)
    without.close()
    upstream.close()
  })
})
