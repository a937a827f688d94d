import type { Architecture } from '@sallyport/core'
import { syscallNumbers } from '@sallyport/core'

/**
 * What only root does before bubblewrap starts, as a program of `perl` (which Debian and Ubuntu always have), because Node has no
 * system calls of its own: joins control groups, closes every descriptor beyond those of the sandbox, makes a private mount
 * namespace in which each shown path is put aside by descriptor (no link is followed, nothing can be swapped behind it), with the
 * workspace mapped so that its owner's files belong to the uid of the sandbox, and executes the rest with that uid. The uid is made
 * of the process's own id: no two sandboxes share one, so one's limits and files are its own.
 */
const STAGE = `
use strict;
my ($numbers, $base, $span, $last, $groups, $limits, $place, $apart, $covered) = splice @ARGV, 0, 9;
my ($UNSHARE, $MOUNT, $OPENAT2, $OPEN_TREE, $MOVE_MOUNT, $MOUNT_SETATTR, $CLOSE_RANGE,
  $PRLIMIT, $SETGROUPS, $SETRESGID, $SETRESUID, $PRCTL) = split /,/, $numbers;
my ($NEWNS, $NEWUSER, $EMPTY_PATH, $CLONE, $CLOEXEC, $IDMAP) = (0x20000, 0x10000000, 0x1000, 1, 0x80000, 0x100000);
sub fail { print STDERR "stage: $_[0]: $!\\n"; exit 125 }
my $uid = $base + $$ % $span;
sub put { my ($file, $text) = @_; open(my $out, '>', $file) or fail "opening $file"; syswrite($out, $text) or fail "writing $file" }
put $_, $$ for split /\\n/, $groups;
syscall($CLOSE_RANGE, $last + 1, 0xffffffff, 0) == 0 or fail 'closing descriptors';
my @shown;
while (@ARGV) { my $kind = shift; last if $kind eq '--'; push @shown, [$kind, shift] }
my $none = 'none'; my $root = '/'; my $tmpfs = 'tmpfs'; my $options = 'mode=755,size=1m';
!$apart || syscall($UNSHARE, $NEWNS) == 0 or fail 'a mount namespace';
!$apart || syscall($MOUNT, $none, $root, 0, 0x44000, 0) == 0 or fail 'a private mount namespace';
for my $one (@shown) {
  my ($kind, $path) = @$one;
  my $how = pack 'QQQ', 0x200000 | $CLOEXEC, 0, 0x04;
  my $fd = syscall($OPENAT2, -100, $path, $how, 24);
  fail "opening $path" if $fd < 0;
  my $empty = '';
  my $tree = syscall($OPEN_TREE, $fd, $empty, $EMPTY_PATH | $CLONE | $CLOEXEC | ($kind =~ /^owned/ ? 0 : 0x8000));
  fail "cloning $path" if $tree < 0;
  push @$one, $tree, (stat "/proc/self/fd/$fd")[4, 5], -d _;
}
!$apart || syscall($MOUNT, $tmpfs, $place, $tmpfs, 6, $options) == 0 or fail "mounting $place";
for (split /\\n/, $covered) { syscall($MOUNT, $tmpfs, $_, $tmpfs, 6, $options) == 0 or fail "covering $_" }
my %maps;
sub map_of {
  my ($owner, $group) = @_;
  return $maps{"$owner $group"} //= do {
    pipe(my $ready, my $go); pipe(my $hold, my $release);
    my $pid = fork() // fail 'fork';
    if (!$pid) { close $release; syscall($UNSHARE, $NEWUSER) == 0 or exit 1; syswrite($go, 'x'); sysread($hold, my $end, 1); exit 0 }
    close $go;
    sysread($ready, my $byte, 1) or fail 'a user namespace';
    put "/proc/$pid/$_->[0]_map", "$_->[1] $uid 1\\n" for ['uid', $owner], ['gid', $group];
    open(my $namespace, '<', "/proc/$pid/ns/user") or fail 'a user namespace';
    close $release; waitpid $pid, 0;
    $namespace;
  };
}
for my $at (0 .. $#shown) {
  my ($kind, $path, $tree, $owner, $group, $directory) = @{$shown[$at]};
  my ($mapped, $fixed) = (scalar($kind =~ /^owned/), scalar($kind =~ /-ro$/));
  if ($mapped || $fixed) {
    my $attributes = pack 'QQQQ', ($mapped ? $IDMAP | 6 : 0) | ($fixed ? 1 : 0), 0, 0, $mapped ? fileno map_of($owner, $group) : 0;
    my $empty = '';
    syscall($MOUNT_SETATTR, $tree, $empty, $EMPTY_PATH | ($mapped ? 0 : 0x8000), $attributes, 32) == 0
      or fail "setting the owner and the rights of $path";
  }
  my $target = "$place/$at";
  if ($directory) { mkdir $target, 0755 or fail "making $target" } else { open(my $new, '>', $target) or fail "making $target" }
  my $empty = '';
  syscall($MOVE_MOUNT, $tree, $empty, -100, $target, 4) == 0 or fail "showing $path";
}
for (split /,/, $limits) {
  my ($which, $most) = split /:/;
  my $bound = pack 'QQ', $most, $most;
  syscall($PRLIMIT, 0, 0 + $which, $bound, 0) == 0 or fail "limit $which";
}
syscall($SETGROUPS, 0, 0) == 0 or fail 'giving groups up';
syscall($SETRESGID, $uid, $uid, $uid) == 0 or fail 'giving the group up';
syscall($SETRESUID, $uid, $uid, $uid) == 0 or fail 'giving root up';
syscall($PRCTL, 38, 1, 0, 0, 0) == 0 or fail 'giving privileges up';
exec { $ARGV[0] } @ARGV or fail $ARGV[0];
`

