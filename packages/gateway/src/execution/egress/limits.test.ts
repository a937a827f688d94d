import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { parseHostRule } from '@sallyport/core'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { EgressBook } from './book.ts'
import type { Lender } from './lend.ts'
import { EgressLimits, type EgressLimit } from './limits.ts'
import { serveEgress, type EgressAttempt } from './proxy.ts'
import { WindowCount } from './window.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

describe('HB-89: what is counted in a window', () => {
  it('is never more than may be in any window, however it comes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.array(fc.nat(90), { maxLength: 400 }), (most, gaps) => {
        const window = new WindowCount(1_000)
        const passed: number[] = []
        let now = 0.5
        for (const gap of gaps) {
          now += gap
          if (window.wait(most, now) > 0) continue
          window.add(1, now)
          passed.push(now)
        }
        for (const at of passed)
          expect(passed.filter((each) => each > at - 1_000 && each <= at).length).toBeLessThanOrEqual(most)
      }),
    )
  })

  it('is at most 5 % less than may be, when more is asked for all the time', () => {
    for (const most of [10, 100, 1_000]) {
      const window = new WindowCount(1_000)
      let passed = 0
      for (let now = 0; now < 100_000; now += 0.5) {
        if (window.wait(most, now) > 0) continue
        window.add(1, now)
        passed++
      }
      expect(passed / (100 * most)).toBeGreaterThan(0.95)
      expect(passed / (100 * most)).toBeLessThanOrEqual(1)
    }
  })

  it('who waits as long as told is let in', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(200), { minLength: 5, maxLength: 60 }), (gaps) => {
        const window = new WindowCount(1_000)
        let now = 3
        for (const gap of gaps) window.add(1, (now += gap))
        const wait = window.wait(5, now)
        expect(wait).toBeLessThanOrEqual(1_016)
        expect(window.wait(5, now + wait + 0.001)).toBe(0)
      }),
    )
  })
})

