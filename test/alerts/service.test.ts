import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Store } from '../../packages/gateway/src/store/ports.ts'
import { TestClock } from '../api/kit.ts'
import { alertRecords, denial, openBench, openReceiver, until } from './kit.ts'

const SECRET = 'a shared secret of thirty-two characters or more'
const hook = (url: string) => ({ sinks: { hook: { type: 'webhook', url, secret: SECRET } } })
const open = (bench: Awaited<ReturnType<typeof openBench>>) => bench.alerting.service.list(['open', 'taken'])

describe('an alert comes from a record', () => {
  it('AC-5.2.1 AC-5.2.3 E-57: it is durable when the denial is, with tool, session, agent, arguments and rule', async () => {
    const bench = await openBench()
    await bench.evidence.append([denial()])
    const [document] = await bench.store.list('alert')
    expect(document?.body).toMatchObject({
      name: 'call.denied',
      tool: 'fs.write',
      session: 's1',
      count: 1,
      state: 'open',
    })
    expect(await alertRecords(bench.store)).toMatchObject([
      {
        ...{ name: 'call.denied', severity: 'medium', toolName: 'fs.write', sessionId: 's1', agentId: 'coder' },
        ...{ policyRule: ['no-writes'], parameters: { path: '/etc/passwd' }, alertId: document?.id },
      },
    ])
    await until(() => bench.live.length > 0)
    expect(bench.live[0]).toEqual({ topic: 'alerts', id: document?.id })
    await until(() => bench.lines.some(({ message, name }) => message === 'alert' && name === 'call.denied'))
  })

  it('AC-5.2.1 E-57: a denial is answered after its alert was stored, however slow the disk', async () => {
    let stored = 0
    const disk = (store: Store): Store =>
      Object.assign(Object.create(store) as Store, {
        put: async (document: { kind: string }, expected: number) => {
          if (document.kind !== 'alert') return store.put(document as never, expected)
          await new Promise((resolve) => setTimeout(resolve, 300))
          const written = await store.put(document as never, expected)
          stored += 1
          return written
        },
      })
    const bench = await openBench({ disk })
    await bench.evidence.append([denial()])
    expect(stored).toBe(1)
  })

  it('nothing comes of a call that is allowed, and low is in the log and not on screens', async () => {
    const bench = await openBench()
    await bench.evidence.append([denial({ policyDecision: 'allowed' })])
    expect(await open(bench)).toEqual([])
    await bench.evidence.append([denial({ severity: 'low' })])
    expect(await open(bench)).toMatchObject([{ severity: 'low' }])
    await bench.evidence.append([denial({ toolName: 'fs.rm' })])
    const [medium] = await open(bench)
    await until(() => bench.live.length > 0)
    expect(new Set(bench.live.map(({ id }) => id))).toEqual(new Set([medium?.id]))
  })

  it('T-157 E-57: a flood of one agent is one alert with a count, bounded records, and not one denial too few', async () => {
    const bench = await openBench()
    await Promise.all(Array.from({ length: 500 }, () => bench.evidence.append([denial()])))
    expect(await open(bench)).toMatchObject([{ count: 500 }])
    await bench.alerting.close()
    await bench.evidence.settled()
    const records = await alertRecords(bench.store)
    expect(records.length).toBe(21)
    expect(records.at(-1)).toMatchObject({ aggregated: 480, count: 500 })
    expect((await bench.store.list('alert'))[0]?.body).toMatchObject({ count: 500 })
  })

  it('T-157: names that an agent makes up are not alerts without end', async () => {
    const bench = await openBench()
    await Promise.all(
      Array.from({ length: 300 }, (_, i) => bench.evidence.append([denial({ toolName: `made.up${i}` })])),
    )
    const alerts = await open(bench)
    expect(alerts.length).toBeLessThanOrEqual(21)
    expect(alerts.reduce((sum, { count }) => sum + count, 0)).toBe(300)
  })

  it('T-157: of a thousand open alerts the least goes, and the log says what it counted', async () => {
    const bench = await openBench()
    await bench.evidence.append([denial({ agentId: 'first', severity: 'high' })])
    for (let i = 0; i < 1_010; i += 101)
      await Promise.all(
        Array.from({ length: 101 }, (_, j) => bench.evidence.append([denial({ agentId: `agent-${i + j}` })])),
      )
    await until(async () => (await open(bench)).length === 1_000)
    expect((await open(bench)).some(({ agent }) => agent === 'first')).toBe(true)
    await bench.evidence.settled()
    const dropped = (await bench.store.readLog({ kind: 'gateway', limit: 1000 })).map(({ body }) => JSON.parse(body))
    expect(dropped.filter(({ event }) => event === 'alert.dropped')).toHaveLength(11)
    expect(dropped[0]).toMatchObject({ name: 'call.denied', count: 1, actor: 'gateway' })
  })

  it('ND-5.2.a: alert latency: from the record accepted to the alert durable, p95 below 100 ms', async () => {
    const bench = await openBench()
    const took: number[] = []
    for (let i = 0; i < 300; i++) {
      const start = performance.now()
      await bench.evidence.append([denial({ toolName: `t.${i % 15}` })])
      took.push(performance.now() - start)
    }
    took.sort((a, b) => a - b)
    const at = (share: number): number => took[Math.floor(took.length * share)] ?? NaN
    const [p50, p95, p99] = [at(0.5), at(0.95), at(0.99)].map((ms) => Math.round(ms * 100) / 100)
    console.log(`alert latency, record accepted to alert durable: p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms`)
    expect(p95).toBeLessThan(100)
  })
})

