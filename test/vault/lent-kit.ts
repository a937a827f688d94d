import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createPlain, type AddressInfo, type Server, type Socket } from 'node:net'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTls, type TLSSocket } from 'node:tls'
import { findSecrets } from '@sallyport/core'
import { boundCredentials } from '../../packages/gateway/src/config/credentials.ts'
import { credentialsSchema } from '../../packages/gateway/src/config/credential-schema.ts'
import { egressSourceOf } from '../../packages/gateway/src/config/egress-rules.ts'
import { egressSchema } from '../../packages/gateway/src/config/egress-schema.ts'
import { Broker } from '../../packages/gateway/src/custody/broker/broker.ts'
import type { Injector } from '../../packages/gateway/src/custody/broker/injector.ts'
import type { Using } from '../../packages/gateway/src/custody/backends/sources.ts'
import { EgressBook } from '../../packages/gateway/src/execution/egress/book.ts'
import type { Lender, LendLimits, SessionFlow } from '../../packages/gateway/src/execution/egress/lend.ts'
import { serveEgress, type EgressAttempt } from '../../packages/gateway/src/execution/egress/proxy.ts'
import { systemRandom } from '../../packages/gateway/src/random.ts'
import { makeClock } from '../store/temporary.ts'

export interface Certificate {
  readonly key: Buffer
  readonly cert: Buffer
}

/** A certificate of its own for this name. */
export function certificateFor(name: string, days = 1): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-lent-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', String(days)],
      ...['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`, '-keyout', key, '-out', cert],
    ],
    { stdio: 'ignore' },
  )
  const made = { key: readFileSync(key), cert: readFileSync(cert) }
  rmSync(folder, { recursive: true })
  return made
}

export interface Upstream {
  readonly port: number
  /** All that came, by connection. */
  readonly heard: string[]
  close(): void
}

async function listening(server: Server, heard: string[]): Promise<Upstream> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.on('error', () => undefined))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = (): void => {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
  return { port: (server.address() as AddressInfo).port, heard, close }
}

/** A server that says over TLS what it is told to, to the byte, once a whole request has come. */
export function tlsUpstream(
  certificate: Certificate,
  say: (socket: TLSSocket, request: string, reset: () => void) => void,
): Promise<Upstream> {
  const heard: string[] = []
  const raw = new Map<number | undefined, Socket>()
  const server = createTls({ ...certificate, ALPNProtocols: ['http/1.1'] }, (socket) => {
    socket.on('error', () => undefined)
    const index = heard.push('') - 1
    let isSaid = false
    socket.on('data', (chunk: Buffer) => {
      const text = (heard[index] += chunk.toString('latin1'))
      if (isSaid || !isWhole(text)) return
      isSaid = true
      say(socket, text, () => raw.get(socket.remotePort)?.resetAndDestroy())
    })
  })
  server.on('tlsClientError', () => undefined)
  server.on('connection', (socket: Socket) => raw.set(socket.remotePort, socket))
  return listening(server, heard)
}

/** The same without TLS. */
export function plainUpstream(say: (socket: Socket) => void): Promise<Upstream> {
  return listening(createPlain(say), [])
}

function isWhole(text: string): boolean {
  const [head = '', body] = text.split(/\r\n\r\n([^]*)/)
  if (body === undefined) return false
  if (/^transfer-encoding: chunked/im.test(head)) return body.endsWith('0\r\n\r\n')
  return body.length >= Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0)
}

export interface Way {
  /** Where it listens. */
  readonly port: number
  readonly records: Record<string, unknown>[]
  readonly attempts: EgressAttempt[]
  readonly broker: Broker
  readonly clock: ReturnType<typeof makeClock>
  /** What is used for a value, besides the value. */
  readonly using: { -readonly [K in keyof Using]?: Using[K] }
  ask(path: string, order?: Order): Promise<Answer>
  close(): void
}
export interface Order {
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body?: string | Buffer
  /** Bytes of the body that are announced and never come. */
  readonly missing?: number
}
export interface Answer {
  /** 0: the connection was cut. */
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly trailers: Readonly<Record<string, unknown>>
  /** The words behind the status. */
  readonly message: string
  readonly body: string
}

