import { isJsonObject, SallyportError, type ErrorCode, type Json } from '@sallyport/core'
import { awsClient, memberOf, type AwsConfig } from './aws-client.ts'
import { splitReference, type Fetched, type SecretBackend } from './backend.ts'
import type { Exchange } from './http.ts'

const ERRORS: ReadonlyMap<string, ErrorCode> = new Map([
  ['ResourceNotFoundException', 'SP_VAULT_UNKNOWN'],
  ['DecryptionFailure', 'SP_VAULT_DENIED'],
  ['InternalServiceError', 'SP_VAULT_UNAVAILABLE'],
])

/**
 * AWS Secrets Manager (docs.aws.amazon.com/secretsmanager/latest/apireference, `API_GetSecretValue`: POST with `X-Amz-Target`;
 * 2026-11-28). A value that is an object needs `id#member`. Not verified against a live server.
 * @param now ms since 1970
 */
export function awsBackend(config: AwsConfig, exchange: Exchange, now: () => number): SecretBackend {
  const service = { service: 'secretsmanager', target: 'secretsmanager', errors: ERRORS }
  const askServer = awsClient(config, service, exchange, now)
  return {
    async fetch(reference) {
      const { path: id, field } = splitReference(reference)
      const what = `AWS Secrets Manager: ${id}`
      return fetchedOf(await askServer(what, 'GetSecretValue', { SecretId: id }), field, what)
    },
  }
}

function fetchedOf(answer: Json, field: string | undefined, what: string): Fetched {
  const { SecretString: text, SecretBinary: bytes, VersionId: version } = isJsonObject(answer) ? answer : {}
  const said = { version: typeof version === 'string' ? version : '', expiresAt: undefined }
  if (field === undefined && typeof bytes === 'string') return { value: Buffer.from(bytes, 'base64'), ...said }
  const chosen = field === undefined || typeof text !== 'string' ? text : memberOf(text, field)
  if (typeof chosen !== 'string') throw new SallyportError('SP_VAULT_UNKNOWN', `${what} has no such member.`)
  return { value: Buffer.from(chosen), ...said }
}
