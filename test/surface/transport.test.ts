import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { request as plainRequest } from 'node:http'
import { request as secureRequest } from 'node:https'
import { createConnection, type Socket } from 'node:net'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseConfig } from '../../packages/gateway/src/config/load.ts'
import { layout } from '../../packages/gateway/src/config/paths.ts'
import { ownCertificate } from '../../packages/gateway/src/custody/console-certificate.ts'
import { TrustedProxies } from '../../packages/gateway/src/ingress/api/peer.ts'
import type { ConsoleListener } from '../../packages/gateway/src/ingress/console/console-listener.ts'
import { CertificateWatch } from '../../packages/gateway/src/ingress/console/watch-certificate.ts'
import { systemRandom } from '../../packages/gateway/src/random.ts'
import { createSurface } from '../../packages/gateway/src/surface.ts'
import { memoryEvidence, temporaryDirectory, TestClock } from '../api/kit.ts'
import { startConsole, type ConsoleKit } from './kit.ts'

const NAME = 'sallyport.localhost'
const DAY = 86_400_000
let folder: Awaited<ReturnType<typeof temporaryDirectory>>
let it_: ConsoleKit
let secure: ConsoleListener
let strict: ConsoleListener
let ca: string
let files: { readonly cert: string; readonly key: string }

const pemOf = ({ cert, key }: typeof files) => ({ cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') })
const portOf = ({ site }: ConsoleListener): number => Number(/:(\d+)$/.exec(site.host)?.[1])

beforeAll(async () => {
  folder = await temporaryDirectory()
  files = await ownCertificate(join(folder.path, 'tls'), NAME, Date.now())
  ca = readFileSync(join(folder.path, 'tls', 'authority.pem'), 'utf8')
  const limits = { headTimeout: 600, requestTimeout: 1200, connections: 200 }
  it_ = await startConsole({ api: { limits } })
  const options = { port: 0, bind: '127.0.0.1', name: NAME, tls: pemOf(files), allowPublicBind: false }
  const proxies = new TrustedProxies([])
  secure = await it_.kit.api.listenConsole({ ...options, proxies, requireTls: false })
  strict = await it_.kit.api.listenConsole({ ...options, proxies, requireTls: true })
})
afterAll(async () => {
  await it_.close()
  await folder.remove()
})

interface Got {
  readonly status: number
  readonly location: string | undefined
  readonly text: string
}

function get(
  listener: ConsoleListener,
  how: 'https' | 'http',
  path: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
): Promise<Got> {
  const target = {
    ...{ host: '127.0.0.1', port: portOf(listener), path, method, agent: false },
    headers: { host: listener.site.host, ...headers },
  }
  return new Promise((resolve, reject) => {
    const request = how === 'http' ? plainRequest(target) : secureRequest({ ...target, ca, servername: NAME })
    request.on('error', reject)
    request.on('response', (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString()))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, location: response.headers.location, text }))
    })
    request.end()
  })
}

/** Everything that comes back over TLS until the gateway closes, or `ms` are over. */
function overTls(text: string, ms = 1500): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: portOf(secure), ca, servername: NAME }, () => socket.write(text))
    let received = ''
    const timer = setTimeout(() => socket.destroy(), ms)
    socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')))
    socket.on('error', reject)
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(received)
    })
  })
}

