import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parseConfig, type Gateway } from '../../packages/gateway/src/index.ts'
import { connect, type Sallyport } from '../../packages/sdk/src/index.ts'
import { makeDirectory } from '../store/temporary.ts'
import { confinedGround, openConfinedGateway, type Ground } from '../sandbox/confined.ts'
import { hasSandbox } from '../sandbox/machine.ts'
import { hashicorpFixture, TOKEN, type Fixture } from './backend-servers.ts'
import { transitFixture } from './key-servers.ts'

const READ = 'sk-reads+alone/0123456789'
const WRITE = 'sk-writes+alone/0123456789'
const VARIABLE = 'EXAMPLE_API_KEY'
const textOf = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../../examples/credentials/${name}.yaml`, import.meta.url)), 'utf8')

interface Pattern {
  /** In the vault of the gateway, by name. */
  readonly kept: Readonly<Record<string, string>>
  /** What the reading tool is refused. */
  readonly refused: readonly (readonly [what: string, command: string])[]
}
const POST = ['another method', 'curl -sS -X POST -d x "$API/reports/1"'] as const
const OTHERS = [
  'what is lent to another',
  'curl -sS -X POST -d x "http://127.0.0.1:3128/sallyport/NAME/messages"',
] as const
const othersOf = (name: string) => [OTHERS[0], OTHERS[1].replace('NAME', name)] as const
const PATH = ['another path', 'curl -sS "$API/admin"'] as const

const PATTERNS: Readonly<Record<string, Pattern>> = {
  env: { kept: {}, refused: [POST] },
  broker: { kept: { reader: READ, writer: WRITE }, refused: [POST, othersOf('writer')] },
  scoped: { kept: { reports: READ, messages: WRITE }, refused: [POST, PATH, othersOf('messages')] },
  combined: { kept: { messages: WRITE }, refused: [POST, PATH, othersOf('messages')] },
}

describe('patterns of credentials', () => {
  it.each(Object.keys(PATTERNS))('HB-96: %s is a configuration as it stands', (name) => {
    const stateDir = makeDirectory()
    const { config } = parseConfig(textOf(name), '/etc/sallyport.yaml', { env: {}, stateDir, now: Date.now() })
    expect(Object.keys(config.credentials).length).toBeGreaterThan(0)
    expect(textOf(name)).not.toMatch(/BEGIN|sk-|hvs\./)
  })
})

describe.skipIf(!hasSandbox).each(Object.entries(PATTERNS))('pattern %s', (name, { kept, refused }) => {
  let ground: Ground
  let gateway: Gateway
  let sp: Sallyport
  let api: Server
  const stores: Fixture[] = []
  let got: { readonly method: string; readonly url: string; readonly headers: IncomingHttpHeaders }[] = []

  beforeAll(async () => {
    ground = await confinedGround()
    const [key, cert, token] = ['key.pem', 'cert.pem', 'token'].map((file) => join(ground.path, file)) as [
      string,
      string,
      string,
    ]
    const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1']
    const named = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
    execFileSync('openssl', ['req', '-x509', ...ec, ...named, '-keyout', key, '-out', cert], { stdio: 'ignore' })
    api = createServer(
      { key: readFileSync(key), cert: readFileSync(cert) },
      ({ method = '', url = '', headers }, response) => {
        got.push({ method, url, headers })
        response.end(`said ${headers.authorization ?? 'nothing'}`)
      },
    )
    await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
    writeFileSync(token, TOKEN, { mode: 0o600 })
    process.env[VARIABLE] = READ
    stores.push(await hashicorpFixture({ values: { 'apps/reports': { token: READ } } }), await transitFixture())
    const [values, keys] = stores.map(({ url }) => url)
    const text = textOf(name)
      .replace(/^version: 1\n/m, '')
      .replace(/^policies: .*$/m, 'policies: [./all.cedar]')
      .replace(/^egress:\n/m, `egress:\n  authorities: [${cert}]\n`)
      .replaceAll('https://api.example.com', `https://localhost:${(api.address() as AddressInfo).port}`)
      .replaceAll('/srv/work', ground.work)
      .replaceAll('/etc/sallyport/token', token)
      .replace("'https://vault.example.com', key", `'${keys ?? ''}', key`)
      .replace('https://vault.example.com', values ?? '')
    writeFileSync(
      join(ground.path, 'all.cedar'),
      '// version: 1.0\n@id("all")\npermit (principal, action, resource);\n',
    )
    gateway = await openConfinedGateway(ground, text)
    const { key: agentKey } = await gateway.identity.agents.add({ name: 'a', by: 'test' })
    await gateway.identity.agents.setTrust('a', 2, 'test', 'policy alone')
    sp = connect({ socket: join(ground.path, 'state/run/agent.sock'), agent: 'a', key: agentKey })
    const vault = await gateway.credentials.vault()
    for (const [secret, value] of Object.entries(kept))
      await vault.set(secret, Buffer.from(value), { type: 'token' }, 'test')
  }, 60_000)
  beforeEach(() => (got = []))
  afterAll(async () => {
    Reflect.deleteProperty(process.env, VARIABLE)
    await sp.close()
    await gateway.close()
    api.closeAllConnections()
    api.close()
    for (const store of stores) store.close()
    await ground.remove()
  })
  const run = async (command: string, tool = 'tool.line'): Promise<string> => {
    writeFileSync(join(ground.work, 'do.sh'), command)
    const { structuredContent } = (await sp.call(tool, { command: 'bash do.sh' })) as unknown as {
      readonly structuredContent: { readonly stdout: string }
    }
    return structuredContent.stdout
  }

  it('HB-96, HB-90: lends what it names to a tool that never sees it, and records the use', async () => {
    const said = await run('env; curl -sS "$API/reports/1"')
    expect(got).toMatchObject([{ method: 'GET', url: '/v1/reports/1', headers: { authorization: `Bearer ${READ}` } }])
    expect(said).toMatch(/API_KEY=sallyport-lease-\w+/)
    expect(said).not.toContain(READ)
    const records = (await gateway.store.readLog({ kind: 'credential', limit: 100 })).map(({ body }) => body)
    expect(records.filter((body) => body.includes('"operation":"use"'))).toHaveLength(1)
    expect(records.join()).not.toContain(READ)
  })

  it.each(refused)('HB-93, HB-96: refuses %s, and nothing goes out', async (_what, command) => {
    expect(JSON.parse(await run(command))).toMatchObject({ reason: 'credential_scope' })
    expect(got).toEqual([])
  })

  it.each(Object.keys(kept).filter((credential) => kept[credential] === WRITE))(
    'HB-64: lends %s, which writes, to its own holder',
    async () => {
      await run('curl -sS -X POST -d hello "$API/messages"', 'writer.line')
      expect(got).toMatchObject([
        { method: 'POST', url: '/v1/messages', headers: { authorization: `Bearer ${WRITE}` } },
      ])
    },
  )
})
