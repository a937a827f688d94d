import { once } from 'node:events'
import {
  createServer as createHttp,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerResponse,
} from 'node:http'
import { connect, createServer, type AddressInfo, type Server } from 'node:net'
import { findSecrets, parseHostRule, SallyportError, Scrubber, type EgressRuleText } from '@sallyport/core'
import { afterEach, describe, expect, it } from 'vitest'
import type { Borrowed, CredentialPort, CredentialRequest, WhichLease } from '../../boundary/ports-credential.ts'
import { egressSourceOf } from '../../config/egress-rules.ts'
import { EgressBook } from './book.ts'
import type { Lender } from './lend.ts'
import { EGRESS_URL } from './listener.ts'
import { serveEgress, type EgressAttempt } from './proxy.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})
async function portOf(server: Server | HttpServer): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => {
    if ('closeAllConnections' in server) server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

const VALUE = 'value-of-the-credential'
interface Got {
  readonly request: IncomingMessage
  readonly body: string
}
interface More {
  readonly rules?: Readonly<Record<string, EgressRuleText>>
  readonly blocked?: readonly string[]
  readonly lender?: Partial<Lender>
  readonly base?: (port: number) => string
  readonly borrow?: (request: CredentialRequest) => Promise<Partial<Borrowed>>
  readonly answer?: (got: Got, response: ServerResponse) => void
  /** Hosts of the sandbox's own list. */
  readonly allowed?: readonly string[]
}

/** A way out with one credential, `key`, for an API of this machine. */
async function wayOut(more: More = {}) {
  const got: Got[] = []
  const attempts: EgressAttempt[] = []
  const ended: string[] = []
  const api = createHttp((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => undefined)
    request.on('end', () => {
      const one = { request, body: Buffer.concat(chunks).toString() }
      got.push(one)
      if (more.answer === undefined) response.end(`said ${request.headers.authorization}`)
      else more.answer(one, response)
    })
  })
  const port = await portOf(api)
  let revoked: (which: WhichLease) => void = () => undefined
  const credentials: CredentialPort = {
    base: (name) => (name === 'key' ? new URL(more.base?.(port) ?? `http://127.0.0.1:${port}/v1/`) : undefined),
    hostsOf: () => [{ name: 'key', host: '127.0.0.1', port }],
    fitting: () => undefined,
    onRevoked(listener) {
      revoked = listener
      return () => undefined
    },
    async borrow(request) {
      const changed = await more.borrow?.(request)
      const { head } = request
      return {
        head: { ...head, headers: { ...head.headers, authorization: `Bearer ${VALUE}` } },
        scrubber: new Scrubber([Buffer.from(VALUE)]),
        signal: new AbortController().signal,
        done: () => void ended.push('done'),
        ...changed,
      }
    },
  }
  const book = new EgressBook()
  const setRules = (rules: More['rules'] = {}, blocked: readonly string[] = []): void =>
    book.set('configuration', egressSourceOf({ rules, blocked: [...blocked] } as never))
  setRules(more.rules, more.blocked)
  const lender: Lender = {
    ...{ port: credentials, holder: 'a', instance: 'a', source: '', exceptions: [], authorities: [] },
    take: () => ({ ok: true }),
    admit: () => ({ ok: true }),
    rules: () => book.of('a'),
    onChange: (listener) => book.onChange(listener),
    findSecrets: (text) => findSecrets(text, 'result'),
    ask: async () => ({ ok: false, reason: 'not_allowlisted' }),
    ...more.lender,
  }
  const listener = createServer()
  const at = await portOf(listener)
  const rules = { allowed: (more.allowed ?? []).map(parseHostRule), blocked: [] }
  closing.push(serveEgress(listener, { rules, report: async (attempt) => void attempts.push(attempt), lender }))
  /** What is answered to this text. */
  const raw = async (text: string): Promise<string> => {
    const socket = connect(at, '127.0.0.1').on('error', () => undefined)
    closing.push(() => socket.destroy())
    let said = ''
    socket.on('data', (chunk: Buffer) => (said += chunk.toString()))
    socket.write(text)
    await once(socket, 'close')
    return said
  }
  const ask = async (target: string, { method = 'GET', headers = [] as readonly string[], body = '' } = {}) => {
    const length = body === '' ? [] : [`content-length: ${Buffer.byteLength(body)}`]
    const said = await raw(
      [`${method} ${target} HTTP/1.1`, 'host: x', 'connection: close', ...headers, ...length, '', body].join('\r\n'),
    )
    return { status: Number(said.split(' ')[1]), said, deny: /x-sallyport-deny: (\S+)/.exec(said)?.[1] }
  }
  return { got, attempts, ended, port, ask, raw, setRules, revoke: () => revoked(() => true) }
}

