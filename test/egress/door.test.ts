import { execFile, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import { createServer, type Server } from 'node:https'
import { connect, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createGateway, parseConfig, type Gateway } from '../../packages/gateway/src/index.ts'
import { ask, temporaryDirectory } from '../api/kit.ts'

const run = promisify(execFile)
const TOKEN = 'canary/api+0123456789=never-seen'

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

describe('the way out for agents outside of sandboxes', () => {
  let place: Awaited<ReturnType<typeof temporaryDirectory>>
  let gateway: Gateway
  let api: Server
  let [port, door, key, other] = [0, 0, '', '']
  const got: { readonly url: string; readonly headers: IncomingHttpHeaders }[] = []

  beforeAll(async () => {
    place = await temporaryDirectory()
    const [keyFile, cert] = [join(place.path, 'key.pem'), join(place.path, 'cert.pem')]
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'],
        ...['-subj', '/CN=api', '-addext', 'subjectAltName=DNS:api.corp.example,DNS:raw.corp.example'],
        ...['-keyout', keyFile, '-out', cert],
      ],
      { stdio: 'ignore' },
    )
    api = createServer({ key: readFileSync(keyFile), cert: readFileSync(cert) }, ({ url = '', headers }, response) => {
      got.push({ url, headers })
      response.end('fine')
    })
    api.listen(0, '127.0.0.1')
    await once(api, 'listening')
    ;({ port } = api.address() as AddressInfo)
    door = await freePort()
    writeFileSync(join(place.path, 'all.cedar'), '// version: 1.0\n@id("all")\npermit (principal, action, resource);\n')
    const config = `version: 1
policies: [./all.cedar]
egress:
  listen: "127.0.0.1:${door}"
  unknown: refuse
  authorities: [${cert}]
  exceptions: { "*.corp.example:${port}": { addresses: [127.0.0.0/8], reason: a test, by: ana, expires: 2999-01-01 } }
  rules:
    api: { agents: [a], hosts: ["api.corp.example:${port}"], allow: [{ methods: [GET], paths: ["/v1/**"] }] }
    notes: { agents: [a], hosts: ["api.corp.example:${port}"], allow: [{ methods: [GET], paths: ["/notes"] }], integrity: 1 }
    raw: { agents: [a], hosts: ["raw.corp.example:${port}"] }
credentials:
  api: { category: read, agents: [a], base: "https://api.corp.example:${port}", methods: [GET], paths: ["/v1/**"], inject: { bearer: true } }
`
    const stateDir = join(place.path, 'state')
    const sources = { env: {}, stateDir, now: Date.now() }
    gateway = await createGateway(parseConfig(config, join(place.path, 'sallyport.yaml'), sources), {
      stateDir,
      operationalSink: (_text, done) => done(),
      resolve: async () => Promise.resolve(['127.0.0.1']),
    })
    await gateway.listen()
    await (await gateway.credentials.vault()).set('api', Buffer.from(TOKEN), { type: 'api_key' }, 'test')
    ;({ key } = await gateway.identity.agents.add({ name: 'a', by: 'test' }))
    ;({ key: other } = await gateway.identity.agents.add({ name: 'b', by: 'test' }))
    const { body } = await ask(
      { socketPath: join(stateDir, 'run', 'operator.sock') },
      { path: '/api/v1/egress/authority/a' },
    )
    writeFileSync(join(place.path, 'ca.pem'), String((body as { certificate: string }).certificate))
  }, 60_000)
  beforeEach(() => void (got.length = 0))
  afterAll(async () => {
    await gateway.close()
    api.closeAllConnections()
    api.close()
    await place.remove()
  })

  const curl = async (url: string, who: string, ...more: string[]): Promise<string> => {
    const proxy = ['-sS', '--max-time', '15', '--noproxy', '', '-x', `http://${who}@127.0.0.1:${door}`]
    const ca = ['--cacert', join(place.path, 'ca.pem'), '-w', ' %{http_connect}']
    const { stdout } = await run('curl', [...proxy, ...ca, ...more, url]).catch(
      (failed: unknown) => failed as { stdout: string },
    )
    return stdout
  }
  const records = async () =>
    (await gateway.store.readLog({ kind: 'egress', limit: 1_000 })).map(
      ({ body }) => JSON.parse(body) as Record<string, unknown>,
    )

  it('HB-88: an agent that shows its key gets what its rules allow, with the credential that it never sees', async () => {
    expect(await curl(`https://api.corp.example:${port}/v1/x`, `a:${key}`)).toBe('fine 200')
    expect(got[0]?.headers).toMatchObject({ authorization: `Bearer ${TOKEN}` })
    expect(JSON.stringify(got)).not.toMatch(/proxy-|sallyport/i)
    expect((await records()).at(-1)).toMatchObject({ verdict: 'allowed', agentId: 'a', method: 'GET' })
  })

  it('HB-45: its rules hold as they do inside', async () => {
    expect(await curl(`https://api.corp.example:${port}/v1/x`, `a:${key}`, '-X', 'POST')).toContain('request_methods')
    expect(await curl(`https://api.corp.example:${port}/v2`, `a:${key}`)).toContain('request_paths')
    expect(await curl(`https://else.corp.example:${port}/`, `a:${key}`)).toBe(' 403')
    expect(await curl('https://127.0.0.1/', `a:${key}`)).toBe(' 403')
    expect(await curl(`https://raw.corp.example:${port}/x`, `a:${key}`, '-k')).toBe('fine 200')
    expect(got.map(({ url }) => url)).toEqual(['/x'])
  })

  it('T-111: what it reads by a rule that says so is in the label of its session', async () => {
    const { instance } = gateway.identity.agents.get('a') ?? { instance: { id: '' } }
    const label = () => gateway.ports.flow.snapshot(instance.id)
    expect(label().integrity).toBe(3)
    expect(await curl(`https://api.corp.example:${port}/notes`, `a:${key}`)).toBe('fine 200')
    expect(label()).toMatchObject({ integrity: 1, sources: ['host:api.corp.example'] })
  })

  it('T-123: its authority signs for hosts that are looked into, and for no others', () => {
    const text = execFileSync('openssl', ['x509', '-in', join(place.path, 'ca.pem'), '-noout', '-text'], {
      encoding: 'utf8',
    })
    expect(text).toMatch(/Name Constraints: critical\s+Permitted:\s+DNS:api\.corp\.example\n/)
    expect(text).not.toContain('raw.corp.example')
  })

  it.each([
    ['nobody', ''],
    ['a wrong key', 'a:wrong'],
    ['no key', 'a:'],
    ['the key of another', 'OTHER'],
    ['its key under another name', 'NAME'],
  ])('T-052: nothing goes out for %s', async (_what, who) => {
    const shown = { OTHER: `a:${other}`, NAME: `b:${key}` }[who] ?? who
    const before = (await records()).length
    expect(await curl(`https://api.corp.example:${port}/v1/x`, shown === '' ? '' : shown)).toBe(' 407')
    expect(got).toEqual([])
    for (const one of (await records()).slice(before))
      expect(one).toMatchObject({ verdict: 'refused', reason: 'proxy_authentication' })
  })

  it('HB-54: what one agent may reach another may not', async () => {
    expect(await curl(`https://raw.corp.example:${port}/x`, `b:${other}`, '-k')).toBe(' 403')
  })

  const raw = async (text: string): Promise<string> => {
    const socket = connect(door, '127.0.0.1')
    let said = ''
    socket.on('data', (data: Buffer) => (said += data.toString('latin1')))
    socket.on('error', () => undefined)
    socket.write(text)
    await once(socket, 'close')
    return said.split('\r\n', 1)[0] ?? ''
  }
  const basic = (text: string): string => `Proxy-Authorization: Basic ${Buffer.from(text).toString('base64')}`

  it('T-116: a head that can be read in two ways is nobody’s', async () => {
    const to = `CONNECT raw.corp.example:${port} HTTP/1.1\r\nHost: raw.corp.example:${port}\r\n`
    const refused = 'HTTP/1.1 407 Proxy Authentication Required'
    expect(await raw(`${to}${basic('a:x')}\r\n${basic(`a:${key}`)}\r\n\r\n`)).toBe(refused)
    expect(await raw(`${to}${basic(`a:${key}`)}\r\nproxy-authorization : Basic eDp5\r\n\r\n`)).toBe(refused)
    expect(await raw(`${to}Proxy-Authorization:\r\n Basic eDp5\r\n\r\n`)).toBe(refused)
    expect(await raw(`${to}\r\n${basic(`a:${key}`)}\r\n\r\n`)).toBe(refused)
    expect(await raw(`GET / HTTP/1.1\r\n${'x'.repeat(20_000)}`)).toBe('')
  })

  it('T-128: a killed agent loses its tunnels at once, and its key opens none', async () => {
    const socket = connect(door, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write(`CONNECT raw.corp.example:${port} HTTP/1.1\r\n${basic(`a:${key}`)}\r\n\r\n`)
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString()).toContain('200')
    const closed = once(socket, 'close')
    const from = Date.now()
    await gateway.identity.kill({ kind: 'agent', name: 'a' }, 'test', 'a test')
    await closed
    expect(Date.now() - from).toBeLessThan(1_000)
    expect(await curl(`https://raw.corp.example:${port}/x`, `a:${key}`, '-k')).toBe(' 407')
  })
})
