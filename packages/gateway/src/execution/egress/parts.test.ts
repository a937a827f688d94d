import { spawn, type ChildProcess } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { createServer as createHttp } from 'node:http'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { egressSourceOf } from '../../config/egress-rules.ts'
import { EgressBook } from './book.ts'
import { handedOver, openDoor, type Shown } from './door.ts'
import { ruleView, tested } from './explain.ts'
import { listenerOf } from './listener.ts'
import { LiveConnections } from './live.ts'
import { guardedDatagram, localSocket } from './messages.ts'
import { remembering } from './names.ts'
import type { EgressAttempt } from './proxy.ts'
import { createRetrieve } from './retrieve.ts'
import { Runs } from './runs.ts'
import { trustedWith, withLoopbackOutside } from './trust.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})
function folder(): string {
  const place = mkdtempSync(join(tmpdir(), 'sp-egress-'))
  closing.push(() => rmSync(place, { recursive: true, force: true }))
  return place
}

describe('HB-45: what is said of rules before anybody asks', () => {
  const book = new EgressBook()
  const rules = {
    api: {
      ...{ agents: ['a'], hosts: ['api.example'] },
      allow: [
        { methods: ['GET'], paths: ['/v1/**'], query: { q: ['*'] } },
        { methods: ['PUT'], types: ['application/json'] },
      ],
    },
    words: { hosts: ['w.example'], allow: [{ graphql: { operations: ['query'] } }, { mcp: { methods: ['ping'] } }] },
    raw: { hosts: ['raw.example'] },
    denies: {
      hosts: ['d.example'],
      allow: [{ methods: ['POST'] }],
      deny: [
        { graphql: { operations: ['mutation'], fields: ['x'] } },
        { mcp: { methods: ['tools/call'], tools: ['t'] } },
      ],
    },
  }
  book.set('file', egressSourceOf({ rules, blocked: ['blocked.example'] } as never))

  it('rules are read back as they were meant', () => {
    expect(book.list().map(({ source, rule }) => ruleView(source, rule))).toMatchObject([
      {
        ...{ name: 'api', source: 'file', agents: ['a'], hosts: ['api.example'] },
        requests: ['GET /v1/** ?q', 'PUT application/json'],
        denied: [],
      },
      { agents: ['*'], requests: ['any method GraphQL query', 'any method MCP ping'] },
      { requests: ['any, in a tunnel'], denied: [] },
      { requests: ['POST'], denied: ['any method GraphQL mutation x', 'any method MCP tools/call t'] },
    ])
    expect(book.hostsOf('a')).toEqual(['raw.example', 'api.example', 'w.example', 'd.example'])
  })

  it.each([
    ['no url', 'GET', 'a', { verdict: 'refused', reason: 'malformed' }],
    ['https://api.example/v1/a?q=1', 'GET', 'a', { verdict: 'allowed', rule: 'api', inspected: true }],
    ['https://api.example/other', 'GET', 'a', { verdict: 'refused', inspected: true }],
    ['https://api.example/v1/a', 'GET', 'b', { verdict: 'asked', reason: 'not_allowlisted' }],
    ['https://raw.example/', 'POST', 'b', { verdict: 'allowed', rule: 'raw.example', inspected: false }],
    ['https://blocked.example/', 'GET', 'a', { verdict: 'refused', reason: 'blocked', rule: 'blocked.example' }],
    ['http://127.0.0.1/', 'GET', 'a', { verdict: 'refused' }],
  ])('%s by %s of %s', async (url, method, holder, expected) => {
    expect(await tested({ url, method, holder }, book, 'ask')).toMatchObject(expected)
    if (expected.verdict === 'asked')
      expect(await tested({ url, method, holder }, book, 'refuse')).toMatchObject({ verdict: 'refused' })
  })

  it('what is taken away holds no more, and whoever listens is told until it stops', () => {
    const own = new EgressBook()
    let told = 0
    const stop = own.onChange(() => told++)
    own.set('x', egressSourceOf({ rules: { raw: { hosts: ['raw.example'] } }, blocked: [] } as never))
    expect(own.hostsOf('a')).toEqual(['raw.example'])
    own.set('x', undefined)
    stop()
    own.set('y', undefined)
    expect([own.hostsOf('a'), own.limits(), told]).toEqual([[], [], 2])
  })
})

