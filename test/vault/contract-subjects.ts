import { readFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { Client } from 'pg'
import { awsBackend } from '../../packages/gateway/src/custody/backends/aws.ts'
import { envBackend } from '../../packages/gateway/src/custody/backends/env.ts'
import { hashicorpBackend } from '../../packages/gateway/src/custody/backends/hashicorp.ts'
import type { SourcesDeps } from '../../packages/gateway/src/custody/backends/sources.ts'
import { supabaseBackend } from '../../packages/gateway/src/custody/backends/supabase.ts'
import { newKey, parseKeys } from '../../packages/gateway/src/custody/vault/master-keys.ts'
import { Vault } from '../../packages/gateway/src/custody/vault/vault.ts'
import { openVersions } from '../../packages/gateway/src/custody/vault/versions.ts'
import { guardedSocket } from '../../packages/gateway/src/execution/egress/guarded.ts'
import { createOutgoing } from '../../packages/gateway/src/execution/egress/outgoing.ts'
import { trustedWith } from '../../packages/gateway/src/execution/egress/secured.ts'
import { systemRandom as random } from '../../packages/gateway/src/random.ts'
import { openStore } from '../../packages/gateway/src/store/open.ts'
import { temporaryDirectory } from '../api/kit.ts'
import type { TestPostgres } from '../setup/postgres.ts'
import { makeKeys, type makeClock } from '../store/temporary.ts'
import { AWS_KEY, awsFixture, hashicorpFixture, NEVER, TOKEN, type Fixture } from './backend-servers.ts'

export const VALUE = 'a-value-of-a-backend-42'
/** In Supabase Vault a password of the fixture stands in the URL. */
export const PASSWORD = 'a password of the fixture'
const outgoing = createOutgoing({ exceptions: [] })
const exchange = outgoing.exchange.bind(outgoing)

/** What goes wrong with a backend, and what is said of it. */
export type Trouble = 'denied' | 'throttled' | 'expired' | 'down' | 'garbage'
interface Fault {
  readonly code: string
  /** @returns what makes it good again; absent: nothing does */
  readonly begin: () => Promise<(() => Promise<void> | void) | undefined>
}

export interface Subject {
  readonly parts: Pick<SourcesDeps, 'vault' | 'backends'>
  readonly known: string
  readonly unknown: readonly string[]
  /** Absent: this backend knows no such thing. */
  readonly troubles: Readonly<Partial<Record<Trouble, Fault>>>
  /** How long a value is used on when the backend is gone, ms. */
  readonly kept: number
  close(): Promise<void>
}
type Make = (clock: ReturnType<typeof makeClock>) => Promise<Subject>

const noVault = (): Promise<never> => Promise.reject(new Error('not asked'))
const KEPT = 60_000

/** An answer of a server instead of what it would say; it quotes the value. */
const answering = (fixture: Fixture, code: string, status: number, body: object): Fault => ({
  code,
  begin: () => {
    fixture.trouble = { status, body: { ...body, quoted: VALUE } }
    return Promise.resolve(() => void (fixture.trouble = undefined))
  },
})
const gone = (fixture: Fixture): Fault => ({
  code: 'SP_VAULT_UNAVAILABLE',
  begin: async () => {
    fixture.close()
    return undefined
  },
})

const local: Make = async (clock) => {
  const folder = await temporaryDirectory()
  const keys = makeKeys()
  const store = await openStore({ driver: 'sqlite', path: `${folder.path}/state.db` }, keys, clock)
  const { id, key } = newKey(random)
  const vault = await Vault.open({
    ...{ store, clock, random, tagKey: keys.mac, since: 0 },
    keys: parseKeys(`${id}:${Buffer.from(key).toString('base64')}`),
    versions: openVersions(`${folder.path}/versions`, keys.mac),
    record: () => Promise.resolve(),
    isRecorded: () => Promise.resolve(true),
  })
  const set = () => vault.set('github', Buffer.from(VALUE), { type: 'token' }, 'test')
  await set()
  return {
    parts: { vault: () => Promise.resolve(vault), backends: {} },
    known: 'github',
    unknown: ['none', 'githubx', '../github'],
    troubles: {
      denied: {
        code: 'SP_VAULT_REVOKED',
        begin: async () => {
          await vault.revoke('github', 'test', 'leaked')
          return async () => void (await set())
        },
      },
      expired: {
        code: 'SP_VAULT_EXPIRED',
        begin: () => {
          clock.advance(24 * 3_600_000)
          return Promise.resolve(async () => void (await set()))
        },
      },
      down: { code: 'SP_STORE_UNAVAILABLE', begin: () => store.close().then(() => undefined) },
    },
    kept: 0,
    close: () => folder.remove(),
  }
}

const environment: Make = () =>
  Promise.resolve({
    parts: { vault: noVault, backends: { env: envBackend({ GITHUB_TOKEN: VALUE, EMPTY: '' }) } },
    known: 'env:GITHUB_TOKEN',
    unknown: ['env:NONE', 'env:EMPTY', 'env:github_token'],
    troubles: {},
    kept: KEPT,
    close: () => Promise.resolve(),
  })

const hashicorp: Make = async () => {
  const values = { 'apps/github': { token: VALUE }, 'apps/two': { a: VALUE, b: 'other' }, secret: { token: VALUE } }
  const fixture = await hashicorpFixture({ values, forbidden: ['secret'] })
  let token = TOKEN
  return {
    parts: {
      vault: noVault,
      backends: {
        hashicorp: hashicorpBackend(
          { address: fixture.url, mount: 'secret', token: () => token, until: NEVER },
          exchange,
        ),
      },
    },
    known: 'hashicorp:apps/github',
    unknown: ['hashicorp:apps/none', 'hashicorp:apps/github#none', 'hashicorp:apps/two'],
    troubles: {
      denied: {
        code: 'SP_VAULT_DENIED',
        begin: () => {
          token = 'another'
          return Promise.resolve(() => void (token = TOKEN))
        },
      },
      throttled: answering(fixture, 'SP_VAULT_UNAVAILABLE', 429, { errors: ['rate limit quota exceeded'] }),
      expired: answering(fixture, 'SP_VAULT_DENIED', 403, { errors: ['permission denied', 'invalid token'] }),
      garbage: answering(fixture, 'SP_VAULT_UNKNOWN', 200, { data: 'no data' }),
      down: gone(fixture),
    },
    kept: KEPT,
    close: () => Promise.resolve(fixture.close()),
  }
}

const aws: Make = async () => {
  const fixture = await awsFixture({ github: JSON.stringify({ token: VALUE }), plain: VALUE })
  let { secretAccessKey } = AWS_KEY
  const key = () => ({ ...AWS_KEY, secretAccessKey })
  return {
    parts: {
      vault: noVault,
      backends: { aws: awsBackend({ region: 'eu-central-1', endpoint: fixture.url, key }, exchange, Date.now) },
    },
    known: 'aws:github#token',
    unknown: ['aws:none', 'aws:github#none', 'aws:plain#token'],
    troubles: {
      denied: {
        code: 'SP_VAULT_DENIED',
        begin: () => {
          secretAccessKey = 'another'
          return Promise.resolve(() => void ({ secretAccessKey } = AWS_KEY))
        },
      },
      throttled: answering(fixture, 'SP_VAULT_UNAVAILABLE', 400, { __type: 'ThrottlingException' }),
      expired: answering(fixture, 'SP_VAULT_DENIED', 403, { __type: 'ExpiredTokenException' }),
      garbage: answering(fixture, 'SP_VAULT_UNKNOWN', 200, { SecretString: 7 }),
      down: gone(fixture),
    },
    kept: KEPT,
    close: () => Promise.resolve(fixture.close()),
  }
}

/** Supabase's own objects in a real PostgreSQL, behind TCP as it is there. */
export async function supabaseDatabase(server: TestPostgres) {
  const url = await server.database()
  const admin = async (text: string): Promise<void> => {
    const client = new Client({ connectionString: url })
    await client.connect()
    await client.query(text)
    await client.end()
  }
  await admin(readFileSync(new URL('./supabase.sql', import.meta.url), 'utf8'))
  // the role logs in with its password, as over there
  const client = new Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query<{ hba_file: string }>('SHOW hba_file')
  await client.query(
    `COPY (VALUES ('local all gateway scram-sha-256'), ('local all all trust')) TO '${rows[0]?.hba_file ?? ''}'`,
  )
  await client.query('SELECT pg_reload_conf()')
  await client.end()
  // no URL to the parser of URLs: it has no host
  const [, name = '', folder = ''] = /^postgresql:\/\/test@\/(\w+)\?host=(.*)$/.exec(url) ?? []
  const directory = decodeURIComponent(folder)
  let tls: { readonly cert: string; readonly key: string } | undefined
  const open = new Set<Socket>()
  const door: Server = createServer((socket) => {
    const inner = connect(`${directory}/.s.PGSQL.5432`)
    for (const each of [socket, inner]) {
      open.add(each)
      each.on('error', () => undefined).on('close', () => [socket, inner].forEach((one) => one.destroy()))
    }
    if (tls === undefined) return void socket.pipe(inner).pipe(socket)
    // PostgreSQL documentation, 54.2.11: the client asks for TLS with 8 bytes, and `S` says yes
    socket.once('data', () => {
      socket.write('S')
      const secured = new TLSSocket(socket, { isServer: true, ...tls }).on('error', () => socket.destroy())
      secured.pipe(inner).pipe(secured)
    })
  })
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve))
  const { port } = door.address() as AddressInfo
  return {
    admin,
    url: (password = PASSWORD, host = '127.0.0.1') =>
      `postgresql://gateway:${encodeURIComponent(password)}@${host}:${port}/${name}`,
    /** From now on the door speaks TLS, which the server itself does not do on a socket in a directory. */
    secure(cert: string, key: string): void {
      tls = { cert, key }
    },
    close() {
      door.close()
      for (const socket of open) socket.destroy()
    },
  }
}

