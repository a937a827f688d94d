import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createGateway, parseConfig, type Gateway, type GatewayDeps } from '../../packages/gateway/src/index.ts'
import { ask, type Answer, type Ask } from '../api/kit.ts'
import { unconfined } from '../unconfined.ts'

const COUNTER = fileURLToPath(new URL('../e2e/counter-server.mjs', import.meta.url))

export interface Stage {
  readonly gateway: Gateway
  readonly place: string
  readonly state: string
  /** A request over the socket of operators, or, with a bearer, over that of agents. */
  ask(what: Ask): Promise<Answer>
  /** A call by the agent `tester`. */
  call(tool: string, args: unknown): Promise<Answer>
  scrape(path?: '/metrics' | '/metrics/security'): Promise<Figures>
  /** Credential of an agent, from its file. */
  credential(agent: string): string
  close(): Promise<void>
}

/** A real gateway in this process with one server, `counter`, and one agent, `tester`. */
export async function openStage(
  more: Record<string, unknown> = {},
  policy = 'permit (principal, action, resource);',
  deps: Partial<GatewayDeps> = {},
): Promise<Stage> {
  const place = mkdtempSync(join(tmpdir(), 'sallyport-metrics-'))
  const state = join(place, 'state')
  writeFileSync(join(place, 'executed'), '')
  writeFileSync(join(place, 'test.cedar'), `// version: 1.0\n@id("test.allow")\n${policy}\n`)
  const config = {
    ...{ version: 1, policies: [join(place, 'test.cedar')], gateway: { port: 0 }, ...unconfined },
    servers: {
      counter: {
        command: [process.execPath, COUNTER, join(place, 'executed')],
        trust: 'trusted',
        tools: { count: { effect: 'write', groups: ['group:fs'], args: { id: 'param' } } },
      },
    },
    ...more,
  }
  const sources = { env: {}, stateDir: state, now: Date.now() }
  const loaded = parseConfig(JSON.stringify(config), join(place, 'sallyport.yaml'), sources)
  const gateway = await createGateway(loaded, { stateDir: state, operationalSink: (_text, done) => done(), ...deps })
  await gateway.identity.agents.add({ name: 'tester', by: 'test' })
  await gateway.identity.agents.setTrust('tester', 2, 'test', 'test')
  await gateway.listen()
  const credential = (agent: string): string => {
    const line = readFileSync(join(state, 'agents', agent, 'credential'), 'utf8').trim()
    return line.slice(line.indexOf(' Bearer ') + 8)
  }
  const stage: Stage = {
    ...{ gateway, place, state, credential },
    ask: (what) =>
      ask({ socketPath: join(state, 'run', `${what.bearer === undefined ? 'operator' : 'agent'}.sock`) }, what),
    call: (tool, args) =>
      stage.ask({
        method: 'POST',
        path: '/v1/calls',
        headers: { prefer: 'wait=20' },
        body: { tool, arguments: args },
        bearer: credential('tester'),
      }),
    scrape: async (path = '/metrics') => {
      const { status, text } = await stage.ask({ path })
      if (status !== 200) throw new Error(`${status} ${text}`)
      return readFigures(text)
    },
    async close() {
      await gateway.close()
      rmSync(place, { recursive: true, force: true })
    },
  }
  return stage
}

/** Enrols the first operator, as `init --claim` does. Its key, which a PIN would give. */
export async function claim({ presence }: Gateway, name = 'ana'): Promise<Buffer> {
  const key = randomBytes(32)
  const asked = await presence.claimChallenge('ab'.repeat(32))
  if (!asked.ok) throw new Error(asked.reason)
  const { nonce, notAfter, operators } = asked.value
  const salt = operators[0]?.salt ?? ''
  const done = await presence.claim({ name, salt, verifier: key.toString('hex'), nonce, notAfter }, 'test')
  if (!done.ok) throw new Error(done.reason)
  return key
}

export interface Figures {
  readonly text: string
  /** Value of a series, by its name and labels as they stand in the text; 0 where there is none. */
  of(series: string): number
  readonly series: readonly string[]
}

export function readFigures(text: string): Figures {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const values = new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ')
      return [line.slice(0, at), Number(line.slice(at + 1))] as const
    }),
  )
  return { text, of: (series) => values.get(series) ?? 0, series: [...values.keys()] }
}
