import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { toSallyportError } from '@sallyport/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readAuthorities } from '../../packages/gateway/src/config/credentials.ts'
import { openKeys } from '../../packages/gateway/src/custody/keys.ts'
import { createGateway, parseConfig, type Gateway } from '../../packages/gateway/src/index.ts'
import { systemRandom as random } from '../../packages/gateway/src/random.ts'
import { makeDirectory } from '../store/temporary.ts'
import { hashicorpFixture, TOKEN, type Fixture } from './backend-servers.ts'
import { transitFixture } from './key-servers.ts'

const VALUE = 'sk-a-value-that-nobody-sees-7'
const errorOf = (act: () => unknown) =>
  Promise.resolve()
    .then(act)
    .then(
      () => undefined,
      (thrown: unknown) => toSallyportError(thrown),
    )

/** A gateway in a directory that outlives it. */
async function start(home: string, config: string): Promise<Gateway> {
  const stateDir = join(home, 'state')
  const given = { env: {}, stateDir, now: Date.now() }
  const text = `version: 1\npolicies: [preset:balanced]\n${config}`
  const loaded = parseConfig(text, join(home, 'sallyport.yaml'), given)
  return createGateway(loaded, { stateDir, operationalSink: (_text, done) => done() })
}
const alerts = async (gateway: Gateway): Promise<string> =>
  (await gateway.store.readLog({ kind: 'alert', limit: 50 })).map(({ body }) => body).join()
const keep = async (gateway: Gateway): Promise<void> =>
  void (await (await gateway.credentials.vault()).set('github', Buffer.from(VALUE), { type: 'api_key' }, 'test'))
const read = async (gateway: Gateway): Promise<string> =>
  (await gateway.credentials.vault()).use('github', (value) => value.toString())
function closing(fixture: Fixture): Fixture {
  onTestFinished(() => fixture.close())
  return fixture
}

