import { readFileSync } from 'node:fs'
import { SallyportError } from '@sallyport/core'
import type { Clock } from '../../boundary/ports.ts'
import { environment } from '../../config/environment.ts'
import type { Config } from '../../config/schema.ts'
import type { KeyService } from '../vault/key-service.ts'
import { awsBackend } from './aws.ts'
import { awsKeyService } from './aws-kms.ts'
import { envBackend } from './env.ts'
import { hashicorpBackend } from './hashicorp.ts'
import type { Exchange } from './http.ts'
import { oauthBackend, type SecretAccess } from './oauth.ts'
import type { SourcesDeps } from './sources.ts'
import { supabaseBackend, type OpenSocket } from './supabase.ts'
import { transitKeyService } from './transit.ts'

/** The guarded ways out of the gateway. */
export interface WaysOut {
  readonly exchange: Exchange
  readonly open: OpenSocket
  /** Certificates of all authorities that are trusted, PEM. */
  readonly trusted: () => Promise<string[]>
  /** Aborted when the gateway closes. */
  readonly until: AbortSignal
}

type Given = Pick<Config['vault'], 'backends' | 'oauth'>

/** The backends that the configuration names. What they log in with is read when it is used: it may have been renewed. */
export function backendsOf(
  { backends: { hashicorp, aws, supabase }, oauth }: Given,
  { exchange, open, trusted, until }: WaysOut,
  access: SecretAccess,
  clock: Pick<Clock, 'now'>,
): SourcesDeps['backends'] {
  return {
    env: envBackend(environment()),
    oauth: oauthBackend(oauth, access, exchange, () => clock.now()),
    ...(hashicorp === undefined
      ? {}
      : { hashicorp: hashicorpBackend({ ...hashicorp, token: () => loginOf(hashicorp.token), until }, exchange) }),
    ...(supabase === undefined
      ? {}
      : { supabase: supabaseBackend({ url: () => loginOf(supabase.url), trusted }, open) }),
    ...(aws === undefined
      ? {}
      : { aws: awsBackend({ ...aws, key: () => awsKeyOf(environment()) }, exchange, () => clock.now()) }),
  }
}

type GivenService = Extract<Config['vault']['key'], { readonly source: 'kms' }>['service']

/** The service that wraps master keys, as the configuration names it. */
export function keyServiceOf(given: GivenService, { exchange, until }: WaysOut, clock: Pick<Clock, 'now'>): KeyService {
  if ('aws' in given)
    return awsKeyService({ ...given.aws, key: () => awsKeyOf(environment()) }, exchange, () => clock.now())
  const { hashicorp } = given
  return transitKeyService({ ...hashicorp, token: () => loginOf(hashicorp.token), until }, exchange)
}

/** @throws SallyportError SP_VAULT_LOCKED */
function loginOf(from: { readonly env: string } | { readonly file: string }): string {
  const text = 'env' in from ? environment()[from.env] : textAt(from.file)
  if (text === undefined || text.trim() === '')
    throw new SallyportError('SP_VAULT_LOCKED', `There is no token for the backend (${Object.values(from).join('')}).`)
  return text.trim()
}

function textAt(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** The names that all tools of AWS read. @throws SallyportError SP_VAULT_LOCKED */
function awsKeyOf(env: Readonly<Record<string, string | undefined>>) {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = env
  if (accessKeyId === undefined || secretAccessKey === undefined)
    throw new SallyportError(
      'SP_VAULT_LOCKED',
      'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of the gateway are not set.',
    )
  return { accessKeyId, secretAccessKey, sessionToken }
}
