import type { Principal, Scope } from '@sallyport/core'
import { WebSocket } from 'ws'
import { pass, refuse } from '../../packages/gateway/src/boundary/ports.ts'
import { createLiveTickets } from '../../packages/gateway/src/control/people/live-tickets.ts'
import type { ConsoleSessions, SessionEnd } from '../../packages/gateway/src/ingress/api/ports.ts'
import { TrustedProxies } from '../../packages/gateway/src/ingress/api/peer.ts'
import { ConsoleFiles } from '../../packages/gateway/src/ingress/console/files.ts'
import type { ConsoleOrigin } from '../../packages/gateway/src/ingress/console/origin.ts'
import { Live, type LiveDeps } from '../../packages/gateway/src/ingress/live/live.ts'
import { CONSOLE } from '../../packages/gateway/src/places.ts'
import { systemRandom } from '../../packages/gateway/src/random.ts'
import {
  ask,
  memoryEvidence,
  startKit,
  TestClock,
  type Answer,
  type Ask,
  type Kit,
  type KitOptions,
} from '../api/kit.ts'

export const ROLES: Readonly<Record<string, readonly Scope[]>> = {
  viewer: ['read'],
  operator: ['read', 'write'],
  approver: ['read', 'write', 'approve'],
  policy: ['read', 'policy'],
  admin: ['read', 'write', 'admin'],
}

interface TestSession {
  readonly id: string
  readonly principal: Principal
  readonly since: number
  lastActivity: number
  ended: SessionEnd | undefined
}

const IDLE = 30 * 60_000
const ABSOLUTE = 24 * 3_600_000

/** Sessions as the port describes them, in memory. */
class TestSessions implements ConsoleSessions {
  readonly #byToken = new Map<string, TestSession>()
  readonly #watchers = new Map<string, Set<(code: SessionEnd) => void>>()
  readonly #clock: TestClock
  readonly exposures: string[] = []
  verified = 0
  pushes = true

  constructor(clock: TestClock) {
    this.#clock = clock
  }

  open(name: string, scopes: readonly Scope[] = ROLES[name] ?? []): string {
    const token = Buffer.from(systemRandom.bytes(32)).toString('base64url')
    const id = systemRandom.uuid()
    const now = this.#clock.now()
    const principal = {
      ...({ kind: 'human', id: `operator:${name}`, chain: [], scopes, trustLevel: 0, instance: '' } as const),
    }
    this.#byToken.set(token, { id, principal, since: now, lastActivity: now, ended: undefined })
    return token
  }

  verify(token: string, _from: { readonly address: string }, active: boolean) {
    this.verified++
    const found = this.#byToken.get(token)
    if (found === undefined) return refuse('SP_AUTHN_INVALID', 'No such session.')
    this.#expire(found)
    if (found.ended !== undefined) return refuse('SP_AUTHN_INVALID', 'The session has ended.')
    if (active) found.lastActivity = this.#clock.now()
    return pass({ session: found.id, principal: found.principal })
  }

  whileAlive(session: string, ended: (code: SessionEnd) => void): () => void {
    const set = this.#watchers.get(session) ?? new Set()
    this.#watchers.set(session, set.add(ended))
    return () => void set.delete(ended)
  }

  exposed(token: string): void {
    this.exposures.push(token)
    this.end(token, 4003)
  }

