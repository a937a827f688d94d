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
 * /:secret-mount-path/data/:path`; errors 403, 404, 429, 473, 503). A value with several fields needs `path#field`.
 * Not verified against a live server.
 */
export function hashicorpBackend(
  { address, mount, namespace, token }: HashicorpConfig,
  exchange: Exchange,
): SecretBackend {
  return {
    async fetch(reference) {
      const { path, field } = splitReference(reference)
      const what = `HashiCorp Vault: ${mount}/${path}`
      const url = `${address.replace(/\/$/, '')}/v1/${encodedPath(mount)}/data/${encodedPath(path)}`
      const headers = {
        ...{ 'x-vault-token': token(), 'x-vault-request': 'true' },
        ...(namespace === undefined ? {} : { 'x-vault-namespace': namespace }),
      }
      const answer = await ask(exchange, what, url, { method: 'GET', headers })
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

const encodedPath = (path: string): string => path.split('/').map(encodeURIComponent).join('/')
const membersOf = (value: Json | undefined): Readonly<Record<string, Json>> => (isJsonObject(value) ? value : {})
const member = (value: Json, name: string): Json | undefined => membersOf(value)[name]