describe('what is not what it should be', () => {
  it('T-123: a file of authorities with a private key, without a certificate or with half of one is refused unquoted', async () => {
    const directory = makeDirectory()
    const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')]
    const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1', '-subj', '/CN=a']
    execFileSync('openssl', ['req', '-x509', ...ec, '-keyout', key, '-out', cert], { stdio: 'ignore' })
    const [keyText, certText] = [readFileSync(key, 'utf8'), readFileSync(cert, 'utf8')]
    expect(readAuthorities([cert])).toEqual([certText])
    const path = join(directory, 'given.pem')
    for (const text of [keyText, certText + keyText, '', 'no PEM', certText.replace(/\n.{40}/, '\n')]) {
      writeFileSync(path, text)
      const error = await errorOf(() => readAuthorities([cert, path]))
      expect(error?.code, text).toBe('SP_CONFIG_INVALID')
      expect(JSON.stringify([error?.message, error?.detail, String(error?.cause)])).not.toContain(keyText.slice(40, 60))
    }
  })

  it.each(['identity', 'checkpoint'] as const)(
    'T-004, T-129: %s.key that belongs to another public key is refused',
    async (name) => {
      const directory = join(makeDirectory(), 'keys')
      openKeys(directory, false, random)
      const path = join(directory, `${name}.key`)
      const before = readFileSync(path)
      for (const { privateKey } of [
        generateKeyPairSync('ed25519'),
        generateKeyPairSync('ec', { namedCurve: 'prime256v1' }),
      ]) {
        writeFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem' }))
        expect((await errorOf(() => openKeys(directory, true, random)))?.code).toBe('SP_STORE_TAMPERED')
      }
      rmSync(join(directory, `${name}.pub`))
      expect((await errorOf(() => openKeys(directory, true, random)))?.code).toBe('SP_STORE_TAMPERED')
      writeFileSync(path, before)
      expect(await errorOf(() => openKeys(directory, true, random))).toBeUndefined()
    },
  )

  it('T-129: with another master key under the same id the gateway says so at start, and gives nothing', async () => {
    const home = makeDirectory()
    const first = await start(home, '')
    await keep(first)
    await first.close()
    const path = join(home, 'state/keys/vault.keys')
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.replace(/:.*/, `:${Buffer.alloc(32, 7).toString('base64')}`))
    const second = await start(home, '')
    await expect.poll(() => alerts(second), { timeout: 10_000 }).toMatch(/vault-locked/)
    expect((await errorOf(() => read(second)))?.code).toBe('SP_VAULT_LOCKED')
    // and it is good again when the key is, without a restart
    writeFileSync(path, text)
    expect(await read(second)).toBe(VALUE)
    await second.close()
  }, 30_000)

  it('HB-84: a key service that is down at start is said, gives nothing, and hinders nothing else; later it works', async () => {
    const server = closing(await transitFixture())
    const home = makeDirectory()
    const token = join(home, 'token')
    writeFileSync(token, TOKEN, { mode: 0o600 })
    const config = `vault: { key: { source: kms, service: { hashicorp: { address: "${server.url}", key: sallyport, token: { file: "${token}" } } } } }\n`
    const first = await start(home, config)
    await keep(first)
    expect(await first.credentials.keeping.rewrap(true, 'test')).toBe(1)
    await first.close()
    server.trouble = { status: 503, body: {} }
    const second = await start(home, config)
    await expect.poll(() => alerts(second), { timeout: 10_000 }).toMatch(/vault-unavailable/)
    expect((await errorOf(() => read(second)))?.code).toBe('SP_VAULT_UNAVAILABLE')
    server.trouble = undefined
    expect(await read(second)).toBe(VALUE)
    await second.close()
    // whoever has all the files of the gateway and not the service has nothing
    writeFileSync(token, 'another', { mode: 0o600 })
    const third = await start(home, config)
    expect((await errorOf(() => read(third)))?.code).toBe('SP_VAULT_DENIED')
    await third.close()
  }, 30_000)

  it('HB-84, AC-4.5.2: a backend that is down refuses the request that needs it, on record, and no other one', async () => {
    const server = closing(await hashicorpFixture({ values: { github: { token: VALUE } } }))
    const home = makeDirectory()
    const token = join(home, 'token')
    writeFileSync(token, TOKEN, { mode: 0o600 })
    const gateway = await start(
      home,
      `vault: { backends: { hashicorp: { address: "${server.url}", token: { file: "${token}" } } } }
credentials:
  far: { category: read, agents: [coder], base: "https://api.example.com", secret: "hashicorp:github" }
  near: { category: read, agents: [coder], base: "https://api.example.com", secret: github }
`,
    )
    await keep(gateway)
    const borrow = (name: string) =>
      gateway.credentials.broker.borrow({
        ...{ name, instance: 'one', source: '/work', body: () => Promise.resolve(new Uint8Array()) },
        use: { agent: 'coder', host: 'api.example.com', port: 443, method: 'GET', path: '/' },
        head: { path: '/', search: '', headers: {} },
      })
    server.trouble = { status: 503, body: { errors: [VALUE] } }
    const error = await errorOf(() => borrow('far'))
    expect(error?.code).toBe('SP_VAULT_UNAVAILABLE')
    expect(JSON.stringify([error?.message, error?.detail, error?.stack])).not.toContain(VALUE)
    const lent = await borrow('near')
    expect(lent.head.headers['authorization']).toBe(`Bearer ${VALUE}`)
    server.trouble = undefined
    await borrow('far')
    const records = (await gateway.store.readLog({ kind: 'credential', limit: 50 })).map(({ body }) => body)
    expect(records.filter((body) => /"operation":"use"/.test(body) && /SP_VAULT_UNAVAILABLE/.test(body))).toHaveLength(
      1,
    )
    expect(records.join()).not.toContain(VALUE)
    await gateway.close()
  }, 30_000)
})
