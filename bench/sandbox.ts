import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { SANDBOX_PROFILES, type SeccompProfile } from '@sallyport/core'
import { startSandbox } from '../packages/gateway/dist/execution/sandbox/start.js'
import type { SandboxBackend } from '../packages/gateway/dist/execution/sandbox/sandbox.js'
import { openPeer } from './sandbox-peer.ts'
import { loadSeccompProfile } from '../packages/gateway/dist/execution/sandbox/seccomp-profiles.js'

const RUNS = 60
const TOGETHER = 200
const READS = 1_000_000
const TARGET_START = 12
const TARGET_PEER = 0.5
const TARGET_CALLS = 1.15
const TARGET_END = 100

/** The same namespaces and system directories with nothing else: what bubblewrap itself takes. */
const BARE = [
  ...['--unshare-all', '--die-with-parent', '--ro-bind', '/usr', '/usr', '--symlink', 'usr/bin', '/bin'],
  ...[
    '--symlink',
    'usr/lib',
    '/lib',
    '--symlink',
    'usr/lib64',
    '/lib64',
    '--proc',
    '/proc',
    '--dev',
    '/dev',
    '--tmpfs',
    '/tmp',
  ],
]

/**
 * What a sandbox costs: starting `true` in one against starting it bare and in a bare bubblewrap, a system call in one against
 * outside, 200 at once, and the time from running out of time to the last process.
 *
 *   npm run bench -- sandbox [--json]
 */
export async function run(args: readonly string[]): Promise<number> {
  const place = mkdtempSync(join(tmpdir(), 'sallyport-bench-'))
  try {
    const [plain, bare, ours, theirs]: [number[], number[], number[], number[]] = [[], [], [], []]
    const peer = await openPeer(place)
    for (let n = 0; n < RUNS; n++) {
      plain.push(await timed(() => bareRun('/bin/true', [])))
      bare.push(await timed(() => bareRun('bwrap', [...BARE, '/bin/true'])))
      ours.push(await timed(async () => (await confined(place, ['/bin/true'], `s${n}`)).exited))
      if (typeof peer !== 'string')
        theirs.push(await timed(async () => bareRun('/bin/sh', ['-c', await peer.run('/bin/true')])))
    }
    if (typeof peer !== 'string') await peer.close()
    process.stderr.write('containers\n')
    const containers: Record<string, number | string> = {}
    for (const backend of ['crun', 'runsc', 'docker'] as const)
      containers[backend] = await starting(() => confined(place, ['/bin/true'], `${backend}${ids++}`, seccomp, backend))
    const image = imageOfEngine()
    containers['docker run'] = await starting(() => dockerRun(image))
    process.stderr.write('system calls\n')
    const reads = ['dd', 'if=/dev/zero', 'of=/dev/null', 'bs=1', `count=${READS}`]
    const [outside, inside, anyFilter]: [number[], number[], number[]] = [[], [], []]
    for (let n = 0; n < 5; n++) {
      outside.push(await timed(() => bareRun(reads[0] ?? '', reads.slice(1))))
      inside.push(await timed(async () => (await confined(place, reads, `d${n}`)).exited))
      anyFilter.push(await timed(async () => (await confined(place, reads, `a${n}`, ALLOWS_ALL)).exited))
    }
    process.stderr.write(`${TOGETHER} at once\n`)
    const started = performance.now()
    const many = await Promise.allSettled(
      Array.from({ length: TOGETHER }, (_, n) => confined(place, ['sleep', '2'], `m${n}`)),
    )
    const all = many.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    const readyMs = performance.now() - started
    const memoryKb = middle(all.map(({ child }) => residentOf(child.pid ?? 0)))
    const codes = await Promise.all(all.map(({ exited }) => exited))
    const failed = TOGETHER - codes.filter(({ code }) => code === 0).length
    const ends = []
    for (let n = 0; n < 5; n++) ends.push(await ending(place, n))
    const figures = {
      plainMs: middle(plain),
      bareMs: middle(bare),
      oursMs: middle(ours),
      containers,
      ratio: middle(ours) / middle(plain),
      toBare: middle(ours) / middle(bare),
      peer: typeof peer === 'string' ? peer : peer.name,
      peerMs: middle(theirs),
      toPeer: theirs.length === 0 ? 0 : middle(ours) / middle(theirs),
      callRatio: (middle(inside) - middle(ours)) / (middle(outside) - middle(plain)),
      anyFilterRatio: (middle(anyFilter) - middle(ours)) / (middle(outside) - middle(plain)),
      together: { failed, readyMs, memoryKb },
      endMs: middle(ends),
      uid: process.getuid?.() ?? -1,
    }
    const machine = `${cpus().length} × ${cpus()[0]?.model ?? ''}, Node ${process.version}`
    if (args.includes('--json')) console.log(JSON.stringify({ bench: 'sandbox', machine, runs: RUNS, ...figures }))
    else print(figures, machine)
    const met =
      figures.toPeer <= TARGET_PEER &&
      figures.ratio <= TARGET_START &&
      figures.callRatio <= TARGET_CALLS &&
      failed === 0 &&
      figures.endMs <= TARGET_END
    return met ? 0 : 1
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

const { work } = SANDBOX_PROFILES
const seccomp = loadSeccompProfile('network')

/** What the kernel takes for having a filter at all. */
const ALLOWS_ALL: SeccompProfile = { action: 'allow', errno: 1, rules: [] }

async function confined(
  workspace: string,
  command: readonly string[],
  id: string,
  filter = seccomp,
  backend: SandboxBackend = 'bubblewrap',
) {
  if (work === undefined) throw new Error('no profile')
  const stdio = ['ignore', 'ignore', 'ignore'] as const
  const order = { id, profile: work, seccomp: filter, command, workspace, env: {}, stdio, terminal: false }
  return startSandbox(order, [backend])
}

const bareRun = (program: string, args: readonly string[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'ignore' })
    child.once('error', reject)
    child.once('close', () => resolve())
  })

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}