describe('plain HTTP on the port of TLS', () => {
  it('AC-2.4.2 E-22: with requireTls every request gets 403, pages with words; without, pages move and nothing else', async () => {
    expect(await get(strict, 'http', '/approvals')).toMatchObject({ status: 403, location: undefined })
    expect((await get(strict, 'http', '/approvals')).text).toContain('HTTPS only')
    const moved = await get(secure, 'http', '/approvals?tab=mine')
    expect(moved).toMatchObject({ status: 301, location: `${secure.site.origin}/approvals?tab=mine` })
    for (const listener of [secure, strict]) {
      expect(await get(listener, 'http', '/api/v1/agents')).toMatchObject({ status: 403, location: undefined })
      expect(await get(listener, 'http', '/approvals', {}, 'POST')).toMatchObject({ status: 403, location: undefined })
    }
    // the Location is built from the configuration and never from what the request says
    const split = await get(secure, 'http', '/approvals?x=%0d%0aset-cookie:a', { host: 'evil.example' })
    expect(split.location?.startsWith(secure.site.origin)).toBe(true)
  })

  it('E-22: a session that was shown in clear ends', async () => {
    const token = it_.sessions.open('admin')
    const cookie = `__Host-sallyport=${token}`
    expect((await get(secure, 'https', '/api/v1/agents', { cookie })).status).toBe(200)
    await get(secure, 'http', '/approvals', { cookie })
    expect((await get(secure, 'https', '/api/v1/agents', { cookie })).status).toBe(401)
    expect(it_.sessions.exposures).toEqual([token])
  })
})

describe('T-156: who is slow or silent', () => {
  const closes = (socket: Socket): Promise<number> => {
    const since = performance.now()
    socket.on('error', () => undefined)
    return new Promise((resolve) => socket.once('close', () => resolve(performance.now() - since)))
  }
  const open = (): Socket => createConnection({ host: '127.0.0.1', port: portOf(secure) })

  it('no first byte, no handshake, no head: each is cut after the head time-out; an honest client gets through', async () => {
    const silent = Array.from({ length: 40 }, open)
    const half = Array.from({ length: 40 }, () => {
      const socket = open()
      socket.once('connect', () => socket.write(Buffer.from([0x16, 0x03])))
      return socket
    })
    const dripping = Array.from({ length: 40 }, () => {
      const socket = connect({ host: '127.0.0.1', port: portOf(secure), ca, servername: NAME }, () =>
        socket.write('GET / '),
      )
      const drip = setInterval(() => socket.writable && socket.write('x'), 100)
      socket.once('close', () => clearInterval(drip))
      return socket
    })
    const ends = [...silent, ...half, ...dripping].map(closes)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect((await get(secure, 'https', '/approvals')).status).toBe(200)
    for (const ms of await Promise.all(ends)) expect(ms).toBeLessThan(8000)
  })

  it('one network has an eighth of the connections, so others still get in', async () => {
    const from = (localAddress: string): Socket =>
      createConnection({ host: '127.0.0.1', port: portOf(secure), localAddress })
    const stranger = Array.from({ length: 40 }, () => from('127.0.0.9'))
    const ends = stranger.map(closes)
    const quick = Promise.all(ends.slice(25).map((end) => end))
    const first = await Promise.race([quick, new Promise<number[]>((resolve) => setTimeout(() => resolve([]), 450))])
    expect(first).toHaveLength(15)
    const other = from('127.0.0.8')
    const isCut = await Promise.race([
      closes(other),
      new Promise<string>((resolve) => setTimeout(() => resolve('open'), 100)),
    ])
    expect(isCut).toBe('open')
    for (const socket of [...stranger, other]) socket.destroy()
    await Promise.all(ends)
  })

  it('more connections than there may be are closed, and the limit is that of the listener', async () => {
    const many = Array.from({ length: 260 }, open)
    const ends = many.map(closes)
    const early = await Promise.race([
      ends.at(-1),
      new Promise<number>((resolve) => setTimeout(() => resolve(-1), 400)),
    ])
    expect(early).toBeGreaterThanOrEqual(0)
    for (const socket of many) socket.destroy()
    await Promise.all(ends)
  })
})

