import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { SallyportError, Scrubber, type JsonObject } from '@sallyport/core'
import type { ModelBill, ModelBudgetPort } from '../../packages/gateway/src/boundary/ports-budget.ts'
import type {
  Borrowed,
  CredentialPort,
  CredentialRequest,
} from '../../packages/gateway/src/boundary/ports-credential.ts'
import { notify } from '../../packages/gateway/src/execution/web/notify.ts'
import { hostsOf, webTool, type WebLender } from '../../packages/gateway/src/execution/web/web-deps.ts'
import { certificate, Servers, webStage } from './stage.ts'

const servers = new Servers()
const folder = mkdtempSync(join(tmpdir(), 'sp-web-tools-'))
const got: { readonly request: IncomingMessage; readonly body: string }[] = []
const VALUE = 'value-of-the-credential'
let [plain, secure, authority] = [0, 0, '']

const PACKED: Readonly<Record<string, (text: string) => Buffer>> = {
  gzip: gzipSync,
  'x-gzip': gzipSync,
  deflate: deflateSync,
  br: brotliCompressSync,
  zstd: (text) => Buffer.from(text),
}

beforeAll(async () => {
  const files = certificate(folder, ['page.test'])
  authority = readFileSync(files.cert, 'utf8')
  const listener: Parameters<Servers['http']>[0] = (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      got.push({ request, body: Buffer.concat(chunks).toString() })
      const [, what = '', word = ''] = (request.url ?? '').split('/')
      if (what === 'hang') return
      if (what === 'echo') response.setHeader('content-type', 'text/plain')
      if (what === 'packed') response.setHeader('content-encoding', word)
      if (what === 'links') response.setHeader('link', ['<a>; rel=a', '<b>; rel=b'])
      response.statusCode = what === 'status' ? Number(word) : 200
      response.end(what === 'packed' ? PACKED[word]?.('text') : `said ${String(request.headers['authorization'])}`)
    })
  }
  plain = await servers.http(listener)
  secure = await servers.https(listener, files)
})
beforeEach(() => void (got.length = 0))
afterAll(() => {
  servers.close()
  rmSync(folder, { recursive: true, force: true })
})

const REQUESTS = {
  web_fetch: { hosts: ['page.test:*'] },
  http: { hosts: ['page.test:*'], methods: ['POST', 'GET', 'HEAD'] },
}
const NO_CREDENTIAL: CredentialPort = {
  base: () => undefined,
  hostsOf: () => [],
  fitting: () => undefined,
  onRevoked: () => () => undefined,
  borrow: () => Promise.reject(new Error('no credential here')),
}
interface More {
  readonly budgets?: ModelBudgetPort
  readonly lent?: Partial<Pick<WebLender, 'port' | 'take'>>
}
const stage = (requests: JsonObject = REQUESTS, more: More = {}) =>
  webStage(requests, { 'page.test': [['127.0.0.1']] }, { inside: ['page.test:*'], authorities: [authority], ...more })
const at = (path: string): string => `http://page.test:${plain}${path}`

describe('T-115: arguments that are not what they should be reach nobody', () => {
  it.each([
    ['web_fetch', {}],
    ['web_fetch', { url: 5 }],
    ['http', {}],
    ['http', { url: ['http://page.test/'] }],
    ['http', { url: 'ok', method: 'DELETE' }],
    ['http', { url: 'ok', method: 5 }],
    ['http', { url: 'ok', headers: { a: 1 } }],
    ['http', { url: 'ok', body: 5 }],
    ['http', { url: 'ok', method: 'GET', body: 'x' }],
    ['http', { url: 'ok', method: 'HEAD', body: 'x' }],
    ['webhook', { target: 5, payload: {} }],
    ['webhook', { target: 'other', payload: {} }],
    ['webhook', { target: 'toString', payload: {} }],
    ['webhook', { target: 'desk', payload: 'text' }],
  ])('%s %j', async (name, args) => {
    const how = stage({ ...REQUESTS, webhook: { targets: { desk: { url: at('/hook') } } } })
    const given = 'url' in args && args.url === 'ok' ? { ...args, url: at('/') } : args
    expect(await how.run(name, given)).toMatchObject({ code: 'SP_MCP_INVALID_ARGUMENTS' })
    expect([got.length, how.attempts.length]).toEqual([0, 0])
  })

  it.each(['web_fetch', 'http', 'webhook', 'other'])('a tool that is not configured is none: %s', async (name) => {
    const how = stage(
      name === 'http' ? { web_fetch: REQUESTS.web_fetch } : name === 'web_fetch' ? { http: REQUESTS.http } : REQUESTS,
    )
    expect(await how.run(name, { url: at('/') })).toMatchObject({ code: 'SP_MCP_UNKNOWN_TOOL' })
    expect(got).toEqual([])
  })

  it('headers that are no object are none, and the first method is the default', async () => {
    const { result } = await stage().run('http', { url: at('/echo'), headers: 'x: y' })
    expect(result?.structuredContent.status).toBe(200)
    expect(got[0]?.request.method).toBe('POST')
  })
})

