import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createGateway, loadConfig } from 'sallyport'
import { BENCH_SERVER, benchPolicies, benchTools } from './policies.ts'

const SALLYPORT = fileURLToPath(new URL('../packages/gateway/bin/sallyport.js', import.meta.url))
const RUNS = 7
/** Memory is read when the gateway answers, and when it has had nothing to do for this long, ms. */
const IDLE_MS = 8_000

interface Start {
  readonly ms: number
  readonly readyMb: number
  readonly idleMb: number
}

/**
 * From the command line to the first answer of a gateway with 1 000 policies over 100 pinned tools, as a process of its own:
 * without and with the cache of checked policies. The floor is a Node that does nothing.
 *
 *   npm run bench -- start [--json]
 */
export async function run(args: readonly string[]): Promise<number> {
  const place = mkdtempSync(join(tmpdir(), 'sallyport-bench-start-'))
  try {
    const pristine = join(place, 'pristine')
    const config = join(place, 'sallyport.yaml')
    writeFileSync(join(place, 'bench.cedar'), benchPolicies(1000))
    writeFileSync(config, 'version: 1\npolicies: [./bench.cedar]\n')
    await pinTools(config, pristine)
    const [floor, cold, warm]: [number[], Start[], Start[]] = [[], [], []]
    for (let n = 0; n < RUNS; n++) {
      process.stderr.write(`start ${n + 1} of ${RUNS}\n`)
      floor.push(await nothing())
      const state = join(place, `state-${n}`)
      cpSync(pristine, state, { recursive: true })
      cold.push(await start(config, state, n === 0))
      warm.push(await start(config, state, n === 0))
      rmSync(state, { recursive: true })
    }
    const rows = [row('no cache', cold, '≤ 1 200 ms, RSS ≤ 150 MB'), row('cache of checked policies', warm, '≤ 400 ms')]
    const machine = `${cpus().length} × ${cpus()[0]?.model ?? ''}, Node ${process.version}`
    const nothingMs = Math.round(middle(floor))
    if (args.includes('--json')) console.log(JSON.stringify({ bench: 'start', machine, runs: RUNS, nothingMs, rows }))
    else {
      console.log(
        `Start to first answer, 1 000 policies, 100 tools · median of ${RUNS} · node -e 0: ${nothingMs} ms · ${machine}`,
      )
      console.table(rows)
    }
    return 0
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

function row(what: string, starts: readonly Start[], target: string) {
  const ms = starts.map((start) => start.ms)
  return {
    what,
    ms: Math.round(middle(ms)),
    minMs: Math.round(Math.min(...ms)),
    maxMs: Math.round(Math.max(...ms)),
    rssReadyMb: Math.round(middle(starts.map((start) => start.readyMb))),
    rssIdleMb: Math.round(starts[0]?.idleMb ?? 0),
    target,
  }
}

const middle = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0

/** A state directory whose tools are pinned, as after a first use; without the cache, as after an update. */
async function pinTools(config: string, stateDir: string): Promise<void> {
  const loaded = loadConfig(config, { env: {}, stateDir, now: Date.now() })
  const gateway = await createGateway(loaded, { stateDir, operationalSink: (_text, done) => done() })
  await gateway.catalogue.addServer(BENCH_SERVER, { transport: 'sdk', name: 'bench' })
  await gateway.catalogue.observe(BENCH_SERVER, benchTools)
  await gateway.close()
  rmSync(join(stateDir, 'cache'), { recursive: true, force: true })
}

async function start(config: string, state: string, idle: boolean): Promise<Start> {
  const started = performance.now()
  const command = [SALLYPORT, 'up', '--config', config, '--state', state]
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  try {
    while (!(await answers(join(state, 'run', 'agent.sock')))) {
      if (child.exitCode !== null) throw new Error(`The gateway did not start: ${said}`)
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    const ms = performance.now() - started
    const readyMb = memoryOf(child.pid)
    if (idle) await new Promise((resolve) => setTimeout(resolve, IDLE_MS))
    return { ms, readyMb, idleMb: memoryOf(child.pid) }
  } finally {
    child.kill('SIGTERM')
    await ended
  }
}

const answers = (socketPath: string): Promise<boolean> =>
  new Promise((resolve) => {
    const asked = request({ socketPath, path: '/health' }, (answer) => {
      answer.resume()
      resolve(answer.statusCode === 200)
    })
    asked.on('error', () => resolve(false))
    asked.end()
  })

const memoryOf = (pid: number | undefined): number =>
  Number(/^VmRSS:\s+([0-9]+)/m.exec(readFileSync(`/proc/${pid ?? 0}/status`, 'utf8'))?.[1] ?? 0) / 1024

const nothing = (): Promise<number> =>
  new Promise((resolve) => {
    const started = performance.now()
    spawn(process.execPath, ['-e', '0']).once('exit', () => resolve(performance.now() - started))
  })
