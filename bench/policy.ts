/**
 * Policy decisions against the peers: `npm run bench -- policy [--json] [--runs=N] [--agree=N] [--quick]`.
 * Every cell is a fresh process; times include building each engine's own request. `--agree` compares our answers with
 * cedar-wasm on that many generated requests (100 000 for the closing note).
 */
import { execFile } from 'node:child_process'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { buildBundle, cedarSchema, collectPools, generateRequest, match, seeded, toCedarRequest } from '@sallyport/core'
import { loadCedar } from '../packages/gateway/src/control/policy/cedar.ts'
import { foreignEngines } from '../packages/gateway/src/control/policy/foreign-engine.ts'
import { actions, policyTexts } from './policy-workload.ts'

interface Cell {
  readonly engine: string
  readonly policies: number
  readonly p50: number
  readonly p99: number
  readonly samples: number
  readonly loadMs: number
  readonly mismatches: number
  readonly rssMb: number
}

const SIZES = [10, 100, 1_000, 10_000]
const PEERS = ['cedar-wasm', 'cedar-wasm sharded', 'agent-governance-sdk', 'casbin']
/** Sizes that take a peer longer than they teach. */
const SKIP: Readonly<Record<string, number>> = {
  'cedar-wasm': 1_000,
  'cedar-wasm sharded': 1_000,
  casbin: 1_000,
  'agent-governance-sdk': 1_000,
}
/** At 1 000 policies. */
const TARGETS: Readonly<Record<string, number>> = {
  'cedar-wasm': 500,
  'cedar-wasm sharded': 100,
  'agent-governance-sdk': 500,
  casbin: 100,
}

const start = promisify(execFile)
async function cell(engine: string, policies: number): Promise<Cell> {
  const file = fileURLToPath(new URL('./policy-cell.ts', import.meta.url))
  const { stdout } = await start(process.execPath, [
    '--conditions=source',
    '--import',
    'tsx',
    file,
    engine,
    String(policies),
  ])
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Cell
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

/** Runs and prints; 1 when a target is missed. */
export async function run(args: readonly string[]): Promise<number> {
  const json = args.includes('--json')
  const option = (name: string, fallback: number): number => {
    const given = args.find((arg) => arg.startsWith(`${name}=`))
    return given === undefined ? fallback : Number(given.slice(name.length + 1))
  }
  const runs = option('--runs', 3)
  const sizes = args.includes('--quick') ? [10, 1_000] : SIZES
  const rows: {
    policies: number
    engine: string
    p50: number
    p99: number
    ratio: number
    loadMs: number
    mismatches: number
    rssMb: number
  }[] = []
  for (const policies of sizes) {
    const mine = await repeat('sallyport', policies, runs)
    rows.push({ ...mine, ratio: 1 })
    for (const engine of PEERS) {
      if (policies > (SKIP[engine] ?? Infinity)) continue
      process.stderr.write(`${engine}, ${policies} policies…\n`)
      const peer = await repeat(engine, policies, runs)
      rows.push({ ...peer, ratio: peer.p50 / mine.p50 })
    }
  }
  const of = (engine: string, policies: number): (typeof rows)[number] | undefined =>
    rows.find((row) => row.engine === engine && row.policies === policies)
  const agreement = await agree(option('--agree', 4_000))
  const checks = Object.entries(TARGETS).map(([engine, target]) => {
    const ratio = of(engine, 1_000)?.ratio ?? 0
    return { what: `${engine} / ours at 1 000`, value: round(ratio), target: `≥ ${target}`, ok: ratio >= target }
  })
  const p50 = of('sallyport', 1_000)?.p50 ?? Infinity
  checks.push({ what: 'p50 at 1 000, µs', value: round(p50), target: '≤ 2.5', ok: p50 <= 2.5 })
  const large = of('sallyport', 10_000)
  if (large !== undefined) {
    const flat = large.p50 / (of('sallyport', 10)?.p50 ?? 0)
    checks.push({ what: 'p50(10 000) / p50(10)', value: round(flat), target: '≤ 6', ok: flat <= 6 })
  }
  checks.push({
    what: `disagreements with cedar-wasm in ${agreement.requests}`,
    value: agreement.different,
    target: '0',
    ok: agreement.different === 0,
  })
  const machine = `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Node ${process.version}`
  if (json)
    process.stdout.write(`${JSON.stringify({ what: 'policy decision', runs, machine, rows, checks }, null, 2)}\n`)
  else {
    process.stdout.write(
      'policies  engine                 p50 µs     p99 µs     ratio   load ms  RSS MB  wrong of 400\n',
    )
    for (const row of rows) {
      const cells = [
        round(row.p50),
        round(row.p99),
        row.engine === 'sallyport' ? '' : `${Math.round(row.ratio)}×`,
        row.loadMs,
        row.rssMb,
        row.mismatches,
      ]
      const widths = [10, 10, 9, 9, 7, 13]
      const line = cells.map((text, at) => String(text).padStart(widths[at] ?? 8)).join(' ')
      process.stdout.write(`${String(row.policies).padEnd(9)} ${row.engine.padEnd(20)} ${line}\n`)
    }
    for (const { what, value, target, ok } of checks)
      process.stdout.write(`${ok ? 'ok  ' : 'MISS'} ${what}: ${value} (${target})\n`)
    process.stdout.write(`median of ${runs} runs, each in a fresh process; ${machine}\n`)
  }
  return checks.every(({ ok }) => ok) ? 0 : 1
}

const round = (value: number): number => Number(value.toPrecision(3))

async function repeat(engine: string, policies: number, runs: number): Promise<Omit<Cell, 'samples'>> {
  const cells: Cell[] = []
  for (let at = 0; at < runs; at++) cells.push(await cell(engine, policies))
  const middle = (pick: (of: Cell) => number): number => median(cells.map(pick))
  return {
    engine,
    policies,
    p50: middle((c) => c.p50),
    p99: middle((c) => c.p99),
    loadMs: middle((c) => c.loadMs),
    rssMb: middle((c) => c.rssMb),
    mismatches: middle((c) => c.mismatches),
  }
}

/** Which policies hold, by both engines, on generated requests over 1 000 policies. */
async function agree(requests: number): Promise<{ readonly requests: number; readonly different: number }> {
  const cedar = await loadCedar()
  const models = actions(1_000)
  const sources = policyTexts(1_000).map((text, at) => {
    const parsed = cedar.parse(text)
    if (!parsed.ok) throw new Error(text)
    return { id: `p${at}`, est: parsed.value, text, file: 'bench', line: at }
  })
  const bundle = buildBundle({ digest: 'd', version: 'v', policies: sources, actions: models })
  const engines = foreignEngines(cedar, cedarSchema(models), 'agree', (request) => toCedarRequest(bundle, request))
  const rng = seeded(2026)
  let different = 0
  let done = 0
  for (const [tool, action] of models.entries()) {
    const members = bundle.policies.slice(tool * 5, tool * 5 + 5)
    const stock = engines.engine(action, members)
    const pools = collectPools(members.map((policy) => policy.source.est))
    for (let at = 0; at < Math.ceil(requests / models.length); at++, done++) {
      const request = generateRequest(action, pools, rng)
      const ours = match(bundle, request, 'everything')
      const theirs = stock(request)
      const ids = [...ours.forbids, ...ours.asks, ...ours.permits]
        .map(({ meta }) => meta.id)
        .sort()
        .join()
      if (ids !== [...theirs.matched].sort().join() || ours.errors.length !== theirs.failed.length) different++
    }
  }
  return { requests: done, different }
}