describe('sinks that do not do their part', () => {
  it('ND-5.2.a: a webhook is signed, and every try of one notice has one id', async () => {
    const receiver = await openReceiver(500)
    const bench = await openBench({ alerts: { ...hook(receiver.url), delivery: { retry: 0.05 } } })
    await bench.evidence.append([denial({ severity: 'high' })])
    await until(() => receiver.got.length >= 2)
    receiver.answer = 200
    await until(async () => (await open(bench))[0]?.channels['hook']?.state === 'sent')
    const ids = new Set(receiver.got.map(({ headers }) => headers['idempotency-key']))
    expect(ids.size).toBe(1)
    for (const { headers, body } of receiver.got) {
      const { 'x-sallyport-timestamp': time, 'x-sallyport-nonce': nonce, 'x-sallyport-signature': signature } = headers
      const signed = `sallyport/webhook/1\n${String(time)}\n${String(nonce)}\n${body}`
      expect(signature).toBe(createHmac('sha256', SECRET).update(signed).digest('hex'))
    }
    expect(JSON.parse(receiver.got[0]?.body ?? '')).toMatchObject({ type: 'alert', alert: { tool: 'fs.write' } })
    expect(await bench.store.list('delivery')).toEqual([])
  })

  it.each([
    ['hangs', 'hang' as const],
    ['answers 500', 500],
  ])('ND-5.2.a E-57: a sink that %s delays no denial and loses no alert', async (_how, answer) => {
    const receiver = await openReceiver(answer)
    const bench = await openBench({ alerts: { ...hook(receiver.url), delivery: { timeout: 1, retry: 0.1 } } })
    const took: number[] = []
    for (let i = 0; i < 20; i++) {
      const start = performance.now()
      await bench.evidence.append([denial({ severity: 'critical', agentId: `a${i}` })])
      took.push(performance.now() - start)
    }
    took.sort((a, b) => a - b)
    expect(took[18]).toBeLessThan(500)
    await until(() => receiver.got.length > 0)
    receiver.answer = 200
    const told = () =>
      new Set(receiver.got.map(({ body }) => (JSON.parse(body) as { alert: { agent: string } }).alert.agent))
    await until(async () => told().size === 20 && (await bench.store.list('delivery')).length === 0, 40_000)
  })

  it('one sink that hangs delays no other one', async () => {
    const [slow, quick] = [await openReceiver('hang'), await openReceiver()]
    const sinks = { slow: { ...hook(slow.url).sinks.hook }, quick: { ...hook(quick.url).sinks.hook } }
    const bench = await openBench({ alerts: { sinks } })
    for (let i = 0; i < 5; i++) await bench.evidence.append([denial({ severity: 'critical', agentId: `a${i}` })])
    await until(() => quick.got.length === 5)
    expect(slow.got.length).toBeLessThanOrEqual(1)
  })

  it('T-157: what cannot be delivered is a dead letter that is seen, said elsewhere, and sent when somebody asks', async () => {
    const [broken, other] = [await openReceiver(404), await openReceiver()]
    const sinks = { broken: { ...hook(broken.url).sinks.hook }, other: { ...hook(other.url).sinks.hook } }
    const bench = await openBench({ alerts: { sinks, delivery: { attempts: 2, retry: 0.02 } } })
    await bench.evidence.append([denial({ severity: 'high' })])
    await until(async () => (await bench.alerting.service.dead()).length === 1)
    expect(await bench.alerting.service.sinks()).toMatchObject([
      { name: 'broken', dead: 1 },
      { name: 'other', dead: 0 },
    ])
    await until(() => other.got.some(({ body }) => body.includes('alerts.not_delivered')))
    expect(broken.got.every(({ body }) => !body.includes('alerts.not_delivered'))).toBe(true)
    const [alert] = (await open(bench)).filter(({ name }) => name === 'call.denied')
    expect(alert?.channels['broken']).toMatchObject({ state: 'dead', error: 'answered 404' })
    broken.answer = 200
    expect(await bench.alerting.service.revive()).toBe(1)
    await until(() => broken.got.length === 3)
    await until(async () => (await bench.alerting.service.sinks()).every(({ waiting, dead }) => waiting + dead === 0))
  })

  it('T-131: a sink’s address, which may hold a secret, is in no alert, record or line', async () => {
    const bench = await openBench({
      alerts: {
        sinks: { chat: { type: 'slack', url: 'http://localhost:9/services/SECRETPART' } },
        delivery: { retry: 0.01, attempts: 2 },
      },
    })
    await bench.evidence.append([denial({ severity: 'critical' })])
    await until(async () => (await bench.alerting.service.dead()).length === 1)
    await bench.evidence.settled()
    const everything = JSON.stringify([
      ...[
        await bench.store.list('alert'),
        await bench.store.list('delivery'),
        await bench.store.list('delivery', { state: 'dead' }),
      ],
      ...[await bench.store.readLog({ limit: 1000 }), bench.lines, await bench.alerting.service.sinks()],
    ])
    expect(everything).toContain('call.denied')
    expect(everything).not.toContain('SECRETPART')
  })
})

