/**
 * Durable log records per second: ours (chain, tree, checkpoints, indexed SQLite, every caller waits for the commit)
 * against the ceiling of the disk: plain lines appended to a file with group commit by fdatasync. Same run, same rows.
 *
 *   npm run bench -- log [--json]
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { closeSync, fdatasync, mkdtempSync, openSync, rmSync, write } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../packages/gateway/dist/clock.js'
import { openStore } from '../packages/gateway/dist/store/open.js'
import type { LogRow } from '../packages/gateway/dist/store/ports.js'

const CALLERS = [1, 16, 64, 256] as const
const RUNS = 5
const RUN_MS = 1500
const TARGET = 50_000

type Append = (row: LogRow) => Promise<void>

/** About 600 bytes, as a decision record is. */
function makeRow(i: number): LogRow {
  const ts = Date.now()
  const columns = {
    ...{
      kind: 'decision',
      auditId: `019a0000-0000-7000-8000-${String(i).padStart(12, '0')}`,
      session: `session-${i % 20}`,
    },
    ...{ agent: 'claude', tool: `fs.tool_${i % 10}`, decision: 'allowed' },
  }
  const body = JSON.stringify({
    ...columns,
    timestamp: new Date(ts).toISOString(),
    parameters: { text: 'x'.repeat(350) },
    n: i,
  })
  return { ...columns, ts, body }
}

/** Plain group commit: what arrives while the disk is busy goes into the next write. */
function rawFile(path: string): { append: Append; close: () => void } {
  const file = openSync(path, 'a')
  let queue: { readonly text: string; readonly done: () => void }[] = []
  let busy = false
  const flush = (): void => {
    if (busy || queue.length === 0) return
    busy = true
    const batch = queue
    queue = []
    write(file, batch.map((item) => item.text).join(''), (failed) => {
      if (failed) throw failed
      fdatasync(file, (unsynced) => {
        if (unsynced) throw unsynced
        busy = false
        flush()
        for (const { done } of batch) done()
      })
    })
  }
  const append: Append = (row) =>
    new Promise((done) => {
      queue.push({ text: `${row.body}\n`, done })
      if (queue.length === 1) queueMicrotask(flush)
    })
  return { append, close: () => closeSync(file) }
}

interface Sample {
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  readonly count: number
}

async function measure(append: Append, callers: number, ms: number): Promise<Sample> {
  const latencies: number[] = []
  const start = performance.now()
  let n = 0
  const caller = async (): Promise<void> => {
    while (performance.now() - start < ms) {
      const asked = performance.now()
      await append(makeRow(n++))
      latencies.push(performance.now() - asked)
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  const seconds = (performance.now() - start) / 1000
  latencies.sort((a, b) => a - b)
  const at = (q: number): number => Number((latencies[Math.floor(latencies.length * q)] ?? 0).toFixed(2))
  return { perSecond: Math.round(latencies.length / seconds), p50: at(0.5), p99: at(0.99), count: latencies.length }
}

const middle = <T>(items: readonly T[], by: (item: T) => number): T =>
  [...items].sort((a, b) => by(a) - by(b))[Math.floor(items.length / 2)] as T

export async function run(args: readonly string[]): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-bench-log-'))
  const checkpointKey = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' })
  const keys = { mac: randomBytes(32), checkpointKey, origin: 'bench.test/log' }
  const store = await openStore({ driver: 'sqlite', path: join(directory, 'state.db') }, keys, systemClock)
  const raw = rawFile(join(directory, 'raw.ndjson'))
  try {
    const ours: Append = (row) => store.append([row])
    await measure(ours, 64, 500)
    await measure(raw.append, 64, 500)
    let written = (await store.readLog({ newest: true, limit: 1 })).at(-1)?.seq ?? 0
    const rows = []
    for (const callers of CALLERS) {
      process.stderr.write(`measuring ${callers} callers\n`)
      const samples: { readonly ours: Sample; readonly limit: Sample }[] = []
      for (let i = 0; i < RUNS; i++) {
        samples.push({ ours: await measure(ours, callers, RUN_MS), limit: await measure(raw.append, callers, RUN_MS) })
      }
      written += samples.reduce((sum, sample) => sum + sample.ours.count, 0)
      const mine = middle(
        samples.map((s) => s.ours),
        (s) => s.perSecond,
      )
      const limit = middle(
        samples.map((s) => s.limit),
        (s) => s.perSecond,
      )
      rows.push({
        callers,
        ...mine,
        limitPerSecond: limit.perSecond,
        ratio: Number((mine.perSecond / limit.perSecond).toFixed(2)),
      })
    }
    const stored = (await store.readLog({ newest: true, limit: 1 })).at(-1)?.seq ?? 0
    const machine = `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}, Node ${process.version}`
    const result = {
      ...{ what: 'durable log records per second', limit: 'lines appended to a file, group commit by fdatasync' },
      ...{ runs: RUNS, runMs: RUN_MS, rows, lost: written - stored, target: `≥ ${TARGET}/s at 256 callers`, machine },
    }
    print(result, args.includes('--json'))
    const at256 = rows.at(-1)?.perSecond ?? 0
    return at256 >= TARGET && result.lost === 0 ? 0 : 1
  } finally {
    await store.close()
    raw.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

interface Result {
  readonly what: string
  readonly limit: string
  readonly runs: number
  readonly rows: readonly (Sample & {
    readonly callers: number
    readonly limitPerSecond: number
    readonly ratio: number
  })[]
  readonly lost: number
  readonly target: string
  readonly machine: string
}

function print(result: Result, json: boolean): void {
  if (json) return void process.stdout.write(`${JSON.stringify(result)}\n`)
  const lines = result.rows.map(({ callers, perSecond, p50, p99, limitPerSecond, ratio }) => {
    const cells = [callers, `${perSecond}/s`, `${p50} ms`, `${p99} ms`, `${limitPerSecond}/s`, ratio]
    return cells.map((cell) => String(cell).padStart(11)).join('')
  })
  const head = ['callers', 'ours', 'p50', 'p99', 'limit', 'ratio'].map((cell) => cell.padStart(11)).join('')
  process.stdout.write(
    `${[`${result.what} (limit: ${result.limit})`, head, ...lines, `lost ${result.lost}, runs ${result.runs}, ${result.target}`, result.machine].join('\n')}\n`,
  )
}
