import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { createConnection } from 'node:net'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LogRecord } from '@sallyport/core'
import type {
  Boundary,
  Caller,
  Clock,
  CrossingResult,
  EvidencePort,
  IncomingCall,
} from '../../packages/gateway/src/boundary/ports.ts'
import { RATE_CLASSES } from '../../packages/gateway/src/boundary/ports-limits.ts'
import { DEFAULT_IDENTITY_CONFIG, type IdentityConfig } from '../../packages/gateway/src/control/identity/config.ts'
import { createIdentity, type Identity } from '../../packages/gateway/src/control/identity/identity.ts'
import { agentRoutes } from '../../packages/gateway/src/ingress/api/agent-routes.ts'
import { agentsRoutes } from '../../packages/gateway/src/ingress/api/agents-routes.ts'
import { Calls } from '../../packages/gateway/src/ingress/api/calls.ts'
import type { PresencePort, SdkTool, ToolsPort } from '../../packages/gateway/src/ingress/api/ports.ts'
import type { Route } from '../../packages/gateway/src/ingress/api/route.ts'
import { createApi, type Api, type ApiDeps } from '../../packages/gateway/src/ingress/api/server.ts'
import { wordsRoutes } from '../../packages/gateway/src/ingress/api/words-routes.ts'
import { toolsRoutes } from '../../packages/gateway/src/ingress/api/tools-routes.ts'
import { systemRandom } from '../../packages/gateway/src/random.ts'
import { openStore } from '../../packages/gateway/src/store/open.ts'
import type { Store } from '../../packages/gateway/src/store/ports.ts'

/** Time that stands still until it is told to go. */
export class TestClock implements Clock {
  wall = Date.UTC(2030, 0, 1)
  mono = 1000

  now(): number {
    return this.wall
  }

  monotonic(): number {
    return this.mono
  }

  /** Both clocks, by seconds. */
  pass(seconds: number): void {
    this.wall += seconds * 1000
    this.mono += seconds * 1000
  }
}

const realClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() }

export function memoryEvidence(): EvidencePort & { readonly records: LogRecord[] } {
  const records: LogRecord[] = []
  return {
    records,
    append: (added) => Promise.resolve(void records.push(...added)),
    enqueue: (added) => void records.push(...added),
  }
}

const KEYS = { mac: new Uint8Array(32).fill(1), origin: 'test' }

export async function openTestStore(directory: string, clock: Clock = realClock): Promise<Store> {
  const { generateKeyPairSync } = await import('node:crypto')
  const { privateKey } = generateKeyPairSync('ed25519')
  const checkpointKey = privateKey.export({ type: 'pkcs8', format: 'der' })
  return openStore({ driver: 'sqlite', path: join(directory, 'state.db') }, { ...KEYS, checkpointKey }, clock)
}

export async function temporaryDirectory(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'sp-api-'))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

/** A boundary that answers as the test says, and remembers what it was asked. */
export class ScriptedBoundary implements Boundary {
  readonly crossed: { readonly caller: Caller; readonly call: IncomingCall }[] = []
  readonly refusals: { readonly code: string; readonly reason: string }[] = []
  readonly reports: { readonly auditId: string; readonly outcome: string; readonly resultText: string | undefined }[] =
    []
  script: (caller: Caller, call: IncomingCall) => Promise<CrossingResult> = (_caller, call) =>
    Promise.resolve(
      call.enforcement === 'host'
        ? { outcome: 'delegated', auditId: 'event-1', decision: ALLOWED }
        : { outcome: 'executed', auditId: 'event-1', resultText: '{"content":[]}', decision: ALLOWED },
    )

  cross(caller: Caller, call: IncomingCall): Promise<CrossingResult> {
    this.crossed.push({ caller, call })
    return this.script(caller, call)
  }

  refused(_caller: Caller | undefined, what: { readonly code: string; readonly reason: string }): Promise<string> {
    this.refusals.push(what)
    return Promise.resolve(`refusal-${this.refusals.length}`)
  }

  report: Boundary['report'] = (_caller, auditId, outcome, resultText) => {
    this.reports.push({ auditId, outcome, resultText })
    const value =
      resultText === undefined
        ? null
        : { resultText: resultText.replaceAll('hunter2', '[redacted]'), redactions: 1, changed: true }
    return Promise.resolve({ ok: true, value })
  }

  visible: Boundary['visible'] = () => []
}

export const ALLOWED = {
  outcome: 'allow',
  reason: '',
  determining: ['p1'],
  severity: 'low',
  bundle: 'b',
  version: '1',
} as const

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any
}

export interface Ask {
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly bodyText?: string
  readonly bearer?: string
}

export interface Kit {
  readonly api: Api
  readonly identity: Identity
  readonly store: Store
  readonly boundary: ScriptedBoundary
  readonly evidence: ReturnType<typeof memoryEvidence>
  readonly calls: Calls
  readonly agentSocket: string
  readonly operatorSocket: string
  readonly url: string
  readonly directory: string
  readonly registered: { alias: string; tools: readonly SdkTool[] }[]
  presence: { isClaimed: boolean; accepts: boolean; asked: { kind: string; payload: unknown }[] }
  agent(name: string): Promise<{ readonly key: string; readonly credential: string }>
  ask(socket: 'agent' | 'operator' | 'tcp', what: Ask): Promise<Answer>
  close(): Promise<void>
}