/** A way out of each of some holders under the same limits, to a server that sends without end and takes all. */
async function under(...limits: readonly EgressLimit[]) {
  let [connected, taken] = [0, 0]
  const server = createServer((socket) => {
    connected++
    socket.on('error', () => undefined).on('data', (chunk: Buffer) => (taken += chunk.length))
    const more = (): void => {
      while (!socket.destroyed && socket.write(Buffer.alloc(16_384)));
    }
    socket.once('data', (said) => (String(said).startsWith('more') ? socket.on('drain', more) && more() : undefined))
    closing.push(() => socket.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => server.close())
  const { port: upstream } = server.address() as AddressInfo
  const book = new EgressBook()
  const source = { rules: [], blocked: [], refuse: [] }
  book.set('configuration', { ...source, limits })
  const counted = new EgressLimits(
    () => book.limits(),
    () => performance.now(),
  )
  const attempts: EgressAttempt[] = []
  const wayOut = async (holder: string) => {
    const lender: Lender = {
      port: {
        base: () => undefined,
        hostsOf: () => [],
        fitting: () => undefined,
        borrow: () => Promise.reject(new Error('There are no credentials.')),
        onRevoked: () => () => undefined,
      },
      ...{ holder, instance: holder, source: '', exceptions: [], authorities: [] },
      take: () => ({ ok: true }),
      admit: (to) => counted.admit(holder, to),
      rules: () => book.of(holder),
      onChange: (listener) => book.onChange(listener),
      findSecrets: () => [],
      ask: async () => Promise.resolve({ ok: false, reason: 'not_allowlisted' }),
    }
    const listener = createServer().listen(0, '127.0.0.1')
    await once(listener, 'listening')
    const rules = { allowed: [parseHostRule(`127.0.0.1:${upstream}`)], blocked: [] }
    const report = (attempt: EgressAttempt): void => void attempts.push(attempt)
    closing.push(serveEgress(listener, { rules, report, lender, newASecond: Infinity }))
    const { port } = listener.address() as AddressInfo
    return async (): Promise<{ readonly client: Socket; readonly said: string }> => {
      const client = connect(port, '127.0.0.1').on('error', () => undefined)
      closing.push(() => client.destroy())
      client.write(`CONNECT 127.0.0.1:${upstream} HTTP/1.1\r\n\r\n`)
      const [chunk] = (await once(client, 'data')) as [Buffer]
      return { client, said: chunk.toString() }
    }
  }
  const change = (...changed: readonly EgressLimit[]): void => book.set('configuration', { ...source, limits: changed })
  return { attempts, wayOut, change, connected: () => connected, taken: () => taken }
}

const MINUTE = 60_000

describe('HB-89, T-122: limits of the way out', () => {
  it.each([
    ['one agent', { name: 'agent a', holder: 'a' }],
    ['each agent', { name: 'agent *', holder: '*' }],
    ['a host', { name: 'host 127.0.0.1:*', host: parseHostRule('127.0.0.1:*') }],
    ['all', { name: 'all' }],
  ])('requests of %s at the same time do not get past it together', async (_what, limit) => {
    const { attempts, wayOut, connected } = await under({ ...limit, window: MINUTE, requests: 40 })
    const open = await wayOut('a')
    const opened = await Promise.all(Array.from({ length: 150 }, open))
    expect(opened.filter(({ said }) => said.includes(' 200 '))).toHaveLength(40)
    const refused = opened.filter(({ said }) => said.includes(' 429 '))
    expect(refused).toHaveLength(110)
    expect(refused[0]?.said).toMatch(/retry-after: \d+\r\n[^]*"limit_requests"/)
    expect(connected()).toBe(40)
    expect(attempts.filter(({ verdict }) => verdict === 'allowed')).toHaveLength(40)
    expect(attempts.find(({ verdict }) => verdict === 'refused')).toMatchObject({
      ...{ reason: 'limit_requests', rule: limit.name },
    })
  })

  it('that of one is not that of another; that of all and of a host is one for both', async () => {
    const own = await under({ name: 'agent *', holder: '*', window: MINUTE, requests: 2 })
    const [a, b] = [await own.wayOut('a'), await own.wayOut('b')]
    const said = async (...opens: (typeof a)[]): Promise<readonly boolean[]> => {
      const all: boolean[] = []
      for (const open of opens) all.push((await open()).said.includes(' 200 '))
      return all
    }
    expect(await said(a, a, a, b, b, b)).toEqual([true, true, false, true, true, false])
    const both = await under({ name: 'all', window: MINUTE, requests: 3 })
    const [c, d] = [await both.wayOut('a'), await both.wayOut('b')]
    expect(await said(c, d, c, d, c)).toEqual([true, true, true, false, false])
  })

  it('a change is in force at once, and what was counted stays counted', async () => {
    const limit = { name: 'all', window: MINUTE }
    const { wayOut, change } = await under({ ...limit, requests: 2 })
    const open = await wayOut('a')
    const is = async (): Promise<boolean> => (await open()).said.includes(' 200 ')
    expect([await is(), await is(), await is()]).toEqual([true, true, false])
    change({ ...limit, requests: 3 })
    expect([await is(), await is()]).toEqual([true, false])
    change()
    expect(await is()).toBe(true)
  })

  it.each([
    ['that come', 'more', 1],
    ['that go', 'take', 1],
    ['of many at once', 'more', 8],
  ])(
    'bytes %s, %s: the connection is cut at the limit with an error of 5 percent at most, and that is recorded',
    async (_what, way, many) => {
      const most = 16 << 20
      const { attempts, wayOut, taken } = await under({ name: 'agent a', holder: 'a', window: MINUTE, bytes: most })
      const open = await wayOut('a')
      let came = 0
      const clients = await Promise.all(Array.from({ length: many }, open))
      await Promise.all(
        clients.map(async ({ client }) => {
          client.on('data', (chunk: Buffer) => (came += chunk.length))
          client.write(way)
          const push = (): void => {
            while (!client.destroyed && client.write(Buffer.alloc(16_384)));
          }
          if (way === 'take') {
            client.on('drain', push)
            push()
          }
          await new Promise((resolve) => client.once('close', resolve))
        }),
      )
      expect(came + taken()).toBeGreaterThan(most * 0.95)
      expect(came + taken()).toBeLessThan(most * 1.05)
      expect(attempts.filter(({ reason }) => reason === 'limit_bytes').length).toBe(many)
      const { said } = await open()
      expect(said).toMatch(/ 429 [^]*"limit_bytes"/)
    },
    30_000,
  )

  it('time: what takes longer is cut, and what does not is left alone', async () => {
    const { attempts, wayOut } = await under({ name: 'all', window: MINUTE, longest: 1_000 })
    const open = await wayOut('a')
    const [{ client: long }, { client: short }] = [await open(), await open()]
    const since = performance.now()
    short.destroy()
    await once(long.resume(), 'close')
    expect(performance.now() - since).toBeGreaterThan(900)
    expect(attempts.filter(({ reason }) => reason === 'limit_time')).toMatchObject([{ rule: 'all' }])
  })
})