describe('T-076: smuggling through the console', () => {
  const head = (lines: readonly string[], body = ''): string =>
    ['POST /api/v1/kill HTTP/1.1', `Host: ${secure.site.host}`, ...lines, '', body].join('\r\n')
  it.each([
    ['two lengths', ['Content-Length: 5', 'Transfer-Encoding: chunked'], '0\r\n\r\nGET /health HTTP/1.1\r\n\r\n'],
    ['a folded header', ['X-A: b', ' c: d', 'Content-Length: 0'], ''],
    ['a bare line feed', ['X-A: b\nTransfer-Encoding: chunked'], '0\r\n\r\n'],
    ['an odd coding', ['Transfer-Encoding: xchunked'], '0\r\n\r\n'],
    ['a signed length', ['Content-Length: +5'], 'hello'],
    ['a hidden upgrade', ['Upgrade: h2c', 'Connection: Upgrade, HTTP2-Settings', 'HTTP2-Settings: AAMAAABkAAQ'], ''],
  ])('%s: one refusal, and nothing that follows is read', async (_name, lines, body) => {
    const received = await overTls(head(lines, body) + `GET /health HTTP/1.1\r\nHost: ${secure.site.host}\r\n\r\n`)
    const statuses = [...received.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status))
    expect(statuses).toHaveLength(1)
    expect(statuses[0]).toBeGreaterThanOrEqual(400)
  })

  it('HTTP/2 is not spoken: a preface is no request', async () => {
    expect(await overTls('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')).toMatch(/^HTTP\/1\.1 4\d\d|^$/)
  })
})

describe('the certificate while the gateway runs', () => {
  it('SEC-2.4: is made anew a month before its end, by the authority that people trust already', async () => {
    const directory = join(folder.path, 'renewed')
    const now = Date.now()
    const before = pemOf(await ownCertificate(directory, NAME, now))
    expect(pemOf(await ownCertificate(directory, NAME, now + 59 * DAY))).toEqual(before)
    const authority = readFileSync(join(directory, 'authority.pem'), 'utf8')
    const after = pemOf(await ownCertificate(directory, NAME, now + 61 * DAY))
    expect(after.cert).not.toBe(before.cert)
    expect(readFileSync(join(directory, 'authority.pem'), 'utf8')).toBe(authority)
    await ownCertificate(directory, 'other.example', now)
    expect(readFileSync(join(directory, 'authority.pem'), 'utf8')).not.toBe(authority)
  })

  it('says once that it ends and once that it has ended, goes on over TLS, and takes a new one without a restart', async () => {
    const [cert, key] = [join(folder.path, 'own.pem'), join(folder.path, 'own.key')]
    copyFileSync(files.cert, cert)
    copyFileSync(files.key, key)
    const clock = new TestClock()
    clock.wall = Date.now()
    const told: string[] = []
    const listener = strict
    const watch = new CertificateWatch({
      files: () => Promise.resolve({ cert, key }),
      ...{ now: () => clock.now(), whose: 'The console' },
      tell: (severity, sentence) => told.push(`${severity}: ${sentence}`),
      renewed: (pem) => listener.renew(pem),
    })
    await watch.open()
    clock.pass((80 * DAY) / 1000)
    for (let n = 0; n < 3; n++) await watch.check()
    expect(told).toHaveLength(1)
    expect(told[0]).toMatch(/^medium: .* ends on .*; replace it\.$/)
    clock.pass((20 * DAY) / 1000)
    for (let n = 0; n < 3; n++) await watch.check()
    expect(told).toHaveLength(2)
    expect(told[1]).toMatch(/^high: .* ended on .*; browsers and programs refuse it until it is replaced\.$/)
    expect((await get(listener, 'http', '/approvals')).status).toBe(403)
    writeFileSync(cert, 'no certificate')
    for (let n = 0; n < 2; n++) await watch.check()
    expect(told).toHaveLength(3)
    expect(told[2]).toMatch(/keeps its old certificate/)
    expect((await get(listener, 'https', '/approvals')).status).toBe(200)
    const fresh = pemOf(await ownCertificate(join(folder.path, 'fresh'), NAME, clock.now()))
    writeFileSync(cert, fresh.cert)
    await watch.check()
    expect(told, 'a certificate with another key is not taken').toHaveLength(3)
    writeFileSync(key, fresh.key)
    await watch.check()
    const served = await new Promise<string>((resolve, reject) => {
      const options = { host: '127.0.0.1', port: portOf(listener), servername: NAME, rejectUnauthorized: false }
      const socket = connect(options, () => {
        resolve(socket.getPeerCertificate().raw.toString('base64'))
        socket.destroy()
      })
      socket.on('error', reject)
    })
    expect(fresh.cert.replaceAll('\n', '')).toContain(served)
  })
})

