import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { toSallyportError } from '@sallyport/core'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hashicorpBackend } from '../../packages/gateway/src/custody/backends/hashicorp.ts'
import { SecretSources } from '../../packages/gateway/src/custody/backends/sources.ts'
import { supabaseBackend } from '../../packages/gateway/src/custody/backends/supabase.ts'
import { guardedSocket } from '../../packages/gateway/src/execution/egress/guarded.ts'
import { createOutgoing } from '../../packages/gateway/src/execution/egress/outgoing.ts'
import { trustedWith } from '../../packages/gateway/src/execution/egress/secured.ts'
import { startPostgres } from '../setup/postgres.ts'
import { makeClock, makeDirectory } from '../store/temporary.ts'
import { hashicorpFixture, NEVER, TOKEN } from './backend-servers.ts'
import { PASSWORD, subjects, supabaseDatabase, VALUE, type Subject, type Trouble } from './contract-subjects.ts'

const server = await startPostgres()
afterAll(() => server?.stop())

const errorOf = (act: Promise<unknown>) =>
  act.then(
    () => undefined,
    (thrown: unknown) => toSallyportError(thrown),
  )
/** Which backend knows what: one that is left out here by mistake is a red test. */
const KNOWN: Readonly<Record<string, readonly Trouble[]>> = {
  'local vault': ['denied', 'expired', 'down'],
  environment: [],
  'HashiCorp Vault': ['denied', 'throttled', 'expired', 'garbage', 'down'],
  'AWS Secrets Manager': ['denied', 'throttled', 'expired', 'garbage', 'down'],
  'Supabase Vault': ['denied', 'throttled', 'expired', 'garbage', 'down'],
}

describe.each(subjects(server))('SYS-10, HB-84: the contract of backends: %s', (name, make) => {
  const troubles = KNOWN[name] ?? []
  let clock: ReturnType<typeof makeClock>
  let subject: Subject
  let sources: SecretSources
  beforeEach(async () => {
    clock = makeClock()
    subject = await make(clock)
    sources = new SecretSources({ ...subject.parts, clock })
  })
  afterEach(() => subject.close())
  const use = (reference = subject.known): Promise<string> => sources.use(reference, (value) => value.toString())

  it('HB-84: gives a value by name to all who ask at once, and each a copy of its own', async () => {
    const copies: Buffer[] = []
    const all = await Promise.all(
      Array.from({ length: 20 }, () =>
        sources.use(subject.known, (value, { version }) => {
          const text = value.toString()
          copies.push(value.fill(1))
          expect(version).not.toBe('')
          return text
        }),
      ),
    )
    expect(new Set(all)).toEqual(new Set([VALUE]))
    // overwritten when it was used
    expect(copies.every((copy) => copy.every((byte) => byte === 0))).toBe(true)
    expect(await use()).toBe(VALUE)
  })

  it('HB-84: a name that is not there is unknown, and so is one that is almost it', async () => {
    for (const reference of subject.unknown)
      expect((await errorOf(use(reference)))?.code, reference).toBe('SP_VAULT_UNKNOWN')
  })

  it('SEC-4.3: a value that is replaced where it lies is the one of the next use, and where that cannot be it says so', async () => {
    expect(await use()).toBe(VALUE)
    const canKeep = name === 'Supabase Vault'
    expect(await sources.keep(subject.known, Buffer.from('a-value-that-replaces-it'))).toBe(canKeep)
    expect(await use()).toBe(canKeep ? 'a-value-that-replaces-it' : VALUE)
  })

  it('HB-84: knows these troubles', () => {
    expect(Object.keys(subject.troubles)).toEqual(expect.arrayContaining([...troubles]))
    expect(Object.keys(subject.troubles)).toHaveLength(troubles.length)
  })

  it.each(troubles)(
    'HB-84, HB-86: %s: fails closed with a code, quotes nothing, and is over when it is over',
    async (trouble) => {
      const fault = subject.troubles[trouble]
      if (fault === undefined) throw new Error('not there')
      expect(await use()).toBe(VALUE)
      const repair = await fault.begin()
      clock.advance(subject.kept + 1_000)
      const error = await errorOf(use())
      expect(error?.code).toBe(fault.code)
      for (const secret of [VALUE, TOKEN, PASSWORD, encodeURIComponent(PASSWORD)])
        expect(
          JSON.stringify([error?.message, error?.detail, error?.details, error?.stack, String(error?.cause)]),
        ).not.toContain(secret)
      if (repair === undefined) return
      await repair()
      expect(await use()).toBe(VALUE)
    },
  )
})

