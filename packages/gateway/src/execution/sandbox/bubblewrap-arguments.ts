import type { SandboxProfile } from '@sallyport/core'
import { HOME, HOSTNAME, INNER_ID, MASKED_DIRECTORIES, MASKED_FILES, RUN_SIZE, SHM_SIZE } from './inside.ts'
import type { Shown, View } from './view.ts'

/**
 * Numbers of the descriptors of a sandbox beyond the command's own three; the command gets none of them. What the shell at the gate
 * handles has one digit: some shells know no others.
 */
export const FD = { arguments: 3, seccomp: 4, status: 5, gate: 6, passwd: 7, group: 8, channel: 9, hosts: 10 } as const

export interface BubblewrapCall {
  readonly profile: SandboxProfile
  readonly view: View
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  /** Where a shown path is found while the sandbox is made; default: at its own place. */
  readonly sourceOf: (shown: Shown) => string
  /** False for a terminal of the user's own: then Ctrl-C and job control work, and the filter stops what types into it. */
  readonly newSession: boolean
  /** Says whether the host has this entry of `/proc`. */
  readonly inProc: (name: string) => boolean
}

/**
 * The arguments of one `bwrap` (0.8 is the floor), for its `--args` descriptor. Order matters: later ones cover earlier ones. The
 * root is an allow-list (`view`), all namespaces are new, no capability is kept, and `/proc/sys` is read-only whoever asks (T-138).
 */
export function bubblewrapArguments(call: BubblewrapCall): readonly string[] {
  const { profile, view, env, cwd, sourceOf } = call
  const { tmpSize } = profile.limits
  const inProc = (names: readonly string[]): readonly string[] =>
    names.filter(call.inProc).map((name) => `/proc/${name}`)
  const tmpfs = (path: string, size: number, mode: string): readonly string[] => [
    '--size',
    String(size),
    '--perms',
    mode,
    '--tmpfs',
    path,
  ]
  const id = String(INNER_ID)
  return [
    ...['--unshare-all', '--unshare-user', '--uid', id, '--gid', id, '--cap-drop', 'ALL'],
    ...['--die-with-parent', '--hostname', HOSTNAME, '--clearenv'],
    ...(call.newSession ? ['--new-session'] : []),
    ...Object.entries(env).flatMap(([name, value]) => ['--setenv', name, value]),
    ...['--perms', '0755', '--dir', '/etc'],
    ...['--perms', '0444', '--ro-bind-data', String(FD.passwd), '/etc/passwd'],
    ...['--perms', '0444', '--ro-bind-data', String(FD.group), '/etc/group'],
    ...['--perms', '0444', '--ro-bind-data', String(FD.hosts), '/etc/hosts'],
    ...['--proc', '/proc', '--ro-bind', '/proc/sys', '/proc/sys'],
    ...inProc(MASKED_FILES).flatMap((path) => ['--ro-bind', '/dev/null', path]),
    ...inProc(MASKED_DIRECTORIES).flatMap((path) => [...tmpfs(path, 4096, '0555'), '--remount-ro', path]),
    ...['--dev', '/dev'],
    ...tmpfs('/tmp', tmpSize, '1777'),
    ...['--perms', '0755', '--dir', '/var', ...tmpfs('/var/tmp', tmpSize, '1777')],
    ...tmpfs('/dev/shm', SHM_SIZE, '1777'),
    ...tmpfs('/run', RUN_SIZE, '0755'),
    ...['--perms', '0755', '--dir', '/home', ...tmpfs(HOME, tmpSize, '0700')],
    ...view.shown.flatMap((one) => [one.writable ? '--bind' : '--ro-bind', sourceOf(one), one.path]),
    ...view.links.flatMap(([path, target]) => ['--symlink', target, path]),
    ...['--chdir', cwd, '--remount-ro', '/dev', '--remount-ro', '/'],
    ...['--seccomp', String(FD.seccomp), '--json-status-fd', String(FD.status)],
  ]
}
