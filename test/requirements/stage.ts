import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type JsonObject, type LogRecord, type Principal, type TrustLevel } from '@sallyport/core'
import type { Caller, Clock, CrossingResult, IncomingCall } from '../../packages/gateway/src/boundary/ports.ts'
import { parseConfig } from '../../packages/gateway/src/config/load.ts'
import { createGateway, type Gateway } from '../../packages/gateway/src/index.ts'
import { operatorOf } from '../approvals/operator.ts'
import { unconfined } from '../unconfined.ts'

export interface StageTool {
  readonly effect: 'read' | 'write' | 'external'
  readonly groups?: readonly string[]
  readonly args?: Readonly<Record<string, string>>
  readonly irreversible?: boolean
  readonly persist?: boolean
  readonly properties: JsonObject
  readonly required?: readonly string[]
  /** Nobody says what the tool does. */
  readonly unannotated?: boolean
  /** The operator switched it off. */
  readonly off?: boolean
}
type StageTools = Readonly<Record<string, StageTool>>

export interface StageOptions {
  readonly tools: StageTools
  /** Further servers, by alias; they write into the same file what they executed. */
  readonly more?: Readonly<Record<string, StageTools>>
  /** Entries of `policies:`: presets and names of `files`; left out where absent. */
  readonly policies?: readonly string[]
  readonly files?: Readonly<Record<string, string>>
  readonly config?: Readonly<Record<string, unknown>>
  readonly trust?: TrustLevel
  readonly clock?: Clock
}

/** A whole gateway in this process, in front of a real MCP server of its own: server `box`, agent `coder`. */
export interface Stage {
  readonly gateway: Gateway
  readonly place: string
  readonly state: string
  caller(extra?: Partial<Caller>): Caller
  call(tool: string, args: unknown, extra?: Partial<IncomingCall>, as?: Caller): Promise<CrossingResult>
  /** Makes `operator:ana` the operator of this gateway: from now on there is somebody to ask. */
  claim(): Promise<void>
  /** Ana approves what waits, once. */
  approve(approvalId: string): Promise<void>
  /** What the server executed, in order. */
  ran(): readonly { readonly name: string; readonly args: JsonObject }[]
  records(query?: { readonly auditId?: string }): Promise<readonly LogRecord[]>
  close(): Promise<void>
}

const SERVER = fileURLToPath(new URL('./tool-server.mjs', import.meta.url))

/** What the operator says about the tools of a server. */
function notesOf(tools: StageTools): object {
  const notes = Object.entries(tools).flatMap(([name, tool]) => {
    const { effect, groups = [], args = {}, irreversible = false, persist = false, unannotated = false } = tool
    return unannotated ? [] : [[name, { effect, groups, args, irreversible, persist }] as const]
  })
  const disabled = Object.entries(tools).flatMap(([name, { off }]) => (off === true ? [name] : []))
  return { tools: Object.fromEntries(notes), ...(disabled.length === 0 ? {} : { disabled }) }
}

export async function openStage(options: StageOptions): Promise<Stage> {
  const place = mkdtempSync(join(tmpdir(), 'sallyport-requirements-'))
  const state = join(place, 'state')
  const executed = join(place, 'executed')
  const servers = Object.entries({ box: options.tools, ...options.more }).map(([alias, tools]) => ({
    ...{ alias, tools, file: join(place, `${alias}.json`) },
    definitions: Object.entries(tools).map(([name, { properties, required = [] }]) => ({
      name,
      inputSchema: { type: 'object', properties, required: [...required], additionalProperties: false },
    })),
  }))
  writeFileSync(executed, '')
  for (const { file, definitions } of servers) writeFileSync(file, JSON.stringify(definitions))
  for (const [name, text] of Object.entries(options.files ?? {})) writeFileSync(join(place, name), text)
  const text = JSON.stringify({
    version: 1,
    ...unconfined,
    ...(options.policies === undefined ? {} : { policies: options.policies }),
    servers: Object.fromEntries(
      servers.map(({ alias, tools, file }) => [
        alias,
        { command: [process.execPath, SERVER, file, executed], trust: 'trusted', ...notesOf(tools) },
      ]),
    ),
    ...options.config,
  })
  const loaded = parseConfig(text, join(place, 'sallyport.yaml'), { env: {}, stateDir: state, now: Date.now() })
  const gateway = await createGateway(loaded, {
    stateDir: state,
    operationalSink: (_line, done) => done(),
    ...(options.clock === undefined ? {} : { clock: options.clock }),
  })
  for (const { alias, definitions } of servers) await gateway.catalogue.observe(alias, definitions)
  await gateway.identity.agents.add({ name: 'coder', by: 'test' })
  await gateway.identity.agents.setTrust('coder', options.trust ?? 2, 'test', 'test')
  let request = 0
  // the composition root makes the whole service; the boundary holds no more than its port

  const stage: Stage = {
    gateway,
    place,
    state,
    caller(extra = {}) {
      const issued = gateway.identity.issueFor('coder')
      if (!issued.ok) throw new Error(issued.reason)
      const verified = gateway.identity.verify(issued.value.credential)
      if (!verified.ok) throw new Error(verified.reason)
      const principal: Principal = verified.value
      return {
        principal,
        ingress: 'api',
        connection: 'connection-1',
        sessionHint: 'stage',
        surface: 'api',
        channel: 'local',
        chatType: '',
        contentTrust: 'semi-trusted',
        purpose: 'to be tested',
        ...extra,
      }
    },
    call: (tool, args, extra = {}, as = stage.caller()) =>
      gateway.boundary.cross(as, {
        requestId: `request-${(request += 1)}`,
        server: 'box',
        tool,
        argsText: typeof args === 'string' ? args : JSON.stringify(args),
        meta: {},
        enforcement: 'gateway',
        approvalWaitMs: 0,
        ...extra,
      }),
    ...operatorOf(gateway),
    ran: () =>
      readFileSync(executed, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as { name: string; args: JsonObject }),
    async records(query = {}) {
      const rows = await gateway.store.readLog({ stream: gateway.store.stream, limit: 100_000, ...query } as never)
      return rows.map(({ body }) => JSON.parse(body) as LogRecord)
    },
    async close() {
      await gateway.close()
      rmSync(place, { recursive: true, force: true })
    },
  }
  return stage
}
