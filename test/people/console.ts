import { mkdtempSync, rmSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { operatorDecisionDigest, type Json } from '@sallyport/core'
import type { Clock } from '../../packages/gateway/src/boundary/ports.ts'
import { createGateway, parseConfig, type Gateway } from '../../packages/gateway/src/index.ts'
import type { Authenticator } from './authenticator.ts'

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any
}

/** A browser without a window: cookies, `Origin` and `Sec-Fetch-Site` as browsers send them. */
export class Browser {
  readonly cookies = new Map<string, string>()
  readonly origin: string
  readonly #proxy: { readonly port: number; readonly headers: Readonly<Record<string, string>> } | undefined

  /** @param proxy where the origin is when a proxy stands before the gateway, and what that adds */
  constructor(origin: string, proxy?: { readonly port: number; readonly headers: Readonly<Record<string, string>> }) {
    this.origin = origin
    this.#proxy = proxy
  }

  async send(method: string, path: string, body?: Json, headers: Record<string, string> = {}): Promise<Reply> {
    const url = new URL(path, this.origin)
    const text = body === undefined ? undefined : JSON.stringify(body)
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const sent = {
      host: url.host,
      'user-agent': 'Test browser',
      ...(cookie === '' ? {} : { cookie }),
      ...(method === 'GET' ? {} : { origin: this.origin, 'sec-fetch-site': 'same-origin' }),
      ...(text === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }),
      ...this.#proxy?.headers,
      ...headers,
    }
    const port = this.#proxy?.port ?? url.port
    const target = { host: '127.0.0.1', port, method, path: url.pathname + url.search, headers: sent }
    const reply = await new Promise<Reply>((resolve, reject) => {
      const asked = httpRequest({ ...target, agent: false }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const answered = Buffer.concat(chunks).toString()
          const isJson = (response.headers['content-type'] ?? '').includes('json')
          const parsed: unknown = isJson && answered !== '' ? JSON.parse(answered) : answered
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: parsed })
        })
      })
      asked.on('error', reject)
      asked.end(text)
    })
    for (const line of (reply.headers['set-cookie'] ?? []) as readonly string[]) {
      const [pair = ''] = line.split(';')
      const at = pair.indexOf('=')
      if (line.includes('Max-Age=0')) this.cookies.delete(pair.slice(0, at))
      else this.cookies.set(pair.slice(0, at), pair.slice(at + 1))
    }
    return reply
  }

  get(path: string, headers?: Record<string, string>): Promise<Reply> {
    return this.send('GET', path, undefined, headers)
  }

  post(path: string, body: Json = {}, headers?: Record<string, string>): Promise<Reply> {
    return this.send('POST', path, body, headers)
  }

  /** Signs in with a passkey, as the page does. */
  async signIn(authenticator: Authenticator): Promise<Reply> {
    const { body: options } = await this.post('/api/v1/sign-in/passkey/options')
    const response = authenticator.get(options as Json, { origin: this.origin })
    return this.post('/api/v1/sign-in/passkey', { response })
  }

  /** A passkey's proof for an act of an operator. */
  async prove(authenticator: Authenticator, kind: string, payload: Json, operator: string): Promise<Json> {
    const { status, body } = await this.post('/api/v1/presence/challenge', { kind, payload, nonce: 'ab'.repeat(32) })
    if (status !== 200) throw new Error(JSON.stringify(body))
    const challenge = Buffer.from(operatorDecisionDigest(body as never), 'hex').toString('base64url')
    const rpId = new URL(this.origin).hostname
    const got = authenticator.get({ challenge, rpId }, { origin: this.origin }) as {
      id: string
      response: { authenticatorData: string; clientDataJSON: string; signature: string }
    }
    const { authenticatorData, clientDataJSON, signature } = got.response
    const assertion = { credential: got.id, authenticatorData, clientDataJSON, signature }
    const { nonce, notAfter } = body as { nonce: string; notAfter: number }
    return { operator, nonce, notAfter, assertion }
  }
}

export interface Site {
  readonly gateway: Gateway
  readonly origin: string
  readonly stateDir: string
  /** A fresh browser. */
  browser(): Browser
  /** The operator socket, as the command line uses it. */
  socket(method: string, path: string, body?: Json): Promise<Reply>
  restart(): Promise<void>
  close(): Promise<void>
}

export interface SiteOptions {
  readonly port?: number
  /** Further members of `console`, as lines of YAML. */
  readonly console?: string
  /** Believe `X-Forwarded-For` of loopback: how a test comes from another address. */
  readonly proxy?: boolean
}

/** A test asks more in a minute than a person. */
const ROOMY = 'rateLimit: { categories: { sign-in: { requestsPerMinute: 6000, burstSize: 1000 } } }'

/** A real gateway whose console speaks plain HTTP on loopback. */
export async function openSite(
  more = '',
  clock?: Clock,
  { port: wanted = 0, console = '', proxy = false }: SiteOptions = {},
): Promise<Site> {
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-site-'))
  const stateDir = join(directory, 'state')
  const open = async (port: number): Promise<Gateway> => {
    const gate = `gateway: { ${ROOMY}${proxy ? ', trustedProxies: [127.0.0.1]' : ''} }`
    const text = `version: 1\n${gate}\nconsole:\n  port: ${port}\n  tls: off\n${console}\n${more}`
    const loaded = parseConfig(text, join(directory, 'sallyport.yaml'), { env: {}, stateDir, now: Date.now() })
    const deps = { stateDir, operationalSink: () => undefined, ...(clock === undefined ? {} : { clock }) }
    const opened = await createGateway(loaded, deps)
    await opened.listen()
    return opened
  }
  let gateway = await open(wanted)
  const origin = gateway.consoleUrl ?? ''
  return {
    get gateway() {
      return gateway
    },
    origin,
    stateDir,
    browser: () => new Browser(origin),
    socket: (method, path, body) => askSocket(join(stateDir, 'run', 'operator.sock'), method, path, body),
    async restart() {
      await gateway.close()
      gateway = await open(Number(new URL(origin).port))
    },
    async close() {
      await gateway.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** One request over a Unix socket. */
export function askSocket(
  socketPath: string,
  method: string,
  path: string,
  body?: Json,
  more: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  const text = body === undefined ? undefined : JSON.stringify(body)
  const headers = { ...(text === undefined ? {} : { 'content-type': 'application/json' }), ...more }
  return new Promise((resolve, reject) => {
    const asked = httpRequest({ socketPath, method, path, headers }, (response) => {
      let answered = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (answered += chunk))
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: JSON.parse(answered) }),
      )
    })
    asked.on('error', reject)
    asked.end(text)
  })
}
