import { createServer, type IncomingMessage } from 'node:http'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import type { Duplex } from 'node:stream'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  canonicalJson,
  isToolName,
  joinCall,
  UNCLASSIFIED,
  type Decision,
  type Json,
  type RegisteredTool,
  type ToolDefinition,
} from '@sallyport/core'
import type { Boundary, Caller, CrossingResult, IncomingCall } from '../../packages/gateway/src/boundary/ports.ts'
import { systemClock } from '../../packages/gateway/src/clock.ts'
import { unconfined } from '../../packages/gateway/src/execution/upstream/fixtures/unconfined.ts'
import type { ServerSpec } from '../../packages/gateway/src/execution/upstream/spec.ts'
import {
  createUpstreams,
  type Upstreams,
  type UpstreamsDeps,
} from '../../packages/gateway/src/execution/upstream/upstreams.ts'
import { createMcpIngress } from '../../packages/gateway/src/ingress/mcp/ingress.ts'
import type {
  LaunchRequest,
  Listing,
  McpCatalogue,
  McpIngressDeps,
  McpServerEntry,
} from '../../packages/gateway/src/ingress/mcp/ports.ts'
import { systemRandom } from '../../packages/gateway/src/random.ts'

export const FIXTURES = fileURLToPath(new URL('./fixtures/', import.meta.url))
export const MODULES = fileURLToPath(new URL('../../node_modules/', import.meta.url))
export const EVERYTHING = [process.execPath, `${MODULES}@modelcontextprotocol/server-everything/dist/index.js`, 'stdio']
export const MEMORY = [process.execPath, `${MODULES}@modelcontextprotocol/server-memory/dist/index.js`]
export const FILESYSTEM = (root: string) => [
  process.execPath,
  `${MODULES}@modelcontextprotocol/server-filesystem/dist/index.js`,
  root,
]
export const fixture = (name: string, ...args: string[]) => [process.execPath, `${FIXTURES}${name}`, ...args]

export const stdio = (alias: string, command: readonly string[], more: Partial<ServerSpec> = {}): ServerSpec =>
  ({ alias, transport: 'stdio', command, env: {}, timeoutMs: 5_000, ...more }) as ServerSpec

const ALLOW: Decision = {
  outcome: 'allow',
  reason: '',
  determining: ['test'],
  severity: 'info',
  bundle: 'test',
  version: '1',
}

/** Pins what it sees first and blocks what differs later: the rules of the real catalogue, in memory. */
class TestCatalogue implements McpCatalogue {
  readonly entries = new Map<string, McpServerEntry>()
  readonly pins = new Map<string, Map<string, { readonly definition: ToolDefinition; drifted: boolean }>>()
  readonly observed: string[] = []
  private readonly upstreams: Upstreams

  constructor(upstreams: Upstreams) {
    this.upstreams = upstreams
  }

  add(spec: ServerSpec, more: Partial<McpServerEntry> = {}): McpServerEntry {
    const entry = { alias: spec.alias, aggregated: true, metaKeys: [], serverRequests: [], ...more }
    this.entries.set(spec.alias, entry)
    this.upstreams.add(spec)
    return entry
  }

  servers() {
    return [...this.entries.values()]
  }

  async launch(_caller: Caller, { alias, command, cwd, env }: LaunchRequest) {
    const known = this.entries.get(alias)
    if (known !== undefined) return { ok: true, value: known } as const
    const entry = this.add({ alias, transport: 'stdio', command, cwd, env, timeoutMs: 5_000 }, { aggregated: false })
    return { ok: true, value: entry } as const
  }

  async observe(server: string, { tools }: Listing) {
    this.observed.push(server)
    const pins = this.pins.get(server) ?? new Map()
    this.pins.set(server, pins)
    for (const definition of tools) {
      if (!isToolName(definition.name)) continue
      const known = pins.get(definition.name)
      if (known === undefined) pins.set(definition.name, { definition, drifted: false })
      else
        known.drifted =
          canonicalJson(known.definition as unknown as Json) !== canonicalJson(definition as unknown as Json)
    }
  }

  tool(server: string, name: string): RegisteredTool | 'unknown' | 'drifted' {
    const pin = name.startsWith('mcp:')
      ? { definition: { name, inputSchema: {} }, drifted: false }
      : this.pins.get(server)?.get(name)
    if (pin === undefined) return 'unknown'
    if (pin.drifted) return 'drifted'
    const { definition } = pin
    return {
      id: `${server}.${name}`,
      server,
      name,
      definition,
      pin: 'p',
      annotation: UNCLASSIFIED,
      annotated: false,
      elevated: false,
    }
  }
}

export interface TestGateway {
  readonly url: string
  readonly stateDir: string
  readonly socketPath: string
  readonly upstreams: Upstreams
  readonly catalogue: TestCatalogue
  /** Every call that crossed, in order. */
  readonly calls: IncomingCall[]
  readonly refusals: { readonly code: string; readonly reason: string }[]
  readonly operational: string[]
  /** Breaks every connection of a client, as a killed gateway would. */
  cut(): void
  close(): Promise<void>
}

export interface TestOptions {
  readonly servers?: readonly (ServerSpec | readonly [ServerSpec, Partial<McpServerEntry>])[]
  /** Says what becomes of a call before it is forwarded; undefined = allowed. */
  readonly decide?: (
    caller: Caller,
    call: IncomingCall,
  ) => CrossingResult | undefined | Promise<CrossingResult | undefined>
  readonly hidden?: (tool: RegisteredTool) => boolean
  readonly ingress?: Partial<McpIngressDeps>
  readonly limits?: UpstreamsDeps['limits']
}

