/**
 * The log explorer on a million records: the first page of every filter that the console has, as the console asks for it, and the
 * counts beside it; what the index behind the log costs those who write.
 *
 *   npm run bench -- console-log [--json] [--records=N]
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { layoutStory, parseLogSearch, storyOf, type StoryRecord } from '@sallyport/core'
import { systemClock } from '../packages/gateway/dist/clock.js'
import { openStore } from '../packages/gateway/dist/store/open.js'
import type { LogRow } from '../packages/gateway/dist/store/ports.js'

const RECORDS = 1_000_000
const BATCH = 1_000
const RUNS = 40
const BAR_MS = 100
const HOUR = 3_600_000
const SPREAD_MS = 7 * 24 * HOUR

const SEARCHES = [
  '',
  'kind:call',
  'kind:outcome',
  'decision:denied',
  'decision:asked',
  'decision:approved',
  'agent:agent-3',
  'agent:agent-39',
  'tool:server-4.tool_4',
  'tool:server-7.*',
  'session:session-4242',
  'rule:net.private-address',
  'rule:base',
  'person:operator:mei',
  'integrity:untrusted',
  'integrity:hostile',
  'kind:call not tool:server-4.tool_4',
  'decision:denied agent:agent-3',
] as const

/** About 900 bytes, as decisions are; two in three records are a call and its end. */
function makeRow(i: number, at: number): LogRow {
  const call = Math.floor(i / 2)
  const [agent, tool] = [
    `agent-${Math.floor(40 * Math.abs(Math.sin(call)) ** 3)}`,
    `server-${call % 10}.tool_${call % 100}`,
  ]
  const policyDecision = call % 97 === 0 ? 'denied' : call % 211 === 0 ? 'approval_required' : 'allowed'
  const isApproved = call % 422 === 0 && i % 2 === 1
  const kind = i % 2 === 0 ? 'decision' : isApproved ? 'release' : 'outcome'
  const auditId = `019a0000-0000-7000-8000-${String(call).padStart(12, '0')}`
  const columns = { kind, auditId, session: `session-${Math.floor(call / 60)}`, agent, tool, decision: policyDecision }
  const body = JSON.stringify({
    ...{ kind, auditId, timestamp: new Date(at).toISOString(), level: 'info', toolName: tool, agentId: agent },
    ...{
      sessionId: columns.session,
      policyDecision,
      policyRule: [policyDecision === 'denied' ? 'net.private-address' : 'base'],
    },
    ...(isApproved ? { decidedBy: 'operator:mei' } : {}),
    labels: { integrity: call % 5_000 === 0 ? 0 : call % 3 === 0 ? 1 : 3, confidentiality: call % 4 },
    ...{ parameters: { text: 'x'.repeat(400), n: i }, bundle: 'b'.repeat(64), parameterHash: 'h'.repeat(64) },
  })
  return { ...columns, ts: at, body }
}

const percentile = (sorted: readonly number[], q: number): number =>
  Number((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0).toFixed(1))

export async function run(args: readonly string[]): Promise<number> {
  const given = args.find((arg) => arg.startsWith('--records='))
  const records = given === undefined ? RECORDS : Number(given.slice('--records='.length))
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-bench-console-'))
  const checkpointKey = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' })
  const keys = { mac: randomBytes(32), checkpointKey, origin: 'bench.test/log' }
  const path = join(directory, 'state.db')
  const store = await openStore({ driver: 'sqlite', path }, keys, systemClock)
  try {
    const now = Date.now()
    const began = performance.now()
    for (let i = 0; i < records; i += BATCH) {
      if (i % 100_000 === 0) process.stderr.write(`writing record ${i} of ${records}\n`)
      const at = (n: number): number => Math.round(now - SPREAD_MS + (n / records) * SPREAD_MS)
      await store.append(Array.from({ length: BATCH }, (_, n) => makeRow(i + n, at(i + n))))
    }
    const writtenS = (performance.now() - began) / 1000
    for (let left = 1; left > 0;) {
      await store.checkpoint()
      left = (await store.search.page({ search: parseLogSearch('kind:gateway'), limit: 1 })).unindexed
    }
    const rows = []
    for (const text of SEARCHES) {
      process.stderr.write(`searching ${text === '' ? 'everything' : text}\n`)
      const search = parseLogSearch(text)
      const times: number[] = []
      let found = 0
      for (let n = 0; n < RUNS; n++) {
        const start = performance.now()
        found = (await store.search.page({ search, endings: true })).records.length
        times.push(performance.now() - start)
      }
      times.sort((a, b) => a - b)
      const start = performance.now()
      const { total } = await store.search.survey({ search, from: now - SPREAD_MS, to: now, buckets: 72 })
      const countsMs = Math.round(performance.now() - start)
      const count = `${total.estimated ? '≈ ' : ''}${total.n}`
      rows.push({ search: text, found, p50: percentile(times, 0.5), p95: percentile(times, 0.95), count, countsMs })
    }
    const layoutMs = storyTime()
    const megabytes = Math.round(statSync(path).size / 1e6)
    const machine = `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}, Node ${process.version}`
    const result = {
      ...{
        what: `first page of 200 on ${records} records`,
        bar: `p95 ≤ ${BAR_MS} ms for every filter`,
        runs: RUNS,
        rows,
      },
      ...{ writtenPerSecond: Math.round(records / writtenS), megabytes, storyLayout: layoutMs, machine },
    }
    if (args.includes('--json')) process.stdout.write(`${JSON.stringify(result)}\n`)
    else {
      process.stdout.write(`${result.what}, ${result.bar}, ${RUNS} runs each · ${machine}\n`)
      console.table(rows)
      process.stdout.write(`written ${result.writtenPerSecond}/s in batches of ${BATCH}, ${megabytes} MB\n`)
      process.stdout.write(`layout of a story of 500 columns: ${layoutMs} ms (bar 16 ms)\n`)
    }
    return rows.every(({ p95 }) => p95 <= BAR_MS) && layoutMs <= 16 ? 0 : 1
  } finally {
    await store.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Median time to lay out 500 columns with 500 threads, ms. */
function storyTime(): number {
  const records: StoryRecord[] = Array.from({ length: 500 }, (_, i) => ({
    ...{ stream: 'local', seq: i + 1 },
    record: {
      ...{ kind: 'decision', auditId: `a${i}`, timestamp: new Date(i * 1000).toISOString(), level: 'warn' },
      ...{
        toolName: `x.t${i % 9}`,
        agentId: 'a',
        sessionId: 's',
        effect: 'external',
        policyDecision: 'denied',
        parameters: {},
      },
    },
  }))
  const story = storyOf('s', records)
  const threads = story.columns.map((_, to) => ({
    ...{ from: Math.floor(to / 2), to, argument: 'to[0]', origin: 'untrusted', tone: 'untrusted' as const },
  }))
  const times = Array.from({ length: 21 }, () => {
    const start = performance.now()
    layoutStory(story, threads)
    return performance.now() - start
  }).sort((a, b) => a - b)
  return percentile(times, 0.5)
}
