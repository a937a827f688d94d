import { createServer, type IncomingMessage, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { LogRecord } from '@sallyport/core'
import { createAlerting, type Alerting } from '../../packages/gateway/src/alerting.ts'
import type { Clock } from '../../packages/gateway/src/boundary/ports.ts'
import type { LiveEvent } from '../../packages/gateway/src/boundary/ports-live.ts'
import { systemClock } from '../../packages/gateway/src/clock.ts'
import { alertsSchema } from '../../packages/gateway/src/config/alerts-schema.ts'
import { createEvidence, type Evidence } from '../../packages/gateway/src/evidence/log/evidence.ts'
import { createOperationalLog } from '../../packages/gateway/src/evidence/log/operational.ts'
import { systemResolve } from '../../packages/gateway/src/execution/egress/dial.ts'
import { systemRandom } from '../../packages/gateway/src/random.ts'
import { openStore } from '../../packages/gateway/src/store/open.ts'
import type { Store } from '../../packages/gateway/src/store/ports.ts'
import { makeDirectory } from '../store/temporary.ts'

const KEYS = { mac: randomBytes(32), checkpointKey: privateKey() }

function privateKey(): Buffer {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' })
}

export interface Bench {
  readonly alerting: Alerting
  readonly evidence: Evidence
  readonly store: Store
  readonly directory: string
  readonly lines: Record<string, unknown>[]
  readonly live: LiveEvent[]
  close(): Promise<void>
}

export interface BenchOptions {
  readonly alerts?: object
  readonly directory?: string
  readonly clock?: Clock
  /** Stands between the parts and the store: the failing part is the disk, everything else is real. */
  readonly disk?: (store: Store) => Store
  readonly authorities?: readonly string[]
}

/** Log, alerts and store of a gateway, wired as the composition root wires them. */
export async function openBench(options: BenchOptions = {}): Promise<Bench> {
  const { directory = makeDirectory(), clock = systemClock, disk = (store: Store) => store } = options
  const opened = await openStore(
    { driver: 'sqlite', path: join(directory, 'state.db') },
    { ...KEYS, origin: 'alerts.test' },
    clock,
  )
  const store = disk(opened)
  const lines: Record<string, unknown>[] = []
  const live: LiveEvent[] = []
  const operational = createOperationalLog({
    clock,
    sink: (text, done) => {
      for (const line of text.trimEnd().split('\n')) lines.push(JSON.parse(line) as Record<string, unknown>)
      done()
    },
  })
  const alerting = await createAlerting({
    ...{ store, clock, random: systemRandom, operational, publish: (event) => void live.push(event) },
    config: alertsSchema.parse(options.alerts ?? {}),
    ...{ evidence: () => evidence, exceptions: [], authorities: options.authorities ?? [], resolve: systemResolve },
  })
  const evidence = createEvidence({
    ...{ store, clock, onWriteFailure: 'block', operational, tap: alerting.tap, retryMs: 20 },
    alert: ({ name, severity, message }) => alerting.said(name, severity, message),
  })
  await alerting.start()
  let isOpen = true
  const close = async (): Promise<void> => {
    if (!isOpen) return
    isOpen = false
    await alerting.close()
    await evidence.close()
    await opened.close()
  }
  onTestFinished(() => close().catch(() => undefined))
  return { alerting, evidence, store, directory, lines, live, close }
}

let count = 0
export const denial = (members: Record<string, unknown> = {}): LogRecord =>
  ({
    ...{ kind: 'decision', auditId: `call-${(count += 1)}`, timestamp: new Date().toISOString(), level: 'warn' },
    ...{ toolName: 'fs.write', toolCategory: 'group:fs', effect: 'write', sessionId: 's1', requestId: 'r1' },
    ...{ actor: 'coder', agentId: 'coder', instance: 'i1', surface: 'cli', trust: 'trusted', enforcement: 'gateway' },
    ...{ policyDecision: 'denied', policyRule: ['no-writes'], bundle: 'b', parameters: { path: '/etc/passwd' } },
    ...{ parameterHash: 'h', severity: 'medium', reason: 'Writes are denied.', ...members },
  }) as unknown as LogRecord

export interface Receiver {
  readonly url: string
  readonly got: { readonly headers: IncomingMessage['headers']; readonly body: string }[]
  /** What it answers; `hang` never does. */
  answer: number | 'hang'
  readonly server: Server
}

/** A real HTTP server that takes messages as it is told to. */
export async function startReceiver(answer: Receiver['answer'] = 200): Promise<Receiver> {
  const got: Receiver['got'] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      got.push({ headers: request.headers, body: Buffer.concat(chunks).toString() })
      if (receiver.answer !== 'hang') response.writeHead(receiver.answer).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const receiver: Receiver = { url: `http://localhost:${port}/hook`, got, answer, server }
  return receiver
}

/** The same for one test. */
export async function openReceiver(answer: Receiver['answer'] = 200): Promise<Receiver> {
  const receiver = await startReceiver(answer)
  onTestFinished(() => {
    receiver.server.closeAllConnections()
    receiver.server.close()
  })
  return receiver
}

/** Waits until something is so; a loaded machine takes its time. */
export async function until(so: () => boolean | Promise<boolean>, ms = 20_000): Promise<void> {
  const end = Date.now() + ms
  while (!(await so())) {
    if (Date.now() > end) throw new Error('it did not become so')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

export const alertRecords = async (store: Store): Promise<readonly LogRecord[]> =>
  (await store.readLog({ kind: 'alert', limit: 1000 })).map(({ body }) => JSON.parse(body) as LogRecord)
