import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const CLI = 'packages/gateway/bin/sallyport.js'
/** An ordinary user for tests that root runs. */
const STRANGER = 61_234
const isRoot = process.getuid?.() === 0

export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Who starts the sandbox. */
export interface Caller {
  readonly name: 'root' | 'user'
  readonly uid: number
  /** Command line of `sallyport` with these arguments, as this caller, behind `before` (shell, as root, in a mount namespace). */
  readonly line: (args: readonly string[], before?: string) => readonly string[]
}

const node = (at: string, args: readonly string[]): readonly string[] => [process.execPath, join(at, CLI), ...args]

/** A mount namespace in which the checkout is where everybody gets to it. */
const inNamespace = (before: string, rest: readonly string[]): readonly string[] => [
  ...[
    'unshare',
    '--mount',
    '--propagation',
    'private',
    'sh',
    '-ec',
    `mount --bind "$1" /mnt; ${before}; shift; exec "$@"`,
  ],
  ...['sh', ROOT, ...rest],
]

const root: Caller = {
  name: 'root',
  uid: 0,
  line: (args, before) => (before === undefined ? node(ROOT, args) : inNamespace(before, node('/mnt', args))),
}
const user: Caller = isRoot
  ? {
      name: 'user',
      uid: STRANGER,
      line: (args, before = ':') =>
        inNamespace(before, [
          ...['setpriv', `--reuid=${STRANGER}`, `--regid=${STRANGER}`, '--clear-groups', '--'],
          ...node('/mnt', args),
        ]),
    }
  : { name: 'user', uid: process.getuid?.() ?? -1, line: (args) => node(ROOT, args) }

/** Everybody whom this test run can be. */
export const callers: readonly Caller[] = isRoot ? [root, user] : [user]

export const hasSandbox = spawnSync('bwrap', ['--unshare-all', '--ro-bind', '/', '/', 'true']).status === 0
if (!hasSandbox) process.stderr.write('NOT VERIFIED: the sandbox, because bubblewrap cannot make namespaces here.\n')

/** An empty directory of the caller's, removed by `done`. */
export function workspaceOf(
  caller: Caller,
  name = 'work',
): { readonly path: string; readonly home: string; readonly done: () => void } {
  const place = mkdtempSync(join(tmpdir(), 'sallyport-sandbox-'))
  chmodSync(place, 0o755)
  const [path, home] = [join(place, name), join(place, 'home')]
  for (const each of [path, home]) {
    mkdirSync(each)
    chownSync(each, caller.uid, caller.uid)
  }
  return { path, home, done: () => rmSync(place, { recursive: true, force: true }) }
}

const environmentOf = (home: string): Record<string, string> => ({ PATH: process.env['PATH'] ?? '', HOME: home })

export function sallyport(
  caller: Caller,
  home: string,
  args: readonly string[],
  options: {
    readonly input?: string
    readonly before?: string
    readonly env?: Record<string, string>
    readonly limit?: number
  } = {},
): Ran {
  const [program = '', ...rest] = caller.line(args, options.before)
  const ran = spawnSync(program, rest, {
    env: { ...environmentOf(home), ...options.env },
    input: options.input ?? '',
    encoding: 'latin1',
    maxBuffer: 64 * 2 ** 20,
    timeout: options.limit ?? 60_000,
  })
  return { code: ran.status ?? -1, out: ran.stdout, err: ran.stderr }
}

export function start(caller: Caller, home: string, args: readonly string[]): ReturnType<typeof spawn> {
  const [program = '', ...rest] = caller.line(args)
  return spawn(program, rest, { env: environmentOf(home), stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Host processes whose command line holds a text. */
export const processesWith = (text: string): readonly string[] =>
  execFileSync('ps', ['-eww', '-o', 'pid=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(text) && !line.includes('ps -eo'))

/** Shell lines that put a bubblewrap in the place of the real one which leaves one wall out, as an old or a changed one might. */
export function withoutWall(home: string, from: string, to: string): string {
  const fake = join(home, 'bwrap')
  const words = (text: string): string => JSON.stringify(text.replace(/\0/g, '\\0'))
  writeFileSync(
    fake,
    `#!/usr/bin/perl
open(my $in, '<&=', 3); local $/; my $args = <$in>; my ($from, $to) = (${words(from)}, ${words(to)});
s/\\\\0/\\0/g for $from, $to;
$args =~ s/\\Q$from\\E\\0?/length $to ? "$to\\0" : ''/e or die 'nothing to leave out';
pipe(my $r, my $w); $^F = 20; pipe(my $r2, my $w2); if (!fork) { print $w2 $args; close $w2; exit } close $w2;
use POSIX (); POSIX::dup2(fileno $r2, 3); exec '${join(home, 'real')}', @ARGV;
`,
    { mode: 0o755 },
  )
  const real = join(home, 'real')
  return `cp /usr/bin/bwrap '${real}'; chmod 755 '${real}'; mount --bind '${fake}' /usr/bin/bwrap`
}

/** Runs a script of the checkout as root, behind `before` in a mount namespace. */
export function spawnIn(caller: Caller, before: string, [script = '', ...words]: readonly string[]): Ran {
  const [program = '', ...rest] = inNamespace(before, [process.execPath, join('/mnt', script), ...words])
  const env = environmentOf(tmpdir())
  const ran = spawnSync(program, rest, { env, encoding: 'utf8', timeout: 60_000, uid: caller.uid })
  return { code: ran.status ?? -1, out: ran.stdout, err: ran.stderr }
}

/** Paths of all that is in a directory, through no link; Node's own listing follows them. */
export const namesIn = (directory: string): readonly string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .map(({ parentPath, name }) => relative(directory, join(parentPath, name)))
    .sort()