describe('T-052: the door for agents outside of sandboxes', () => {
  const basic = (words: string): string => `Proxy-Authorization: Basic ${Buffer.from(words).toString('base64')}\r\n`
  async function door() {
    const shown: Shown[] = []
    const refused: string[] = []
    const taken: string[] = []
    const spare = createServer().listen(0, '127.0.0.1')
    await once(spare, 'listening')
    const { port } = spare.address() as AddressInfo
    await new Promise((resolve) => spare.close(resolve))
    const way = handedOver((listener) => {
      listener.on('connection', (socket) => {
        socket.once('data', (chunk: Buffer) => {
          taken.push(chunk.toString())
          socket.end('taken')
        })
      })
      return () => undefined
    })
    closing.push(
      await openDoor(`127.0.0.1:${port}`, {
        async admit(one) {
          shown.push(one)
          if (one.token === 'broken') throw new Error('a bug')
          return one.token === 'right' ? way : undefined
        },
        refused: async (name) => void refused.push(name),
      }),
    )
    const say = async (...pieces: readonly string[]): Promise<string> => {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined)
      closing.push(() => socket.destroy())
      const said = text(socket).catch(() => '')
      for (const piece of pieces) {
        socket.write(piece)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      if (pieces.length === 0) socket.end()
      return said
    }
    return { shown, refused, taken, say, port }
  }
  const HEAD = 'CONNECT a.example:443 HTTP/1.1\r\n'

  it('whoever says who it is is handed on with all that it said', async () => {
    const { say, shown, taken } = await door()
    expect(await say(`${HEAD}${basic('a:right')}\r\nmore`)).toBe('taken')
    expect(await say(HEAD, basic('a:ri').slice(0, 5), basic('a:right').slice(5), '\r\n')).toBe('taken')
    expect(shown).toEqual([
      { name: 'a', token: 'right' },
      { name: 'a', token: 'right' },
    ])
    expect(taken[0]).toContain('\r\n\r\nmore')
  })

  it.each([
    ['nothing of itself', HEAD],
    ['a name alone', `${HEAD}${basic('a')}`],
    ['no name', `${HEAD}${basic(':right')}`],
    ['it twice', `${HEAD}${basic('a:right')}${basic('a:right')}`],
    ['it with a blank', `${HEAD}Proxy-Authorization : Basic YTpyaWdodA==\r\n`],
    ['another scheme', `${HEAD}Proxy-Authorization: Bearer YTpyaWdodA==\r\n`],
    ['the wrong word', `${HEAD}${basic('a:wrong')}`],
  ])('T-116: who says %s is told what is missing', async (_what, head) => {
    const { say, refused, taken } = await door()
    expect(await say(`${head}\r\n`)).toMatch(/^HTTP\/1\.1 407 [^]*proxy_authentication/)
    expect(taken).toEqual([])
    expect(refused).toEqual(head.includes(basic('a:wrong')) ? ['a'] : [])
  })

  it.each<readonly [string, readonly string[]]>([
    ['nothing', []],
    ['half of a head', [HEAD.repeat(600)]],
    ['what nobody can judge', [`${HEAD}${basic('a:broken')}\r\n`]],
  ])('T-144: who says %s is let go', async (_what, pieces) => {
    const { say, taken } = await door()
    expect(await say(...pieces)).toBe('')
    expect(taken).toEqual([])
  })

  it('refusals are told once a second, and no more wait than there is room for', async () => {
    const { say, refused, port } = await door()
    await Promise.all(Array.from({ length: 20 }, () => say(`${HEAD}${basic('a:wrong')}\r\n`)))
    expect(refused.length).toBeLessThan(4)
    const silent = Array.from({ length: 200 }, () => connect(port, '127.0.0.1').on('error', () => undefined))
    for (const socket of silent) closing.push(() => socket.destroy())
    await expect
      .poll(() => silent.filter(({ destroyed, readableEnded }) => destroyed || readableEnded).length)
      .toBeGreaterThan(50)
  })

  it.each(['nowhere', ':80', '127.0.0.1:99999', '203.0.113.1:80'])(
    'stands nowhere but at its place: %s',
    async (place) => {
      const opened = openDoor(place, { admit: async () => undefined, refused: async () => undefined })
      await expect(opened).rejects.toMatchObject({ code: 'SP_CONFIG_INVALID' })
    },
  )
})