let ids = 0
/** ms that a start takes with another backend, or why there is none. */
async function starting(start: () => Promise<{ readonly exited: Promise<unknown> }>): Promise<number | string> {
  const took = []
  try {
    for (let n = 0; n < RUNS / 4; n++) took.push(await timed(async () => (await start()).exited))
  } catch (thrown) {
    return `not measured: ${(thrown as Error).message}`
  }
  return middle(took)
}

/** The image that our backend has made; undefined where there is no engine. */
const imageOfEngine = (): string | undefined =>
  (spawnSync('docker', ['images', '-q', 'sallyport-root'], { encoding: 'utf8' }).stdout as string | null)?.split(
    '\n',
  )[0]

/** The program of the same engine, with its own defaults and no network. */
function dockerRun(image = ''): Promise<{ readonly exited: Promise<void> }> {
  if (image === '') return Promise.reject(new Error('there is no docker program, or no engine'))
  const args = ['run', '--rm', '--network=none', '--pull=never', '-v', '/usr:/usr:ro', image, '/usr/bin/true']
  return Promise.resolve({ exited: bareRun('docker', args) })
}

/** ms from the kill to the last process of a tree that ignores signals. */
async function ending(place: string, n: number): Promise<number> {
  const mark = `bench-${process.pid}-${n}`
  const script = `trap "" TERM INT; for i in 1 2 3 4 5; do setsid sh -c 'trap "" TERM; echo $$ >>${join(place, mark)}; sleep 60' & done; sleep 60`
  const sandbox = await confined(place, ['sh', '-c', script], mark)
  await new Promise((resolve) => setTimeout(resolve, 300))
  writeFileSync(join(place, mark), '')
  const started = performance.now()
  sandbox.kill()
  await sandbox.exited
  while (readdirSync('/proc').some((pid) => /^\d/.test(pid) && textOf(`/proc/${pid}/cmdline`).includes(mark))) {
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  return performance.now() - started
}

/** Resident memory of a process and its descendants, KiB. */
function residentOf(pid: number): number {
  const own = Number(/^VmRSS:\s+(\d+)/m.exec(textOf(`/proc/${pid}/status`))?.[1] ?? 0)
  const children = textOf(`/proc/${pid}/task/${pid}/children`).trim().split(' ').filter(Boolean)
  return children.reduce((sum, child) => sum + residentOf(Number(child)), own)
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return ''
  }
}

const middle = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0

function print(figures: Record<string, unknown>, machine: string): void {
  const f = figures as { [name: string]: number } & { containers: Record<string, number | string> } & {
    together: { failed: number; readyMs: number; memoryKb: number }
  }
  const ms = (value: number | undefined): string => `${(value ?? 0).toFixed(2)} ms`
  console.log(`Sandbox as uid ${f['uid']}, medians of ${RUNS} · ${machine}`)
  console.log(
    `  start  plain ${ms(f['plainMs'])}  bare bwrap ${ms(f['bareMs'])}  ours ${ms(f['oursMs'])} = ${f['ratio']?.toFixed(1)}× plain (≤ ${TARGET_START}), ${f['toBare']?.toFixed(1)}× bare`,
  )
  const { peer } = figures as { peer: string }
  console.log(
    f['peerMs'] === 0
      ? `         ${peer}`
      : `         ${peer} ${ms(f['peerMs'])}: ours ${f['toPeer']?.toFixed(2)}× of it (≤ ${TARGET_PEER})`,
  )
  for (const [backend, value] of Object.entries(f.containers))
    console.log(
      `  ${backend}  ${typeof value === 'string' ? value : `${ms(value)} = ${(value / (f['plainMs'] ?? 1)).toFixed(1)}× plain`}`,
    )
  console.log(
    `  system calls  ${f['callRatio']?.toFixed(2)}× outside (≤ ${TARGET_CALLS}; with a filter that allows everything ${f['anyFilterRatio']?.toFixed(2)}×), ${READS} pairs of read and write`,
  )
  console.log(
    `  ${TOGETHER} at once  ${f.together.failed} failed, all ready after ${ms(f.together.readyMs)}, ${Math.round(f.together.memoryKb / 1024)} MiB each`,
  )
  console.log(`  from the kill to the last process ${ms(f['endMs'])} (≤ ${TARGET_END} ms)`)
}