describe('HB-89: requests are counted', () => {
  it.each(['web_fetch', 'http'])('%s', async (name) => {
    const lent = { take: () => ({ ok: false, retryAfterSeconds: 7 }) as const }
    const answer = await stage(REQUESTS, { lent }).run(name, { url: at('/') })
    expect(answer).toEqual({ code: 'SP_AUTHZ_RATE', said: `web.${name} may send another request in 7 seconds.` })
    expect(got).toEqual([])
  })
})

describe('answers', () => {
  it.each(['gzip', 'x-gzip', 'deflate', 'br'])('packed as %s are read', async (encoding) => {
    const { result } = await stage().run('web_fetch', { url: at(`/packed/${encoding}`) })
    expect(result?.structuredContent.text).toBe('text')
  })

  it('packed otherwise are not', async () => {
    expect(await stage().run('web_fetch', { url: at('/packed/zstd') })).toMatchObject({ code: 'SP_EGRESS_ANSWER' })
  })

  it.each([
    [200, false],
    [399, false],
    [404, true],
    [500, true],
  ])('%i is told', async (status, isError) => {
    const { result } = await stage().run('http', { url: at(`/status/${status}#part`), method: 'GET' })
    expect(result).toMatchObject({ isError, structuredContent: { status, url: at(`/status/${status}`) } })
  })

  it('of several headers of one name all are told', async () => {
    const { result } = await stage().run('http', { url: at('/links'), method: 'GET' })
    expect(result?.structuredContent['headers']).toMatchObject({ link: '<a>; rel=a, <b>; rel=b' })
  })
})

describe('webhooks', () => {
  it.each([
    [204, true],
    [302, false],
    [503, false],
  ])('the caller learns whether it was taken: %i', async (status, taken) => {
    const how = stage({ webhook: { targets: { desk: { url: at(`/status/${status}`) } } } })
    const { result } = await how.run('webhook', { target: 'desk', payload: { a: 1 } })
    expect(result).toMatchObject({ isError: !taken, structuredContent: { status, taken } })
    expect(got[0]?.body).toBe('{"a":1}')
  })

  it('HB-70: a target that is no URL is nowhere, and no host is listed for it', async () => {
    const targets = { bad: { url: 'http://user:word@page.test/x' }, good: { url: 'https://a.example/x' } }
    expect(hostsOf(targets)).toEqual(['a.example:443'])
    const attempts: unknown[] = []
    const lender = { take: () => ({ ok: true }) } as unknown as WebLender
    const deps = { attempted: async (...words: unknown[]) => void attempts.push(words) } as never
    const tool = webTool('web.webhook', hostsOf(targets), deps, lender)
    const { signal } = new AbortController()
    const sent = notify({ target: 'bad', payload: {} }, { targets, time: 1_000 } as never, tool, signal)
    await expect(sent).rejects.toMatchObject({ code: 'SP_EGRESS_REFUSED', details: { reason: 'userinfo' } })
    expect(attempts).toEqual([
      ['web.webhook', { target: 'http://page.test/x', verdict: 'refused', reason: 'userinfo' }],
    ])
  })
})

