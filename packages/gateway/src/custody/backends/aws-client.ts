import { signAws, type AwsKey, type ErrorCode, type Json } from '@sallyport/core'
import { refusalOf } from './backend.ts'
import { ask, type Exchange } from './http.ts'

export interface AwsConfig {
  readonly region: string
  /** Default: the public endpoint of the region. */
  readonly endpoint?: string | undefined
  readonly key: () => Omit<AwsKey, 'region' | 'service'>
}

/** One operation of a service that speaks JSON 1.1. Throws as `ask`. */
export type AskAws = (what: string, operation: string, body: object) => Promise<Json>

/**
 * @param service as it is signed, and the first part of its host
 * @param target what stands before the operation in `X-Amz-Target`
 * @param errors what they mean by their names, because most of them have the status 400; all others go by their status
 * @param now ms since 1970
 */
export function awsClient(
  { region, endpoint, key }: AwsConfig,
  { service, target, errors }: { readonly service: string; readonly target: string; readonly errors: AwsErrors },
  exchange: Exchange,
  now: () => number,
): AskAws {
  const url = new URL(endpoint ?? `https://${service}.${region}.amazonaws.com/`)
  return (what, operation, given) => {
    const body = JSON.stringify(given)
    const unsigned = {
      host: url.host,
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `${target}.${operation}`,
    }
    const request = { method: 'POST', path: url.pathname, query: '', headers: unsigned, body } as const
    const { host: _, ...headers } = signAws(request, { ...key(), region, service }, now())
    return ask(exchange, what, url.href, { method: 'POST', headers, body }, (status, text) => {
      const byStatus = refusalOf(status)
      return byStatus === undefined ? undefined : (errors.get(typeOf(text)) ?? COMMON.get(typeOf(text)) ?? byStatus)
    })
  }
}

type AwsErrors = ReadonlyMap<string, ErrorCode>

/** docs.aws.amazon.com, `CommonErrors` of each service, 2026-11-28. */
const COMMON: AwsErrors = new Map([
  ['ThrottlingException', 'SP_VAULT_UNAVAILABLE'],
  ['InternalFailure', 'SP_VAULT_UNAVAILABLE'],
  ['ServiceUnavailable', 'SP_VAULT_UNAVAILABLE'],
])

/** The name of an error, with a namespace in front of it or without. */
function typeOf(text: string): string {
  const said = memberOf(text, '__type')
  return typeof said === 'string' ? (said.split('#').at(-1) ?? '') : ''
}

export function memberOf(text: string, field: string): unknown {
  try {
    return (JSON.parse(text) as Readonly<Record<string, unknown>>)[field]
  } catch {
    return undefined
  }
}
