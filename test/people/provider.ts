import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { Provider, type JWK } from 'oidc-provider'

export const CLIENT = { id: 'sallyport', secret: 'a-secret-of-the-tests-that-is-long-enough' }

export interface TestProvider {
  readonly issuer: string
  /** Groups that the account has from now on. */
  groups: string[]
  /** Name that the account chose. */
  name: string
  /** New signing keys; the old ones are gone. */
  rotate(): void
  /** Answers nothing any more, or again. */
  down: boolean
  close(): Promise<void>
}

/** A real OpenID Connect provider (oidc-provider) on loopback. */
export async function startProvider(callback: string): Promise<TestProvider> {
  const server = createServer()
  const port = await listening(server)
  const issuer = `http://127.0.0.1:${port}`
  const self: TestProvider = {
    issuer,
    groups: ['gatekeepers'],
    name: 'Ana.Ruiz@corp.example',
    down: false,
    rotate: () => (handler = made()),
    close: () => new Promise((resolve) => (server.closeAllConnections(), server.close(() => resolve()))),
  }
  const made = (): RequestListener => {
    const provider = new Provider(issuer, {
      clients: [
        {
          client_id: CLIENT.id,
          client_secret: CLIENT.secret,
          redirect_uris: [callback],
          response_types: ['code'],
          grant_types: ['authorization_code'],
          token_endpoint_auth_method: 'client_secret_basic',
        },
      ],
      jwks: { keys: [signingKey()] },
      cookies: { keys: ['a', 'b'] },
      conformIdTokenClaims: false,
      claims: { openid: ['sub'], profile: ['preferred_username', 'groups'] },
      findAccount: (_context, sub) => ({
        accountId: sub,
        claims: () => ({ sub, preferred_username: self.name, groups: self.groups }),
      }),
      ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
    })
    return provider.callback() as RequestListener
  }
  let handler = made()
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (self.down) return void request.socket.destroy()
    handler(request, response)
  })
  return self
}

const signingKey = (): JWK => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: String(Math.random()) } as JWK
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** A provider that is not what it seems: it gives out any token its test wants. */
export interface Impostor {
  readonly issuer: string
  /** Claims of the next ID token; what is missing is as it should be. */
  claims: Record<string, unknown>
  /** Signs with a key that is not in its set of keys. */
  foreignKey: boolean
  close(): Promise<void>
}

export async function startImpostor(): Promise<Impostor> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const server = createServer()
  const issuer = `http://127.0.0.1:${await listening(server)}`
  const self: Impostor = {
    issuer,
    claims: {},
    foreignKey: false,
    close: () => new Promise((resolve) => (server.closeAllConnections(), server.close(() => resolve()))),
  }
  const documents: Record<string, object> = {
    '/.well-known/openid-configuration': {
      issuer,
      authorization_endpoint: `${issuer}/auth`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
    },
    '/jwks': { keys: [{ ...publicKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'k' }] },
  }
  server.on('request', (request, response) => {
    const made = answer(request.url ?? '', self, self.foreignKey ? other : privateKey)
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(documents[request.url ?? ''] ?? made))
  })
  return self
}

function answer(url: string, { issuer, claims }: Impostor, key: KeyObject): object {
  if (url !== '/token') return {}
  const now = Math.floor(Date.now() / 1000)
  const all = { iss: issuer, aud: CLIENT.id, sub: 'ana', iat: now, exp: now + 60, groups: ['gatekeepers'], ...claims }
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${part({ alg: 'RS256', kid: 'k' })}.${part(all)}`
  const idToken = `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`
  return { access_token: 'x', token_type: 'Bearer', id_token: idToken, expires_in: 60 }
}

/** Walks through the provider's own forms as a browser would; returns the address it sends the browser back to. */
export async function signInAt(url: string, login: string, callback: string): Promise<string> {
  const cookies = new Map<string, string>()
  let next = url
  let form: URLSearchParams | undefined
  for (let step = 0; step < 12; step++) {
    if (next.startsWith(callback)) return next
    const reply = await fetch(next, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form === undefined ? {} : { method: 'POST', body: form }),
    })
    for (const line of reply.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1))
    }
    const location = reply.headers.get('location')
    form = undefined
    if (location !== null) {
      next = new URL(location, next).href
      continue
    }
    const page = await reply.text()
    const action = /action="([^"]+)"/.exec(page)?.[1]
    const prompt = /name="prompt" value="([^"]+)"/.exec(page)?.[1] ?? ''
    if (action === undefined) throw new Error(`The provider shows no form: ${page.slice(0, 300)}`)
    next = new URL(action, next).href
    form = new URLSearchParams(prompt === 'login' ? { prompt, login, password: 'x' } : { prompt })
  }
  throw new Error('The provider never came back.')
}
