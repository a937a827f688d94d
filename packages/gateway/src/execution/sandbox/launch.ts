import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { release as kernelRelease } from 'node:os'
import { SallyportError, type Architecture, type SandboxLimits } from '@sallyport/core'
import { FD } from './bubblewrap-arguments.ts'
import { strayDescriptors } from './descriptors.ts'
import { gateScript } from './gate.ts'
import { realOf } from './host.ts'
import type { SandboxOrder } from './sandbox.ts'
import { closingCommand, sandboxUids, STAGE_PLACE, stageCommand } from './stage.ts'
import type { Shown } from './view.ts'

const SYSTEM_PATH = '/usr/sbin:/usr/bin:/sbin:/bin'
const LAST_FD = FD.hosts

/** RLIMIT_* by the names that `prlimit` gives them; alike on both architectures. */
const RLIMITS = { fsize: 1, data: 2, core: 4, nproc: 6, nofile: 7 } as const
/** Least that programs of today start with, bytes. */
const LEAST_DATA = 2 ** 28
/** Processes of bubblewrap that are counted with the command's: both of root's, the inner one of a user's. */
const OWN_PROCESSES = { root: 2, user: 1 } as const
/** Where all processes of a user are counted together. */
const MOST_OF_USER = 4_096

/**
 * Whether the kernel counts processes by user namespace (from 5.14 on): a bound that is set inside then is the sandbox's own. Before,
 * all processes of a user share one count.
 */
export function countsByNamespace(release = kernelRelease()): boolean {
  const [major = 0, minor = 0] = release.split('.').map(Number)
  return major > 5 || (major === 5 && minor >= 14)
}

/**
 * Starts bubblewrap with the bounds of a sandbox in force, and with no descriptor but its own. As root a stage goes before it, which
 * shows `staged` and gives root up.
 * @throws SallyportError SP_SANDBOX_UNAVAILABLE
 */
export function launch(
  order: SandboxOrder,
  architecture: Architecture,
  groups: readonly string[],
  staged: readonly Shown[] | undefined,
): ChildProcess {
  const bwrap = ['bwrap', '--args', String(FD.arguments), '--']
  const inner = ['/bin/sh', '-c', gateScript(realOf(process.execPath)), ...order.command]
  const { limits } = order.profile
  const command =
    staged === undefined
      ? asUser(bwrap, inner, limits, architecture)
      : asRoot([...bwrap, ...inner], rlimits(limits, OWN_PROCESSES.root), architecture, groups, staged)
  const [program = '', ...args] = command
  const channel = order.profile.network === 'allowlist' ? 'ipc' : 'ignore'
  const stdio: StdioOptions = [...order.stdio]
  for (let fd = stdio.length; fd <= LAST_FD; fd++) stdio.push(fd === FD.channel ? channel : 'pipe')
  return spawn(program, args, { stdio, env: { PATH: SYSTEM_PATH }, detached: !order.terminal, cwd: '/' })
}

function asUser(
  bwrap: readonly string[],
  command: readonly string[],
  limits: SandboxLimits,
  architecture: Architecture,
): readonly string[] {
  const { nproc, ...others } = RLIMITS
  const bounds = rlimits(limits, OWN_PROCESSES.user)
  const options = Object.entries(others).map(([name, which]) => `--${name}=${bounds.get(which) ?? 0}`)
  const own = countsByNamespace()
  const inside = own ? ['prlimit', `--nproc=${bounds.get(nproc) ?? 0}`, '--', ...command] : command
  if (!own) options.push(`--nproc=${Math.max(MOST_OF_USER, limits.processes)}`)
  const limited = ['prlimit', ...options, '--', ...bwrap, ...inside]
  return strayDescriptors().length === 0 ? limited : closingCommand(architecture, LAST_FD, limited)
}

function asRoot(
  inner: readonly string[],
  limits: ReadonlyMap<number, number>,
  architecture: Architecture,
  groups: readonly string[],
  staged: readonly Shown[],
): readonly string[] {
  const uids = sandboxUids(readFileSync('/proc/self/uid_map', 'utf8'))
  if (uids === undefined) {
    throw new SallyportError('SP_SANDBOX_UNAVAILABLE', 'This user namespace has no uids to spare for sandboxes.')
  }
  mkdirSync(STAGE_PLACE, { recursive: true, mode: 0o755 })
  const shown = staged.map(({ owned, source }) => [owned ? 'owned' : 'plain', source] as const)
  return stageCommand({
    architecture,
    uids,
    lastFd: LAST_FD,
    groups,
    limits,
    place: STAGE_PLACE,
    shown,
    command: inner,
  })
}

function rlimits({ processes, memory, openFiles, fileSize }: SandboxLimits, own: number): ReadonlyMap<number, number> {
  return new Map<number, number>([
    [RLIMITS.fsize, fileSize],
    [RLIMITS.data, Math.max(memory, LEAST_DATA)],
    // not 0: a helper of the host that takes cores through a pipe is run for 0 as well, and never for 1
    [RLIMITS.core, 1],
    [RLIMITS.nproc, processes + own],
    [RLIMITS.nofile, openFiles],
  ])
}