describe('HB-69: messages to places that an operator named', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1', 'udp4'],
    ['::1', '::1', 'udp6'],
    ['localhost', '127.0.0.1', 'udp4'],
  ] as const)('a datagram to %s arrives', async (host, address, kind) => {
    const socket = createSocket(kind)
    closing.push(() => socket.close())
    socket.bind(0, address)
    await once(socket, 'listening')
    const got = once(socket, 'message')
    const exceptions = [] as const
    await guardedDatagram({ exceptions })(host, socket.address().port, Buffer.from('hello'))
    expect(String(((await got) as [Buffer])[0])).toBe('hello')
  })

  it.each([
    ['leads inside', 'inner.example', ['10.0.0.1']],
    ['leads nowhere', 'none.example', []],
    ['is none', 'a b', []],
  ])('T-120: one to a name that %s is not sent', async (_what, host, addresses) => {
    const send = guardedDatagram({ exceptions: [], resolve: async () => addresses })
    await expect(send(host, 9, Buffer.from('x'))).rejects.toMatchObject({ code: 'SP_EGRESS_REFUSED' })
  })

  it('a datagram that is too large is an error', async () => {
    await expect(guardedDatagram({ exceptions: [] })('127.0.0.1', 9, Buffer.alloc(100_000))).rejects.toThrow('EMSGSIZE')
  })

  it('a socket of this machine is reached by its path, or not', async () => {
    const path = join(folder(), 'sock')
    await expect(localSocket(path)).rejects.toThrow('ENOENT')
    const server = createServer((socket) => socket.destroy()).listen(path)
    await once(server, 'listening')
    closing.push(() => server.close())
    const socket = await localSocket(path)
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.destroy(new Error('later'))
    await closed
  })
})