const supabase =
  (server: TestPostgres): Make =>
  async () => {
    const database = await supabaseDatabase(server)
    await database.admin(`SELECT vault.create_secret('${VALUE}', 'github')`)
    let password = PASSWORD
    const sql = (code: string, begin: string, end: string): Fault => ({
      code,
      begin: async () => {
        await database.admin(begin)
        return () => database.admin(end)
      },
    })
    const grant = 'GRANT SELECT ON vault.decrypted_secrets TO gateway'
    return {
      parts: {
        vault: noVault,
        backends: {
          supabase: supabaseBackend(
            { url: () => database.url(password), trusted: () => trustedWith([]) },
            guardedSocket({ exceptions: [] }),
          ),
        },
      },
      known: 'supabase:github',
      unknown: ['supabase:none', 'supabase:GITHUB', `supabase:' OR true --`],
      troubles: {
        denied: sql('SP_VAULT_DENIED', 'REVOKE SELECT ON vault.decrypted_secrets FROM gateway', grant),
        throttled: sql(
          'SP_VAULT_UNAVAILABLE',
          'ALTER ROLE gateway CONNECTION LIMIT 0',
          'ALTER ROLE gateway CONNECTION LIMIT -1',
        ),
        expired: sql(
          'SP_VAULT_DENIED',
          `ALTER ROLE gateway VALID UNTIL '2020-01-01'`,
          `ALTER ROLE gateway VALID UNTIL 'infinity'`,
        ),
        garbage: sql(
          'SP_VAULT_UNAVAILABLE',
          `UPDATE vault.secrets SET secret = encode('${VALUE}', 'base64')`,
          `SELECT vault.update_secret(id, '${VALUE}') FROM vault.secrets`,
        ),
        down: {
          code: 'SP_VAULT_UNAVAILABLE',
          begin: async () => {
            database.close()
            return undefined
          },
        },
      },
      kept: KEPT,
      close: () => {
        password = ''
        return Promise.resolve(database.close())
      },
    }
  }

/** Every backend that there is. */
export const subjects = (server: TestPostgres | undefined): readonly (readonly [string, Make])[] => [
  ['local vault', local],
  ['environment', environment],
  ['HashiCorp Vault', hashicorp],
  ['AWS Secrets Manager', aws],
  ...(server === undefined ? [] : [['Supabase Vault', supabase(server)] as const]),
]
