import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { SANDBOX_PROFILES, SallyportError, toSallyportError } from '@sallyport/core'
import { ATTEMPTS, USES } from '../../assurance/probes/attempts.ts'
import { PROBE_CATEGORIES, probeCommand, type Probe, type ProbeGround } from '../../assurance/probes/probe.ts'
import { syscallProbes } from '../../assurance/probes/syscalls.ts'
import { environment } from '../../config/environment.ts'
import { HOST_ARCHITECTURE } from '../../execution/sandbox/host.ts'
import type { SandboxBackend } from '../../execution/sandbox/sandbox.ts'
import { loadSeccompProfile } from '../../execution/sandbox/seccomp-profiles.ts'
import { startSandbox } from '../../execution/sandbox/start.ts'
import { systemRandom } from '../../random.ts'
import type { CommandRun } from '../command.ts'
import { formatTable } from '../output.ts'
import { backendOf } from './backend.ts'
import { prepareGround } from './probe-ground.ts'

interface Found {
  readonly id: string
  readonly category: Probe['category']
  /** For an attempt: it got nowhere. For a use: it worked. */
  readonly ok: boolean
  /** Why there is no answer; then `ok` is false. */
  readonly problem?: string
}

/** What a backend gives a command that another would not, and that reaches nothing of the host. */
const OWN: Readonly<Partial<Record<SandboxBackend | 'bare', readonly string[]>>> = {
  // gVisor has scores and devices of its own
  runsc: ['proc/score-of-the-killer', 'files/devices-of-users'],
}

/** Longest a probe may take, ms; one that hangs has got nowhere. */
const LIMIT = 20_000
const LATE = 'persistence/outlives-the-command'
const LATE_WAIT = 1_500

/**
 * `sandbox probe`: tries to get out of a sandbox of this machine in every way of the suite, and does what ordinary work needs (SC6,
 * SEC-6.3, SEC-6.4). With `--bare` the same without a sandbox, which shows that each attempt bites. Exit 1 when something got out.
 */
export const run: CommandRun = async (io, args, options) => {
  const backend = options['bare'] === true ? 'bare' : backendOf(options)
  const bare = backend === 'bare'
  const calls = HOST_ARCHITECTURE === undefined ? [] : syscallProbes(HOST_ARCHITECTURE)
  const wanted = [...ATTEMPTS, ...calls, ...USES].filter(
    ({ id }) => (args.length === 0 || args.some((prefix) => id.startsWith(prefix))) && !OWN[backend]?.includes(id),
  )
  if (wanted.length === 0) throw new SallyportError('SP_CLI_USAGE', `No probe is named ${args.join(', ')}.`)
  const prepared = await prepareGround()
  const found: Found[] = []
  try {
    for (const probe of wanted) {
      if (probe.category === 'persistence' || probe.category === 'files') prepared.freshen()
      found.push(await tryOne(probe, prepared.ground, backend))
      if (!io.json && io.isTerminal) io.err(`${found.length} of ${wanted.length}`)
    }
  } finally {
    await prepared.close()
  }
  const out = found.filter(({ ok, category }) => !ok && category !== 'usable')
  const broken = found.filter(({ ok, category }) => !ok && category === 'usable')
  if (io.json) io.out(JSON.stringify({ backend, bare, uid: process.getuid?.() ?? -1, probes: found }))
  else {
    const rows = PROBE_CATEGORIES.flatMap((category) => {
      const all = found.filter((one) => one.category === category)
      return all.length === 0 ? [] : [[category, `${all.filter(({ ok }) => ok).length} of ${all.length}`]]
    })
    io.out(formatTable([bare ? 'without a sandbox' : backend, 'held'], rows))
    for (const { id, problem } of [...out, ...broken])
      io.out(`${id}: ${problem ?? (id.startsWith('usable/') ? 'does not work' : 'got out')}`)
  }
  return out.length + broken.length === 0 ? 0 : 1
}

async function tryOne(probe: Probe, ground: ProbeGround, backend: SandboxBackend | 'bare'): Promise<Found> {
  const { id, category } = probe
  try {
    const code = await (backend === 'bare' ? runBare(probe, ground) : runConfined(probe, ground, backend))
    if (id === LATE) {
      await new Promise((resolve) => setTimeout(resolve, LATE_WAIT))
      return { id, category, ok: !existsSync(join(ground.workspace, 'late')) }
    }
    // a missing program proves nothing
    if (code === 126 || code === 127) return { id, category, ok: false, problem: 'its program is not there' }
    return { id, category, ok: category === 'usable' ? code === 0 : code !== 0 }
  } catch (thrown) {
    return { id, category, ok: false, problem: toSallyportError(thrown).message }
  }
}

async function runConfined(probe: Probe, ground: ProbeGround, backend: SandboxBackend): Promise<number> {
  const { work } = SANDBOX_PROFILES
  if (work === undefined) throw new SallyportError('SP_INTERNAL', 'There is no profile to probe.')
  const order = {
    id: systemRandom.uuid(),
    profile: work,
    seccomp: loadSeccompProfile(work.seccomp),
    command: probeCommand(probe, ground),
    workspace: ground.workspace,
    env: {},
    stdio: ['ignore', 'ignore', 'ignore'] as const,
    terminal: false,
  }
  const sandbox = await startSandbox(order, [backend])
  const limit = setTimeout(sandbox.kill, LIMIT)
  const { code } = await sandbox.exited
  clearTimeout(limit)
  return code
}

/** The same attempt as a child of this process, with all that a child has by default. */
function runBare(probe: Probe, ground: ProbeGround): Promise<number> {
  const [program = '', ...args] = probeCommand(probe, ground)
  return new Promise((resolve, reject) => {
    const env = { ...environment(), [ground.variable]: ground.canary }
    const child = spawn(program, args, {
      cwd: ground.workspace,
      env,
      stdio: 'ignore',
      timeout: LIMIT,
      killSignal: 'SIGKILL',
    })
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 137))
  })
}
