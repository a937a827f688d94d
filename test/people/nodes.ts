import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { LogRecord } from '@sallyport/core'
import { WebSocket } from 'ws'
import { createGateway, parseConfig, type Gateway } from '../../packages/gateway/src/index.ts'
import { systemRandom } from '../../packages/gateway/src/random.ts'
import { connect, type Sallyport } from '../../packages/sdk/src/index.ts'
import { UNCONFINED } from '../unconfined.ts'
import { askSocket, Browser } from './console.ts'

/** What people see, whichever node the load balancer picks: passkeys and sessions are bound to it. */
export const ORIGIN = 'https://gate.example.com'
const PROXY = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.7' }
const COUNTER = fileURLToPath(new URL('../e2e/counter-server.mjs', import.meta.url))
export const POLICY = '// version: 1.0\n@id("all") permit (principal, action, resource);\n'

export interface Node {
  readonly name: string
  readonly gateway: Gateway
  readonly port: number
  readonly stateDir: string
  /** A browser behind the load balancer, which sent it to this node; with the cookies of another one. */
  browser(of?: Browser): Browser
  socket(method: string, path: string, body?: never): ReturnType<typeof askSocket>
  agent(name: string, key: string): Sallyport
  /** Opens the live WebSocket; rejects with the status that it was refused with. */
  live(of: Browser, ticket: string): Promise<{ readonly closed: Promise<number>; close(): void }>
  /** Raises an alert as any part of a gateway does. */
  alert(name: string, severity?: string, agent?: string): Promise<void>
}

export interface Cluster {
  readonly directory: string
  /** Where the counter server writes what it ran, one id a line. */
  readonly executed: string
  configOf(name: string, port: number): string
  open(name: string): Promise<Node>
  close(): Promise<void>
}

/** Gateways with the same keys on one PostgreSQL, as docs/guides/multi-node.md has it. */
export function createCluster(database: string, hook: string): Cluster {
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-nodes-'))
  const executed = join(directory, 'executed')
  writeFileSync(executed, '')
  const nodes: Node[] = []
  const policy = (name: string): string => {
    const folder = join(directory, name)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    if (name !== 'a' && !existsSync(join(folder, 'state', 'keys'))) {
      mkdirSync(join(folder, 'state'), { mode: 0o700 })
      cpSync(join(directory, 'a', 'state', 'keys'), join(folder, 'state', 'keys'), { recursive: true })
    }
    writeFileSync(join(folder, 'team.cedar'), POLICY)
    return folder
  }
  const configOf = (name: string, port: number): string => {
    const file = join(policy(name), 'sallyport.yaml')
    const lines = [
      'version: 1',
      `store: { driver: postgres, url: ${JSON.stringify(database)}, node: ${name} }`,
      'gateway:',
      '  trustedProxies: [127.0.0.1]',
      '  rateLimit: { categories: { sign-in: { requestsPerMinute: 6000, burstSize: 1000 } } }',
      `console: { port: ${port}, tls: off, url: ${ORIGIN}, password: true }`,
      'policies: [./team.cedar]',
      'policy: { fourEyes: true }',
      UNCONFINED,
      'servers:',
      '  counter:',
      `    command: ${JSON.stringify([process.execPath, COUNTER, executed])}`,
      '    trust: trusted',
      '    tools: { count: { effect: write, groups: [group:fs], args: { id: param } } }',
      'alerts:',
      `  sinks: { hook: { type: webhook, url: ${JSON.stringify(hook)}, secret: ${'s'.repeat(40)} } }`,
      '  delivery: { timeout: 1, retry: 0.2 }',
    ]
    writeFileSync(file, lines.join('\n'))
    return file
  }
  return {
    ...{ directory, executed, configOf },
    async open(name) {
      const port = await freePort()
      const node = await openNode(name, configOf(name, port), port)
      nodes.push(node)
      return node
    },
    async close() {
      await Promise.all(nodes.map(({ gateway }) => gateway.close().catch(() => undefined)))
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

export async function openNode(name: string, file: string, port: number): Promise<Node> {
  const stateDir = join(file, '..', 'state')
  const loaded = parseConfig(readFileSync(file, 'utf8'), file, { env: {}, stateDir, now: Date.now() })
  const gateway = await createGateway(loaded, { stateDir, operationalSink: (_text, done) => done() })
  await gateway.listen()
  const socket = (which: string): string => join(stateDir, 'run', `${which}.sock`)
  return {
    ...{ name, gateway, port, stateDir },
    browser(of) {
      const browser = new Browser(ORIGIN, { port, headers: PROXY })
      for (const [key, value] of of?.cookies ?? []) browser.cookies.set(key, value)
      return browser
    },
    socket: (method, path, body) => askSocket(socket('operator'), method, path, body),
    agent: (agent, key) => connect({ socket: socket('agent'), agent, key }),
    live(of, ticket) {
      const cookie = [...of.cookies].map(([key, value]) => `${key}=${value}`).join('; ')
      const headers = { ...PROXY, host: new URL(ORIGIN).host, origin: ORIGIN, cookie }
      const opened = new WebSocket(`ws://127.0.0.1:${port}/api/v1/live`, ['sallyport.live', ticket], { headers })
      const closed = new Promise<number>((resolve) => opened.once('close', resolve))
      return new Promise((resolve, reject) => {
        opened.once('unexpected-response', (_request, response) => {
          reject(new Error(String(response.statusCode)))
          opened.terminate()
        })
        opened.on('error', reject)
        opened.once('open', () => resolve({ closed, close: () => opened.close() }))
      })
    },
    alert: (what, severity = 'critical', agentId = 'planted') =>
      gateway.ports.evidence.append([
        {
          ...{ kind: 'alert', auditId: systemRandom.uuid(), timestamp: new Date().toISOString(), level: 'warn' },
          ...{ name: what, severity, agentId, message: 'Planted.' },
        } as unknown as LogRecord,
      ]),
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
