import { readFileSync } from 'node:fs'
import { SallyportError } from '@sallyport/core'
import type { Clock } from '../../boundary/ports.ts'
import { environment } from '../../config/environment.ts'
import type { Config } from '../../config/schema.ts'
import { awsBackend } from './aws.ts'
import { envBackend } from './env.ts'
import { hashicorpBackend } from './hashicorp.ts'
import type { Exchange } from './http.ts'
import { oauthBackend, type SecretAccess } from './oauth.ts'
import type { SourcesDeps } from './sources.ts'

type Given = Pick<Config['vault'], 'backends' | 'oauth' | 'rotation'>

/** The backends that the configuration names. What they log in with is read when it is used: it may have been renewed. */
export function backendsOf(
  { backends: { hashicorp, aws }, oauth, rotation }: Given,
  exchange: Exchange,
  access: SecretAccess,
  clock: Pick<Clock, 'now'>,
): SourcesDeps['backends'] {
  return {
    env: envBackend(environment()),
    oauth: oauthBackend(
      oauth,
      access,
      exchange,
      () => clock.now(),
      rotation.enabled ? rotation.rotateAtPercentage / 100 : 1,
    ),
    ...(hashicorp === undefined
      ? {}
      : { hashicorp: hashicorpBackend({ ...hashicorp, token: () => loginOf(hashicorp.token) }, exchange) }),
    ...(aws === undefined
      ? {}
      : { aws: awsBackend({ ...aws, key: () => awsKeyOf(environment()) }, exchange, () => clock.now()) }),
  }
}

/** What the gateway logs in with at another service. @throws SallyportError SP_VAULT_LOCKED */
export function loginOf(from: { readonly env: string } | { readonly file: string }): string {
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
