import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { release as kernelRelease } from 'node:os'
import { SallyportError, type Architecture, type SandboxLimits } from '@sallyport/core'
import { strayDescriptors } from './descriptors.ts'
import type { SandboxOrder } from './sandbox.ts'
import { closingCommand, sandboxUids, STAGE_PLACE, stageCommand, type StagedKind, type UidRange } from './stage.ts'
import type { Shown } from './view.ts'

/** A shown path behind the stage. */
export interface Staged extends Shown {
  readonly kind: StagedKind
}

export const SYSTEM_PATH = '/usr/sbin:/usr/bin:/sbin:/bin'

/** RLIMIT_* by the names that `prlimit` gives them; alike on both architectures. */
const RLIMITS = { fsize: 1, data: 2, core: 4, nproc: 6, nofile: 7 } as const
export type Rlimits = Readonly<Partial<Record<keyof typeof RLIMITS, number>>>
/** Least that programs of today start with, bytes. */
const LEAST_DATA = 2 ** 28

/**
 * Whether the kernel counts processes by user namespace (from 5.14 on): a bound that is set inside then is the sandbox's own. Before,
 * all processes of a user share one count.
 */
export function countsByNamespace(release = kernelRelease()): boolean {
  const [major = 0, minor = 0] = release.split('.').map(Number)
  return major > 5 || (major === 5 && minor >= 14)
}

/** @param own processes that are counted with the command's */
export const rlimitsOf = (
  { processes, memory, openFiles, fileSize }: SandboxLimits,
  own: number,
): Required<Rlimits> => ({
  fsize: fileSize,
  data: Math.max(memory, LEAST_DATA),
  // not 0: a helper of the host that takes cores through a pipe is run for 0 as well, and never for 1
  core: 1,
  nproc: processes + own,
  nofile: openFiles,
})

/** What makes the sandbox, and how it is started. */
export interface Maker {
  readonly command: readonly string[]
  /** As root, the bounds of the maker and of all it becomes. */
  readonly limits: Rlimits
  /** Descriptors from 3 on: pipes, but for the channel (open only where the profile has a way out), those of this process, and what is not used. */
  readonly descriptors: readonly ('pipe' | 'channel' | 'unused' | number)[]
  /** As root, directories that the maker must not see into. */
  readonly covered?: readonly string[]
  /** As root, where shown paths are put for somebody outside to find; undefined: in a mount namespace that the maker has alone. */
  readonly place?: string
}

/**
 * Starts what makes a sandbox, with no descriptor but its own. As root a stage goes before it, which sets bounds, shows `staged` and
 * gives root up.
 * @throws SallyportError SP_SANDBOX_UNAVAILABLE
 */
export function launch(
  order: SandboxOrder,
  architecture: Architecture,
  groups: readonly string[],
  staged: readonly Staged[] | undefined,
  maker: Maker,
): ChildProcess {
  const lastFd = 2 + maker.descriptors.length
  const closed = (): readonly string[] =>
    strayDescriptors().length === 0 ? maker.command : closingCommand(architecture, lastFd, maker.command)
  const [program = '', ...args] =
    staged === undefined ? closed() : behindStage(architecture, groups, staged, maker, lastFd)
  const channel = order.profile.network === 'allowlist' ? 'ipc' : 'ignore'
  const kinds = { pipe: 'pipe', channel, unused: 'ignore' } as const
  const stdio: StdioOptions = [
    ...order.stdio,
    ...maker.descriptors.map((kind) => (typeof kind === 'number' ? kind : kinds[kind])),
  ]
  return spawn(program, args, { stdio, env: { PATH: SYSTEM_PATH }, detached: !order.terminal, cwd: '/' })
}

function behindStage(
  architecture: Architecture,
  groups: readonly string[],
  staged: readonly Staged[],
  { command, limits, covered = [], place }: Maker,
  lastFd: number,
): readonly string[] {
  if (place === undefined) mkdirSync(STAGE_PLACE, { recursive: true, mode: 0o755 })
  return stageCommand({
    architecture,
    uids: requireUids(),
    lastFd,
    groups,
    limits: new Map(Object.entries(limits).map(([name, most]) => [RLIMITS[name as keyof Rlimits], most])),
    place: place ?? STAGE_PLACE,
    apart: place === undefined,
    shown: staged.map(({ kind, source }) => [kind, source] as const),
    covered,
    command,
  })
}

/** @throws SallyportError SP_SANDBOX_UNAVAILABLE */
export function requireUids(): UidRange {
  const uids = sandboxUids(readFileSync('/proc/self/uid_map', 'utf8'))
  if (uids === undefined)
    throw new SallyportError('SP_SANDBOX_UNAVAILABLE', 'This user namespace has no uids to spare for sandboxes.')
  return uids
}

/** Which shown paths go through the stage: those that strangers may not reach, every one as it may be used, or those that get an owner. */
type StagedPaths = 'private' | 'every' | 'owned'

/**
 * What the stage of root shows, and where the maker finds each shown path: staged by number, else at its own place. What lies in the
 * workspace is found in the staged workspace, but for makers whose own mounts do not say how each may be used (`every`).
 */
export function stagingOf(
  shown: readonly Shown[],
  workspace: string | undefined,
  isRoot: boolean,
  paths: StagedPaths = 'private',
  place = STAGE_PLACE,
): { readonly staged: readonly Staged[] | undefined; readonly sourceOf: (one: Shown) => string } {
  if (!isRoot) return { staged: undefined, sourceOf: ({ source }) => source }
  const every = paths === 'every'
  const inWorkspace = (path: string): boolean => workspace !== undefined && path.startsWith(`${workspace}/`)
  const kindOf = ({ path, writable, owned }: Shown): StagedKind => {
    const kind = owned || inWorkspace(path) ? 'owned' : 'plain'
    return every && !writable ? `${kind}-ro` : kind
  }
  const staged = shown
    .filter((one) => every || (one[paths] && !inWorkspace(one.path)))
    .map((one) => ({ ...one, kind: kindOf(one) }))
  const own = staged.findIndex(({ path }) => path === workspace)
  return {
    staged,
    sourceOf({ path, source }) {
      const at = staged.findIndex((one) => one.path === path)
      if (at >= 0) return `${place}/${at}`
      return own >= 0 && inWorkspace(path) ? `${place}/${own}${path.slice(workspace?.length ?? 0)}` : source
    },
  }
}
