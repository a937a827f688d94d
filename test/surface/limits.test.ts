import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Rate, RateClass } from '../../packages/gateway/src/boundary/ports-limits.ts'
import { ratesOf } from '../../packages/gateway/src/config/rate-limit-schema.ts'
import { configSchema } from '../../packages/gateway/src/config/schema.ts'
import { Lockout } from '../../packages/gateway/src/control/identity/lockout.ts'
import { RateLimits } from '../../packages/gateway/src/control/identity/rate-limits.ts'
import { TrustedProxies } from '../../packages/gateway/src/ingress/api/peer.ts'
import { networkOf } from '@sallyport/core'
import { tableOfEntries } from '../../packages/gateway/src/routes.ts'
import type { Store } from '../../packages/gateway/src/store/ports.ts'
import { openTestStore, temporaryDirectory, TestClock } from '../api/kit.ts'
import { ROLES, startConsole, type ConsoleKit } from './kit.ts'

let folder: Awaited<ReturnType<typeof temporaryDirectory>>
let store: Store
const clock = new TestClock()
/** Denying, killing, revoking, ending; and a refusal, which has a limit of its own. */
const NARROWS =
  /\/(?:kill|revoke|deny|withdraw|close|end|refusals)$|\/skills\/:name\/reject$|^DELETE \/api\/v1\/(?:silences|runs)\/:id$/
const SPEC = new Map<RateClass, Rate>([['default', { requestsPerMinute: 100, burstSize: 20 }]])

beforeAll(async () => {
  folder = await temporaryDirectory()
  store = await openTestStore(folder.path, clock)
})
afterAll(async () => {
  await store.close()
  await folder.remove()
})

const limits = (of: Partial<Pick<Store, 'stream' | 'driver'>> = {}) =>
  new RateLimits({ store: asNode(of), clock, rates: SPEC, isEnabled: true })
/** The same rows under the name of another node. */
const asNode = (of: Partial<Pick<Store, 'stream' | 'driver'>>): Store =>
  new Proxy(store, {
    get: (target, name) => {
      if (name in of) return of[name as keyof typeof of]
      const value = target[name as keyof Store]
      return typeof value === 'function' ? value.bind(target) : value
    },
  })

