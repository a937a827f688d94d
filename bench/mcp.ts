import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { Agent, request } from 'node:http'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROUNDS = 7
const CALLS = 300
const WARM_UP = 300
const IN_FLIGHT = 32

const MEMORY = '/dev/shm'
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const SALLYPORT = here('../packages/gateway/bin/sallyport.js')
const SERVER = [process.execPath, here('./fixtures/mcp-server.mjs')]
const NAIVE = [process.execPath, here('./fixtures/mcp-naive-proxy.mjs')]

/** One way to the same server. */
interface Way {
  call(id: number): Promise<void>
  close(): void
}

interface Figure {
  readonly transport: 'stdio' | 'http'
  readonly direct: number
  readonly ours: number
  readonly naive: number
  /** ms that each adds to the p50 of one `tools/call` with one caller. */
  readonly oursAdded: number
  readonly naiveAdded: number
  /** The same at the 10th percentile: what is left where the machine had nothing else to do. */
  readonly addedP10: { readonly ours: number; readonly naive: number; readonly memory: number }
  /** Ours with the gateway’s files in memory. */
  readonly memoryAdded?: number
  readonly target: string
  /** Absent over HTTP, where the gateway’s limit of requests per agent is in the way. */
  readonly perSecond?: { readonly direct: number; readonly ours: number; readonly naive: number }
}

/**
 * What the gateway adds to one `tools/call`: a real gateway process with its durable log, policy and pins, against the same
 * server called directly, and against a proxy made of the official SDK's client and server.
 *
 *   npm run bench -- mcp [--json]
 */
export async function run(args: readonly string[]): Promise<number> {
  const place = mkdtempSync(join(tmpdir(), 'sallyport-bench-'))
  // The same gateway with its files in memory: what the way through costs where a durable write is free.
  const memory = existsSync(MEMORY) ? mkdtempSync(join(MEMORY, 'sallyport-bench-')) : undefined
  const started: ChildProcess[] = []
  try {
    const far = await startHttp([...SERVER, '--http'], started)
    const naiveFar = await startHttp([...NAIVE, '--http', far], started)
    const gateway = await startGateway(place, far, started)
    const inMemory = memory === undefined ? undefined : await startGateway(memory, far, started)
    const wrapped = (state: string) => () =>
      stdio([process.execPath, SALLYPORT, 'mcp', 'wrap', '--state', join(state, 'state'), '--server', 'near'])
    const figures = [
      await measure('stdio', 'added p50 ≤ 0.5 ms', {
        direct: () => stdio(SERVER),
        ours: wrapped(place),
        naive: () => stdio([...NAIVE, ...SERVER]),
        ...(memory === undefined ? {} : { memory: wrapped(memory) }),
      }),
      await measure('http', 'added p50 ≤ 1 ms', {
        direct: () => http(far, ''),
        ours: () => http(`${gateway.url}/mcp/far`, gateway.authorization),
        naive: () => http(naiveFar, ''),
        ...(inMemory === undefined ? {} : { memory: () => http(`${inMemory.url}/mcp/far`, inMemory.authorization) }),
      }),
    ]
    print(figures, syncMs(place), args.includes('--json'))
    return 0
  } finally {
    await Promise.all(started.map(ended))
    for (const used of [place, memory])
      if (used !== undefined) rmSync(used, { recursive: true, force: true, maxRetries: 5 })
  }
}

type Name = 'direct' | 'ours' | 'naive' | 'memory'
type Ways = Readonly<Record<'direct' | 'ours' | 'naive', () => Promise<Way>> & { memory?: () => Promise<Way> }>

