import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { sinksCheck } from '../../packages/gateway/src/metrics/health/checks/tools.ts'
import { certificateFor, type TestCertificate } from '../certificates.ts'
import { makeDirectory } from '../store/temporary.ts'
import { denial, openBench, openReceiver, until, type Bench } from './kit.ts'
import { hasTls, startRsyslog } from './rsyslog.ts'

const grave = () => denial({ severity: 'critical', toolName: 'fs.rm', reason: 'Nothing is removed.' })
const DELIVERY = { delivery: { retry: 0.05, timeout: 5 } }
/** What an operator sees of a sink that is not told. */
async function stuck(bench: Bench) {
  await until(async () => ((await bench.alerting.service.sinks())[0]?.since ?? 0) > 0)
  const health = await sinksCheck(
    () => bench.alerting.service.sinks(),
    () => Date.now() + 120_000,
  ).run()
  return { sinks: await bench.alerting.service.sinks(), health, queued: await bench.store.list('delivery') }
}

describe.skipIf(!hasTls)('syslog over TLS to a real rsyslogd (not verified without its driver)', () => {
  const siem = (port: number) => ({ siem: { type: 'syslog', protocol: 'tls', host: 'localhost', port } })

  it('RFC 5425 AC-5.2.2: each alert arrives once, as one message with its fields', async () => {
    const tls = await certificateFor('localhost', makeDirectory())
    const daemon = await startRsyslog(tls)
    const alerts = { sinks: siem(daemon.port), ...DELIVERY }
    const bench = await openBench({ alerts, authorities: [tls.authority] })
    for (let n = 0; n < 5; n++) await bench.evidence.append([{ ...grave(), agentId: `agent-${n}` }])
    await until(() => daemon.got().length >= 5)
    expect(daemon.got()).toHaveLength(5)
    for (const message of daemon.got())
      expect(message).toMatchObject({
        ...{ 'app-name': 'sallyport', msgid: 'call.denied', 'syslogseverity-text': 'crit' },
        msg: expect.stringContaining('fs.rm'),
      })
    await until(async () => (await bench.store.list('delivery')).length === 0)
    expect(daemon.got()).toHaveLength(5)
  })

  it.each([
    ['by an authority that nobody trusts', 'localhost', false, /UNABLE_TO_VERIFY|SELF_SIGNED|UNABLE_TO_GET/],
    ['for another name', 'other.example', true, /ERR_TLS_CERT_ALTNAME_INVALID/],
  ])(
    'HB-69: a certificate %s is told nothing; the alert waits, and that is said',
    async (_how, name, trusts, error) => {
      const tls = await certificateFor(name, makeDirectory())
      const daemon = await startRsyslog(tls)
      const alerts = { sinks: siem(daemon.port), ...DELIVERY }
      const bench = await openBench({ alerts, authorities: trusts ? [tls.authority] : [] })
      await bench.evidence.append([grave()])
      const { sinks, health, queued } = await stuck(bench)
      expect(sinks).toMatchObject([{ name: 'siem', waiting: 1, error: expect.stringMatching(error) }])
      expect(health).toMatchObject({ state: 'found', found: [{ id: 'alerts.sink.siem', severity: 'medium' }] })
      expect(queued).toMatchObject([{ state: 'queued' }])
      expect(daemon.got()).toEqual([])
    },
  )

  it('ND-5.2.a: after the tries that it is given it is a dead letter, which is an alert itself', async () => {
    const tls = await certificateFor('localhost', makeDirectory())
    const daemon = await startRsyslog(tls)
    const alerts = { sinks: siem(daemon.port), delivery: { retry: 0.02, attempts: 2 } }
    const bench = await openBench({ alerts })
    await bench.evidence.append([grave()])
    await until(async () =>
      (await bench.alerting.service.list(['open'])).some(({ name }) => name === 'alerts.not_delivered'),
    )
    expect(await bench.alerting.service.dead()).toMatchObject([{ sink: 'siem' }])
    expect(daemon.got()).toEqual([])
  })
})

describe('OCSF over HTTP', () => {
  it('AC-5.2.2: a finding is posted once, with its login, under an id that is the same for every try', async () => {
    const receiver = await openReceiver(503)
    const lake = { type: 'ocsf', url: receiver.url, token: 'a-bearer-of-the-lake' }
    const bench = await openBench({ alerts: { sinks: { lake }, ...DELIVERY } })
    await bench.evidence.append([grave()])
    await until(() => receiver.got.length >= 2)
    receiver.answer = 200
    await until(async () => (await bench.store.list('delivery')).length === 0)
    const ids = new Set(receiver.got.map(({ headers }) => headers['idempotency-key']))
    expect(ids.size).toBe(1)
    expect(receiver.got.at(-1)?.headers).toMatchObject({
      ...{ authorization: 'Bearer a-bearer-of-the-lake', 'content-type': 'application/json' },
    })
    expect(JSON.parse(receiver.got.at(-1)?.body ?? '')).toMatchObject({
      ...{ class_uid: 2004, category_uid: 2, severity_id: 5, metadata: { product: { name: 'Sallyport' } } },
    })
  })

  it.each([
    ['by an authority that nobody trusts', 'localhost', false],
    ['for another name', 'other.example', true],
  ])(
    'HB-69: over HTTPS, a certificate %s is sent nothing; the alert waits, and that is said',
    async (_how, name, trusts) => {
      const tls = await certificateFor(name, makeDirectory())
      const { url, got } = await secureReceiver(tls)
      const lake = { type: 'ocsf', url, token: 'a-bearer-of-the-lake' }
      const alerts = { sinks: { lake }, ...DELIVERY }
      const bench = await openBench({ alerts, authorities: trusts ? [tls.authority] : [] })
      await bench.evidence.append([grave()])
      const { sinks, health } = await stuck(bench)
      expect(sinks).toMatchObject([{ name: 'lake', waiting: 1, error: expect.stringMatching(/^[A-Z]/) }])
      expect(health).toMatchObject({ state: 'found', found: [{ id: 'alerts.sink.lake' }] })
      expect(got).toEqual([])
    },
  )
})

async function secureReceiver({
  cert,
  key,
}: TestCertificate): Promise<{ readonly url: string; readonly got: unknown[] }> {
  const got: unknown[] = []
  const server: Server = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (request, response) => {
    got.push(request.url)
    response.end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `https://localhost:${(server.address() as AddressInfo).port}/findings`, got }
}