describe('token buckets', () => {
  it('AC-2.2.1 ND-2.2.a: 100 a minute and a burst of 20 by default; request 21 at once is one too many', () => {
    const { rateLimit } = configSchema.parse({ version: 1 }).gateway
    expect(rateLimit).toMatchObject({ enabled: true, defaults: { requestsPerMinute: 100, burstSize: 20 } })
    const all = limits()
    const burst = Array.from({ length: 21 }, () => all.take('default', 'ana').ok)
    expect(burst.indexOf(false)).toBe(20)
  })

  it('AC-2.2.1: a steady 100 a minute passes, and over ten minutes the rate is exact to 5 %', () => {
    const all = limits()
    for (let n = 0; n < 300; n++) {
      clock.pass(0.6)
      expect(all.take('default', 'steady').ok).toBe(true)
    }
    let passed = 0
    for (let n = 0; n < 20 + 6000; n++) {
      if (all.take('default', 'greedy').ok) passed++
      clock.pass(0.1)
    }
    const allowed = 20 + (100 * 6020 * 0.1) / 60
    expect(Math.abs(passed - allowed) / allowed).toBeLessThan(0.05)
  })

  it('AC-2.2.3: one second before Retry-After it is refused, then it is not', () => {
    const rates = new Map<RateClass, Rate>([['default', { requestsPerMinute: 7, burstSize: 2 }]])
    const all = new RateLimits({ store, clock, rates, isEnabled: true })
    for (let n = 0; n < 5; n++) {
      while (all.take('default', 'ben').ok);
      const refused = all.take('default', 'ben')
      if (refused.ok) throw new Error('not refused')
      clock.pass(refused.retryAfterSeconds - 1)
      expect(all.take('default', 'ben').ok).toBe(false)
      clock.pass(1)
      expect(all.take('default', 'ben').ok).toBe(true)
    }
  })

  it('AC-2.2.2: one class may be set, the others stay', () => {
    const { rateLimit } = configSchema.parse({
      version: 1,
      gateway: { rateLimit: { categories: { hooks: { requestsPerMinute: 60, burstSize: 10 } } } },
    }).gateway
    const rates = ratesOf(rateLimit)
    expect(rates.get('hooks')).toEqual({ requestsPerMinute: 60, burstSize: 10 })
    expect(rates.get('default')).toEqual({ requestsPerMinute: 100, burstSize: 20 })
    expect(rates.get('read')).toEqual(ratesOf(configSchema.parse({ version: 1 }).gateway.rateLimit).get('read'))
    expect(() => configSchema.parse({ version: 1, gateway: { rateLimit: { categories: { other: {} } } } })).toThrow(
      /other/,
    )
  })

  it('AC-2.2.5: hits and violations are counted exactly', () => {
    const all = limits()
    for (let n = 0; n < 25; n++) all.take('default', 'counted')
    expect(all.counts()).toEqual([{ name: 'default', hits: 25, violations: 5 }])
  })

  it('E-26: a restart gives nobody a new burst, and gives back what time brought', async () => {
    const before = limits()
    for (let n = 0; n < 20; n++) before.take('default', 'restarted')
    await before.flush()
    const after = limits()
    await after.load()
    expect(after.take('default', 'restarted').ok).toBe(false)
    expect(after.take('default', 'somebody else').ok).toBe(true)
    clock.pass(6)
    expect(Array.from({ length: 11 }, () => after.take('default', 'restarted').ok).filter(Boolean)).toHaveLength(10)
  })

  it('E-26: two nodes of one store keep one rate in the long run', async () => {
    const nodes = ['one', 'two'].map((stream) => limits({ stream, driver: 'postgres' }))
    for (const node of nodes) await node.load()
    let passed = 0
    const minutes = 10
    for (let n = 0; n < minutes * 600; n++) {
      for (const node of nodes) if (node.take('default', 'shared').ok) passed++
      clock.pass(0.1)
      if (n % 20 === 0) {
        for (const node of nodes) await node.flush()
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    for (const node of nodes) node.close()
    const allowed = 20 + 100 * minutes
    expect(passed / allowed).toBeGreaterThan(0.95)
    // each node has a burst of its own until it hears of the other
    expect(passed / allowed).toBeLessThan(1.05)
  })

  it('T-156: what is kept is bounded', async () => {
    const rows = async (): Promise<number> => (await store.list('limit', { limit: 100_000 })).length
    const all = limits()
    const before = await rows()
    for (let n = 0; n < 2000; n++) for (let taken = 0; taken < 20; taken++) all.take('default', `flood-${n}`)
    await all.flush()
    expect((await rows()) - before).toBeLessThanOrEqual(500)
  })
})

describe('failed authentications', () => {
  const lockout = () => new Lockout({ store, clock, failuresPerMinute: 5 })
  const until = async (test: () => boolean): Promise<void> => {
    for (let n = 0; n < 100 && !test(); n++) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(test()).toBe(true)
  }

  it('E-25: five a minute, then a pause of a minute that doubles with each further failure, to an hour', () => {
    const pauses = lockout()
    const keys = ['name:ana', 'net:10.0.0.1']
    for (let n = 0; n < 4; n++) expect([pauses.check(keys).ok, pauses.failed(keys).ok]).toEqual([true, true])
    pauses.failed(keys)
    const seen: number[] = []
    for (let n = 0; n < 9; n++) {
      const paused = pauses.check(keys)
      if (paused.ok) throw new Error('not paused')
      seen.push(paused.retryAfterSeconds)
      clock.pass(paused.retryAfterSeconds - 1)
      expect(pauses.check(keys).ok).toBe(false)
      clock.pass(1)
      expect(pauses.check(keys).ok).toBe(true)
      pauses.failed(keys)
    }
    expect(seen).toEqual([60, 120, 240, 480, 960, 1920, 3600, 3600, 3600])
    expect(pauses.check(['name:ben', 'net:10.0.0.2']).ok).toBe(true)
  })

  it('E-25: a pause counts for the name wherever it is tried from, and for the network whatever name is tried', () => {
    const pauses = lockout()
    for (let n = 0; n < 5; n++) pauses.failed(['name:cleo', `net:10.0.1.${n}`])
    expect(pauses.check(['name:cleo', 'net:10.0.9.9']).ok).toBe(false)
    for (let n = 0; n < 5; n++) pauses.failed([`name:n${n}`, 'net:10.0.2.1'])
    expect(pauses.check(['name:other', 'net:10.0.2.1']).ok).toBe(false)
    expect(pauses.check(['name:other', 'net:10.0.2.2']).ok).toBe(true)
  })

  it('E-25: slow guessing within the limit is not a pause', () => {
    const pauses = lockout()
    for (let n = 0; n < 20; n++) {
      pauses.failed(['name:slow'])
      clock.pass(16)
    }
    expect(pauses.check(['name:slow']).ok).toBe(true)
    for (let n = 0; n < 5; n++) pauses.failed(['name:slow'])
    expect(pauses.check(['name:slow']).ok).toBe(false)
    expect([pauses.hits, pauses.violations]).toEqual([25, 0])
    pauses.failed(['name:slow'])
    expect(pauses.violations).toBe(1)
  })

  it('E-26: a pause survives a restart and holds on another node', async () => {
    const first = lockout()
    const other = lockout()
    await Promise.all([first.load(), other.load()])
    for (let n = 0; n < 5; n++) first.failed(['name:dora'])
    await until(() => !other.check(['name:dora']).ok)
    const restarted = lockout()
    await restarted.load()
    expect(restarted.check(['name:dora'])).toEqual(first.check(['name:dora']))
    for (const each of [first, other, restarted]) each.close()
  })
})

describe('who is counted', () => {
  it.each([
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2:ffff::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['203.0.113.7', '203.0.113.7'],
  ])('E-26: %s counts as %s', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })

  it('E-26: only a trusted proxy says for whom it asks, and what the client wrote before it does not count', () => {
    const proxies = new TrustedProxies(['10.0.0.0/8', '::1'])
    const asked = { 'x-forwarded-for': '6.6.6.6, 203.0.113.7, 10.1.1.1' }
    expect(proxies.peer('10.0.0.1', asked)).toBe('203.0.113.7')
    expect(proxies.peer('::ffff:10.0.0.1', asked)).toBe('203.0.113.7')
    expect(proxies.peer('198.51.100.1', asked)).toBe('198.51.100.1')
    expect(proxies.peer('10.0.0.1', {})).toBe('10.0.0.1')
    expect(proxies.peer('10.0.0.1', { 'x-forwarded-for': 'nonsense' })).toBe('10.0.0.1')
    expect(() => new TrustedProxies(['10.0.0.0/40'])).toThrow(/no range/)
  })
})

describe('limits of a running console', () => {
  let it_: ConsoleKit
  const wall = new TestClock()
  beforeAll(async () => {
    it_ = await startConsole({ clock: wall, proxies: ['127.0.0.1'] })
  })
  afterAll(() => it_.close())
  const from = (address: string) => ({ headers: { 'x-forwarded-for': address } })

  it('AC-2.2.3 AC-2.2.4: two people behind one address have a bucket each; one person has one over two addresses', async () => {
    const [ana, ben] = [it_.sessions.open('admin'), it_.sessions.open('approver')]
    const post = (token: string, address: string) =>
      it_.page({ method: 'POST', path: '/api/v1/agents/none/trust', body: {}, ...from(address) }, token)
    for (let n = 0; n < 20; n++) expect((await post(ana, `203.0.113.${n}`)).status).not.toBe(429)
    const refused = await post(ana, '198.51.100.1')
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '1'])
    expect((await post(ben, '203.0.113.1')).status).not.toBe(429)
    wall.pass(1)
    expect((await post(ana, '198.51.100.1')).status).not.toBe(429)
  })

  it('HB-145: denying and killing stay open whatever the limits say', async () => {
    const ana = it_.sessions.open('operator')
    for (let n = 0; n < 30; n++) {
      const answer = await it_.page({ method: 'POST', path: '/api/v1/kill', body: { agent: 'none' } }, ana)
      expect(answer.status).not.toBe(429)
    }
  })

  it('HB-145 T-048: only what takes something away is open without limit, drafts and tests of sinks are not', () => {
    const free = tableOfEntries().filter((entry) => 'presence' in entry && entry.presence === 'free')
    expect(free.map(({ method, path }) => `${method} ${path}`).filter((one) => !NARROWS.test(one))).toEqual([])
  })

  it('HB-145 T-048: who holds every connection and request that one principal may have stops no kill', async () => {
    const small = await startConsole({
      clock: wall,
      api: { limits: { connectionsPerPrincipal: 2, requestsPerPrincipal: 2 } },
    })
    try {
      const ana = small.sessions.open('operator')
      await small.socket(ana)
      await small.socket(ana)
      expect((await small.page({ path: '/api/v1/agents' }, ana)).status).toBe(429)
      const kill = { method: 'POST', path: '/api/v1/kill', body: { agent: 'none' } }
      expect((await small.page(kill, ana)).status).not.toBe(429)
    } finally {
      await small.close()
    }
  })

  it('E-26: addresses of one IPv6 network share a bucket', async () => {
    const statuses: number[] = []
    for (let n = 1; n <= 21; n++)
      statuses.push((await it_.page({ path: '/health', ...from(`2001:db8:7:7::${n.toString(16)}`) })).status)
    expect(statuses.indexOf(429)).toBe(20)
    expect((await it_.page({ path: '/health', ...from('2001:db8:7:8::1') })).status).toBe(200)
  })

  it('AC-2.2.6 E-25: live connections are limited by how many are opened a minute', async () => {
    const token = it_.sessions.open('viewer')
    const statuses: number[] = []
    for (let n = 0; n < 22; n++)
      statuses.push((await it_.page({ method: 'POST', path: '/api/v1/live/ticket' }, token)).status)
    expect(statuses.indexOf(429)).toBe(20)
  })

  it('ND-2.2.a: 200 requests by ten at once: the burst passes, the rest gets 429', async () => {
    const token = it_.sessions.open('nadia', ROLES['admin'])
    const statuses: number[] = []
    const worker = async () => {
      for (let n = 0; n < 20; n++) {
        const { status } = await it_.page({ method: 'POST', path: '/api/v1/agents/none/trust', body: {} }, token)
        statuses.push(status)
      }
    }
    await Promise.all(Array.from({ length: 10 }, worker))
    expect(statuses.filter((status) => status !== 429).length).toBe(20)
  })
})
