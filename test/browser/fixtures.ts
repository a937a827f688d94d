import { createServer } from 'node:http'
import { existsSync, readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BrowserContext, WebSocketRoute } from 'playwright-core'

const BUILT = fileURLToPath(new URL('../../packages/gateway/console/', import.meta.url))
const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.html': 'text/html; charset=utf-8',
}
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'"

export interface Statics {
  readonly url: string
  close(): Promise<void>
}

/** Serves the built console alone, for states that no real gateway can be brought into. */
export async function serveStatics(): Promise<Statics> {
  if (!existsSync(join(BUILT, 'index.html'))) throw new Error('The console is not built: npm run build')
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname)
    const file = path.startsWith('/assets/') ? join(BUILT, path) : join(BUILT, 'index.html')
    if (!existsSync(file)) return void response.writeHead(404).end()
    response.writeHead(200, {
      'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
      'content-security-policy': CSP,
    })
    response.end(readFileSync(file))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://localhost:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

/** An answer: a body, or a function of the request that gives status and body. */
export type Answer = object | ((request: { readonly body: unknown; readonly query: URLSearchParams }) => Reply)
interface Reply {
  readonly status: number
  readonly body: unknown
}

export interface FakeGateway {
  /** Changes answers from now on; `GET /api/v1/agents` or only the path for any method. */
  answer(answers: Readonly<Record<string, Answer>>): void
  /** Tells the page that something changed. */
  publish(topic: string, id: string, body?: unknown): void
  /** Ends the live connection; `reachable: false` refuses new ones and every request. */
  drop(code?: number, reachable?: boolean): void
  reachable(): void
}

/** Answers `/api/v1/*` of a context from fixtures; what has none is 404. */
export async function fakeGateway(
  context: BrowserContext,
  answers: Readonly<Record<string, Answer>>,
): Promise<FakeGateway> {
  const known = new Map(Object.entries(answers))
  const sockets = new Map<WebSocketRoute, { seq: number; topics: readonly string[] }>()
  let on = true
  await context.routeWebSocket(/\/api\/v1\/live$/, (socket) => {
    if (!on) return void socket.close()
    const watcher = { seq: 0, topics: [] as readonly string[] }
    sockets.set(socket, watcher)
    socket.onMessage((said) => {
      watcher.topics = (JSON.parse(String(said)) as { subscribe: string[] }).subscribe
      socket.send(JSON.stringify({ seq: ++watcher.seq, topic: 'subscribed', topics: watcher.topics }))
    })
    socket.onClose(() => void sockets.delete(socket))
  })
  await context.route(/\/api\/v1\//, async (route) => {
    if (!on) return route.abort()
    const request = route.request()
    const { pathname, searchParams } = new URL(request.url())
    const found = known.get(`${request.method()} ${pathname}`) ?? known.get(pathname)
    if (found === undefined && pathname === '/api/v1/live/ticket') return route.fulfill({ json: { ticket: 'ticket' } })
    const body: unknown = request.postDataJSON()
    const reply = typeof found === 'function' ? found({ body, query: searchParams }) : { status: 200, body: found }
    if (found === undefined)
      return route.fulfill({ status: 404, json: { title: 'Not found.', code: 'SP_API_NO_ROUTE' } })
    return route.fulfill({ status: reply.status, json: reply.body })
  })
  return {
    answer: (more) => {
      for (const [path, answer] of Object.entries(more)) known.set(path, answer)
    },
    publish: (topic, id, body) => {
      const event = { topic, id, ...(body === undefined ? {} : { body }) }
      for (const [socket, watcher] of sockets)
        if (watcher.topics.includes(topic)) socket.send(JSON.stringify({ seq: ++watcher.seq, events: [event] }))
    },
    drop: (code = 1012, reachable = true) => {
      on = reachable
      for (const socket of sockets.keys()) void socket.close({ code })
      sockets.clear()
    },
    reachable: () => void (on = true),
  }
}

const MINUTE = 60_000
const iso = (fromNow: number): string => new Date(Date.now() + fromNow).toISOString()

/** Jonas Weber, who may everything, at a gateway that enforces and is confined. */
export const ME = {
  id: 'operator:jonas',
  name: 'Jonas Weber',
  roles: ['admin', 'approver', 'policy'],
  scopes: ['read', 'write', 'approve', 'policy', 'admin'],
  session: {
    id: 'l-1',
    operator: 'operator:jonas',
    method: 'passkey',
    browser: 'Chromium on Linux',
    address: '127.0.0.1',
    createdAt: iso(-20 * MINUTE),
    lastActivityAt: iso(0),
    idleEndsAt: iso(30 * MINUTE),
    endsAt: iso(1440 * MINUTE),
  },
  gateway: { level: 'confined', mode: 'enforce', version: '0.1.0', environment: 'prod' },
  serverTime: iso(0),
}

/** Answers of a gateway at which nothing waits. */
export const QUIET = { '/api/v1/me': ME, '/api/v1/approvals': { items: [] } }