describe('HB-72: a request of the gateway’s own', () => {
  it('goes to a host of its list alone, and its answer is told as it is', async () => {
    const attempts: EgressAttempt[] = []
    const server = createHttp((_request, response) => {
      response.writeHead(302, { 'set-cookie': ['a=1', 'b=2'], location: 'http://x/', 'x-one': '1' }).end('body')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    closing.push(() => server.close())
    const { port } = server.address() as AddressInfo
    const held = { allowed: [], looking: [], blocked: [], refuse: [] }
    const retrieve = createRetrieve({
      lender: {
        exceptions: [],
        authorities: [],
        rules: () => held,
        findSecrets: () => [],
        admit: () => ({ ok: true }),
      },
      resolve: async () => [],
      report: async (attempt) => void attempts.push(attempt),
    })
    const order = { headers: {}, hosts: ['127.0.0.1:*'], signal: AbortSignal.timeout(5_000) }
    const answer = await retrieve(`http://127.0.0.1:${port}/a?b=c`, order)
    expect([answer.status, answer.header('x-one'), answer.header('set-cookie'), answer.header('none')]).toEqual([
      ...[302, '1', 'a=1', undefined],
    ])
    answer.discard()
    await expect(retrieve('http://u:p@x/', order)).rejects.toMatchObject({ details: { reason: 'userinfo' } })
    await expect(retrieve('http://b.example/', order)).rejects.toMatchObject({ code: 'SP_EGRESS_REFUSED' })
    expect(attempts.map(({ verdict }) => verdict)).toEqual(['allowed', 'refused'])
  })
})

describe('T-052: confined agents', () => {
  const order = (whileAllowed: (end: () => void) => () => void, pid = process.pid) => ({
    ...{ agent: 'a', instance: 'i', command: 'x', workspace: '/w', pid, allowedHosts: [], blockedHosts: [] },
    whileAllowed,
  })
  const runsIn = (directory: string, isAlive?: (pid: number) => boolean) => {
    let ids = 0
    const newId = (): string => `r${++ids}`
    return new Runs({
      directory,
      newId,
      attempted: async () => undefined,
      ...(isAlive === undefined ? {} : { isAlive }),
    })
  }

  it('each has a socket of its own, which nobody else may open, until it ends', async () => {
    const directory = join(folder(), 'runs')
    const runs = runsIn(directory)
    let [forgotten, end]: [number, () => void] = [0, () => undefined]
    const run = await runs.open(
      order((stop) => {
        end = stop
        return () => void forgotten++
      }),
    )
    expect(statSync(run.socket).mode & 0o777).toBe(0o600)
    expect([runs.get('r1').agent, runs.list().length]).toEqual(['a', 1])
    end()
    expect([runs.list(), forgotten]).toEqual([[], 1])
    expect(() => runs.get('r1')).toThrow(expect.objectContaining({ code: 'SP_RUN_UNKNOWN' }) as Error)
    runs.close('r1')
  })

  it('T-146: one that may no longer act while it begins is over at once', async () => {
    const runs = runsIn(join(folder(), 'runs'))
    await runs.open(
      order((stop) => {
        stop()
        return () => undefined
      }),
    )
    expect(runs.list()).toEqual([])
  })

  it('one whose keeper is gone is swept', async () => {
    const runs = runsIn(join(folder(), 'runs'))
    const never = () => () => undefined
    await runs.open(order(never))
    await runs.open(order(never, 1))
    await runs.open(order(never, 4_194_303))
    runs.sweep()
    expect(runs.list().map(({ id }) => id)).toEqual(['r1', 'r2'])
    runs.closeAll()
    const dead = runsIn(join(folder(), 'runs'), () => false)
    await dead.open(order(never))
    dead.sweep()
    expect(dead.list()).toEqual([])
  })
})

describe('small parts', () => {
  it('T-117: a name is looked up once in a while, and no answer is not kept', async () => {
    let asked = 0
    const resolve = remembering(async (host) => {
      asked++
      if (host === 'broken') throw new Error('no')
      return host === 'none' ? [] : ['192.0.2.1']
    })
    for (const host of ['a', 'a', 'none', 'none']) await resolve(host)
    expect(asked).toBe(3)
    for (let n = 0; n < 2; n++) await expect(resolve('broken')).rejects.toThrow('no')
    expect(asked).toBe(5)
    for (let n = 0; n < 256; n++) await resolve(`h${n}`)
    await resolve('a')
    expect(asked).toBe(262)
  })

  it('connections that are open are listed, and may be ended', async () => {
    const server = createServer(() => undefined).listen(0, '127.0.0.1')
    await once(server, 'listening')
    closing.push(() => server.close())
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    await once(socket, 'connect')
    const live = new LiveConnections(() => 5)
    live.opened({ holder: 'a', target: 'x:1', isInspected: false }, socket)
    expect(live.list()).toMatchObject([{ id: 'c1', address: '127.0.0.1', since: 5, sent: 0 }])
    expect([live.end('c2'), live.end('c1')]).toEqual([false, true])
    await once(socket, 'close')
    expect(live.list()).toEqual([])
  })

  it('T-123: programs trust the machine’s authorities and one more', () => {
    const certificate = '-----BEGIN CERTIFICATE-----\nOWN\n-----END CERTIFICATE-----\n'
    expect(trustedWith(certificate).endsWith(certificate)).toBe(true)
    expect(withLoopbackOutside(['localhost:8080'])).toMatchObject({ NO_PROXY: '127.0.0.1:3128' })
    expect(withLoopbackOutside(['a.example'])).toEqual({})
  })

  const child = (script: string): ChildProcess => {
    const made = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
    closing.push(() => made.kill('SIGKILL'))
    return made
  }
  it.each([
    ['ends', 'process.exit(0)'],
    ['gives something else', 'process.send("listening")'],
  ])('AC-6.5.3: no way out is opened in a sandbox in which what should listen %s', async (_what, script) => {
    let said = ''
    await expect(listenerOf(child(script), (word) => (said += word))).rejects.toMatchObject({
      code: 'SP_SANDBOX_UNAVAILABLE',
    })
    expect(said).toBe('listen')
  })
})