/** The MCP ingress and the upstreams around a boundary that allows everything unless `decide` says otherwise. */
export async function testGateway(options: TestOptions = {}): Promise<TestGateway> {
  const operational: string[] = []
  const upstreams = createUpstreams({
    ...unconfined(operational),
    limits: { graceMs: 300, ...options.limits },
  })
  const catalogue = new TestCatalogue(upstreams)
  for (const one of options.servers ?? []) {
    if (Array.isArray(one)) catalogue.add(...(one as [ServerSpec, Partial<McpServerEntry>]))
    else catalogue.add(one as ServerSpec)
  }
  const calls: IncomingCall[] = []
  const refusals: TestGateway['refusals'] = []
  const boundary = testBoundary({ upstreams, catalogue, calls, refusals, options })
  const ingress = createMcpIngress({
    boundary,
    upstreams,
    catalogue,
    clock: systemClock,
    random: systemRandom,
    allowedHosts: [],
    allowedOrigins: [],
    version: '0.0.0',
    ...options.ingress,
  })
  const callerOf = (request: IncomingMessage, kind: Caller['ingress']): Caller => {
    const name = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? 'tester'
    return {
      principal: { kind: 'agent', id: name, chain: [], scopes: ['execute'], trustLevel: 2, instance: `i-${name}` },
      ingress: kind,
      connection: systemRandom.uuid(),
      sessionHint: '',
      surface: 'mcp',
      channel: '',
      chatType: '',
      contentTrust: 'semi-trusted',
      purpose: '',
    }
  }
  const upgraded = new Set<Duplex>()
  const make = () => {
    const server = createServer((request, response) => {
      const alias = /^\/mcp\/([^/?]+)/.exec(request.url ?? '')?.[1]
      ingress.handleHttp(request, response, callerOf(request, 'mcp-http'), alias).catch(() => response.destroy())
    })
    server.on('upgrade', (request, socket, head) => {
      upgraded.add(socket)
      ingress.handleUpgrade(request, socket, head, callerOf(request, 'mcp-stdio')).catch(() => socket.destroy())
    })
    return server
  }
  const stateDir = mkdtempSync(join(tmpdir(), 'sp-mcp-'))
  const socketPath = join(stateDir, 'run', 'agent.sock')
  mkdirSync(join(stateDir, 'run'), { mode: 0o700 })
  mkdirSync(join(stateDir, 'agents', 'tester'), { recursive: true })
  writeFileSync(join(stateDir, 'agents', 'tester', 'credential'), 'authorization: Bearer tester\n')
  chmodSync(stateDir, 0o700)
  const [tcp, unix] = [make(), make()]
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve))
  await new Promise<void>((resolve) => unix.listen(socketPath, resolve))
  return {
    url: `http://127.0.0.1:${(tcp.address() as AddressInfo).port}/mcp`,
    stateDir,
    socketPath,
    upstreams,
    catalogue,
    calls,
    refusals,
    operational,
    cut() {
      for (const socket of upgraded) socket.destroy()
    },
    async close() {
      await ingress.close()
      await upstreams.close()
      for (const server of [tcp, unix]) {
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      }
      rmSync(stateDir, { recursive: true, force: true })
    },
  }
}

function testBoundary(of: {
  readonly upstreams: Upstreams
  readonly catalogue: TestCatalogue
  readonly calls: IncomingCall[]
  readonly refusals: TestGateway['refusals']
  readonly options: TestOptions
}): Boundary {
  const { upstreams, catalogue, calls, refusals, options } = of
  const auditId = () => systemRandom.uuid()
  return {
    async cross(caller, call) {
      calls.push(call)
      const tool = catalogue.tool(call.server, call.tool)
      if (typeof tool === 'string') {
        const code = tool === 'unknown' ? 'SP_MCP_UNKNOWN_TOOL' : 'SP_MCP_TOOL_DRIFT'
        return { outcome: 'denied', auditId: auditId(), code, reason: '' }
      }
      const decided = await options.decide?.(caller, call)
      if (decided !== undefined) return decided
      if (call.enforcement === 'host') return { outcome: 'delegated', auditId: auditId(), decision: ALLOW }
      const { method, paramsText } = joinCall(tool.name, call.argsText, call.meta)
      const raw = await upstreams.call(call.server, caller.connection, method, paramsText, {
        ...(call.signal === undefined ? {} : { signal: call.signal }),
        ...(call.onProgress === undefined ? {} : { onProgress: call.onProgress.bind(call) }),
      })
      if (raw.resultText !== undefined) {
        return { outcome: 'executed', auditId: auditId(), resultText: raw.resultText, decision: ALLOW }
      }
      const { code, reason } = raw.error ?? { code: 'SP_INTERNAL', reason: '' }
      const rpcError = raw.rpcError === undefined ? {} : { rpcError: raw.rpcError }
      return { outcome: 'failed', auditId: auditId(), code, reason, ...rpcError }
    },
    async refused(_caller, { code, reason }) {
      refusals.push({ code, reason })
      return auditId()
    },
    report: async () => ({ ok: true, value: null }) as never,
    visible: (_caller, server) =>
      [...(catalogue.pins.get(server)?.keys() ?? [])].flatMap((name) => {
        const tool = catalogue.tool(server, name)
        return typeof tool === 'string' || options.hidden?.(tool) === true ? [] : [tool]
      }),
  }
}
