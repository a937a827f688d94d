import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { signAws } from '@sallyport/core'

/** What a fixture answers: as the reference of its vendor has it, written from there (pages and dates beside the routes). */
export interface Answer {
  readonly status: number
  readonly body: unknown
}
type Answers = (request: IncomingMessage, body: string) => Answer | 'stall'

export interface Fixture {
  readonly url: string
  readonly server: Server
  /** Questions for values. */
  asked: number
  /** Of other routes, as they came. */
  readonly besides: string[]
  /** Instead of what it would answer. */
  trouble: Answer | 'stall' | undefined
  close(): void
}

export async function fixture(answers: Answers): Promise<Fixture> {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const path = request.url ?? ''
      if (path.includes('/auth/')) self.besides.push(`${request.method} ${path}`)
      else self.asked++
      const answer = self.trouble ?? answers(request, body)
      if (answer !== 'stall') response.writeHead(answer.status).end(JSON.stringify(answer.body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const self: Fixture = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    asked: 0,
    besides: [],
    trouble: undefined,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
  return self
}

/** A gateway that does not close. */
export const NEVER = new AbortController().signal
export const TOKEN = 'hvs.a-token-of-the-fixture'

interface Kv {
  /** Fields by path. */
  readonly values: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Time to live of the token, seconds; 0: for ever. */
  readonly ttl?: number
  /** Paths that its policy leaves out. */
  readonly forbidden?: readonly string[]
}

/**
 * HashiCorp Vault and OpenBao, read on 2026-11-28:
 * - `GET /v1/secret/data/:path`: developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2, "Read secret version"
 * - `GET /v1/auth/token/lookup-self`, `POST /v1/auth/token/renew-self`: developer.hashicorp.com/vault/api-docs/auth/token
 * - statuses and `errors`: developer.hashicorp.com/vault/api-docs, "HTTP status codes": 403 also for a token that has ended, 429 over a
 *   rate limit quota, 503 sealed or down for maintenance
 */
export const hashicorpFixture = ({ values, ttl = 0, forbidden = [] }: Kv): Promise<Fixture> => {
  let ends = performance.now() + ttl * 1_000
  return fixture((request) => {
    const hasEnded = ttl > 0 && performance.now() >= ends
    if (request.headers['x-vault-token'] !== TOKEN || hasEnded)
      return { status: 403, body: { errors: ['permission denied'] } }
    const url = decodeURIComponent(request.url ?? '')
    const left = Math.ceil((ends - performance.now()) / 1_000)
    if (url === '/v1/auth/token/lookup-self')
      return { status: 200, body: { data: { ttl: ttl === 0 ? 0 : left, renewable: ttl > 0, type: 'service' } } }
    if (url === '/v1/auth/token/renew-self' && request.method === 'POST') {
      ends = performance.now() + ttl * 1_000
      return { status: 200, body: { auth: { client_token: TOKEN, lease_duration: ttl, renewable: true } } }
    }
    const path = url.replace('/v1/secret/data/', '')
    if (forbidden.includes(path)) return { status: 403, body: { errors: ['1 error occurred: permission denied'] } }
    const data = Object.hasOwn(values, path) ? values[path] : undefined
    if (data === undefined) return { status: 404, body: { errors: [] } }
    const metadata = { created_time: '2026-11-28T09:00:00Z', deletion_time: '', destroyed: false, version: 3 }
    return { status: 200, body: { request_id: 'r', lease_duration: 0, data: { data, metadata } } }
  })
}

export const AWS_KEY = {
  accessKeyId: 'AKIAFIXTURE',
  secretAccessKey: 'a-secret-of-the-fixture',
  sessionToken: undefined,
}

/** Whether a question is signed with the key of the fixture, for this service. */
export function isSigned({ headers }: IncomingMessage, body: string, service: string): boolean {
  const names = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '')?.[1]?.split(';') ?? []
  const own = names.filter((name) => name !== 'x-amz-date').map((name) => [name, String(headers[name])] as const)
  const time = String(headers['x-amz-date']).replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z')
  const signed = signAws(
    { method: 'POST', path: '/', query: '', headers: Object.fromEntries(own), body },
    { ...AWS_KEY, region: 'eu-central-1', service },
    Date.parse(time),
  )
  return signed['authorization'] === headers.authorization
}

/**
 * AWS Secrets Manager, read on 2026-11-28:
 * - `POST /` with `X-Amz-Target: secretsmanager.GetSecretValue`: docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
 * - errors: .../CommonErrors.html: AccessDeniedException and ThrottlingException with 400, InternalServiceError with 500; for a session token
 *   that has ended docs.aws.amazon.com/awsconsolehelpdocs/latest/gsg/common-errors.html: ExpiredTokenException with 403
 */
export const awsFixture = (values: Readonly<Record<string, string>>): Promise<Fixture> =>
  fixture((request, body) => {
    const { headers } = request
    const wrong = (type: string): Answer => ({ status: 400, body: { __type: type, message: type } })
    if (!isSigned(request, body, 'secretsmanager'))
      return { status: 403, body: { __type: 'InvalidSignatureException' } }
    if (headers['x-amz-target'] !== 'secretsmanager.GetSecretValue') return wrong('UnknownOperationException')
    const { SecretId: id } = JSON.parse(body) as { readonly SecretId: string }
    if (!Object.hasOwn(values, id)) return wrong('ResourceNotFoundException')
    return { status: 200, body: { Name: id, SecretString: values[id], VersionId: 'v-1', CreatedDate: 1 } }
  })

export const CLIENT_SECRET = 'a secret with: signs & spaces'

/** A token endpoint for client credentials (RFC 6749 sections 2.3.1, 4.4, 5). @param life of a token, seconds */
export async function oauthFixture(life: number): Promise<Fixture> {
  let given = 0
  return fixture((request, body) => {
    const login = Buffer.from((request.headers.authorization ?? '').replace('Basic ', ''), 'base64').toString()
    const [id = '', secret = ''] = login.split(':').map(decodeURIComponent)
    if (id !== 'an id' || secret !== CLIENT_SECRET) return { status: 401, body: { error: 'invalid_client' } }
    const form = new URLSearchParams(body)
    const bearer = { access_token: `token-${given + 1}`, token_type: 'Bearer', expires_in: life }
    if (form.get('grant_type') === 'refresh_token' && form.get('refresh_token') === `refresh-${given}`)
      return { status: 200, body: { ...bearer, expires_in: String(life), refresh_token: `refresh-${++given}` } }
    if (form.get('grant_type') !== 'client_credentials' || form.get('scope') !== 'read')
      return { status: 400, body: { error: 'unsupported_grant_type' } }
    given++
    return { status: 200, body: bearer }
  })
}