describe('leases of backends', () => {
  it('HB-86: a token of HashiCorp Vault is renewed before it ends, also while nobody asks; one that has ended is refused', async () => {
    const ttl = 3
    const fixture = await hashicorpFixture({ values: { github: { token: VALUE } }, ttl })
    const outgoing = createOutgoing({ exceptions: [] })
    const backend = hashicorpBackend(
      { address: fixture.url, mount: 'secret', token: () => TOKEN, until: NEVER },
      outgoing.exchange.bind(outgoing),
    )
    const read = async (): Promise<string> => (await backend.fetch('github')).value.toString()
    expect(await read()).toBe(VALUE)
    await new Promise((resolve) => setTimeout(resolve, (ttl + 2) * 1_000))
    expect(await read()).toBe(VALUE)
    expect(fixture.besides.filter((each) => each.endsWith('lookup-self'))).toHaveLength(1)
    expect(fixture.besides).toContain('POST /v1/auth/token/renew-self')
    // what cannot be renewed any more ends
    fixture.trouble = { status: 403, body: { errors: ['permission denied'] } }
    await new Promise((resolve) => setTimeout(resolve, (ttl + 1) * 1_000))
    fixture.trouble = undefined
    expect((await errorOf(read()))?.code).toBe('SP_VAULT_DENIED')
    fixture.close()
  }, 40_000)
})

it('HB-86: a gateway that is closed renews nothing more', async () => {
  const fixture = await hashicorpFixture({ values: { github: { token: VALUE } }, ttl: 2 })
  const outgoing = createOutgoing({ exceptions: [] })
  const over = new AbortController()
  const backend = hashicorpBackend(
    { address: fixture.url, mount: 'secret', token: () => TOKEN, until: over.signal },
    outgoing.exchange.bind(outgoing),
  )
  await backend.fetch('github')
  await expect.poll(() => fixture.besides.join()).toContain('lookup-self')
  over.abort()
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  expect(fixture.besides.join()).not.toContain('renew-self')
  fixture.close()
})