describe('HB-88 HB-90: a request with a credential in the base-URL mode', () => {
  it('goes to the credential’s own place, and its value stays here', async () => {
    const { got, ask, attempts, ended, port } = await wayOut()
    const { status, said } = await ask('/sallyport/key/a?b=c')
    expect(got[0]?.request).toMatchObject({ url: '/v1/a?b=c' })
    expect(got[0]?.request.headers).toMatchObject({ authorization: `Bearer ${VALUE}`, host: `127.0.0.1:${port}` })
    expect([status, said.includes(VALUE), said.includes('said Bearer ***')]).toEqual([200, false, true])
    expect(attempts).toMatchObject([{ verdict: 'allowed', rule: 'credential key' }])
    expect(ended).toEqual(['done'])
  })

  it('may be asked of the way out as one asks a proxy', async () => {
    const { got, ask } = await wayOut()
    expect(await ask(`${EGRESS_URL}/sallyport/key`)).toMatchObject({ status: 200 })
    expect(got[0]?.request.url).toBe('/v1/')
  })

  it.each([
    ['of a name that there is not', '/sallyport/other/a?token=x', 'credential_unknown'],
    ['of no name', '/somewhere?token=x', 'credential_unknown'],
  ])('%s is nobody’s, and its query is not written down', async (_what, target, deny) => {
    const { ask, attempts, got } = await wayOut()
    expect(await ask(target)).toMatchObject({ status: 403, deny })
    expect(attempts).toMatchObject([{ target: target.split('?')[0], verdict: 'refused', reason: deny }])
    expect(got).toEqual([])
  })

  it.each<readonly [string, More, string]>([
    ['an address inside', { base: () => 'http://169.254.169.254/' }, 'ip_metadata'],
    ['a port of TLS', { base: () => 'https://127.0.0.1/' }, ''],
    ['nobody', { base: () => 'http://localhost:1/' }, 'unreachable'],
    ['what is blocked', { blocked: ['127.0.0.1:*'] }, 'blocked'],
  ])('T-120: that leads to %s comes to nothing', async (_what, more, deny) => {
    const { ask, got } = await wayOut(more)
    const answer = await ask('/sallyport/key/a')
    expect(answer.status).toBeGreaterThan(399)
    expect(answer.deny).toContain(deny)
    expect(got).toEqual([])
  })

  it.each<readonly [string, SallyportError, string, boolean]>([
    ['its scope', new SallyportError('SP_VAULT_SCOPE', 'Not for this path.'), 'credential_scope', true],
    ['its body', new SallyportError('SP_VAULT_BODY', 'Too long.'), 'credential_body', true],
    [
      'who asks',
      new SallyportError('SP_VAULT_SCOPE', 'For others.', { details: { member: 'agents' } }),
      'credential_scope',
      false,
    ],
    ['its age', new SallyportError('SP_VAULT_EXPIRED', 'Ended.'), 'credential_expired', false],
    ['anything else', new SallyportError('SP_VAULT_LOCKED', 'The store is away.'), 'credential_unavailable', false],
  ])('T-127: is refused for %s; only its holder learns why', async (_what, thrown, deny, isTold) => {
    const { ask, got, ended } = await wayOut({ borrow: () => Promise.reject(thrown) })
    const answer = await ask('/sallyport/key/a')
    expect(answer).toMatchObject({ status: 403, deny })
    expect(answer.said.includes(thrown.detail)).toBe(isTold)
    expect([got, ended]).toEqual([[], []])
  })

  it.each([
    ['is whole', 10, 'body', 200],
    ['is too long', 3, 'body', 403],
  ])('whose body is read by custody, and %s', async (_what, most, body, status) => {
    const { ask, got } = await wayOut({
      borrow: async (request) => ({ body: Buffer.concat([await request.body(most), Buffer.from('!')]) }),
    })
    expect(await ask('/sallyport/key/a', { method: 'POST', body })).toMatchObject({ status })
    expect(got.map((one) => one.body)).toEqual(status === 200 ? ['body!'] : [])
  })

  it('whose body does not come to its end is refused', async () => {
    const limits = { body: 200, answer: 5_000, idle: 5_000 }
    const { raw, got } = await wayOut({
      lender: { limits },
      borrow: async (request) => ({ body: await request.body(10) }),
    })
    const said = await raw('POST /sallyport/key/a HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nhalf')
    expect(said).toContain('did not come to its end')
    expect(got).toEqual([])
  })

  it.each<readonly [string, boolean, (response: ServerResponse) => void, string | undefined]>([
    ['hangs up', false, (response) => response.destroy(), 'unreachable'],
    ['hangs up on a right that has ended', true, (response) => response.destroy(), 'credential_revoked'],
  ])('T-128: to a server that %s', async (_what, isEnded, act, deny) => {
    const right = new AbortController()
    const { ask, ended } = await wayOut({
      borrow: async () => ({ signal: right.signal }),
      answer: (_got, response) => {
        if (isEnded) right.abort()
        act(response)
      },
    })
    expect(await ask('/sallyport/key/a', { method: 'POST', body: 'x' })).toMatchObject({ deny })
    expect(ended).toEqual(['done'])
  })

  it('T-156: an answer that breaks off is cut, and no second answer comes behind it', async () => {
    const { ask, ended } = await wayOut({
      answer: (_got, response) => {
        response.writeHead(200, { 'content-length': 1_000_000 }).write('x'.repeat(100_000))
        setTimeout(() => response.destroy(), 50)
      },
    })
    const { status, said } = await ask('/sallyport/key/a')
    expect([status, said.split('HTTP/1.1').length]).toEqual([200, 2])
    expect(ended).toEqual(['done'])
  })

  it('HB-89: is counted', async () => {
    const { ask, attempts, got } = await wayOut({ lender: { take: () => ({ ok: false, retryAfterSeconds: 7 }) } })
    for (let n = 0; n < 3; n++) expect((await ask('/sallyport/key/a')).said).toMatch(/ 429 [^]*retry-after: 7/)
    expect((await ask('a.example:443', { method: 'CONNECT' })).status).toBe(429)
    expect(attempts.length).toBeLessThan(4)
    expect(attempts[0]).toMatchObject({ reason: 'rate_limited' })
    expect(got).toEqual([])
  })

  it('HB-89: over a limit of its holder it does not go out', async () => {
    const over = { ok: false, reason: 'limit_requests', rule: 'agent a', retryAfterSeconds: 9 } as never
    const { ask, got } = await wayOut({ lender: { admit: () => over } })
    expect(await ask('/sallyport/key/a')).toMatchObject({ status: 429 })
    expect(got).toEqual([])
  })
})

