import { isJsonObject, type ErrorCode, type Json } from '@sallyport/core'
import type { KeyService } from '../vault/key-service.ts'
import { awsClient, type AwsConfig } from './aws-client.ts'
import type { Exchange } from './http.ts'
import { bytesOf } from './wrapped.ts'

const ERRORS: ReadonlyMap<string, ErrorCode> = new Map([
  ['InvalidCiphertextException', 'SP_VAULT_LOCKED'],
  ['IncorrectKeyException', 'SP_VAULT_LOCKED'],
  ['NotFoundException', 'SP_VAULT_LOCKED'],
  ['DisabledException', 'SP_VAULT_DENIED'],
  ['KMSInvalidStateException', 'SP_VAULT_DENIED'],
  ['KeyUnavailableException', 'SP_VAULT_UNAVAILABLE'],
  ['DependencyTimeoutException', 'SP_VAULT_UNAVAILABLE'],
  ['KMSInternalException', 'SP_VAULT_UNAVAILABLE'],
])

/**
 * AWS Key Management Service (docs.aws.amazon.com/kms/latest/APIReference, `API_Encrypt`, `API_Decrypt`; 2026-11-28): one symmetric key,
 * named in both questions, so that no other one opens what it closed. Not verified against a live server.
 * @param now ms since 1970
 */
export function awsKeyService(
  { keyId, ...config }: AwsConfig & { readonly keyId: string },
  exchange: Exchange,
  now: () => number,
): KeyService {
  const name = `AWS KMS: ${keyId}`
  const askServer = awsClient(config, { service: 'kms', target: 'TrentService', errors: ERRORS }, exchange, now)
  const about = (id: string) => ({ KeyId: keyId, EncryptionContext: { purpose: 'sallyport/vault-master-key', id } })
  return {
    name,
    async wrap(id, key) {
      const Plaintext = Buffer.from(key).toString('base64')
      return bytesOf(memberIn(await askServer(name, 'Encrypt', { ...about(id), Plaintext }), 'CiphertextBlob'), name)
    },
    async unwrap(id, wrapped) {
      const CiphertextBlob = Buffer.from(wrapped).toString('base64')
      return bytesOf(memberIn(await askServer(name, 'Decrypt', { ...about(id), CiphertextBlob }), 'Plaintext'), name)
    },
  }
}

const memberIn = (answer: Json, name: string): Json | undefined => (isJsonObject(answer) ? answer[name] : undefined)
