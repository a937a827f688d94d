import { isJsonObject, SallyportError, type Json } from '@sallyport/core'
import { splitReference, type SecretBackend } from './backend.ts'
import { ask, type Exchange } from './http.ts'

export interface HashicorpConfig {
  readonly address: string
  /** Where the engine for keys and values is mounted. */
  readonly mount: string
  readonly namespace?: string | undefined
  readonly token: () => string
}

/**
 * HashiCorp Vault and OpenBao, KV version 2 (developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2, "Read secret version": `GET
 * /:secret-mount-path/data/:path`; errors 403, 404, 429, 473, 503; 2026-11-28). A value with several fields needs `path#field`. The
 * token is renewed when half of its time is over, also while nobody asks. Not verified against a live server.
 */
export function hashicorpBackend(
  { address, mount, namespace, token }: HashicorpConfig,
  exchange: Exchange,
): SecretBackend {
  const send = (what: string, method: 'GET' | 'POST', path: string, login: string): Promise<Json> => {
    const headers = {
      ...{ 'x-vault-token': login, 'x-vault-request': 'true' },
      ...(namespace === undefined ? {} : { 'x-vault-namespace': namespace }),
      ...(method === 'POST' ? { 'content-type': 'application/json' } : {}),
    }
    const body = method === 'POST' ? { body: '{}' } : {}
    return ask(exchange, what, `${address.replace(/\/$/, '')}/v1/${path}`, { method, headers, ...body })
  }
  const keepAlive = tokenKeeper((method, path, login) => send('HashiCorp Vault: its token', method, path, login))
  return {
    async fetch(reference) {
      const { path, field } = splitReference(reference)
      const what = `HashiCorp Vault: ${mount}/${path}`
      const login = token()
      const answer = await send(what, 'GET', `${encodedPath(mount)}/data/${encodedPath(path)}`, login)
      keepAlive(login)
      const { data, metadata } = membersOf(member(answer, 'data'))
      const fields = membersOf(data)
      const names = Object.keys(fields)
      const chosen = fields[field ?? (names.length === 1 ? (names[0] ?? '') : '')]
      if (typeof chosen !== 'string')
        throw new SallyportError('SP_VAULT_UNKNOWN', `${what} has no such field, or several: name one behind \`#\`.`)
      const { version, deletion_time: ends } = membersOf(metadata)
      const expiresAt = typeof ends === 'string' && ends !== '' ? Date.parse(ends) : undefined
      return { value: Buffer.from(chosen), version: String(Number(version) || 0), expiresAt }
    },
  }
}

/** Longest that a timer of Node can wait, ms. */
const MOST_WAIT = 2 ** 31 - 1
/** Shortest wait between two tries, ms. */
const LEAST_WAIT = 1_000

/**
 * Renews a token when half of its time is over (developer.hashicorp.com/vault/api-docs/auth/token, "Lookup a token (self)": `ttl`,
 * `renewable`; "Renew a token (self)": `auth.lease_duration`, `auth.renewable`; 2026-11-28). One that cannot be renewed is left to
 * end: then it is refused, and so is what asks with it.
 */
function tokenKeeper(
  send: (method: 'GET' | 'POST', path: string, token: string) => Promise<Json>,
): (token: string) => void {
  let kept: string | undefined
  const wait = (token: string, seconds: unknown, isRenewable: unknown): void => {
    if (kept !== token || isRenewable !== true || typeof seconds !== 'number' || seconds <= 0) return
    const ms = Math.min(Math.max(seconds * 500, LEAST_WAIT), MOST_WAIT)
    setTimeout(() => void renew(token, seconds / 2), ms).unref()
  }
  const renew = async (token: string, left: number): Promise<void> => {
    if (kept !== token) return
    try {
      const { lease_duration: seconds, renewable } = membersOf(
        member(await send('POST', 'auth/token/renew-self', token), 'auth'),
      )
      wait(token, seconds, renewable)
    } catch {
      // again at half of what is left; in the end the token is refused
      if (left * 1_000 > LEAST_WAIT) wait(token, left, true)
    }
  }
  return (token) => {
    if (kept === token) return
    kept = token
    void send('GET', 'auth/token/lookup-self', token).then(
      (answer) => {
        const { ttl, renewable } = membersOf(member(answer, 'data'))
        wait(token, ttl, renewable)
      },
      // asked again with the next value
      () => (kept = undefined),
    )
  }
}

const encodedPath = (path: string): string => path.split('/').map(encodeURIComponent).join('/')
const membersOf = (value: Json | undefined): Readonly<Record<string, Json>> => (isJsonObject(value) ? value : {})
const member = (value: Json, name: string): Json | undefined => membersOf(value)[name]