describe('HB-45: plain requests that are looked into', () => {
  const rule = (port: number, more: Partial<EgressRuleText> = {}): Readonly<Record<string, EgressRuleText>> => ({
    api: { hosts: [`127.0.0.1:${port}`], allow: [{ methods: ['GET'], paths: ['/ok'] }], ...more },
  })

  it.each([
    ['/ok', 'GET', 200, undefined],
    ['/other', 'GET', 403, 'request_paths'],
    ['/ok', 'DELETE', 403, 'request_methods'],
    ['/ok?access_token=x', 'GET', 403, 'credential_foreign'],
  ])('%s by %s', async (path, method, status, deny) => {
    const { ask, setRules, port, got, attempts } = await wayOut()
    setRules(rule(port))
    expect(await ask(`http://127.0.0.1:${port}${path}`, { method })).toMatchObject({ status, deny })
    expect(got).toHaveLength(status === 200 ? 1 : 0)
    expect(attempts.at(-1)).toMatchObject({ verdict: status === 200 ? 'allowed' : 'refused' })
  })

  it('T-111: what a session has read goes no further than a rule says, and what it reads counts', async () => {
    const reads: unknown[] = []
    let confidentiality = 0
    const flow = {
      confidentiality: () => confidentiality as never,
      reads: async (...words: unknown[]) => void reads.push(words),
    }
    const { ask, setRules, port, got } = await wayOut({ lender: { flow } })
    setRules(rule(port, { integrity: 1, confidentiality: 1 } as never))
    expect(await ask(`http://127.0.0.1:${port}/ok`)).toMatchObject({ status: 200 })
    expect(reads).toEqual([['127.0.0.1', 1]])
    confidentiality = 3
    expect(await ask(`http://127.0.0.1:${port}/ok`)).toMatchObject({ status: 403, deny: 'confidential' })
    expect(got).toHaveLength(1)
  })

  it('for a host with a credential and no authority a tunnel cannot be looked into', async () => {
    const { ask, setRules, port, attempts } = await wayOut()
    setRules(rule(port))
    expect(await ask(`127.0.0.1:${port}`, { method: 'CONNECT' })).toMatchObject({
      status: 403,
      deny: 'not_inspectable',
    })
    expect(attempts).toMatchObject([{ verdict: 'refused', reason: 'not_inspectable' }])
  })

  it.each([
    ['nobody allows', 'http://a.example/', 'not_allowlisted'],
    ['is none', 'http://[::1', 'malformed'],
    ['is of TLS', 'https://a.example/', 'malformed'],
    ['leads inside', 'http://10.0.0.1/', 'private'],
  ])('T-118: a target that %s is refused', async (_what, target, deny) => {
    const { ask, attempts } = await wayOut()
    const answer = await ask(target)
    expect(answer.status).toBe(403)
    if (deny !== 'private') expect(answer.deny).toBe(deny)
    expect(attempts).toHaveLength(1)
  })

  it('one that a list allows goes through without being looked into, or is unreachable', async () => {
    const { ask, got, port } = await wayOut({ allowed: ['127.0.0.1:*'] })
    expect(await ask(`http://127.0.0.1:${port}/any`)).toMatchObject({ status: 200 })
    expect(got[0]?.request.headers).toMatchObject({ host: `127.0.0.1:${port}` })
    expect(await ask('http://127.0.0.1:1/')).toMatchObject({ status: 502, deny: 'unreachable' })
  })
})