describe('a disk that fails', () => {
  /** Takes the store away, or alerts alone. */
  function failing() {
    const state = { kinds: new Set<string>() }
    const fail = async (): Promise<never> => Promise.reject(new Error('ENOSPC'))
    const disk = (store: Store): Store =>
      Object.assign(Object.create(store) as Store, {
        put: (document: { kind: string }, expected: number) =>
          state.kinds.has(document.kind) ? fail() : store.put(document as never, expected),
        append: (rows: never) => (state.kinds.has('log') ? fail() : store.append(rows)),
      })
    return { state, disk }
  }

  it('E-12 SC5: the denial is answered, the alert is told all the same, and is stored when the disk is back', async () => {
    const receiver = await openReceiver()
    const { state, disk } = failing()
    const bench = await openBench({ alerts: hook(receiver.url), disk })
    state.kinds = new Set(['alert', 'delivery', 'log'])
    await expect(bench.evidence.append([denial({ severity: 'critical' })])).rejects.toMatchObject({
      code: 'SP_AUDIT_WRITE_FAILED',
    })
    await until(() => receiver.got.some(({ body }) => body.includes('call.denied')))
    await until(() => receiver.got.some(({ body }) => body.includes('alerts.not_stored')))
    await until(() => receiver.got.some(({ body }) => body.includes('log-write-failed')))
    state.kinds = new Set()
    await until(async () => (await bench.store.list('alert')).some(({ body }) => body['name'] === 'call.denied'))
  })

  it('SC5: alerts that cannot be stored stop no call, and none is lost when the log can be written', async () => {
    const { state, disk } = failing()
    const bench = await openBench({ disk })
    state.kinds = new Set(['alert'])
    for (let i = 0; i < 10; i++) await bench.evidence.append([denial()])
    expect((await alertRecords(bench.store)).filter(({ name }) => name === 'call.denied')).toHaveLength(10)
    state.kinds = new Set()
    await until(async () => (await bench.store.list('alert')).some(({ body }) => body['count'] === 10))
  })
})

