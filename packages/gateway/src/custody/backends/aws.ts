import { isJsonObject, SallyportError, signAws, type AwsKey, type ErrorCode, type Json } from '@sallyport/core'
import { refusalOf, splitReference, type Fetched, type SecretBackend } from './backend.ts'
import { ask, type Exchange } from './http.ts'

export interface AwsConfig {
  readonly region: string
  /** Default: the public endpoint of the region. */
  readonly endpoint?: string | undefined
  readonly key: () => Omit<AwsKey, 'region' | 'service'>
}

/** By their names, because most of them have the status 400; all others go by their status. */
const ERRORS: ReadonlyMap<string, ErrorCode> = new Map([
  ['ResourceNotFoundException', 'SP_VAULT_UNKNOWN'],
  ['DecryptionFailure', 'SP_VAULT_DENIED'],
  ['ThrottlingException', 'SP_VAULT_UNAVAILABLE'],
  ['InternalServiceError', 'SP_VAULT_UNAVAILABLE'],
  ['ServiceUnavailable', 'SP_VAULT_UNAVAILABLE'],
])

/**
 * AWS Secrets Manager (docs.aws.amazon.com/secretsmanager/latest/apireference, `API_GetSecretValue`: POST with `X-Amz-Target`, and
 * `CommonErrors`; 2026-11-28). A value that is an object needs `id#member`. Not verified against a live server.
 * @param now ms since 1970
 */
export function awsBackend({ region, endpoint, key }: AwsConfig, exchange: Exchange, now: () => number): SecretBackend {
  const url = new URL(endpoint ?? `https://secretsmanager.${region}.amazonaws.com/`)
  return {
    async fetch(reference) {
      const { path: id, field } = splitReference(reference)
      const what = `AWS Secrets Manager: ${id}`
      const body = JSON.stringify({ SecretId: id })
      const unsigned = {
        host: url.host,
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'secretsmanager.GetSecretValue',
      }
      const request = { method: 'POST', path: url.pathname, query: '', headers: unsigned, body } as const
      const { host: _, ...headers } = signAws(request, { ...key(), region, service: 'secretsmanager' }, now())
      const answer = await ask(exchange, what, url.href, { method: 'POST', headers, body }, refusalOfAws)
      return fetchedOf(answer, field, what)
    },
  }
}

function refusalOfAws(status: number, text: string): ErrorCode | undefined {
  const byStatus = refusalOf(status)
  if (byStatus === undefined) return undefined
  const said = memberOf(text, '__type')
  // with a namespace in front, or without
  const type = typeof said === 'string' ? (said.split('#').at(-1) ?? '') : ''
  return ERRORS.get(type) ?? byStatus
}

function fetchedOf(answer: Json, field: string | undefined, what: string): Fetched {
  const { SecretString: text, SecretBinary: bytes, VersionId: version } = isJsonObject(answer) ? answer : {}
  const said = { version: typeof version === 'string' ? version : '', expiresAt: undefined }
  if (field === undefined && typeof bytes === 'string') return { value: Buffer.from(bytes, 'base64'), ...said }
  const chosen = field === undefined || typeof text !== 'string' ? text : memberOf(text, field)
  if (typeof chosen !== 'string') throw new SallyportError('SP_VAULT_UNKNOWN', `${what} has no such member.`)
  return { value: Buffer.from(chosen), ...said }
}

function memberOf(text: string, field: string): unknown {
  try {
    return (JSON.parse(text) as Readonly<Record<string, unknown>>)[field]
  } catch {
    return undefined
  }
}