describe('HB-45 T-156: servers behind what is looked into', () => {
  const looked = (host: string): Readonly<Record<string, EgressRuleText>> => ({ api: { hosts: [host], allow: [{}] } })

  it.each(['http://127.0.0.1:1/', 'http://127.0.0.1:9/a?b=c'])('that are not there: %s', async (target) => {
    const { ask } = await wayOut({ rules: looked('127.0.0.1:*') })
    expect(await ask(target)).toMatchObject({ status: 502, deny: 'unreachable' })
  })

  it('that break off in the middle', async () => {
    const { ask } = await wayOut({
      rules: looked('127.0.0.1:*'),
      lender: { limits: { body: 5_000, answer: 5_000, idle: 5_000 } },
      answer: (_got, response) => {
        response.writeHead(200, { 'content-length': 1_000_000 }).write('x'.repeat(100_000))
        setTimeout(() => response.destroy(), 50)
      },
    }).then((way) => ({ ask: () => way.ask(`http://127.0.0.1:${way.port}/`) }))
    const { status, said } = await ask()
    expect([status, said.split('HTTP/1.1').length]).toEqual([200, 2])
  })
})

describe('HB-135: hosts of models without a rule', () => {
  const budgets = (refused?: object) => ({
    ...{ covers: () => true, hostsOf: () => ['127.0.0.1'] },
    reserve: () => (refused === undefined ? undefined : Promise.resolve(refused as never)),
  })
  const spent = { ok: false, code: 'SP_BUDGET_SPENT', reason: '', retryAfterSeconds: 5, budget: 'all' }
  const asked = async (more: More, query = '') => {
    const { ask, got, port, attempts } = await wayOut(more)
    return { answer: await ask(`http://127.0.0.1:${port}/v1${query}`), got, attempts }
  }

  it('that no list allows are not reached', async () => {
    const { answer, got } = await asked({ lender: { budgets: budgets() } })
    expect(answer).toMatchObject({ status: 403, deny: 'credential_scope' })
    expect(got).toEqual([])
  })

  it('are reached, with no credential in the query', async () => {
    const allowed = ['127.0.0.1:*']
    const { answer, got } = await asked({ allowed, lender: { budgets: budgets() } })
    expect(answer.status).toBe(200)
    expect(got).toHaveLength(1)
    const foreign = await asked({ allowed, lender: { budgets: budgets() } }, '?api_key=x')
    expect(foreign.answer).toMatchObject({ status: 403, deny: 'credential_foreign' })
    expect(foreign.got).toEqual([])
  })

  it('are not reached when nothing is left', async () => {
    const { answer, got, attempts } = await asked({ allowed: ['127.0.0.1:*'], lender: { budgets: budgets(spent) } })
    expect(answer).toMatchObject({ status: 429, deny: 'budget_spent' })
    expect(attempts).toMatchObject([{ verdict: 'refused', reason: 'budget_spent', rule: 'budget all' }])
    expect(got).toEqual([])
  })
})

describe('tunnels that nobody looks into', () => {
  it('T-117: end when their host is not allowed any more', async () => {
    const { raw, port, setRules } = await wayOut({ allowed: ['127.0.0.1:*'] })
    setRules({ looked: { hosts: ['b.example'], allow: [{}] } })
    const free = createServer(() => undefined)
    const other = await portOf(free)
    const closed = raw(`CONNECT 127.0.0.1:${other} HTTP/1.1\r\n\r\n`)
    await new Promise((resolve) => setTimeout(resolve, 150))
    setRules({}, [`127.0.0.1:${port}`])
    setRules({}, [`127.0.0.1:${other}`])
    expect(await closed).toContain('200 Connection Established')
  })
})