describe('what people do with alerts', () => {
  it('take and resolve are recorded, and what happens afterwards is a new alert', async () => {
    const bench = await openBench()
    await bench.evidence.append([denial()])
    const [alert] = await open(bench)
    const id = alert?.id ?? ''
    expect(await bench.alerting.service.take(id, 'operator:ana')).toMatchObject({
      state: 'taken',
      holder: 'operator:ana',
    })
    await bench.evidence.append([denial()])
    expect(await open(bench)).toMatchObject([{ id, count: 2, holder: 'operator:ana' }])
    await bench.alerting.service.resolve([id], 'operator:ana', 'was a test')
    expect(await open(bench)).toEqual([])
    await bench.evidence.append([denial()])
    const [next] = await open(bench)
    expect(next).toMatchObject({ count: 1, state: 'open' })
    expect(next?.id).not.toBe(id)
    const events = (await bench.store.readLog({ kind: 'gateway', limit: 10 })).map(({ body }) => JSON.parse(body))
    expect(events).toMatchObject([
      { event: 'alert.taken', actor: 'operator:ana', alertId: id },
      { event: 'alert.resolved', actor: 'operator:ana', alertId: id, reason: 'was a test', count: 2 },
    ])
    await expect(bench.alerting.service.take('nothing', 'x')).rejects.toMatchObject({ code: 'SP_ALERT_UNKNOWN' })
    await expect(bench.alerting.service.take(id, 'x')).rejects.toMatchObject({ code: 'SP_ALERT_STATE' })
  })

  it('T-175: a silence keeps alerts from sinks, not from the log or the list; critical ones come through; it ends', async () => {
    const receiver = await openReceiver()
    const clock = new TestClock()
    const bench = await openBench({ alerts: hook(receiver.url), clock })
    const { service } = bench.alerting
    const stamp = () => new Date(clock.now()).toISOString()
    await service.silence({ agent: 'coder' }, clock.now() + 60_000, 'maintenance', 'operator:ana')
    await bench.evidence.append([denial({ severity: 'high', timestamp: stamp() })])
    expect(await open(bench)).toMatchObject([{ severity: 'high', silence: service.silences[0]?.id }])
    expect((await alertRecords(bench.store)).filter(({ name }) => name === 'call.denied')).toHaveLength(1)
    await bench.evidence.append([denial({ severity: 'critical', toolName: 'fs.rm', timestamp: stamp() })])
    await until(() => receiver.got.length === 1)
    expect(receiver.got[0]?.body).toContain('fs.rm')
    clock.pass(61)
    await bench.evidence.append([denial({ severity: 'high', timestamp: stamp() })])
    await until(() => receiver.got.length === 2)
    expect(receiver.got[1]?.body).toContain('fs.write')
  })

  it('T-175: what was open under a silence and nobody resolved is told when the silence is ended', async () => {
    const receiver = await openReceiver()
    const bench = await openBench({ alerts: hook(receiver.url) })
    const { service } = bench.alerting
    const silence = await service.silence({ agent: 'coder' }, Date.now() + 3_600_000, 'maintenance', 'operator:ana')
    await bench.evidence.append([denial({ severity: 'high' })])
    await service.sweep()
    expect(receiver.got).toEqual([])
    await service.unsilence(silence.id, 'operator:ana')
    await service.sweep()
    await until(() => receiver.got.length === 1)
    expect(await open(bench)).toMatchObject([{ silence: '' }])
  })

  it('T-175: 30 days at most; what it would have hidden is told, and never a critical one', async () => {
    const bench = await openBench()
    const { service } = bench.alerting
    await bench.evidence.append([denial(), denial(), denial({ severity: 'critical', toolName: 'fs.rm' })])
    expect(await service.wouldHide({ agent: 'coder' }, 0)).toMatchObject([{ count: 2, tool: 'fs.write' }])
    await expect(service.silence({ agent: 'x' }, Date.now() + 31 * 86_400_000, 'too long', 'a')).rejects.toMatchObject({
      code: 'SP_API_INVALID',
    })
    await expect(service.silence({ agent: 'x' }, Date.now() - 1, 'over', 'a')).rejects.toMatchObject({
      code: 'SP_API_INVALID',
    })
  })

  it('HB-146: that nobody looked into the log for a week is said once a day, until somebody does', async () => {
    const clock = new TestClock()
    const bench = await openBench({ clock })
    const unreviewed = async () => (await open(bench)).find(({ name }) => name === 'log.unreviewed')
    const days = (count: number) => {
      clock.pass(count * 86_400)
      bench.alerting.sweep()
    }
    days(6)
    expect(await unreviewed()).toBeUndefined()
    days(2)
    days(0)
    expect(await unreviewed()).toMatchObject({ count: 1, severity: 'medium' })
    days(1)
    expect(await unreviewed()).toMatchObject({ count: 2 })
    bench.alerting.review.looked('operator:ana')
    days(6)
    expect(await unreviewed()).toMatchObject({ count: 2 })
  })

  it('HB-146: a digest of the log goes where its severity is routed, every so often, with what a restart missed', async () => {
    const receiver = await openReceiver()
    const clock = new TestClock()
    const alerts = {
      ...hook(receiver.url),
      digest: { every: '1d', severity: 'medium' },
      routes: [{ severity: 'medium', sinks: ['hook'] }],
    }
    const at = (): string => new Date(clock.now()).toISOString()
    const first = await openBench({ alerts, clock })
    const digestOf = async (bench: Awaited<ReturnType<typeof openBench>>) =>
      (await open(bench)).find(({ name }) => name === 'log.digest')
    first.alerting.sweep()
    clock.pass(3_600)
    const quiet = { policyDecision: 'allowed', severity: 'low', timestamp: at() }
    await first.evidence.append([denial(quiet), denial(quiet), denial({ timestamp: at() })])
    clock.pass(3_600)
    first.alerting.sweep()
    expect(await digestOf(first), 'not before its time').toBeUndefined()
    await first.close()
    clock.pass(26 * 3_600)
    const second = await openBench({ alerts, clock, directory: first.directory })
    second.alerting.sweep()
    await until(async () => (await digestOf(second)) !== undefined)
    const made = await digestOf(second)
    expect(made).toMatchObject({ severity: 'medium', cause: { allowed: 2, denied: 1, asked: 0 } })
    expect(made?.sentence).toContain('2 calls allowed, 0 asked about, 1 denied (most: fs.write, by coder)')
    await until(() => receiver.got.some(({ body }) => body.includes('log.digest')))
    second.alerting.sweep()
    clock.pass(86_400)
    second.alerting.sweep()
    await until(async () => (await digestOf(second))?.count === 2)
    expect((await digestOf(second))?.cause, 'counted from where the last one ended').toMatchObject({ denied: 0 })
  })
})

it('what was waiting is sent after the next start, what was open is open, and habits are known', async () => {
  const receiver = await openReceiver(500)
  const first = await openBench({ alerts: hook(receiver.url) })
  await first.evidence.append([denial({ severity: 'high', ingress: 'mcp-stdio' })])
  await until(() => receiver.got.length === 1)
  await first.close()
  receiver.answer = 200
  const second = await openBench({ alerts: hook(receiver.url), directory: first.directory })
  await until(async () => (await open(second))[0]?.channels['hook']?.state === 'sent')
  expect(new Set(receiver.got.map(({ headers }) => headers['idempotency-key'])).size).toBe(1)
  await second.evidence.append([denial({ severity: 'high', ingress: 'api' })])
  const alerts = await open(second)
  expect(alerts.find(({ name }) => name === 'call.denied')).toMatchObject({ count: 2 })
  expect(alerts.find(({ name }) => name === 'token.odd_use')).toMatchObject({ count: 1 })
})