export interface KitOptions {
  readonly clock?: Clock
  readonly routes?: readonly Route[]
  /** Further ones, beside those of the kit. */
  readonly more?: readonly Route[]
  readonly config?: Partial<IdentityConfig>
  readonly api?: Partial<Pick<ApiDeps, 'mcp' | 'hooks' | 'limits' | 'notice' | 'sessions' | 'files' | 'live'>>
}

/** The same rate for every class of requests. */
export const limitedTo = (requestsPerMinute: number, burstSize: number): IdentityConfig['rateLimit'] => ({
  ...{ callsPerMinute: 600, burst: 100, failuresPerMinute: 5, enabled: true },
  rates: new Map(RATE_CLASSES.map((name) => [name, { requestsPerMinute, burstSize }])),
})

export async function startKit(options: KitOptions = {}): Promise<Kit> {
  const clock = options.clock ?? realClock
  const folder = await temporaryDirectory()
  const store = await openTestStore(folder.path, clock)
  const evidence = memoryEvidence()
  const config = { ...DEFAULT_IDENTITY_CONFIG, ...options.config }
  const identity = await createIdentity({ store, evidence, clock, random: systemRandom, secret: KEYS.mac, config })
  const boundary = new ScriptedBoundary()
  const calls = new Calls({ boundary, identity, clock, random: systemRandom })
  const presence = { isClaimed: false, accepts: false, asked: [] as { kind: string; payload: unknown }[] }
  const port: PresencePort = {
    claimed: () => Promise.resolve(presence.isClaimed),
    verify: (kind, payload) => {
      presence.asked.push({ kind, payload })
      return Promise.resolve(
        presence.accepts
          ? { ok: true, value: { operator: 'operator:ana' } }
          : { ok: false, code: 'SP_AUTHN_PRESENCE', reason: 'The PIN is wrong.' },
      )
    },
  }
  const registered: { alias: string; tools: readonly SdkTool[] }[] = []
  const tools: ToolsPort = {
    servers: () => ['files'],
    ready: () => Promise.resolve(),
    register: (_caller, alias, given) => {
      registered.push({ alias, tools: given })
      const states = given.map(({ definition }) => ({ name: definition.name, state: 'pinned' as const }))
      return Promise.resolve({ ok: true, value: states })
    },
  }
  const routes = options.routes ?? [
    ...agentRoutes({ boundary, calls, tools, identity, evidence, clock, random: systemRandom }),
    ...toolsRoutes({ boundary, tools }),
    ...agentsRoutes({
      agents: identity.agents,
      sessions: identity.sessions,
      killSwitch: identity.killSwitch,
      kill: (target, by, reason) => identity.kill(target, by, reason),
      presence: port,
      flow: { show: () => ({}), endorse: () => Promise.resolve() },
    }),
    ...wordsRoutes({ flow: { hear: () => undefined, declare: () => true }, evidence, clock, random: systemRandom }),
  ]
  const api = createApi({
    routes: [...routes, ...(options.more ?? [])],
    identity,
    boundary,
    random: systemRandom,
    ...options.api,
  })
  const agentSocket = join(folder.path, 'run', 'agent.sock')
  const operatorSocket = join(folder.path, 'run', 'operator.sock')
  const { url } = (await api.listen({ agentSocket, operatorSocket, tcp: { host: '127.0.0.1', port: 0 } })) ?? {
    url: '',
  }
  const sockets = { agent: agentSocket, operator: operatorSocket }

  return {
    api,
    identity,
    store,
    boundary,
    evidence,
    calls,
    agentSocket,
    operatorSocket,
    url,
    directory: folder.path,
    registered,
    presence,
    async agent(name) {
      const { key } = await identity.agents.add({ name, by: 'test' })
      const issued = identity.exchange(key)
      if (!issued.ok) throw new Error(issued.reason)
      return { key, credential: issued.value.credential }
    },
    ask: (socket, what) =>
      ask(
        socket === 'tcp' ? { port: Number(new URL(url).port), host: '127.0.0.1' } : { socketPath: sockets[socket] },
        what,
      ),
    async close() {
      calls.close()
      await api.close(200)
      await identity.close()
      await store.close()
      await folder.remove()
    },
  }
}

type Target = { readonly socketPath: string } | { readonly host: string; readonly port: number }

export function ask(
  target: Target,
  { method = 'GET', path, headers = {}, body, bodyText, bearer }: Ask,
): Promise<Answer> {
  const text = bodyText ?? (body === undefined ? undefined : JSON.stringify(body))
  return new Promise((resolve, reject) => {
    const sent = {
      ...(text === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }),
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      ...headers,
    }
    const request = httpRequest({ ...target, method, path, headers: sent, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const received = Buffer.concat(chunks).toString('utf8')
        const type = response.headers['content-type'] ?? ''
        const parsed: unknown =
          /^application\/(?:problem\+)?json/.test(type) && received !== '' ? JSON.parse(received) : undefined
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: received, body: parsed })
      })
    })
    request.on('error', reject)
    request.end(text)
  })
}

/** Sends bytes as they are and returns everything that comes back until the server closes or `ms` are over. */
export function sendRaw(path: string, bytes: string | Uint8Array, ms = 2000): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ path })
    let received = ''
    const timer = setTimeout(() => socket.destroy(), ms)
    socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')))
    socket.on('error', reject)
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(received)
    })
    socket.write(bytes)
  })
}
