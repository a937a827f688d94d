import { SallyportError } from '@sallyport/core'
import { splitReference, type SecretBackend } from './backend.ts'
import { encodedPath, hashicorpClient, member, membersOf, type HashicorpServer } from './hashicorp-client.ts'
import type { Exchange } from './http.ts'

export interface HashicorpConfig extends HashicorpServer {
  /** Where the engine for keys and values is mounted. */
  readonly mount: string
}

/**
 * HashiCorp Vault and OpenBao, KV version 2 (developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2, "Read secret version": `GET
 * /:secret-mount-path/data/:path`; errors 403, 404, 429, 473, 503; 2026-11-28). A value with several fields needs `path#field`. Not
 * verified against a live server.
 */
export function hashicorpBackend({ mount, ...server }: HashicorpConfig, exchange: Exchange): SecretBackend {
  const askServer = hashicorpClient(server, exchange)
  return {
    async fetch(reference) {
      const { path, field } = splitReference(reference)
      const what = `HashiCorp Vault: ${mount}/${path}`
      const answer = await askServer(what, `${encodedPath(mount)}/data/${encodedPath(path)}`)
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
