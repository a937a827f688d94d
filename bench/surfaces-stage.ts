import { fork, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request, type IncomingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UNCONFINED } from '../test/unconfined.ts'

export const REFUSED = 50
const here = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url))

const CEDAR = `// version: 1.0
@id("bench.allow") permit (principal, action, resource);
@id("bench.ask") @decision("approve") @severity("high") @advice("Somebody has to look at it.")
forbid (principal, action, resource) when { context.tool.name == "send" } unless { context.approved };
@id("bench.refuse") @severity("high") forbid (principal, action, resource) when { context.tool.name like "refuse_*" };
`

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

interface Ask {
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** A gateway with its console, as a process of its own, and a server behind it. */
export interface Stage {
  readonly origin: string
  /** Bytes on the gateway's heap after a forced collection. */
  heap(): Promise<number>
  tell<T>(act: string, ...given: readonly unknown[]): Promise<T>
  /** Over TCP, as a browser; without a cookie as nobody. */
  page(ask: Ask): Promise<Answer>
  /** Over the operator socket, as the command line. */
  operator(ask: Ask): Promise<Answer>
  /** A tool call over the agent socket; answers when it ran, was refused, or `wait` seconds are over. */
  call(credential: string, tool: string, args: object, wait?: number): Promise<Answer>
  close(): Promise<void>
}

/** @param more lines of the configuration; without them the limits are those of a new gateway */
export async function openStage(more = ''): Promise<Stage> {
  const place = mkdtempSync(join(tmpdir(), 'sallyport-bench-surfaces-'))
  const [state, config] = [join(place, 'state'), join(place, 'sallyport.yaml')]
  writeFileSync(join(place, 'bench.cedar'), CEDAR)
  const command = JSON.stringify([process.execPath, here('desk-server.mjs'), String(REFUSED)])
  const server = `servers:\n  desk:\n    command: ${command}\n    trust: trusted\n    tools:\n      note: { effect: write, args: { text: content } }\n      send: { effect: external, args: { to: sink, body: content } }`
  const console_ = 'console: { port: 0, tls: off }'
  writeFileSync(config, ['version: 1', 'policies: [./bench.cedar]', UNCONFINED, console_, more, server, ''].join('\n'))
  const child = fork(here('console-gateway.mjs'), [state, config], {
    execArgv: ['--expose-gc'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const tell = teller(child)
  await tell.listening
  const origin = await tell.act<string>('origin')
  const { host, port } = new URL(origin)
  const agents = Array.from({ length: 3 }, () => new Agent({ keepAlive: true, maxSockets: 128 }))
  const [toPage, toOperator, toAgent] = agents
  const socket = (name: string) => ({ socketPath: join(state, 'run', name) })
  const stage: Stage = {
    origin,
    tell: (act, ...given) => tell.act(act, ...given),
    heap: async () => (await tell.act<NodeJS.MemoryUsage>('heap')).heapUsed,
    page: ({ headers, ...ask }) =>
      send({ agent: toPage, host: '127.0.0.1', port }, { ...ask, headers: { host, ...asPage(origin), ...headers } }),
    operator: (ask) => send({ agent: toOperator, ...socket('operator.sock') }, ask),
    call: (credential, tool, args, wait = 50) =>
      send(
        { agent: wait > 5 ? new Agent() : toAgent, ...socket('agent.sock') },
        {
          ...{ method: 'POST', path: '/v1/calls', body: { tool, arguments: args } },
          headers: { authorization: `Bearer ${credential}`, prefer: `wait=${wait}` },
        },
      ),
    async close() {
      for (const agent of agents) agent.destroy()
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), 10_000)
      await gone
      clearTimeout(late)
      rmSync(place, { recursive: true, force: true })
    },
  }
  // the server behind the gateway starts with the first call
  const warm = await stage.call(await stage.tell('agent', 'warm'), 'desk.note', { text: 'first' })
  if (warm.status !== 200) throw new Error(`the first call answered ${warm.status} ${warm.text}`)
  return stage
}

/** Id of the one approval that waits, once there is one. @throws Error when there are several */
export async function waitingFor(stage: Stage): Promise<string> {
  for (;;) {
    const { text } = await stage.operator({ path: '/api/v1/approvals?state=pending' })
    const { items } = JSON.parse(text) as { readonly items: readonly { readonly id: string }[] }
    const [first, ...more] = items
    if (more.length > 0) throw new Error(`${items.length} approvals wait`)
    if (first !== undefined) return first.id
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** What a browser says with what a page of its own asks. */
const asPage = (origin: string) => ({ origin, 'sec-fetch-site': 'same-origin' })

function send(target: object, { method = 'GET', path, headers = {}, body }: Ask): Promise<Answer> {
  const text = body === undefined ? undefined : JSON.stringify(body)
  const more =
    text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
  return new Promise((resolve, reject) => {
    const asked = request({ ...target, method, path, headers: { ...more, ...headers } }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject)
      answer.on('end', () => {
        const { statusCode = 0, headers: had } = answer
        resolve({ status: statusCode, headers: had, text: Buffer.concat(chunks).toString() })
      })
    })
    asked.on('error', reject).end(text)
  })
}

interface Said {
  readonly id: number
  readonly value?: unknown
  readonly error?: string
}

function teller(child: ChildProcess) {
  const waiting = new Map<number, (said: Said) => void>()
  const ended = new Promise<never>((_resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`The gateway ended with ${code}.`)))
  })
  ended.catch(() => undefined)
  child.on('message', (said: Said) => waiting.get(said.id)?.(said))
  const said = (id: number): Promise<Said> =>
    Promise.race([ended, new Promise<Said>((resolve) => waiting.set(id, resolve))])
  let next = 0
  return {
    listening: said(0),
    async act<T>(act: string, ...given: readonly unknown[]): Promise<T> {
      const id = ++next
      const answer = said(id)
      child.send({ id, act, given })
      const { value, error } = await answer
      waiting.delete(id)
      if (error !== undefined) throw new Error(`${act}: ${error}`)
      return value as T
    },
  }
}