/** Rounds of the three ways in turn, so that what else the machine does falls on all of them. */
async function measure(transport: Figure['transport'], target: string, ways: Ways): Promise<Figure> {
  const names = Object.keys(ways) as Name[]
  const open = Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await ways[name]?.()] as const)),
  ) as Record<Name, Way>
  const times: Record<string, number[]> = { direct: [], ours: [], naive: [], memory: [] }
  const rates: Record<string, number[]> = { direct: [], ours: [], naive: [], memory: [] }
  let id = 0
  for (const name of names) for (let n = 0; n < WARM_UP; n++) await open[name].call(++id)
  for (let round = 0; round < ROUNDS; round++) {
    // Requests over HTTP are limited to 600 at once and 100 a second: the bucket fills again between rounds.
    if (transport === 'http') await new Promise((resolve) => setTimeout(resolve, 3_000))
    process.stderr.write(`${transport}: round ${round + 1} of ${ROUNDS}\n`)
    for (const name of names) {
      for (let n = 0; n < CALLS; n++) {
        const before = performance.now()
        await open[name].call(++id)
        times[name]?.push(performance.now() - before)
      }
      if (transport === 'http') continue
      const before = performance.now()
      await Promise.all(
        Array.from({ length: IN_FLIGHT }, async () => {
          for (let n = 0; n < CALLS / 10; n++) await open[name].call(++id)
        }),
      )
      rates[name]?.push((IN_FLIGHT * (CALLS / 10)) / ((performance.now() - before) / 1000))
    }
  }
  for (const way of Object.values(open)) way.close()
  const p50 = (name: string): number => median(times[name] ?? [])
  const rate = (name: string): number => Math.round(median(rates[name] ?? []))
  const [direct, ours, naive] = [p50('direct'), p50('ours'), p50('naive')]
  const perSecond = { direct: rate('direct'), ours: rate('ours'), naive: rate('naive') }
  const p10 = (name: string): number => quantile(times[name] ?? [], 0.1) - quantile(times['direct'] ?? [], 0.1)
  const addedP10 = { ours: p10('ours'), naive: p10('naive'), memory: p10('memory') }
  const inMemory = ways.memory === undefined ? {} : { memoryAdded: p50('memory') - direct }
  const added = { oursAdded: ours - direct, naiveAdded: naive - direct, ...inMemory }
  return { transport, direct, ours, naive, ...added, addedP10, target, ...(transport === 'http' ? {} : { perSecond }) }
}

const quantile = (values: readonly number[], q: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length * q)] ?? 0
const median = (values: readonly number[]): number => quantile(values, 0.5)

const INITIALIZE = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'bench', version: '1' },
}
const callText = (id: number): string =>
  `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"echo","arguments":{"message":"hello ${id}"}}}`

/** A client that does as little as possible: lines out, lines in. */
async function stdio(command: readonly string[]): Promise<Way> {
  const [program = '', ...args] = command
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  process.once('exit', () => child.kill())
  const open = new Map<number, (line: string) => void>()
  let rest = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const id = Number(/"id":(\d+)/.exec(line)?.[1] ?? -1)
      open.get(id)?.(line)
      open.delete(id)
    }
  })
  const ask = (id: number, text: string): Promise<string> =>
    new Promise((resolve) => {
      open.set(id, resolve)
      child.stdin.write(`${text}\n`)
    })
  await ask(0, JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params: INITIALIZE }))
  child.stdin.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n')
  return { call: async (id) => expectHello(id, await ask(id, callText(id))), close: () => child.kill() }
}

async function http(url: string, authorization: string): Promise<Way> {
  const agent = new Agent({ keepAlive: true, maxSockets: IN_FLIGHT })
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...(authorization === '' ? {} : { authorization }),
  }
  const post = (body: string): Promise<{ readonly text: string; readonly session: string | undefined }> =>
    new Promise((resolve, reject) => {
      const sent = request(url, { method: 'POST', agent, headers }, (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
        answer.once('end', () => resolve({ text, session: answer.headers['mcp-session-id'] as string | undefined }))
      })
      sent.once('error', reject)
      sent.end(body)
    })
  const { session } = await post(JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params: INITIALIZE }))
  if (session !== undefined) headers['mcp-session-id'] = session
  headers['mcp-protocol-version'] = '2025-11-25'
  await post('{"jsonrpc":"2.0","method":"notifications/initialized"}')
  return { call: async (id) => expectHello(id, (await post(callText(id))).text), close: () => agent.destroy() }
}

/** A measurement of calls that were refused would be a lie. */
function expectHello(id: number, line: string): void {
  if (!line.includes(`hello ${id}`)) throw new Error(`Call ${id} was not answered by the server: ${line.slice(0, 300)}`)
}

