import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { SANDBOX_PROFILES, SallyportError } from '@sallyport/core'
import type { Clock, Random } from '../../../boundary/ports.ts'
import { collect } from '../../../execution/commands/collect.ts'
import type { EgressAttempt } from '../../../execution/egress/proxy.ts'
import { egressOf } from '../../../execution/egress/way-out.ts'
import { HOME } from '../../../execution/sandbox/inside.ts'
import { descendantsOf } from '../../../execution/sandbox/processes.ts'
import type { SandboxBackend } from '../../../execution/sandbox/sandbox.ts'
import { loadSeccompProfile } from '../../../execution/sandbox/seccomp-profiles.ts'
import { startSandbox } from '../../../execution/sandbox/start.ts'
import type { BundleFile } from '../bundle.ts'
import { isExecutable } from '../parts.ts'
import type { SkillVersion } from '../register.ts'
import { layCanaries } from './canaries.ts'
import { commandsOf } from './commands.ts'
import { trialOf, type Trial, type TrialRun } from './observation.ts'
import { changesIn, marksOf, textsOf } from './tree-marks.ts'

export interface TrialDeps {
  readonly clock: Pick<Clock, 'now'>
  readonly random: Pick<Random, 'uuid' | 'bytes'>
  readonly backends: readonly SandboxBackend[]
  readonly by: string
}

/** Seconds that one command of a trial may take, ms between two looks at what runs, and characters of what it said that are kept. */
const LIMITS = { seconds: 20, look: 15, said: 2_000, listed: 200 }

/** Data as an agent's workspace has it, none of it anybody's. */
const SYNTHETIC: Readonly<Record<string, string>> = {
  'README.md': '# Plan\n\nA plan of nobody.\n',
  'notes.md': '- call Alex Example\n- send the report\n',
  'people.csv': 'name,mail\nAlex Example,alex@example.com\n',
  'old/draft.txt': 'draft\n',
}

/**
 * Runs a skill as nobody's agent would: in a sandbox, in a scratch workspace with made-up data, with false secrets and no way out,
 * and says what it did (E-80, TM-PERSIST-002). The copy that is run is the one that was hashed.
 * @param commands what is run, below the scratch workspace; default: every script by itself
 * @throws SallyportError SP_SANDBOX_UNAVAILABLE, SP_SANDBOX_UNVERIFIED: nothing ran; SP_SKILL_NOTHING_TO_TRY
 */
export async function trySkill(
  version: Pick<SkillVersion, 'capabilities'>,
  files: readonly BundleFile[],
  deps: TrialDeps,
  commands: readonly (readonly string[])[] = commandsOf(files),
): Promise<Trial> {
  if (commands.length === 0) throw new SallyportError('SP_SKILL_NOTHING_TO_TRY')
  const place = realpathSync(mkdtempSync(join(tmpdir(), 'sallyport-trial-')))
  try {
    chmodSync(place, 0o755)
    const [workspace, home] = [join(place, 'scratch'), join(place, 'home')]
    for (const path of [workspace, home]) mkdirSync(path)
    for (const file of files) lay(join(workspace, 'skill', file.path), file.bytes, isExecutable(file))
    for (const [path, text] of Object.entries(SYNTHETIC)) lay(join(workspace, 'work', path), Buffer.from(text), false)
    const canaries = layCanaries(home, () => `canary${Buffer.from(deps.random.bytes(18)).toString('hex')}`)
    const look = () => new Map([...marksOf(workspace, ''), ...marksOf(home, '~/')])
    const before = look()
    canaries.arm()
    const [connections, programs, runs] = [new Set<string>(), new Set<string>(), [] as TrialRun[]]
    const heard: string[] = []
    const attempted = ({ target, method }: EgressAttempt): void => {
      heard.push(target)
      connections.add(method === undefined ? target : `${method} ${target}`)
    }
    for (const command of commands) {
      const { run, said } = await runOne(command, { workspace, home, env: canaries.env, attempted, programs, deps })
      runs.push(run)
      heard.push(said)
    }
    const read = canaries.read()
    const changed = changesIn(before, look())
    const paths = changed.map(({ path }) => path).filter((path) => !canaries.files.includes(path))
    const texts = textsOf((path) => join(path.startsWith('~/') ? home : workspace, path.replace(/^~\//, '')), paths)
    const secrets = [...new Set([...read, ...canaries.saidIn([...heard, ...texts])])]
    const some = <T>(all: Iterable<T>): readonly T[] => [...all].slice(0, LIMITS.listed)
    return trialOf(
      {
        ...{ at: deps.clock.now(), by: deps.by, runs, files: some(changed), secrets: secrets.toSorted() },
        ...{ connections: some(connections), programs: some([...programs].toSorted()) },
      },
      version,
    )
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

function lay(path: string, bytes: Uint8Array, executable: boolean): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, bytes, { mode: executable ? 0o755 : 0o644 })
}

interface Ground {
  readonly workspace: string
  readonly home: string
  readonly env: Readonly<Record<string, string>>
  readonly attempted: (attempt: EgressAttempt) => void
  readonly programs: Set<string>
  readonly deps: TrialDeps
}

/** One command, with everything it said. */
async function runOne(
  command: readonly string[],
  { workspace, home, env, attempted, programs, deps }: Ground,
): Promise<{ readonly run: TrialRun; readonly said: string }> {
  const { work } = SANDBOX_PROFILES
  if (work === undefined) throw new SallyportError('SP_INTERNAL', 'There is no profile for a trial.')
  // a way out on which nobody is allowed tells where somebody wanted to go
  const profile = { ...work, network: 'allowlist' as const, limits: { ...work.limits, seconds: LIMITS.seconds } }
  const sandbox = await startSandbox(
    {
      ...{ id: deps.random.uuid(), profile, seccomp: loadSeccompProfile(profile.seccomp), workspace, env },
      command: [...SHELL, ...command],
      mounts: [{ path: HOME, source: home, writable: true }],
      stdio: ['pipe', 'pipe', 'pipe'],
      terminal: false,
      wayOut: egressOf(profile, attempted),
    },
    deps.backends,
  )
  const look = setInterval(() => {
    for (const pid of descendantsOf(sandbox.child.pid ?? 0)) {
      const name = nameOf(pid)
      if (name !== undefined && !OURS.has(name)) programs.add(name)
    }
  }, LIMITS.look)
  try {
    const { code, timedOut, stdout, stderr } = await collect(sandbox)
    const said = `${stdout}\n${stderr}`
    return { run: { command, code, timedOut, said: said.trim().slice(-LIMITS.said) }, said }
  } finally {
    clearInterval(look)
  }
}

/** What is not there exits with 127 and is no failure of the sandbox. */
const SHELL = ['/bin/sh', '-c', 'exec "$@"', 'trial']
/** What makes the sandbox. */
const OURS: ReadonlySet<string> = new Set(['bwrap', 'crun', 'runsc', 'docker'])

function nameOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
  } catch {
    return undefined
  }
}
