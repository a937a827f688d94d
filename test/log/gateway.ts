import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { isJsonObject, SallyportError, type Json, type LogRecord } from '@sallyport/core'
import type { CliIo, CliOptions, CommandRun } from '../../packages/gateway/src/cli/command.ts'
import { systemClock } from '../../packages/gateway/src/clock.ts'
import { createEvidence } from '../../packages/gateway/src/evidence/log/evidence.ts'
import { logRoutes } from '../../packages/gateway/src/ingress/api/log-routes.ts'
import type { ApiRequest, ApiResponse, Route } from '../../packages/gateway/src/ingress/api/route.ts'
import type { ProvingStore } from '../../packages/gateway/src/store/create-store.ts'
import { openStore } from '../../packages/gateway/src/store/open.ts'
import { makeDirectory } from '../store/temporary.ts'

/** A state directory with keys, a store with evidence on it, and the commands' way to its routes without a socket. */
export async function startLog(more: (store: ProvingStore) => readonly Route[] = () => []) {
  const stateDir = makeDirectory()
  mkdirSync(join(stateDir, 'keys'))
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const mac = randomBytes(32)
  writeFileSync(join(stateDir, 'keys', 'mac.key'), mac)
  writeFileSync(join(stateDir, 'keys', 'checkpoint.pub'), publicKey.export({ type: 'spki', format: 'pem' }))
  const checkpointKey = privateKey.export({ type: 'pkcs8', format: 'der' })
  const path = join(stateDir, 'state.db')
  const store = await openStore(
    { driver: 'sqlite', path },
    { mac, checkpointKey, origin: 'log.test/install' },
    systemClock,
  )
  onTestFinished(() => store.close().catch(() => undefined))
  const evidence = createEvidence({ store, clock: systemClock, onWriteFailure: 'block', alert: () => undefined })
  const routes = [...logRoutes({ store, clock: systemClock, version: '0.0.0-test', pollMs: 10 }), ...more(store)]
  const state = { alive: true }

  const call = (pathAndQuery: string, signal: AbortSignal): Promise<ApiResponse> => {
    const url = new URL(pathAndQuery, 'http://localhost')
    for (const route of routes) {
      const names = [...route.path.matchAll(/:([a-z]+)/g)].map((match) => match[1] ?? '')
      const match = new RegExp(`^${route.path.replaceAll(/:[a-z]+/g, '([^/]+)')}$`).exec(url.pathname)
      if (!match) continue
      const params = Object.fromEntries(names.map((name, i) => [name, decodeURIComponent(match[i + 1] ?? '')]))
      return route.handle({ params, query: Object.fromEntries(url.searchParams), signal } as unknown as ApiRequest)
    }
    throw new SallyportError('SP_INTERNAL', `No route ${url.pathname}.`)
  }

  /** Runs a command and returns what it printed. */
  const command = async (
    run: CommandRun,
    args: readonly string[],
    options: CliOptions = {},
    json = false,
    signal?: AbortSignal,
  ) => {
    const out: string[] = []
    const err: string[] = []
    const quiet = signal ?? new AbortController().signal
    const io = {
      ...{
        json,
        quiet: false,
        color: false,
        isTerminal: false,
        cwd: '/',
        stateDir,
        configPath: undefined,
        signal: quiet,
      },
      out: (text: string) => void out.push(text),
      err: (text: string) => void err.push(text),
      gateway: {
        request: async (_method: string, at: string): Promise<Json> => (await call(at, quiet)).body ?? null,
        async *stream(at: string): AsyncIterable<Json> {
          for await (const chunk of (await call(at, quiet)).stream ?? []) {
            for (const line of chunk.split('\n')) if (line !== '') yield JSON.parse(line) as Json
          }
        },
        alive: async () => state.alive,
      },
    } as unknown as CliIo
    const exit = await run(io, args, options)
    return { exit, out: out.join('\n'), err: err.join('\n') }
  }
  const never = new AbortController().signal
  const get = async (at: string): Promise<Json> => (await call(at, never)).body ?? null
  /** All that a streaming answer holds. */
  const stream = async (at: string): Promise<string> => {
    let text = ''
    for await (const chunk of (await call(at, never)).stream ?? []) text += chunk
    return text
  }
  return { stateDir, path, store, evidence, command, call, get, stream, state }
}

/** A decision as the boundary writes it. */
export function decisionRecord(auditId: string, members: Record<string, Json> = {}): LogRecord {
  const record: Json = {
    ...{ kind: 'decision', auditId, timestamp: new Date().toISOString(), level: 'info', toolName: 'fs.read_file' },
    ...{ toolCategory: 'group:fs', effect: 'read', sessionId: 's1', requestId: 'r1', actor: 'bob > claude' },
    ...{ agentId: 'claude', instance: 'i1', surface: 'cli', trust: 'trusted', enforcement: 'gateway' },
    ...{ policyDecision: 'allowed', policyRule: ['p1'], bundle: 'b', parameters: {}, parameterHash: 'h' },
    ...members,
  }
  return record as LogRecord
}

export function outcomeRecord(auditId: string, members: Record<string, Json> = {}): LogRecord {
  const record: Json = {
    ...{ kind: 'outcome', auditId, timestamp: new Date().toISOString(), level: 'info', toolName: 'fs.read_file' },
    ...{ sessionId: 's1', agentId: 'claude', outcome: 'success', durationMs: 1.5 },
    ...members,
  }
  return record as LogRecord
}

export const parseLines = (text: string): Record<string, Json>[] =>
  text.split('\n').map((line) => {
    const value = JSON.parse(line) as Json
    if (!isJsonObject(value)) throw new Error('not an object')
    return value
  })
