import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request as plainRequest } from 'node:http'
import { connect } from 'node:tls'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGateway, parseConfig, type Gateway } from '../../packages/gateway/src/index.ts'
import { certificateFor } from '../certificates.ts'
import { UNCONFINED } from '../unconfined.ts'

const COUNTER = new URL('../e2e/counter-server.mjs', import.meta.url).pathname
const CLIENT = new URL('./mcp-over-tls.mjs', import.meta.url).pathname
const folder = mkdtempSync(join(tmpdir(), 'sallyport-tls-'))
const open: Gateway[] = []

/** Opens a gateway whose `gateway` section is this; its own rejection when it does not start. */
async function start(name: string, gateway: string): Promise<Gateway> {
  const directory = join(folder, name)
  const text = [
    'version: 1',
    `gateway: { port: 0, ${gateway} }`,
    'console: { name: localhost }',
    UNCONFINED,
    'policies: [./all.cedar]',
    'servers:',
    '  counter:',
    `    command: ${JSON.stringify([process.execPath, COUNTER, join(folder, 'executed')])}`,
    '    trust: trusted',
    '    tools: { count: { effect: read, args: { id: param } } }',
  ].join('\n')
  const loaded = parseConfig(text, join(folder, 'sallyport.yaml'), { env: {}, stateDir: directory, now: Date.now() })
  const made = await createGateway(loaded, { stateDir: directory, operationalSink: (_text, done) => done() })
  open.push(made)
  await made.listen()
  return made
}

/** A real MCP client in a program of its own, which trusts this authority. */
async function callOverTls(url: string, ca: string, credential: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [CLIENT, url, credential], {
    env: { PATH: process.env['PATH'], NODE_EXTRA_CA_CERTS: ca },
    timeout: 60_000,
  })
  return stdout
}

async function credentialOf(gateway: Gateway): Promise<string> {
  const { key } = await gateway.identity.agents.add({ name: 'coder', scopes: ['read', 'execute'], by: 'test' })
  const given = gateway.identity.exchange(key)
  if (!given.ok) throw new Error(given.reason)
  return given.value.credential
}

beforeAll(() =>
  writeFileSync(join(folder, 'all.cedar'), '// version: 1.0\n@id("all") permit (principal, action, resource);\n'),
)
afterAll(async () => {
  for (const gateway of open) await gateway.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('agents over an address that others reach', () => {
  it('AC-2.3.1 E-23: without TLS or without opt-in the gateway does not start', async () => {
    const starting = (settings: string) => start(`refused-${Math.random()}`, settings)
    await expect(starting('bind: 0.0.0.0, allowPublicBind: true')).rejects.toThrow(/gateway\.bind 0\.0\.0\.0: .*TLS/)
    await expect(starting('bind: 0.0.0.0, tls: auto')).rejects.toThrow(/allowPublicBind/)
  }, 60_000)

  it('SEC-2.3 E-21: a real MCP client calls a tool over TLS with a certificate of the operator’s, and nothing without one', async () => {
    const { cert, key, ca } = await certificateFor('localhost', folder)
    const gateway = await start('given', `bind: 0.0.0.0, allowPublicBind: true, tls: { cert: ${cert}, key: ${key} }`)
    expect(gateway.url).toMatch(/^https:\/\/localhost:\d+$/)
    const credential = await credentialOf(gateway)
    expect(await callOverTls(`${gateway.url}/mcp`, ca, credential)).toContain('"count":"over-tls"')
    expect(readFileSync(join(folder, 'executed'), 'utf8')).toBe('over-tls\n')
    await expect(callOverTls(`${gateway.url}/mcp`, ca, 'wrong')).rejects.toThrow(/401|SP_AUTHN_INVALID/)
    // who does not trust its authority sends nothing
    const other = await certificateFor('other.example', folder)
    await expect(callOverTls(`${gateway.url}/mcp`, other.ca, credential)).rejects.toThrow(/certificate|fetch failed/i)
    const port = Number(new URL(gateway.url ?? '').port)
    for (const address of ['127.0.0.1', ownAddress()]) {
      const got = await plainly(address, port, credential)
      expect(got).toMatchObject({ status: 403, location: undefined })
      expect(got.text).toMatch(/TLS only/)
    }
    // a rebound name, and TLS 1.1
    expect((await overTls(port, ca, 'evil.example')).split('\r\n')[0]).toMatch(/ 403 /)
    await expect(overTls(port, ca, 'localhost', 'TLSv1.1')).rejects.toThrow(/protocol|version|alert|ECONNRESET/i)
  }, 60_000)

  it('E-21: `tls: auto` serves a certificate of the gateway’s own authority', async () => {
    const gateway = await start('own', 'bind: 0.0.0.0, allowPublicBind: true, tls: auto')
    const ca = join(folder, 'own', 'tls', 'authority.pem')
    expect(await callOverTls(`${gateway.url}/mcp`, ca, await credentialOf(gateway))).toContain('"count":"over-tls"')
  }, 60_000)
})

function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1'
}

function plainly(host: string, port: number, credential: string) {
  const headers = { host: `localhost:${port}`, authorization: `Bearer ${credential}` }
  return new Promise<{ status: number; location: string | undefined; text: string }>((resolve, reject) => {
    const asked = plainRequest({ host, port, path: '/v1/tools', headers, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, location: response.headers.location, text }))
    })
    asked.on('error', reject)
    asked.end()
  })
}

function overTls(
  port: number,
  ca: string,
  name: string,
  maxVersion: 'TLSv1.1' | 'TLSv1.3' = 'TLSv1.3',
): Promise<string> {
  const minVersion = maxVersion === 'TLSv1.1' ? maxVersion : 'TLSv1.2'
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      ca: readFileSync(ca),
      servername: 'localhost',
      minVersion,
      maxVersion,
    } as const
    const socket = connect({ ...options, ciphers: 'DEFAULT:@SECLEVEL=0' }, () =>
      socket.write(`GET /health HTTP/1.1\r\nhost: ${name}:${port}\r\nconnection: close\r\n\r\n`),
    )
    let text = ''
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
    socket.on('error', reject)
    socket.on('close', () => resolve(text))
  })
}