async function startHttp(command: readonly string[], started: ChildProcess[]): Promise<string> {
  const [program = '', ...args] = command
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  started.push(child)
  return new Promise((resolve) => child.stdout.once('data', (chunk: Buffer) => resolve(String(chunk).trim())))
}

async function startGateway(place: string, far: string, started: ChildProcess[]) {
  const tools = { echo: { effect: 'read', groups: ['group:bench'], args: { message: 'content' } } }
  const config = {
    version: 1,
    policies: ['preset:open'],
    acknowledgeInsecure: {
      policies: { reason: 'a measurement of the way through', by: 'bench', expires: '2099-01-01' },
    },
    gateway: { port: 0, rateLimit: { callsPerMinute: 1e9, burst: 1e9 } },
    servers: { near: { command: SERVER, tools }, far: { url: far, tools } },
  }
  const file = join(place, 'sallyport.yaml')
  const state = join(place, 'state')
  writeFileSync(file, JSON.stringify(config))
  started.push(spawn(process.execPath, [SALLYPORT, 'up', '--state', state, '--config', file], { stdio: 'ignore' }))
  const info = join(state, 'run', 'gateway.json')
  const credential = join(state, 'agents', 'bench', 'credential')
  await until(() => existsSync(info))
  execFileSync(process.execPath, [SALLYPORT, 'agents', 'add', 'bench', '--state', state], { stdio: 'ignore' })
  await until(() => existsSync(credential))
  const { url } = JSON.parse(readFileSync(info, 'utf8')) as { url: string }
  return {
    url,
    authorization: readFileSync(credential, 'utf8')
      .trim()
      .replace(/^authorization: */, ''),
  }
}

/** Asks a process to end, and ends it when it does not. Its files go only after it. */
async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill()
  const timer = setTimeout(() => child.kill('SIGKILL'), 8_000)
  await gone
  clearTimeout(timer)
}

async function until(done: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000
  while (!done()) {
    if (performance.now() > deadline) throw new Error('The gateway did not come up.')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** p50 of appending 500 bytes durably on this disk, ms: the floor of every call whose intent is durable. */
function syncMs(place: string): number {
  const file = openSync(join(place, 'sync'), 'a')
  const times = Array.from({ length: 200 }, () => {
    const before = performance.now()
    writeSync(file, 'x'.repeat(500))
    fdatasyncSync(file)
    return performance.now() - before
  })
  closeSync(file)
  return median(times)
}

function print(figures: readonly Figure[], sync: number, json: boolean): void {
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? ''}, Node ${process.version}`
  if (json)
    return void process.stdout.write(
      `${JSON.stringify({ bench: 'mcp', machine, rounds: ROUNDS, calls: CALLS, syncMs: sync, figures })}\n`,
    )
  process.stdout.write(
    `MCP tools/call, ${ROUNDS} rounds of ${CALLS} calls, one caller, durable log · one durable write here: p50 ${sync.toFixed(2)} ms · ${machine}\n`,
  )
  const ms = (value: number): string => value.toFixed(3).padStart(7)
  for (const f of figures) {
    const ratio = (f.naiveAdded / f.oursAdded).toFixed(2)
    process.stdout.write(
      `  ${f.transport.padEnd(5)} p50 direct ${ms(f.direct)} ms  ours ${ms(f.ours)} (+${ms(f.oursAdded)})  SDK proxy ${ms(f.naive)} (+${ms(f.naiveAdded)})  ratio of what is added, peer/ours ${ratio}  target: ${f.target}\n` +
        (f.memoryAdded === undefined ? '' : `        ours with the log in memory: +${ms(f.memoryAdded)} ms\n`) +
        `        added at p10: ours ${ms(f.addedP10.ours)}  log in memory ${ms(f.addedP10.memory)}  SDK proxy ${ms(f.addedP10.naive)} ms\n` +
        (f.perSecond === undefined
          ? ''
          : `        ${IN_FLIGHT} in flight: direct ${f.perSecond.direct}/s  ours ${f.perSecond.ours}/s  SDK proxy ${f.perSecond.naive}/s\n`),
    )
  }
}
