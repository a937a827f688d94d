/**
 * Facts of a URL, of a recipient list and of a path, each against what a program does without us: `new URL` with the range of
 * `ipaddr.js`, a split at commas, and `path.resolve` with a prefix test. `npm run bench -- places`
 */
import { cpus } from 'node:os'
import { resolve } from 'node:path'
import { judgePath, judgeHop, linkTable, looksLike, sinksIn, urlFacts } from '@sallyport/core'
import ipaddr from 'ipaddr.js'

const RUNS = 7
const BATCH = 20_000
/** Microseconds each. */
const TARGET = 60

const URLS = [
  'https://api.example.com/v1/items?page=2',
  'https://hooks.slack.com/services/T0A/B1/x',
  'http://169.254.169.254/latest/meta-data/',
  'https://[2606:4700::1111]/dns-query',
  'https://bücher.example/liste',
]
const LISTS = ['ana@corp.com', '"Silva, Ana" <ana@corp.com>, Bob <bob@corp.com>', 'mailto:a@corp.com?bcc=b@corp.com']
const PATHS = ['src/index.ts', '../other/x', '/etc/passwd', 'src/routes/[slug]/page.tsx', '%2e%2e%2fsecret']
const look = linkTable({}, '/work/app')

type Job = (index: number) => unknown
const pick = (list: readonly string[], index: number): string => list[index % list.length] as string

const JOBS: readonly (readonly [name: string, ours: Job, peer: Job])[] = [
  ['url guard', (at) => judgeHop(pick(URLS, at)), peerUrl],
  ['url facts', (at) => urlFacts(pick(URLS, at)), peerUrl],
  [
    'sinks of a leaf',
    (at) => sinksIn(pick(LISTS, at)),
    (at) =>
      pick(LISTS, at)
        .split(',')
        .map((part) => part.trim()),
  ],
  [
    'look-alike',
    (at) => looksLike(pick(['corp.com', 'c0rp.com'], at), 'corp.com'),
    (at) => pick(['a', 'b'], at) === 'a',
  ],
  ['path', (at) => judgePath({ path: pick(PATHS, at), workspace: '/work/app', look }, 'read'), peerPath],
]

function peerUrl(at: number): unknown {
  const host = new URL(pick(URLS, at)).hostname.replace(/^\[|\]$/g, '')
  return ipaddr.isValid(host) ? ipaddr.process(host).range() : host
}
function peerPath(at: number): unknown {
  return resolve('/work/app', pick(PATHS, at)).startsWith('/work/app/')
}

function microseconds(job: Job): number {
  const start = performance.now()
  let kept = 0
  for (let at = 0; at < BATCH; at++) if (job(at) !== undefined) kept++
  if (kept < 0) throw new Error('unreachable')
  return ((performance.now() - start) * 1000) / BATCH
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN

/** Prints ours, the peer and the median ratio of each run's pair; 1 when something takes longer than the target. */
export function run(): Promise<number> {
  console.log(`${cpus()[0]?.model ?? 'unknown'} · Node ${process.version} · ${RUNS} runs of ${BATCH}`)
  let missed = false
  for (const [name, ours, peer] of JOBS) {
    microseconds(ours)
    microseconds(peer)
    const pairs = Array.from({ length: RUNS }, () => [microseconds(ours), microseconds(peer)] as const)
    const own = median(pairs.map(([mine]) => mine))
    const ratio = median(pairs.map(([mine, theirs]) => mine / theirs))
    missed ||= own > TARGET
    console.log(`${name.padEnd(16)} ${own.toFixed(1)} µs · bare ${(own / ratio).toFixed(1)} µs · ×${ratio.toFixed(1)}`)
  }
  console.log(missed ? `over the target of ${TARGET} µs` : `each within ${TARGET} µs`)
  return Promise.resolve(missed ? 1 : 0)
}