/** Where the stage puts shown paths in a mount namespace of its own; empty outside of it. */
export const STAGE_PLACE = '/run/sallyport-stage'

const CALLS = [
  ...['unshare', 'mount', 'openat2', 'open_tree', 'move_mount', 'mount_setattr', 'close_range'],
  ...['prlimit64', 'setgroups', 'setresgid', 'setresuid', 'prctl'],
]

/** Uids of sandboxes. */
export interface UidRange {
  readonly first: number
  readonly span: number
}

/** Far above people and services; the highest process id (2^22) fits in. */
const WIDE: UidRange = { first: 0x7000_0000, span: 2 ** 22 }
const NARROW_FIRST = 10_000

/**
 * The uids that this user namespace has for sandboxes, from `/proc/self/uid_map`; undefined when it has too few. In a container with
 * 65 536 of them two sandboxes may meet.
 */
export function sandboxUids(uidMap: string): UidRange | undefined {
  const rows = uidMap
    .trim()
    .split('\n')
    .map((row) => row.trim().split(/\s+/).map(Number))
  const fits = ({ first, span }: UidRange): boolean =>
    rows.some(([from = 0, , length = 0]) => from <= first && first + span <= from + length)
  if (fits(WIDE)) return WIDE
  const narrow = { first: NARROW_FIRST, span: 50_000 }
  return fits(narrow) ? narrow : undefined
}

/** The uid that the stage with this process id takes; of these no two live at once. */
export const stageUid = (pid: number, { first, span }: UidRange): number => first + (pid % span)

/** `owned`: its owner is mapped to the uid of the sandbox; `-ro`: nothing can be changed through it. */
export type StagedKind = 'plain' | 'plain-ro' | 'owned' | 'owned-ro'

export interface StagePlan {
  readonly architecture: Architecture
  readonly uids: UidRange
  /** Highest descriptor that the sandbox uses; all above are closed. */
  readonly lastFd: number
  /** Files of control groups that take the process's id. */
  readonly groups: readonly string[]
  /** Bounds of the process and all it becomes, as numbers of RLIMIT_*. */
  readonly limits: ReadonlyMap<number, number>
  /** An empty directory that exists; it holds the shown paths, by their number. */
  readonly place: string
  /** In a mount namespace of its own; else the place is everybody's, and whoever made it takes down what it holds. */
  readonly apart: boolean
  readonly shown: readonly (readonly [kind: StagedKind, path: string])[]
  /** Directories that the command must not see. */
  readonly covered: readonly string[]
  readonly command: readonly string[]
}

/** Command line of the stage; it becomes the command by `exec`, so that the process id stays. */
export function stageCommand({
  architecture,
  uids,
  lastFd,
  groups,
  limits,
  place,
  apart,
  shown,
  covered,
  command,
}: StagePlan): readonly string[] {
  const numbers = syscallNumbers(architecture)
  return [
    ...['perl', '-e', STAGE, '--', CALLS.map((name) => numbers.get(name) ?? -1).join(',')],
    ...[String(uids.first), String(uids.span), String(lastFd), groups.join('\n')],
    ...[[...limits].map(([which, most]) => `${which}:${most}`).join(), place, apart ? '1' : ''],
    covered.join('\n'),
    ...shown.flat(),
    '--',
    ...command,
  ]
}

/** The command behind a step that closes every descriptor above `lastFd`: Node closes its own, not those that it was given. */
export function closingCommand(
  architecture: Architecture,
  lastFd: number,
  command: readonly string[],
): readonly string[] {
  const closeRange = syscallNumbers(architecture).get('close_range') ?? -1
  const program = `syscall(${closeRange}, ${lastFd + 1}, 0xffffffff, 0) == 0 or exit 125; exec { $ARGV[0] } @ARGV`
  return ['perl', '-e', program, '--', ...command]
}
