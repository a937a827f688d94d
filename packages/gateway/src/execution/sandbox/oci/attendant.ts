import { syscallNumbers, type Architecture } from '@sallyport/core'

/**
 * Stands between the gateway and an OCI runtime, as a program of `perl` like the stage, with the uid of the sandbox and outside of it:
 * waits until the bundle is complete, starts the runtime, ends with its exit code, and leaves nothing behind. Whatever loses its
 * parent below it becomes its child, and is ended when the runtime has ended or the gateway has (HB-141). The three streams are not
 * the runtime's alone: gVisor makes them non-blocking, and their owner would lose what it writes.
 */
const ATTENDANT = `
use strict;
$^F = 9;
my ($prctl, $gate) = splice @ARGV, 0, 2;
my $runtime = 0;
my @streams = (\\*STDIN, \\*STDOUT, \\*STDERR);
my @flags = map { fcntl($_, 3, 0) } @streams;
sub leave {
  kill 9, $runtime if $runtime;
  do { open(my $own, '<', "/proc/$$/task/$$/children"); kill 9, split ' ', <$own> // '' } while waitpid(-1, 0) > 0;
  for (0 .. 2) { fcntl($streams[$_], 4, 0 + $flags[$_]) if $flags[$_] }
  exit $_[0];
}
$SIG{TERM} = sub { leave 137 };
syscall($prctl, 36, 1, 0, 0, 0) == 0 && syscall($prctl, 1, 15, 0, 0, 0) == 0 or exit 125;
open(my $in, "<&=$gate") or exit 125;
my ($word, $byte) = ('', '');
while (sysread($in, $byte, 1)) { last if $byte eq "\\n"; $word .= $byte }
exit 125 if $word ne 'configured';
$runtime = fork // exit 125;
if (!$runtime) { $SIG{TERM} = 'DEFAULT'; exec { $ARGV[0] } @ARGV or print STDERR "$ARGV[0]: $!\\n"; exit 125 }
waitpid $runtime, 0;
my $code = $? & 127 ? 128 + ($? & 127) : $? >> 8;
$runtime = 0;
leave $code;
`

/** What the attendant waits for. */
export const CONFIGURED = 'configured\n'

/** Command line of the attendant of a runtime. @param gate number of the descriptor that it and then the sandbox read */
export const attended = (architecture: Architecture, gate: number, runtime: readonly string[]): readonly string[] => [
  ...['perl', '-e', ATTENDANT, '--', String(syscallNumbers(architecture).get('prctl') ?? -1), String(gate)],
  ...runtime,
]
