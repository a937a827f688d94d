import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { JsonObject, LogRecord } from '@sallyport/core'
import type { Surface } from '@sallyport/core/surface'
import { parseConfig } from '../../packages/gateway/src/config/load.ts'
import { createGateway, type Gateway } from '../../packages/gateway/src/index.ts'
import { ask, type Answer } from '../api/kit.ts'
import { unconfined } from '../unconfined.ts'

const SERVER = fileURLToPath(new URL('../requirements/tool-server.mjs', import.meta.url))
const OPEN = { integrity: 2, confidentiality: 0 } as const
const text = { type: 'string' } as const
const any = { type: 'object', properties: { text, id: text, to: text, query: text } } as const

/** What the house can do, server by server; the first words of each name say what of it strangers may have. */
const HOUSE: Readonly<Record<string, Readonly<Record<string, JsonObject>>>> = {
  kb: { search: { effect: 'read', result: OPEN, args: { query: 'selector' } } },
  crm: {
    create_lead: { effect: 'write', args: { text: 'content' } },
    list_leads: { effect: 'read' },
    update_lead: { effect: 'write' },
    delete_lead: { effect: 'write', irreversible: true },
  },
  shop: {
    book_slot: { effect: 'write', args: { id: 'selector', text: 'content' } },
    cancel_booking: { effect: 'write' },
  },
  office: {
    send_newsletter: { effect: 'external', groups: ['group:messaging'] },
    publish_page: { effect: 'write' },
    run_job: { effect: 'write', groups: ['group:runtime'] },
    read_payroll: { effect: 'read', result: { integrity: 3, confidentiality: 3 } },
  },
}

/** What strangers may reach (HB-80). */
const SURFACES = {
  tools: {
    'kb.search': { scope: 'both', effect: 'read' },
    'crm.create_lead': { scope: 'external', effect: 'create', perHour: 60 },
    'shop.book_slot': { scope: 'external', effect: 'create', perHour: 60 },
  },
} as const
export const FOR_STRANGERS: readonly string[] = Object.keys(SURFACES.tools)
export const EVERY_TOOL: readonly string[] = Object.entries(HOUSE).flatMap(([server, tools]) =>
  Object.keys(tools).map((name) => `${server}.${name}`),
)

const generous = { requestsPerMinute: 1e6, burstSize: 1e6 }
/** So that what refuses is never a limit. */
export const UNLIMITED = {
  ...{ defaults: generous, callsPerMinute: 1e6, burst: 1e6, loops: { calls: 100_000 }, failuresPerMinute: 100_000 },
  categories: { read: generous, agent: generous, mcp: generous, hooks: generous, local: generous },
}

/** Policy that forbids nobody anything: what is refused is refused by the surface. */
const ANYTHING = '@id("test.anything")\npermit (principal, action, resource);\n'

export interface House {
  readonly gateway: Gateway
  readonly state: string
  readonly place: string
  /** A credential of the agent of that name: `desk` is admin, `visitor` public, `coder` local. */
  credential(agent: string): string
  key(agent: string): string
  ask(path: string, body: unknown, bearer?: string, headers?: Record<string, string>): Promise<Answer>
  /** One MCP request at `/mcp` or below, in a session of its own. */
  mcp(bearer: string, method: string, params?: JsonObject, path?: string): Promise<Answer>
  /** What servers executed: `<server>.<tool>`. */
  ran(): readonly { readonly tool: string; readonly args: JsonObject }[]
  records(): Promise<readonly LogRecord[]>
  close(): Promise<void>
}

const MCP = { 'mcp-protocol-version': '2025-06-18', accept: 'application/json, text/event-stream' }
const HELLO = {
  ...{ jsonrpc: '2.0', id: 1, method: 'initialize' },
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'c', version: '1' } },
}

/** A whole gateway in front of real MCP servers, with an agent on each surface. */
export async function openHouse(
  config: JsonObject = {},
  agents: Readonly<Record<string, Surface>> = { visitor: 'public', desk: 'admin', coder: 'local' },
): Promise<House> {
  const place = mkdtempSync(join(tmpdir(), 'sallyport-surfaces-'))
  const state = join(place, 'state')
  writeFileSync(join(place, 'anything.cedar'), ANYTHING)
  const servers = Object.entries(HOUSE).map(([server, tools]) => {
    const definitions = Object.keys(tools).map((name) => ({ name, inputSchema: any }))
    writeFileSync(join(place, `${server}.json`), JSON.stringify(definitions))
    writeFileSync(join(place, `${server}.ran`), '')
    const command = [process.execPath, SERVER, join(place, `${server}.json`), join(place, `${server}.ran`)]
    return [server, { command, trust: 'trusted', tools }] as const
  })
  const whole = {
    ...{ version: 1, ...unconfined, policies: ['anything.cedar'], surfaces: SURFACES },
    servers: Object.fromEntries(servers),
    ...config,
  }
  const sources = { env: {}, stateDir: state, now: Date.now() }
  const loaded = parseConfig(JSON.stringify(whole), join(place, 'sallyport.yaml'), sources)
  const gateway = await createGateway(loaded, { stateDir: state, operationalSink: (_line, done) => done() })
  for (const [server, tools] of Object.entries(HOUSE)) {
    const definitions = Object.keys(tools).map((name) => ({ name, inputSchema: any as unknown as JsonObject }))
    await gateway.catalogue.observe(server, definitions)
  }
  const keys = new Map<string, string>()
  for (const [name, surface] of Object.entries(agents)) {
    keys.set(name, (await gateway.identity.agents.add({ name, by: 'test', surface })).key)
    await gateway.identity.agents.setTrust(name, 2, 'test', 'test')
  }
  await gateway.listen()
  const socketPath = join(state, 'run', 'agent.sock')

  const house: House = {
    ...{ gateway, state, place },
    credential(agent) {
      const issued = gateway.identity.issueFor(agent)
      if (!issued.ok) throw new Error(issued.reason)
      return issued.value.credential
    },
    key: (agent) => keys.get(agent) ?? '',
    ask: (path, body, bearer, headers = {}) => {
      const said = body === undefined ? { method: 'GET' } : { method: 'POST', body }
      return ask({ socketPath }, { ...said, path, headers, ...(bearer === undefined ? {} : { bearer }) })
    },
    async mcp(bearer, method, params = {}, path = '/mcp') {
      const hello = await house.ask(path, HELLO, bearer, MCP)
      const session = hello.headers['mcp-session-id']
      if (method === 'initialize' || typeof session !== 'string') return hello
      return house.ask(path, { jsonrpc: '2.0', id: 2, method, params }, bearer, { ...MCP, 'mcp-session-id': session })
    },
    ran: () =>
      Object.keys(HOUSE).flatMap((server) =>
        readFileSync(join(place, `${server}.ran`), 'utf8')
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line) as { name: string; args: JsonObject })
          .map(({ name, args }) => ({ tool: `${server}.${name}`, args })),
      ),
    async records() {
      const rows = await gateway.store.readLog({ stream: gateway.store.stream, limit: 100_000 } as never)
      return rows.map(({ body }) => JSON.parse(body) as LogRecord)
    },
    async close() {
      await gateway.close()
      rmSync(place, { recursive: true, force: true })
    },
  }
  return house
}
