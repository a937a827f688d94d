import { syscallNumbers, type Architecture } from '@sallyport/core'
import { probes, type Probe } from './probe.ts'

/** Arguments that do nothing where the call is let through, and are then refused for what they are, or succeed harmlessly. */
const CALLS: Readonly<Record<string, string>> = {
  ptrace: '0, 0, 0, 0',
  process_vm_readv: '$$, 0, 0, 0, 0, 0',
  process_vm_writev: '$$, 0, 0, 0, 0, 0',
  kcmp: '$$, $$, 0, 0, 0',
  pidfd_getfd: '-1, 0, 0',
  mount: '0, 0, 0, 0, 0',
  umount2: '0, 0',
  pivot_root: '0, 0',
  chroot: '$root',
  open_tree: '-1, 0, 0',
  move_mount: '-1, 0, -1, 0, 0',
  fsopen: '0, 0',
  mount_setattr: '-1, 0, 0, 0, 0',
  quotactl: '0, 0, 0, 0',
  setns: '-1, 0',
  unshare: '0x10000000',
  bpf: '0, 0, 0',
  perf_event_open: '0, 0, -1, -1, 0',
  userfaultfd: '0',
  io_uring_setup: '0, 0',
  vmsplice: '-1, 0, 0, 0',
  memfd_secret: '0',
  keyctl: '0, -3, 0',
  add_key: '0, 0, 0, 0, 0',
  request_key: '0, 0, 0, 0',
  reboot: '0, 0, 0, 0',
  kexec_load: '0, 99999, 0, 0',
  kexec_file_load: '-1, -1, 0, 0, 0',
  init_module: '0, 0, 0',
  finit_module: '-1, 0, 0',
  delete_module: '0, 0',
  swapon: '0, 0',
  swapoff: '0',
  acct: '1',
  settimeofday: '0, 0',
  clock_settime: '99, 0',
  sethostname: '0, 9999',
  syslog: '10, 0, 0',
  iopl: '0',
  modify_ldt: '0, 0, 0',
  open_by_handle_at: '-1, 0, 0',
  name_to_handle_at: '-1, 0, 0, 0, 0',
  fanotify_init: '0, 0',
  move_pages: '0, 0, 0, 0, 0, 0',
  migrate_pages: '0, 0, 0, 0',
  clone3: '0, 0',
}

/** A call is shut when it says EPERM or ENOSYS; a process that was ended for it never gets here. */
const attempt = (number: number, args: string): string =>
  `my $root = "/"; my $got = syscall(${number}, ${args}); exit(($got == -1 && ($! == 1 || $! == 38)) ? 1 : 0)`

/** Sockets of families and kinds that no network namespace parts, or that see what is not theirs. */
const SOCKETS: Readonly<Record<string, string>> = {
  vsock: '40, 1, 0',
  packet: '17, 3, 768',
  netlink: '16, 3, 0',
  alg: '38, 5, 0',
  xdp: '44, 3, 0',
  'raw-ipv4': '2, 3, 1',
  'raw-ipv6': '10, 3, 58',
  bluetooth: '31, 3, 1',
  can: '29, 3, 1',
  tipc: '30, 1, 0',
  kcm: '41, 5, 0',
}

export function syscallProbes(architecture: Architecture): readonly Probe[] {
  const numbers = syscallNumbers(architecture)
  const of = (name: string): number => numbers.get(name) ?? -1
  const calls = Object.entries(CALLS).filter(([name]) => numbers.has(name))
  return [
    ...probes('syscalls', 'perl', Object.fromEntries(calls.map(([name, args]) => [name, attempt(of(name), args)]))),
    ...probes('syscalls', 'perl', {
      'clone-newuser': `my $got = syscall(${of('clone')}, 0x10000011, 0, 0, 0, 0); exit($got == -1 ? 1 : 0)`,
      'clone-newnet': `my $got = syscall(${of('clone')}, 0x40000011, 0, 0, 0, 0); exit($got == -1 ? 1 : 0)`,
      personality: `exit(syscall(${of('personality')}, 0x0040000) == -1 ? 1 : 0)`,
      'set-user-id':
        'my $f = "@WORKSPACE@/suid"; open(my $o, ">", $f); chmod 04755, $f; my $m = (stat $f)[2]; unlink $f; exit($m & 06000 ? 0 : 1)',
      'set-user-id-on-open':
        'my $f = "@WORKSPACE@/suid2"; sysopen(my $o, $f, 0101, 04755); my $m = (stat $f)[2]; unlink $f; exit($m & 06000 ? 0 : 1)',
      'device-node': `my $f = "@WORKSPACE@/node"; my $got = syscall(${of('mknodat')}, -100, $f, 020666, 0x103); unlink $f; exit($got == 0 ? 0 : 1)`,
    }),
    ...probes(
      'network',
      'perl',
      Object.fromEntries(
        Object.entries(SOCKETS).map(([name, args]) => [
          `socket-${name}`,
          `exit(syscall(${of('socket')}, ${args}) >= 0 ? 0 : 1)`,
        ]),
      ),
    ),
  ]
}
