import { syscallNumbers, type Architecture } from '@sallyport/core'
import type { GateDescriptors } from '../gate.ts'

/** Descriptors beyond the command's three: the gate and the channel go inside, by `orders` the gateway speaks with the porter. */
export const FD: GateDescriptors & { readonly orders: number } = { gate: 3, channel: 4, orders: 5 }

/** One message of a byte with descriptors, as `sendmsg` and `recvmsg` take it on a machine of 64 bits. */
const MESSAGE = `
my $byte = 'x';
my $vector = pack 'PQ', $byte, 1;
my $message = pack 'QLx4PQPQlx4', 0, 0, $vector, 1, $control, length $control, 0;
`

/**
 * Stands outside, with the uid of the sandbox, as a program of `perl` like the stage: an engine hands no descriptors to what it
 * starts, so this gives them to the one who comes to its door. It is told by the kernel who that is, shuts the door behind it, stays
 * for the exit code, and ends what is inside when the gateway is gone (HB-141). The command line, its environment and the filter of
 * system calls go this way too: the engine would keep the first two and show them to everybody who may ask it, and compile the third
 * by rules of its own.
 */
const PORTER = `
use strict;
use Socket;
my ($prctl, $sendmsg, $open, $signal, $place) = @ARGV;
# where there is no channel its number is free
open(my $channel, '<', '/dev/null') or exit 125;
my $first = -1;
sub leave { syscall($signal, $first, 9, 0, 0) if $first >= 0; exit $_[0] }
$SIG{TERM} = sub { leave 137 };
syscall($prctl, 1, 15, 0, 0, 0) == 0 or exit 125;
open(my $orders, '+<&=${FD.orders}') or exit 125;
my $parcel = do { local $/; <$orders> } // '';
exit 125 if $parcel eq '';
chdir $place or exit 125;
socket(my $door, AF_UNIX, SOCK_STREAM, 0) or exit 125;
bind($door, pack_sockaddr_un 'door') && listen($door, 1) or exit 125;
syswrite $orders, "open\\n";
accept(my $line, $door) or exit 125;
close $door; unlink 'door';
my ($pid) = unpack 'i', getsockopt($line, SOL_SOCKET, 17);
$first = syscall($open, $pid, 0);
exit 125 if $first < 0;
my $control = pack('Qll', 36, SOL_SOCKET, 1) . pack('i5x4', 0 .. 4);
${MESSAGE}syscall($sendmsg, fileno $line, $message, 0) == 1 or leave 125;
for (${FD.gate}, ${FD.channel}) { open(my $own, "<&=$_") or leave 125; close $own }
while (length $parcel) { my $put = syswrite($line, $parcel) // leave 125; substr($parcel, 0, $put, '') }
sysread($line, my $ready, 1) or leave 125;
syswrite $orders, "first $pid\\n";
sysread($line, my $code, 1);
leave(length($code // '') ? ord $code : 137);
`

/**
 * The first process inside: takes the descriptors, the filter and the words, and with that every wall is up. Then it starts the gate,
 * reaps what others leave, and ends all with the command or with the porter. It holds nothing else of either.
 */
const FIRST = `
use strict;
use Socket;
my ($recvmsg, $dup, $close, $seccomp, $door) = @ARGV;
my @low = map { open(my $null, '+<', '/dev/null') or exit 125; $null } 3 .. 5;
socket(my $line, AF_UNIX, SOCK_STREAM, 0) or exit 125;
connect($line, pack_sockaddr_un $door) or exit 125;
my $control = "\\0" x 40;
${MESSAGE}syscall($recvmsg, fileno $line, $message, 0x40000000) == 1 or exit 125;
my ($length, $level, $type, @given) = unpack 'Qlli5', $control;
exit 125 if $length != 36 || $type != 1;
sub some { my ($size, $all) = ($_[0], ''); sysread($line, $all, $size - length $all, length $all) or exit 125 while length $all < $size; $all }
sub part { some(unpack 'N', some(4)) }
my $filter = part();
my ($cwd, $size, @rest) = split /\\0/, part(), -1;
my %env = splice @rest, 0, 2 * $size;
my $program = pack 'Sx6P', length($filter) / 8, $filter;
syscall($seccomp, 1, 0, $program) == 0 or exit 125;
my $command = fork // exit 125;
if (!$command) {
  syscall($dup, $given[$_], $_, 0) == $_ or exit 125 for 0 .. 4;
  syscall($close, 5, 0xffffffff, 0) == 0 or exit 125;
  %ENV = %env;
  chdir $cwd or exit 125;
  exec { $rest[0] } @rest or exit 125;
}
syswrite $line, 'r';
my $keep = fileno $line;
syscall($dup, fileno $low[0], $_, 0) for 0 .. 2;
syscall($close, 3, $keep - 1, 0); syscall($close, $keep + 1, 0xffffffff, 0);
$SIG{CHLD} = sub {};
for (;;) {
  while ((my $gone = waitpid -1, 1) > 0) {
    next if $gone != $command;
    syswrite $line, chr($? & 127 ? 128 + ($? & 127) : $? >> 8);
    exit 0;
  }
  my $asked = '';
  vec($asked, $keep, 1) = 1;
  exit 0 if select($asked, undef, undef, 0.5) > 0;
}
`

const numbersOf = (architecture: Architecture, names: readonly string[]): readonly string[] => {
  const numbers = syscallNumbers(architecture)
  return names.map((name) => String(numbers.get(name) ?? -1))
}

/** Command line of the porter. @param place directory that holds the door */
export const porter = (architecture: Architecture, place: string): readonly string[] => [
  ...['perl', '-e', PORTER, '--'],
  ...numbersOf(architecture, ['prctl', 'sendmsg', 'pidfd_open', 'pidfd_send_signal']),
  place,
]

/** Name of the door on the host, and where it is shown. */
export const DOOR = { name: 'door', inside: '/.door' } as const

/** Command line of the first process. */
export const firstProcess = (architecture: Architecture): readonly string[] => [
  ...['/usr/bin/perl', '-e', FIRST, '--'],
  ...numbersOf(architecture, ['recvmsg', 'dup3', 'close_range', 'seccomp']),
  DOOR.inside,
]

/** What the porter hands in, in two parts: a filter as the kernel takes it, and where to run what with which variables. */
export function parcelOf(
  filter: Uint8Array,
  cwd: string,
  env: Readonly<Record<string, string>>,
  args: readonly string[],
): Buffer {
  const variables = Object.entries(env)
  const words = Buffer.from([cwd, String(variables.length), ...variables.flat(), ...args].join('\0'))
  return Buffer.concat([filter, words].flatMap((part) => [lengthOf(part), part]))
}

function lengthOf({ length }: Uint8Array): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(length)
  return bytes
}
