import { createConnection } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { LiveEvent } from '../../packages/gateway/src/boundary/ports-live.ts'
import { startConsole, type ConsoleKit } from './kit.ts'

/** What the gateway sends on the live WebSocket. */
interface LiveFrame {
  readonly seq: number
  readonly topic?: string
  readonly events?: readonly LiveEvent[]
}

let it_: ConsoleKit
let talk = true

beforeAll(async () => {
  it_ = await startConsole({ live: { mayTalk: () => talk, limits: { connectionsPerSession: 3, recheckMs: 50 } } })
})
afterAll(() => it_.close())
afterEach(() => {
  talk = true
  it_.sessions.pushes = true
})

const records = (event: string) => it_.records.filter((record) => (record as { event?: string }).event === event)
const lastEnd = () => records('live.disconnected').at(-1) as unknown as Record<string, unknown>
const settled = () => new Promise((resolve) => setTimeout(resolve, 30))
/** Longer than what is told together. */
const pause = () => new Promise((resolve) => setTimeout(resolve, 150))

describe('the live WebSocket', () => {
  it('SEC-2.5: tells a page what it asked for, in order, and nothing else', async () => {
    const client = await it_.socket(it_.sessions.open('viewer'))
    expect(client.socket.protocol).toBe('sallyport.live')
    client.socket.send('{"subscribe":["approvals","agents"]}')
    expect(await client.next()).toEqual({ seq: 1, topic: 'subscribed', topics: ['approvals', 'agents'] })
    it_.live.hub.publish({ topic: 'alerts', id: 'al-1' })
    it_.live.hub.publish({ topic: 'approvals', id: 'a-1', version: 3, body: { view: 1 } })
    const told = [{ topic: 'approvals', id: 'a-1', version: 3, body: { view: 1 } }]
    expect(await client.next()).toEqual({ seq: 2, events: told })
    client.socket.close()
    await client.closed
  })

  it('T-006: a ticket opens one connection, of its session, within 30 seconds; a cookie alone opens none', async () => {
    const ana = it_.sessions.open('viewer')
    const ben = it_.sessions.open('operator')
    const ticket = await it_.ticket(ana)
    await expect(it_.socket(ben, ticket)).rejects.toThrow('401')
    await expect(it_.socket(ana, ticket)).rejects.toThrow('401')
    const fresh = await it_.ticket(ana)
    const client = await it_.socket(ana, fresh)
    await expect(it_.socket(ana, fresh)).rejects.toThrow('401')
    client.socket.close()
    const old = await it_.ticket(ana)
    it_.clock.pass(31)
    await expect(it_.socket(ana, old)).rejects.toThrow('401')
    await expect(it_.socket('', await it_.ticket(ana))).rejects.toThrow('401')
    await expect(it_.socket(ana, 'x'.repeat(43))).rejects.toThrow('401')
  })

  it('T-156: consoles that watch take no places from requests, and give back what they took', async () => {
    const connections = 12
    const small = await startConsole({
      ...{ api: { limits: { connections } }, live: { limits: { connectionsPerSession: 2 * connections } } },
    })
    const token = small.sessions.open('viewer')
    const watching = []
    for (let n = 0; n < 2 * connections; n += 1) {
      small.clock.pass(5)
      watching.push(await small.socket(token))
    }
    expect((await small.page({ path: '/api/v1/agents' }, token)).status).toBe(200)
    for (const { socket } of watching) socket.close()
    await Promise.all(watching.map(({ closed }) => closed))
    let open = 0
    const idle = Array.from({ length: 4 * connections }, () =>
      createConnection({ host: '127.0.0.1', port: small.port }),
    )
    for (const socket of idle) socket.on('error', () => undefined).once('close', () => (open -= 1))
    await Promise.all(idle.map((socket) => new Promise((resolve) => socket.once('connect', resolve))))
    open += idle.length
    await expect.poll(() => open).toBeLessThanOrEqual(connections)
    for (const socket of idle) socket.destroy()
    await small.close()
  })

  it.each([
    ['another site', { origin: 'https://evil.example' }],
    ['a page of another local port', { origin: 'http://localhost:1' }],
    ['an opaque origin', { origin: 'null' }],
    ['a rebound name', { host: 'rebound.example', origin: 'http://rebound.example' }],
    ['fetch metadata of another site', { 'sec-fetch-site': 'cross-site' }],
    ['fetch metadata of a sibling', { 'sec-fetch-site': 'same-site' }],
  ])('T-006: %s hijacks no WebSocket even with a stolen ticket', async (_name, headers) => {
    const token = it_.sessions.open('admin')
    await expect(it_.socket(token, undefined, headers)).rejects.toThrow('403')
  })

  it('AC-2.5.1 E-47: idle closes with 4001; pings and re-subscribing do not keep a session open', async () => {
    const token = it_.sessions.open('viewer')
    const client = await it_.socket(token)
    it_.clock.pass(29 * 60)
    client.socket.ping()
    client.socket.send('{"subscribe":["health"]}')
    await client.next()
    expect((await it_.page({ path: '/api/v1/agents', headers: { 'sallyport-background': '1' } }, token)).status).toBe(
      200,
    )
    it_.clock.pass(2 * 60)
    it_.sessions.sweep()
    expect(await client.closed).toBe(4001)
    await settled()
    expect(lastEnd()).toMatchObject({ reason: 'idle', code: 4001, actor: 'operator:viewer', duration: 31 * 60_000 })
  })

  it('AC-2.5.2: 24 hours close with 4002 however busy somebody is', async () => {
    const token = it_.sessions.open('viewer')
    const client = await it_.socket(token)
    for (let hour = 0; hour < 71; hour++) {
      it_.clock.pass(20 * 60)
      await it_.page({ path: '/api/v1/agents' }, token)
    }
    expect(client.socket.readyState).toBe(client.socket.OPEN)
    it_.clock.pass(21 * 60)
    it_.sessions.sweep()
    expect(await client.closed).toBe(4002)
  })

  it('AC-2.5.4 E-27: revocation closes with 4003 by push within a second, and is recorded', async () => {
    const token = it_.sessions.open('viewer')
    const client = await it_.socket(token)
    const since = performance.now()
    it_.sessions.end(token, 4003)
    expect(await client.closed).toBe(4003)
    expect(performance.now() - since).toBeLessThan(1000)
    await settled()
    expect(lastEnd()).toMatchObject({ kind: 'identity', level: 'warn', reason: 'revoked', code: 4003 })
    expect(lastEnd()['sessionId']).toMatch(/^[0-9a-f-]{36}$/)
    expect(typeof lastEnd()['lastActivity']).toBe('string')
  })

  it('AC-2.5.3 AC-2.5.4: when the push is lost, the next check closes with 4003', async () => {
    const token = it_.sessions.open('viewer')
    const client = await it_.socket(token)
    it_.sessions.pushes = false
    it_.sessions.end(token, 4003)
    expect(await client.closed).toBe(4003)
  })

  it('E-27: each message is checked: a message after a lost revocation is answered with 4003 only', async () => {
    const slow = await startConsole()
    const token = slow.sessions.open('viewer')
    const client = await slow.socket(token)
    slow.sessions.pushes = false
    slow.sessions.end(token, 4003)
    client.socket.send('{"subscribe":["approvals"]}')
    expect(await client.closed).toBe(4003)
    expect(client.frames).toEqual([])
    await slow.close()
  })

  it('AC-2.5.5: a normal close is recorded too', async () => {
    const before = records('live.disconnected').length
    const client = await it_.socket(it_.sessions.open('viewer'))
    it_.clock.pass(5)
    client.socket.close(1000)
    await client.closed
    await settled()
    expect(records('live.disconnected')).toHaveLength(before + 1)
    expect(lastEnd()).toMatchObject({ code: 1000, reason: 'closed', duration: 5000, level: 'info' })
  })

  it.each([
    ['no JSON', 'subscribe', 1008],
    ['another member', '{"subscribe":[],"scope":"admin"}', 1008],
    ['an unknown topic', '{"subscribe":["vault"]}', 1008],
    ['a prototype', '{"subscribe":["__proto__"]}', 1008],
    ['two members of one name', '{"subscribe":[],"subscribe":["alerts"]}', 1008],
    ['an approval', '{"approve":"a-1"}', 1008],
    ['bytes', Buffer.from([0, 1, 2]), 1003],
    ['5 kB', `{"subscribe":["${'a'.repeat(5000)}"]}`, 1009],
  ])('T-173 E-25: a frame with %s ends the connection', async (_name, frame, code) => {
    const client = await it_.socket(it_.sessions.open('admin'))
    client.socket.send(frame)
    expect(await client.closed).toBe(code)
  })

  it('E-25: too many messages end the connection with 1008', async () => {
    const client = await it_.socket(it_.sessions.open('viewer'))
    talk = false
    client.socket.send('{"subscribe":["approvals"]}')
    expect(await client.closed).toBe(1008)
  })

  it('E-25: one session has a few connections, not many', async () => {
    const token = it_.sessions.open('viewer')
    const clients = [await it_.socket(token), await it_.socket(token), await it_.socket(token)]
    await expect(it_.socket(token)).rejects.toThrow('429')
    for (const { socket } of clients) socket.close()
    await Promise.all(clients.map(({ closed }) => closed))
    await settled()
    const again = await it_.socket(token)
    again.socket.close()
  })

  it('T-156: news after a pause is told at once, and a flood of it ten times a second, each change once', async () => {
    const client = await it_.socket(it_.sessions.open('viewer'))
    const other = await it_.socket(it_.sessions.open('operator'))
    client.socket.send('{"subscribe":["sessions","activity"]}')
    other.socket.send('{"subscribe":["health"]}')
    await Promise.all([client.next(), other.next()])
    await pause()
    it_.live.hub.publish({ topic: 'sessions', id: 's-0' })
    expect(await client.next()).toMatchObject({ seq: 2, events: [{ id: 's-0' }] })
    for (let n = 0; n < 1000; n++) it_.live.hub.publish({ topic: 'sessions', id: `s-${n % 3}`, version: n })
    it_.live.hub.publish({ topic: 'activity', id: 'counts', body: { n: 1 } })
    it_.live.hub.publish({ topic: 'activity', id: 'counts', body: { n: 2 } })
    const { seq, events } = (await client.next()) as LiveFrame
    expect(seq).toBe(3)
    expect(events?.map(({ id, version, body }: LiveEvent) => [id, version ?? body])).toEqual([
      ['s-0', 999],
      ['s-1', 997],
      ['s-2', 998],
      ['counts', { n: 1 }],
      ['counts', { n: 2 }],
    ])
    for (let n = 0; n < 1000; n++) it_.live.hub.publish({ topic: 'sessions', id: `t-${n}` })
    expect(await client.next()).toEqual({ seq: 4, topic: 'gap' })
    it_.live.hub.publish({ topic: 'health', id: 'h' })
    expect((await other.next(({ events }) => events !== undefined)).events).toEqual([{ topic: 'health', id: 'h' }])
    client.socket.close()
    other.socket.close()
  })

  it('T-156: who does not read gets a gap instead of what waits for it, and others are not slowed', async () => {
    const client = await it_.socket(it_.sessions.open('viewer'))
    const fast = await it_.socket(it_.sessions.open('operator'))
    for (const { socket } of [client, fast]) socket.send('{"subscribe":["activity"]}')
    await Promise.all([client.next(), fast.next()])
    client.socket.pause()
    const body = { text: 'x'.repeat(100_000) }
    const [rounds, each] = [20, 20]
    for (let round = 0; round < rounds; round++) {
      for (let n = 0; n < each; n++) it_.live.hub.publish({ topic: 'activity', id: `${round} ${n}`, body })
      await pause()
    }
    const holds = (id: string) => (frame: { readonly events?: readonly LiveEvent[] }) =>
      frame.events?.some((event) => event.id === id) ?? false
    await fast.next(holds(`${rounds - 1} ${each - 1}`))
    client.socket.resume()
    const gap = await client.next((frame) => frame.topic === 'gap')
    // what the two kernels keep is a few megabytes; 40 were published
    expect(gap.seq).toBeLessThan(rounds / 2)
    it_.live.hub.publish({ topic: 'activity', id: 'after' })
    expect(await client.next(holds('after'))).toMatchObject({ seq: gap.seq + 1 })
    client.socket.close()
    fast.socket.close()
  })
})