  end(token: string, code: SessionEnd): void {
    const found = this.#byToken.get(token)
    if (found === undefined || found.ended !== undefined) return
    found.ended = code
    if (this.pushes) for (const tell of this.#watchers.get(found.id) ?? []) tell(code)
  }

  /** The sweeper of E-47. */
  sweep(): void {
    for (const session of this.#byToken.values()) this.#expire(session)
  }

  #expire(session: TestSession): void {
    const now = this.#clock.now()
    const code = now - session.since >= ABSOLUTE ? 4002 : now - session.lastActivity >= IDLE ? 4001 : undefined
    if (code === undefined || session.ended !== undefined) return
    session.ended = code
    for (const tell of this.#watchers.get(session.id) ?? []) tell(code)
  }
}

export interface ConsoleKit {
  readonly kit: Kit
  readonly clock: TestClock
  readonly sessions: TestSessions
  readonly live: Live
  readonly site: ConsoleOrigin
  readonly port: number
  readonly records: ReturnType<typeof memoryEvidence>['records']
  /** As a page of the console would: with its origin, its metadata and this cookie. */
  page(what: Ask, token?: string): Promise<Answer>
  /** As the text says and nothing else. */
  raw(what: Ask): Promise<Answer>
  ticket(token: string): Promise<string>
  socket(token: string, ticket?: string, headers?: Readonly<Record<string, string>>): Promise<LiveClient>
  close(): Promise<void>
}

interface LiveClient {
  readonly socket: WebSocket
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly frames: any[]
  readonly closed: Promise<number>
  // oxlint-disable-next-line typescript/no-explicit-any
  next(test?: (frame: any) => boolean): Promise<any>
}

/** The API with a console on loopback, and people that are signed in to it. */
export async function startConsole(
  options: KitOptions & {
    readonly live?: Partial<LiveDeps>
    readonly proxies?: readonly string[]
    readonly url?: string
  } = {},
): Promise<ConsoleKit> {
  const clock = options.clock instanceof TestClock ? options.clock : new TestClock()
  const sessions = new TestSessions(clock)
  const evidence = memoryEvidence()
  const live = new Live({
    ...{ clock, random: systemRandom, evidence, tickets: ticketsIn(clock), mayTalk: () => true, ...options.live },
  })
  const kit = await startKit({
    ...options,
    clock,
    api: { sessions, live, files: new ConsoleFiles(CONSOLE), ...options.api },
  })
  const { site } = await kit.api.listenConsole({
    ...{ port: 0, bind: '127.0.0.1', name: 'sallyport.localhost', tls: undefined, requireTls: false },
    ...{ allowPublicBind: false, proxies: new TrustedProxies(options.proxies ?? []), url: options.url },
  })
  const port = Number([...site.aliases, site.host].map((host) => /:(\d+)$/.exec(host)?.[1]).find(Boolean))
  const cookie = (token: string | undefined): Record<string, string> =>
    token === undefined ? {} : { cookie: `${site.cookie}=${token}` }
  const target = { host: '127.0.0.1', port }
  const raw = (what: Ask): Promise<Answer> => ask(target, what)
  const page = ({ headers, ...what }: Ask, token?: string): Promise<Answer> =>
    raw({
      ...what,
      headers: {
        ...{ host: site.host, origin: site.origin, 'sec-fetch-site': 'same-origin' },
        ...cookie(token),
        ...headers,
      },
    })
  const ticket = async (token: string): Promise<string> => {
    const answer = await page({ method: 'POST', path: '/api/v1/live/ticket' }, token)
    if (answer.status !== 200) throw new Error(answer.text)
    return answer.body.ticket
  }
  return {
    ...{ kit, clock, sessions, live, site, port, raw, page, ticket },
    records: evidence.records,
    async socket(token, given, headers = {}) {
      const protocols = ['sallyport.live', given ?? (await ticket(token))]
      const socket = new WebSocket(`ws://127.0.0.1:${port}/api/v1/live`, protocols, {
        headers: { host: site.host, origin: site.origin, ...cookie(token), ...headers },
      })
      return opened(socket)
    },
    close: () => kit.close(),
  }
}

/** Tickets of one gateway; what several make of them is in test/people/nodes.test.ts. */
function ticketsIn(clock: TestClock) {
  const spent = new Set<string>()
  const spend = async (id: string): Promise<boolean> => spent.size < spent.add(id).size
  return createLiveTickets({ mac: systemRandom.bytes(32), clock, random: systemRandom, store: { spend } })
}

function opened(socket: WebSocket): Promise<LiveClient> {
  const frames: unknown[] = []
  const waiting = new Set<() => void>()
  socket.on('message', (data: Buffer) => {
    frames.push(JSON.parse(data.toString('utf8')))
    for (const look of waiting) look()
  })
  const closed = new Promise<number>((resolve) => socket.once('close', resolve))
  const next: LiveClient['next'] = (test = () => true) =>
    new Promise((resolve) => {
      const look = (): void => {
        const at = frames.findIndex((frame) => test(frame))
        if (at < 0) return
        waiting.delete(look)
        resolve(frames.splice(at, 1)[0])
      }
      waiting.add(look)
      look()
    })
  return new Promise((resolve, reject) => {
    socket.once('unexpected-response', (_request, response) => {
      reject(new Error(String(response.statusCode)))
      socket.terminate()
    })
    socket.on('error', reject)
    socket.once('open', () => resolve({ socket, frames, closed, next }))
  })
}