describe.skipIf(server === undefined)('Supabase Vault', () => {
  const ground = async () => {
    if (server === undefined) throw new Error('no server')
    const database = await supabaseDatabase(server)
    const backend = (url = database.url()) =>
      supabaseBackend({ url: () => url, trusted: () => trustedWith([]) }, guardedSocket({ exceptions: [] }))
    return { database, backend }
  }

  it('SEC-4.3: a value is made and replaced by its functions, and each is another version', async () => {
    const { database, backend } = await ground()
    const vault = backend()
    await vault.keep?.('refresh', Buffer.from('the first one'))
    const first = await vault.fetch('refresh')
    await vault.keep?.('refresh', Buffer.from('the next one'))
    const next = await vault.fetch('refresh')
    expect([first.value.toString(), next.value.toString()]).toEqual(['the first one', 'the next one'])
    expect(next.version).not.toBe(first.version)
    database.close()
  })

  it('HB-84: a database without it, a URL that is none, and one that leads inside by name are refused without a word of the URL', async () => {
    const { database, backend } = await ground()
    expect((await errorOf(backend(`${database.url()}?sslmode=disable`).fetch('github')))?.code).toBe('SP_VAULT_LOCKED')
    expect((await errorOf(backend().fetch('github')))?.code).toBe('SP_VAULT_UNKNOWN')
    await database.admin('DROP SCHEMA vault CASCADE')
    const urls = [
      [database.url(), 'SP_VAULT_LOCKED'],
      [PASSWORD, 'SP_VAULT_LOCKED'],
      [`https://x:${PASSWORD}@example.com/`, 'SP_VAULT_LOCKED'],
      [database.url('wrong'), 'SP_VAULT_DENIED'],
      [`postgresql://u:%E0%A4%A@127.0.0.1/x`, 'SP_VAULT_LOCKED'],
      ['postgresql://u:p@169.254.169.254/x', 'SP_VAULT_UNAVAILABLE'],
    ] as const
    for (const [url, code] of urls) {
      const error = await errorOf(backend(url).fetch('github'))
      expect(error?.code, url).toBe(code)
      expect(JSON.stringify([error?.message, error?.detail, error?.stack])).not.toMatch(/password of|wrong/)
    }
    database.close()
  })

  it('HB-84: one that stalls, before it says a word or in the middle, is given up in time', async () => {
    const { database } = await ground()
    await database.admin(`SELECT vault.create_secret('${VALUE}', 'github')`)
    const silent = createServer(() => undefined)
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as AddressInfo
    const read = (url: string) =>
      errorOf(
        supabaseBackend(
          { url: () => url, trusted: () => trustedWith([]), limit: 1_500 },
          guardedSocket({ exceptions: [] }),
        ).fetch('github'),
      )
    const held = database.admin('BEGIN; LOCK TABLE vault.secrets; SELECT pg_sleep(6); COMMIT')
    for (const url of [`postgresql://u:p@127.0.0.1:${port}/x`, database.url()])
      expect((await read(url))?.code, url).toBe('SP_VAULT_UNAVAILABLE')
    await held
    expect(await read(database.url())).toBeUndefined()
    silent.close()
    database.close()
  }, 30_000)

  it('T-118, HB-131: another machine has to prove with TLS that it is the one, or it hears no word', async () => {
    if (server === undefined) throw new Error('no server')
    const database = await supabaseDatabase(server)
    await database.admin(`SELECT vault.create_secret('${VALUE}', 'github')`)
    const directory = makeDirectory()
    const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')]
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'],
        ...['-subj', '/CN=db', '-addext', 'subjectAltName=DNS:db.example.com', '-keyout', key, '-out', cert],
      ],
      { stdio: 'ignore' },
    )
    const said: Buffer[] = []
    const read = (host: string, authorities: readonly string[]): Promise<string> =>
      supabaseBackend(
        { url: () => database.url(PASSWORD, host), trusted: () => trustedWith(authorities) },
        async (_host, port) => {
          const socket = connect(port, '127.0.0.1')
          const write = socket.write.bind(socket)
          socket.write = ((chunk: Buffer, ...rest: []) => {
            said.push(Buffer.from(chunk))
            return write(chunk, ...rest)
          }) as typeof socket.write
          await once(socket, 'connect')
          return socket
        },
      )
        .fetch('github')
        .then(
          ({ value }) => value.toString(),
          (thrown: unknown) => toSallyportError(thrown).code,
        )
    const authority = readFileSync(cert, 'utf8')
    expect(await read('db.example.com', [authority])).toBe('SP_VAULT_UNAVAILABLE')
    database.secure(authority, readFileSync(key, 'utf8'))
    expect(await read('db.example.com', [authority])).toBe(VALUE)
    expect(await read('db.example.com', [])).toBe('SP_VAULT_UNAVAILABLE')
    expect(await read('other.example.com', [authority])).toBe('SP_VAULT_UNAVAILABLE')
    expect(Buffer.concat(said).toString('latin1')).not.toMatch(/gateway|github/)
    database.close()
  })
})