describe('HB-135: requests to models', () => {
  const bills: string[] = []
  beforeEach(() => void (bills.length = 0))
  const bill: ModelBill = {
    began: () => void bills.push('began'),
    answered: ({ status, type }) => {
      bills.push(`${status} ${type}`)
      return (chunk) => void bills.push(String(chunk.length))
    },
    close: async () => void bills.push('closed'),
  }
  const budgets = (reserve: ModelBudgetPort['reserve']): ModelBudgetPort => ({
    ...{ covers: () => true, hostsOf: () => ['page.test'] },
    reserve,
  })
  const sent = (reserve: ModelBudgetPort['reserve'], args: JsonObject = {}, lent: More['lent'] = {}) =>
    stage(REQUESTS, { budgets: budgets(reserve), lent }).run('http', { url: at('/x'), ...args })

  it.each([
    ['spent', 'SP_BUDGET_SPENT', 60, '(budget_spent) There is more of it in 60 seconds.'],
    ['unknown', 'SP_BUDGET_UNAVAILABLE', undefined, '(budget_unavailable)'],
  ] as const)('are refused when what is left is %s', async (_what, code, retryAfterSeconds, said) => {
    const refused = { ok: false, code, reason: '', retryAfterSeconds } as never
    const answer = await sent(async () => refused)
    expect(answer).toEqual({ code: 'SP_BUDGET_SPENT', said })
    expect(got).toEqual([])
  })

  it('whose body is not read are refused: what they cost is not known', async () => {
    const answer = await sent(async () => ({ ok: true, value: bill }), {
      body: 'x'.repeat((32 << 20) + 1),
    })
    expect(answer).toEqual({ code: 'SP_EGRESS_REFUSED', said: '(too_large)' })
    expect(got).toEqual([])
  })

  it('are billed once: what came, or what was set aside when it went wrong', async () => {
    await sent(async () => ({ ok: true, value: bill }), { body: '{}' })
    expect(bills).toEqual(['began', '200 ', '14', 'closed'])
    bills.length = 0
    const port = { ...NO_CREDENTIAL, fitting: () => 'key' }
    const url = `https://page.test:${secure}/x`
    expect((await sent(async () => ({ ok: true, value: bill }), { url }, { port })).code).toBeDefined()
    expect(bills).toEqual(['closed'])
    expect(got).toHaveLength(1)
  })
})

describe('HB-88 HB-90: a request with a credential', () => {
  const url = (path = '/echo'): string => `https://page.test:${secure}${path}`
  /** Lends for every request, as `change` has it. */
  const lending = (change: (request: CredentialRequest) => Promise<Partial<Borrowed>> | Partial<Borrowed>) => {
    const ended: string[] = []
    const port: CredentialPort = {
      ...NO_CREDENTIAL,
      fitting: () => 'key',
      async borrow(request) {
        const { head } = request
        const headers = { ...head.headers, authorization: `Bearer ${VALUE}` }
        return {
          head: { ...head, headers },
          scrubber: new Scrubber([Buffer.from(VALUE)]),
          signal: new AbortController().signal,
          done: () => void ended.push('done'),
          ...(await change(request)),
        }
      },
    }
    return { ended, how: stage(REQUESTS, { lent: { port } }) }
  }

  it('takes its value out of what comes back', async () => {
    const { how, ended } = lending(() => ({}))
    const { result } = await how.run('http', { url: url(), method: 'GET' })
    expect(got[0]?.request.headers['authorization']).toBe(`Bearer ${VALUE}`)
    expect(JSON.stringify(result)).not.toContain(VALUE)
    expect(result?.structuredContent.text).toMatch(/^said Bearer /)
    expect(ended).toEqual(['done'])
  })

  it.each([
    ['with its body', { method: 'POST', body: 'what it is' }, 'what it is!'],
    ['without one', { method: 'GET' }, ''],
  ])('is signed over what is sent, %s', async (_what, args, body) => {
    const { how } = lending(async (request) => {
      const sent = Buffer.from(await request.body(100))
      return sent.length === 0 ? {} : { body: Buffer.concat([sent, Buffer.from('!')]) }
    })
    expect(await how.run('http', { url: url(), ...args })).toMatchObject({ result: { isError: false } })
    expect(got[0]?.body).toBe(body)
  })

  it('with a longer body than may be is not sent', async () => {
    const { how, ended } = lending(async (request) => ({ body: await request.body(4) }))
    const answer = await how.run('http', { url: url(), body: 'longer' })
    expect(answer).toMatchObject({ code: 'SP_VAULT_BODY', said: 'Its body may have 4 bytes at most.' })
    expect([got, ended]).toEqual([[], []])
  })

  it.each([
    ['before it is sent', true],
    ['on the way', false],
  ])('T-128: that is revoked %s comes to nothing', async (_when, before) => {
    const right = new AbortController()
    if (before) right.abort()
    const { how, ended } = lending(() => ({ signal: right.signal }))
    const asked = how.run('http', { url: url('/hang'), method: 'GET' })
    if (!before) await expect.poll(() => got.length).toBe(1)
    right.abort()
    const answer = await asked
    expect(answer).toMatchObject({ code: 'SP_VAULT_REVOKED' })
    expect(got.length).toBe(before ? 0 : 1)
    expect(ended).toEqual(['done'])
  })

  it('that custody refuses is refused with its code', async () => {
    const { how } = lending(() => Promise.reject(new SallyportError('SP_VAULT_EXPIRED', 'It ended.')))
    expect(await how.run('http', { url: url(), method: 'GET' })).toMatchObject({ code: 'SP_VAULT_EXPIRED' })
    expect(got).toEqual([])
  })
})
