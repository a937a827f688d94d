import { SallyportError, type ErrorCode } from '@sallyport/core'
import type { KeyService } from '../vault/key-service.ts'
import { refusalOf } from './backend.ts'
import { encodedPath, hashicorpClient, member, membersOf, type HashicorpServer } from './hashicorp-client.ts'
import type { Exchange } from './http.ts'
import { bytesOf } from './wrapped.ts'

export interface TransitConfig extends HashicorpServer {
  /** Where the engine is mounted. */
  readonly mount: string
  /** Name of the key. */
  readonly key: string
}

/** 400 for a ciphertext that another key or id made; 404 for a mount that is not there. */
const refusal = (status: number): ErrorCode | undefined =>
  status === 400 || status === 404 ? 'SP_VAULT_LOCKED' : refusalOf(status)

/**
 * The transit engine of HashiCorp Vault and OpenBao (developer.hashicorp.com/vault/api-docs/secret/transit, "Encrypt data", "Decrypt data";
 * 2026-11-28) with a key that authenticates its `associated_data`: `aes256-gcm96`, `chacha20-poly1305`. Not verified against a live server.
 */
export function transitKeyService({ mount, key, ...server }: TransitConfig, exchange: Exchange): KeyService {
  const name = `HashiCorp Vault: ${mount}, key ${key}`
  const askServer = hashicorpClient(server, exchange)
  const send = async (act: 'encrypt' | 'decrypt', id: string, body: Readonly<Record<string, string>>) => {
    const associated_data = Buffer.from(`sallyport/vault-master-key ${id}`).toString('base64')
    const path = `${encodedPath(mount)}/${act}/${encodeURIComponent(key)}`
    return membersOf(member(await askServer(name, path, { ...body, associated_data }, refusal), 'data'))
  }
  return {
    name,
    async wrap(id, bytes) {
      const { ciphertext } = await send('encrypt', id, { plaintext: Buffer.from(bytes).toString('base64') })
      if (typeof ciphertext !== 'string' || ciphertext === '')
        throw new SallyportError('SP_VAULT_UNAVAILABLE', `${name}: its answer is none.`)
      return Buffer.from(ciphertext)
    },
    async unwrap(id, wrapped) {
      const { plaintext } = await send('decrypt', id, { ciphertext: Buffer.from(wrapped).toString('utf8') })
      return bytesOf(plaintext, name)
    },
  }
}