interface WayOptions {
  authorities?: string[]
  limits?: LendLimits
  holder?: string
  injector?: Injector
  /** As `egress` in the configuration. */
  egress?: object
  flow?: SessionFlow
  budgets?: Lender['budgets']
}

/** The way out of an agent `coder` with these credentials, as `sallyport.yaml` has them, and these values. */
export async function wayOut(
  given: Readonly<Record<string, object>>,
  values: Readonly<Record<string, string>>,
  { authorities = [], limits, holder = 'coder', egress = {}, injector, flow, budgets }: WayOptions = {},
): Promise<Way> {
  const records: Record<string, unknown>[] = []
  const attempts: EgressAttempt[] = []
  const clock = makeClock()
  const using: { -readonly [K in keyof Using]?: Using[K] } = {}
  const broker = new Broker({
    credentials: boundCredentials(credentialsSchema.parse(given)),
    sources: {
      use: async (reference, act) =>
        act(Buffer.from(values[reference] ?? ''), {
          expiresAt: Number.MAX_SAFE_INTEGER,
          version: '1',
          createdAt: clock.now(),
          ...using,
        }),
    },
    ...{ clock, random: systemRandom, tagKey: new Uint8Array(32) },
    ...(injector === undefined ? {} : { injector }),
    record: (event) => Promise.resolve(void records.push(event)),
  })
  const book = new EgressBook()
  book.set('test', egressSourceOf(egressSchema.parse(egress)))
  const lender: Lender = {
    ...{
      port: broker,
      holder,
      instance: 'i1',
      source: '/work',
      exceptions: [],
      authorities,
      take: () => ({ ok: true }),
      admit: () => ({ ok: true }),
    },
    ...{ rules: () => book.of(holder), onChange: (listener) => book.onChange(listener) },
    findSecrets: (text) => findSecrets(text, 'result', {}),
    ask: async () => Promise.resolve({ ok: false, reason: 'not_allowlisted' }),
    ...(limits === undefined ? {} : { limits }),
    ...(flow === undefined ? {} : { flow }),
    ...(budgets === undefined ? {} : { budgets }),
  }
  const listener = createPlain().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const rules = { allowed: [], blocked: [] }
  const close = serveEgress(listener, { rules, lender, report: (attempt) => void attempts.push(attempt) })
  const { port } = listener.address() as AddressInfo
  return {
    ...{ port, records, attempts, broker, clock, using, close },
    ask: (path, order) => ask(port, path, order),
  }
}

function ask(
  port: number,
  path: string,
  { method = 'GET', headers = {}, body, missing = 0 }: Order = {},
): Promise<Answer> {
  return new Promise((resolve) => {
    const length =
      body === undefined || 'transfer-encoding' in headers
        ? {}
        : { 'content-length': Buffer.byteLength(body) + missing }
    const outgoing = request({
      host: '127.0.0.1',
      port,
      path,
      method,
      headers: { ...length, ...headers },
      agent: false,
    })
    let answer: Answer = { status: 0, headers: {}, trailers: {}, message: '', body: '' }
    outgoing.on('error', () => resolve(answer))
    outgoing.on('response', (response) => {
      const { statusCode = 0, statusMessage = '', headers: said } = response
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('close', () => {
        const status = response.complete ? statusCode : 0
        const text = Buffer.concat(chunks).toString('latin1')
        answer = { status, headers: said, trailers: response.trailers, message: statusMessage, body: text }
        resolve(answer)
      })
      response.on('error', () => undefined)
    })
    if (body !== undefined) outgoing.write(body)
    if (missing === 0) outgoing.end()
  })
}
