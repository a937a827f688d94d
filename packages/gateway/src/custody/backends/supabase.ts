import type { Duplex } from 'node:stream'
import { SallyportError, type ErrorCode } from '@sallyport/core'
import type { Client, ClientConfig } from 'pg'
import type { SecretBackend } from './backend.ts'

export interface SupabaseConfig {
  /** `postgresql://user:password@host:port/database` */
  readonly url: () => string
  /** Certificates of all authorities that are trusted, PEM. */
  readonly trusted: () => Promise<string[]>
}

/** A connected socket on the guarded way out. */
export type OpenSocket = (host: string, port: number) => Promise<Duplex>

/** Longest that the database may take, ms. */
const LIMIT = 10_000

/** SQLSTATE (PostgreSQL documentation, appendix A) by what it means here; all others may pass. */
const MEANING: ReadonlyMap<string, ErrorCode> = new Map([
  ['28000', 'SP_VAULT_DENIED'],
  ['28P01', 'SP_VAULT_DENIED'],
  ['42501', 'SP_VAULT_DENIED'],
  ['3D000', 'SP_VAULT_LOCKED'],
  ['3F000', 'SP_VAULT_LOCKED'],
  ['42P01', 'SP_VAULT_LOCKED'],
  ['42883', 'SP_VAULT_LOCKED'],
])

const READ = 'SELECT id::text AS id, updated_at, decrypted_secret FROM vault.decrypted_secrets WHERE name = $1'

interface SecretRow {
  readonly id: string
  readonly updated_at: Date
  readonly decrypted_secret: string | null
}

/**
 * Supabase Vault (supabase.com/docs/guides/database/vault, 2026-11-28): the view `vault.decrypted_secrets`, and its functions
 * `vault.create_secret(secret, name)` and `vault.update_secret(id, secret)`, over PostgreSQL. TLS is checked unless the database is on this
 * machine. Not verified against a live server.
 */
export function supabaseBackend({ url, trusted }: SupabaseConfig, open: OpenSocket): SecretBackend {
  const within = async <T>(name: string, act: (client: Client) => Promise<T>): Promise<T> => {
    const what = `Supabase Vault: ${name}`
    let client: Client | undefined
    try {
      const { default: pg } = await import('pg')
      client = new pg.Client(await settingsOf(url(), trusted, open))
      // without a listener a connection that breaks would end the process
      client.on('error', () => undefined)
      await client.connect()
      return await act(client)
    } catch (thrown) {
      if (thrown instanceof SallyportError && thrown.code.startsWith('SP_VAULT_')) throw thrown
      // what the server says is not shown: it may quote a value
      const { code } = thrown as { readonly code?: unknown }
      const state = typeof code === 'string' ? code : 'no answer'
      throw new SallyportError(MEANING.get(state) ?? 'SP_VAULT_UNAVAILABLE', `${what} (${state}).`)
    } finally {
      await client?.end().catch(() => undefined)
    }
  }
  return {
    fetch: (name) =>
      within(name, async (client) => {
        const { rows } = await client.query<SecretRow>(READ, [name])
        const [row] = rows
        if (row === undefined) throw new SallyportError('SP_VAULT_UNKNOWN', `Supabase Vault: ${name}`)
        if (row.decrypted_secret === null)
          throw new SallyportError('SP_VAULT_UNAVAILABLE', `Supabase Vault cannot decrypt ${name}.`)
        const version = row.updated_at.toISOString()
        return { value: Buffer.from(row.decrypted_secret), version, expiresAt: undefined }
      }),
    keep: (name, value) =>
      within(name, async (client) => {
        const text = Buffer.from(value).toString('utf8')
        await client.query('BEGIN')
        const { rows } = await client.query<Pick<SecretRow, 'id'>>(READ, [name])
        const [row] = rows
        if (row === undefined) await client.query('SELECT vault.create_secret($1, $2)', [text, name])
        else await client.query('SELECT vault.update_secret($1::uuid, $2)', [row.id, text])
        await client.query('COMMIT')
      }),
  }
}

interface Place {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
}

async function settingsOf(text: string, trusted: SupabaseConfig['trusted'], open: OpenSocket): Promise<ClientConfig> {
  const place = placeOf(text)
  // not quoted: there is a password in it
  if (place === undefined)
    throw new SallyportError(
      'SP_VAULT_LOCKED',
      'The URL of Supabase Vault is not `postgresql://user:password@host/name`.',
    )
  const ssl = LOCAL.has(place.host)
    ? false
    : { rejectUnauthorized: true, minVersion: 'TLSv1.2' as const, ca: await trusted() }
  const socket = await open(place.host, place.port)
  return {
    ...{ ...place, ssl, stream: () => connected(socket), application_name: 'sallyport' },
    ...{ connectionTimeoutMillis: LIMIT, statement_timeout: LIMIT, query_timeout: LIMIT },
  }
}

function placeOf(text: string): Place | undefined {
  try {
    const { protocol, hostname, port, username, password, pathname, search } = new URL(text)
    // what stands behind `?` could take the checks of TLS away
    if (!/^postgres(ql)?:$/.test(protocol) || hostname === '' || search !== '') return undefined
    return {
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port === '' ? 5_432 : port),
      ...{ user: decodeURIComponent(username), password: decodeURIComponent(password) },
      database: decodeURIComponent(pathname.slice(1)) || 'postgres',
    }
  } catch {
    return undefined
  }
}

const LOCAL: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '::1'])

/** A socket that is connected already, for a client that wants to connect it. */
const connected = (socket: Duplex): Duplex =>
  Object.assign(socket, {
    connect: () => {
      queueMicrotask(() => socket.emit('connect'))
      return socket
    },
  })
