import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { DeniedError, type Sallyport } from '@sallyport/sdk'
import { collect } from './collect.ts'
import { ModelError } from './model.ts'
import { answer } from './reasoning.ts'
import type { Settings } from './settings.ts'
import { Visitors } from './visitors.ts'

export interface EntryDeps {
  readonly settings: Settings
  readonly open: (session: string) => Sallyport
  readonly now: () => number
  /** One line for the operator; never what a visitor said. */
  readonly log: (line: string) => void
}

/** An answer that ends a request early. */
class Refusal extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

const HEADERS = {
  'content-type': 'application/json; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
}
/** What follows a refusal on its connection is not read. */
const LAST = { ...HEADERS, connection: 'close' }

/** The one way in: `POST /chat` with `{ "message", "session"? }`, answered `{ "reply", "session" }`; and `GET /health`. */
export function createEntry(deps: EntryDeps): { readonly server: Server; close(): Promise<void> } {
  const { settings, log } = deps
  const { limits } = settings
  const visitors = new Visitors<Sallyport>(limits, deps.open, deps.now)
  let thinking = 0

  async function chat(request: IncomingMessage, gone: AbortSignal): Promise<object> {
    const { message, session } = messageOf(await bodyOf(request, limits.bodyBytes))
    if (thinking >= limits.concurrent) throw new Refusal(503, 'Too many are asking at once; try again.')
    const visitor = visitors.find(session)
    if (visitor === 'unknown') throw new Refusal(404, 'This conversation is over; begin a new one without `session`.')
    if (visitor === 'busy') throw new Refusal(429, 'Too many messages; wait a little.')
    thinking++
    visitor.busy = true
    try {
      const signal = AbortSignal.any([gone, AbortSignal.timeout(limits.seconds * 1000)])
      const reply = await answer(settings, visitor.link, visitor.history, message, signal)
      visitors.remember(visitor, message, reply)
      return { reply, session: visitor.token }
    } finally {
      visitor.busy = false
      thinking--
    }
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    try {
      const { method, url } = request
      if (url === '/health' && method === 'GET') return send(response, 200, { status: 'ok' })
      if (url !== '/chat') throw new Refusal(404, 'There is POST /chat.')
      if (method !== 'POST') throw new Refusal(405, 'There is POST /chat.')
      send(response, 200, await chat(request, gone.signal))
    } catch (thrown) {
      const { status, message } = told(thrown)
      if (status >= 500) log(`${status}: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
      send(response, status, { error: message }, LAST)
    }
  }

  const server = createServer(
    { requestTimeout: 15_000, headersTimeout: 10_000, keepAliveTimeout: 5_000, maxHeaderSize: 8_192 },
    (request, response) => void serve(request, response),
  )
  server.maxConnections = limits.concurrent * 8
  return {
    server,
    async close() {
      server.close()
      server.closeAllConnections()
      await visitors.close()
    },
  }
}

/** What a visitor hears of a failure: never what it was. */
function told(thrown: unknown): { readonly status: number; readonly message: string } {
  if (thrown instanceof Refusal) return thrown
  if (thrown instanceof ModelError) return { status: 502, message: 'There is no answer now; try again later.' }
  if (thrown instanceof DeniedError) return { status: 503, message: 'There is no answer now; try again later.' }
  return { status: 500, message: 'Something went wrong here.' }
}

function send(response: ServerResponse, status: number, body: object, headers: object = HEADERS): void {
  if (response.destroyed) return
  response.writeHead(status, { ...headers })
  response.end(JSON.stringify(body))
}

async function bodyOf(request: IncomingMessage, most: number): Promise<unknown> {
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? ''))
    throw new Refusal(415, 'Send application/json.')
  const body = await collect(request, most)
  if (body === undefined) throw new Refusal(413, 'The message is too long.')
  try {
    return JSON.parse(new TextDecoder('utf8', { fatal: true }).decode(body))
  } catch {
    throw new Refusal(400, 'The body is not JSON.')
  }
}

function messageOf(body: unknown): { readonly message: string; readonly session: string | undefined } {
  const { message, session, ...rest } = (typeof body === 'object' && body !== null ? body : {}) as Readonly<
    Record<string, unknown>
  >
  const isWhole = typeof message === 'string' && message.trim() !== '' && Object.keys(rest).length === 0
  if (isWhole && (session === undefined || typeof session === 'string')) return { message, session }
  throw new Refusal(400, 'Send { "message": "…" }, and the `session` of the answer before.')
}
