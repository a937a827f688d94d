import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Principal } from '@sallyport/core'
import { createGateway, loadConfig, type Gateway } from 'sallyport'
import { crossControlBoundary } from '../packages/gateway/dist/boundary/crossing.js'
import { Delegations } from '../packages/gateway/dist/boundary/delegated.js'
import { Refusals } from '../packages/gateway/dist/boundary/violations.js'
import type { Caller, IncomingCall } from '../packages/gateway/dist/boundary/ports.js'
import { createEvidence } from '../packages/gateway/dist/evidence/log/evidence.js'
import { createExecutor } from '../packages/gateway/dist/execution/executor.js'
import { BENCH_SERVER, benchPolicies, benchTools } from './policies.ts'

const RESULT = '{"content":[{"type":"text","text":"fine"}]}'

export interface CrossingFigures {
  readonly what: string
  readonly callers: number
  readonly runs: number
  readonly perSecond: number
  readonly p50Us: number
  readonly p99Us: number
  readonly cpuUs: number
  readonly target: string
}

/**
 * A whole crossing through a real gateway with 1 000 policies: schema, gate, labels, policy, token, executor with a handler that
 * does nothing, inspection. With the log's durable write, and with records that are made and queued but not written.
 *
 *   npm run bench -- crossing [--json]
 */
export async function run(args: readonly string[]): Promise<number> {
  const place = mkdtempSync(join(tmpdir(), 'sallyport-bench-'))
  try {
    const gateway = await openGateway(place)
    const figures: CrossingFigures[] = []
    for (const [what, callers, durable, target] of [
      ['record queued', 1, false, 'CPU ≤ 60 µs, ≥ 15 000/s on one core'],
      ['durable intent', 1, true, ''],
      ['durable intent', 64, true, '≥ 10 000/s, p50 ≤ 5 ms'],
      ['durable intent', 256, true, ''],
    ] as const) {
      process.stderr.write(`measuring ${what}, ${callers} callers\n`)
      figures.push(await measure(gateway, what, callers, durable, target))
    }
    await gateway.close()
    print(figures, args.includes('--json'))
    return 0
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

async function openGateway(place: string): Promise<Gateway> {
  writeFileSync(join(place, 'bench.cedar'), benchPolicies(1000))
  writeFileSync(
    join(place, 'sallyport.yaml'),
    'version: 1\npolicies: [./bench.cedar]\ngateway: { rateLimit: { callsPerMinute: 100000000, burst: 100000000 } }\n',
  )
  const loaded = loadConfig(join(place, 'sallyport.yaml'), { env: {}, stateDir: join(place, 'state'), now: Date.now() })
  const started = performance.now()
  const gateway = await createGateway(loaded, {
    stateDir: join(place, 'state'),
    operationalSink: (_text, done) => done(),
  })
  process.stderr.write(`gateway ready in ${Math.round(performance.now() - started)} ms\n`)
  await gateway.identity.agents.add({ name: 'bench', by: 'bench' })
  await gateway.identity.agents.setTrust('bench', 2, 'bench', 'measurement')
  await gateway.catalogue.addServer(BENCH_SERVER, { transport: 'sdk', name: 'bench' })
  await gateway.catalogue.observe(BENCH_SERVER, benchTools)
  return gateway
}

function agentOf({ identity }: Gateway): Principal {
  const issued = identity.issueFor('bench')
  const verified = issued.ok ? identity.verify(issued.value.credential) : issued
  if (!verified.ok) throw new Error(verified.reason)
  return verified.value
}

async function measure(
  gateway: Gateway,
  what: string,
  callers: number,
  durable: boolean,
  target: string,
): Promise<CrossingFigures> {
  const { ports } = gateway
  const evidence = durable ? ports.evidence : queueOnly(ports.clock)
  const handler = { run: async () => ({ outcome: 'success' as const, resultText: RESULT, confinement: 'none' }) }
  const crossing = {
    ...ports,
    evidence,
    executor: createExecutor({ capability: ports.capability, approvals: ports.approvals, upstream: handler }),
    delegations: new Delegations(),
    refusals: new Refusals(),
  }
  const principal = agentOf(gateway)
  const caller: Caller = {
    principal,
    ingress: 'api',
    connection: 'bench',
    sessionHint: '',
    surface: 'api',
    channel: '',
    chatType: '',
    contentTrust: 'semi-trusted',
    purpose: '',
  }
  let n = 0
  const next = (): IncomingCall => ({
    requestId: String(++n),
    server: BENCH_SERVER,
    tool: `t${n % benchTools.length}`,
    argsText: `{"path":"/work/project/src/file-${n}.ts","size":${n % 4096},"text":"${'The quick brown fox. '.repeat(8)}"}`,
    meta: {},
    enforcement: 'gateway',
    approvalWaitMs: 0,
  })
  const one = async (): Promise<void> => {
    const result = await crossControlBoundary(crossing, caller, next())
    if (result.outcome !== 'executed')
      throw new Error(`${result.outcome} ${'code' in result ? `${result.code} ${result.reason}` : ''}`)
  }
  for (let i = 0; i < 2000; i++) {
    await one()
    if (i % 32 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  const runs = durable && callers === 1 ? 2000 : 20_000
  const times: number[] = []
  const cpu = process.cpuUsage()
  const started = performance.now()
  let left = runs
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (left-- > 0) {
        const at = performance.now()
        await one()
        times.push(performance.now() - at)
        // calls come from sockets: give the loop the turns it would have
        if (times.length % 32 === 0) await new Promise((resolve) => setImmediate(resolve))
      }
    }),
  )
  const seconds = (performance.now() - started) / 1000
  const used = process.cpuUsage(cpu)
  times.sort((a, b) => a - b)
  const at = (share: number): number => Math.round((times[Math.floor(times.length * share)] ?? 0) * 1000)
  return {
    what,
    callers,
    runs: times.length,
    perSecond: Math.round(times.length / seconds),
    p50Us: at(0.5),
    p99Us: at(0.99),
    cpuUs: Math.round((used.user + used.system) / times.length),
    target,
  }
}

/** The log up to the queue: records are made, checked and encoded, and nobody writes them. */
function queueOnly(clock: Parameters<typeof createEvidence>[0]['clock']) {
  const store = { append: async () => {}, checkpoints: async () => [], stream: 'bench' }
  return createEvidence({ store, clock, onWriteFailure: 'block', alert: () => {} })
}

function print(figures: readonly CrossingFigures[], json: boolean): void {
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? ''}, Node ${process.version}`
  if (json) return void process.stdout.write(`${JSON.stringify({ bench: 'crossing', machine, figures })}\n`)
  process.stdout.write(`Whole crossing, 1 000 policies over ${benchTools.length} tools · ${machine}\n`)
  for (const f of figures) {
    process.stdout.write(
      `  ${f.what.padEnd(16)} ${String(f.callers).padStart(4)} callers  ${String(f.perSecond).padStart(7)}/s  p50 ${String(f.p50Us).padStart(6)} µs  p99 ${String(f.p99Us).padStart(6)} µs  CPU (all threads) ${String(f.cpuUs).padStart(4)} µs  ${f.runs} runs  ${f.target === '' ? '' : `target: ${f.target}`}\n`,
    )
  }
}
