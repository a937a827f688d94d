import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { signAws } from '@sallyport/core'

/** What a fixture answers: as the reference of its vendor has it, written from there (pages and dates beside the routes). */
interface Answer {
  readonly status: number
  readonly body: unknown
}
type Answers = (request: IncomingMessage, body: string) => Answer | 'stall'

export interface Fixture {
  readonly url: string
  readonly server: Server
  asked: number
  /** Instead of what it would answer. */
  trouble: Answer | 'stall' | undefined
  close(): void
}

async function fixture(answers: Answers): Promise<Fixture> {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      self.asked++
      const answer = self.trouble ?? answers(request, body)
      if (answer !== 'stall') response.writeHead(answer.status).end(JSON.stringify(answer.body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const self: Fixture = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    asked: 0,
    trouble: undefined,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
  return self
}

export const TOKEN = 'hvs.a-token-of-the-fixture'

/** HashiCorp Vault, KV version 2: developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2 and /vault/api-docs (status codes), 2026-11-28. */
export const hashicorpFixture = (
  values: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Promise<Fixture> =>
  fixture((request) => {
    if (request.headers['x-vault-token'] !== TOKEN) return { status: 403, body: { errors: ['permission denied'] } }
    const path = decodeURIComponent(request.url ?? '').replace('/v1/secret/data/', '')
    const data = Object.hasOwn(values, path) ? values[path] : undefined
    if (data === undefined) return { status: 404, body: { errors: [] } }
    const metadata = { created_time: '2026-11-28T09:00:00Z', deletion_time: '', destroyed: false, version: 3 }
    return { status: 200, body: { request_id: 'r', lease_duration: 0, data: { data, metadata } } }
  })

export const AWS_KEY = {
  accessKeyId: 'AKIAFIXTURE',
  secretAccessKey: 'a-secret-of-the-fixture',
  sessionToken: undefined,
}

/** AWS Secrets Manager: docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html, 2026-11-28. */
export const awsFixture = (values: Readonly<Record<string, string>>): Promise<Fixture> =>
  fixture((request, body) => {
    const { headers } = request
    const names = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '')?.[1]?.split(';') ?? []
    const own = names.filter((name) => name !== 'x-amz-date').map((name) => [name, String(headers[name])] as const)
    const time = String(headers['x-amz-date']).replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z')
    const signed = signAws(
      { method: 'POST', path: '/', query: '', headers: Object.fromEntries(own), body },
      { ...AWS_KEY, region: 'eu-central-1', service: 'secretsmanager' },
      Date.parse(time),
    )
    const wrong = (type: string): Answer => ({ status: 400, body: { __type: type, message: type } })
    if (signed['authorization'] !== headers.authorization)
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