describe('behind a proxy that ends TLS', () => {
  it('E-26 E-22: the proxy says how the browser came; from anybody else the address is not served', async () => {
    const url = 'https://gate.example.com'
    const proxied = await startConsole({ proxies: ['127.0.0.1'], url })
    const token = proxied.sessions.open('viewer')
    const from = (proto: string) => ({ 'x-forwarded-proto': proto, 'x-forwarded-for': '203.0.113.5' })
    const read = await proxied.page({ path: '/api/v1/agents', headers: from('https') }, token)
    expect([read.status, proxied.site.cookie]).toEqual([200, '__Host-sallyport'])
    expect(read.headers['strict-transport-security']).toBe('max-age=31536000')
    const moved = await proxied.raw({ path: '/approvals', headers: { host: 'gate.example.com', ...from('http') } })
    expect([moved.status, moved.headers['location']]).toEqual([301, `${url}/approvals`])
    expect((await proxied.page({ path: '/api/v1/agents', headers: from('http') }, token)).status).toBe(403)
    await proxied.close()
  })
})

describe('the composition', () => {
  const surfaceOf = (text: string, stateDir: string, told: string[]) =>
    createSurface({
      loaded: parseConfig(text, join(stateDir, 'sallyport.yaml'), { env: {}, stateDir, now: Date.now() }),
      files: layout(stateDir),
      ...{ clock: new TestClock(), random: systemRandom, evidence: memoryEvidence(), store: it_.kit.store },
      mayTalk: () => true,
      mac: systemRandom.bytes(32),
      alert: (name, severity, message) => told.push(`${name} ${severity} ${message}`),
      notice: (line) => told.push(line),
    })

  it('a port that another program has leaves the gateway without a console, and says not to sign in there', async () => {
    const told: string[] = []
    const surface = surfaceOf(`version: 1\nconsole: { port: ${portOf(secure)} }\n`, folder.path, told)
    await surface.listen(it_.kit.api)
    expect(surface.site).toBeUndefined()
    expect(told.join()).toMatch(/console-port high .*belongs to another program.*sign in to nothing/)
    surface.close()
  })

  it('T-006: tls: off is http://localhost on loopback; other names of this machine are sent there, rebound ones refused', async () => {
    const surface = surfaceOf('version: 1\nconsole: { port: 0, tls: off }\n', folder.path, [])
    await surface.listen(it_.kit.api)
    expect(surface.site).toMatchObject({ rpId: 'localhost', cookie: 'sallyport', isSecure: false })
    const { origin = '', host = '' } = surface.site ?? {}
    expect(origin).toMatch(/^http:\/\/localhost:\d+$/)
    const port = Number(host.split(':')[1])
    const at = (name: string, path: string): Promise<Got> =>
      new Promise((resolve, reject) => {
        const request = plainRequest({ host: '127.0.0.1', port, path, headers: { host: name }, agent: false })
        request.on('error', reject)
        request.on('response', (response) => {
          response.resume()
          resolve({ status: response.statusCode ?? 0, location: response.headers.location, text: '' })
        })
        request.end()
      })
    expect(await at(`127.0.0.1:${port}`, '/approvals')).toMatchObject({ status: 302, location: `${origin}/approvals` })
    expect(await at(`127.0.0.1:${port}`, '/api/v1/agents')).toMatchObject({ status: 403, location: undefined })
    expect(await at('rebound.example', '/approvals')).toMatchObject({ status: 403, location: undefined })
    surface.close()
  })

  it('AC-2.3.1 E-23: an address that others reach does not start without opt-in', async () => {
    const surface = surfaceOf('version: 1\nconsole: { port: 0, bind: 0.0.0.0 }\n', folder.path, [])
    await expect(surface.listen(it_.kit.api)).rejects.toThrow(/allowPublicBind/)
    surface.close()
  })
})
