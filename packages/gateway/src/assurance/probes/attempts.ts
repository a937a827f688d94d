import { probes, type Probe } from './probe.ts'

/** Shell: one of these paths is there. By no program of its own, because an old kernel of a sandbox may not know what that calls. */
const anyOf = (paths: string): string => `for f in ${paths}; do test -e "$f" && exit 0; done; exit 1`

/** Attempts that a shell, a script or an ordinary program makes. */
export const ATTEMPTS: readonly Probe[] = [
  ...probes('namespaces', 'sh', {
    'see-host-process': 'kill -0 @PID@',
    'signal-host-process': 'kill -CONT @PID@',
    'host-process-in-proc': 'test -d /proc/@PID@ && grep -q . /proc/@PID@/cmdline',
    'first-process-is-not-ours': 'case "$(cat /proc/1/comm)" in bwrap|sh|perl) exit 1;; esac',
    hostname: 'hostname "$(hostname)"',
    'many-processes': 'set -- /proc/[0-9]*; test $# -gt 12',
    'user-namespace': 'unshare -U true',
    'mount-namespace': 'unshare -rm true',
    'enter-host-namespace': 'nsenter -t 1 -m true && test -f @OUTSIDE@/secret',
  }),
  ...probes('files', 'sh', {
    'read-outside': 'grep -q @CANARY@ @OUTSIDE@/secret',
    'write-outside': 'echo x >>@OUTSIDE@/secret',
    'list-outside': anyOf('@OUTSIDE@/*'),
    'through-link': 'ln -sf @OUTSIDE@/secret @WORKSPACE@/link && grep -q @CANARY@ @WORKSPACE@/link',
    'through-link-to-root': 'ln -sfn / @WORKSPACE@/rootlink && grep -q @CANARY@ @WORKSPACE@/rootlink@OUTSIDE@/secret',
    'hard-link': 'ln @OUTSIDE@/secret @WORKSPACE@/hard',
    traversal: 'cd @WORKSPACE@ && grep -q @CANARY@ ../../../../../../../../../..@OUTSIDE@/secret',
    'proc-root': 'grep -q @CANARY@ /proc/1/root@OUTSIDE@/secret /proc/self/root@OUTSIDE@/secret',
    'proc-cwd': 'for p in /proc/[0-9]*; do test -e $p/cwd@OUTSIDE@ && exit 0; done; exit 1',
    'host-passwd': 'test "$(wc -l </etc/passwd)" -gt 4',
    shadow: 'head -1 /etc/shadow | grep -q :',
    'engine-socket': anyOf(
      '/var/run/docker.sock /run/docker.sock /run/containerd/containerd.sock /run/podman/podman.sock',
    ),
    'root-home':
      'own=/root/$(basename @WORKSPACE@); for f in /root/* /root/.[!.]*; do test -e "$f" && test "$f" != "$own" && exit 0; done; exit 1',
    'write-usr': 'touch /usr/sallyport-was-here && rm /usr/sallyport-was-here',
    'write-etc': 'touch /etc/sallyport-was-here && rm /etc/sallyport-was-here',
    'write-root': 'touch /sallyport-was-here && rm /sallyport-was-here',
    'write-bin': 'touch /bin/sallyport-was-here && rm /bin/sallyport-was-here',
    'disk-device': anyOf('/dev/sd* /dev/vd* /dev/nvme* /dev/mem /dev/kmem /dev/kmsg /dev/port'),
    'other-devices': anyOf('/dev/hidraw* /dev/uinput /dev/kvm /dev/loop-control'),
    'devices-of-users': anyOf('/dev/fuse /dev/net/tun'),
    'host-tmp': anyOf('/tmp/@CANARY@ /var/tmp/@CANARY@ /dev/shm/@CANARY@'),
    'own-place': anyOf('/run/sallyport-stage/* /run/sallyport-oci/* /run/sallyport-shown/*'),
    'systemd-bus': anyOf('/run/systemd/* /run/dbus/* /run/user/*'),
    'remount-writable': 'mount -o remount,rw /',
    logs: anyOf('/var/log/*'),
  }),
  ...probes('persistence', 'sh', {
    'git-hook': 'echo true >@WORKSPACE@/.git/hooks/post-checkout',
    'git-config': 'git -C @WORKSPACE@ config core.fsmonitor /bin/true && grep -q fsmonitor @WORKSPACE@/.git/config',
    'git-moved-away': 'mv @WORKSPACE@/.git @WORKSPACE@/.git-old',
    'git-removed': 'rm -rf @WORKSPACE@/.git && ! test -e @WORKSPACE@/.git',
    'hooks-moved-away': 'mv @WORKSPACE@/.git/hooks @WORKSPACE@/.git/old',
    'agent-settings': 'echo x >@WORKSPACE@/.claude/settings.json',
    'editor-tasks': 'echo x >@WORKSPACE@/.vscode/tasks.json',
    envrc: 'echo x >@WORKSPACE@/.envrc',
    'mcp-servers': 'echo x >@WORKSPACE@/.mcp.json',
    'outlives-the-command': 'setsid sh -c "sleep 1; touch @WORKSPACE@/late" >/dev/null 2>&1 & exit 1',
  }),
  ...probes('capabilities', 'sh', {
    effective: '! grep -qE "^CapEff:[[:space:]]+0+$" /proc/self/status',
    permitted: '! grep -qE "^CapPrm:[[:space:]]+0+$" /proc/self/status',
    inheritable: '! grep -qE "^CapInh:[[:space:]]+0+$" /proc/self/status',
    bounding: '! grep -qE "^CapBnd:[[:space:]]+0+$" /proc/self/status',
    ambient: 'grep -qE "^CapAmb:[[:space:]]+0*[1-9a-f]" /proc/self/status',
    'new-privileges': 'grep -qE "^NoNewPrivs:[[:space:]]+0" /proc/self/status',
    'no-filter': 'grep -qE "^Seccomp:[[:space:]]+0" /proc/self/status',
    'change-owner': 'touch @WORKSPACE@/own && chown 0:0 @WORKSPACE@/own && test "$(stat -c %u @WORKSPACE@/own)" = 0',
  }),
  ...probes('capabilities', 'perl', { 'become-another': '$> = 1234; exit($> == 1234 ? 0 : 1)' }),
  ...probes('network', 'python3', {
    'tcp-loopback': 'import socket; socket.create_connection(("127.0.0.1", @PORT@), 2)',
    'tcp-loopback-ipv6': 'import socket; socket.create_connection(("::1", @PORT@), 2)',
    'abstract-socket':
      'import socket\ns = socket.socket(socket.AF_UNIX)\ntry: s.connect("\\0@ABSTRACT@")\nexcept OSError: s.connect("\\0@ABSTRACT@".ljust(108, "\\0"))',
    'udp-loopback':
      'import socket, sys\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(1)\ns.sendto(b"out", ("127.0.0.1", @UDP@)); sys.exit(0 if s.recv(9) == b"seen" else 1)',
    outside: 'import socket; socket.create_connection(("1.1.1.1", 53), 2)',
    metadata: 'import socket; socket.create_connection(("169.254.169.254", 80), 2)',
    'door-of-the-engine': 'import socket; socket.socket(socket.AF_UNIX).connect("/.door")',
    names: 'import socket; socket.getaddrinfo("example.com", 80)',
    'more-than-loopback': 'import os, sys; sys.exit(0 if len([n for n in open("/proc/net/dev")][2:]) > 1 else 1)',
  }),
  ...probes('network', 'sh', {
    'set-interface': 'ip link set lo up',
    'route-table': 'test "$(wc -l </proc/net/route)" -gt 1',
  }),
  ...probes('resources', 'perl', {
    processes:
      'my @all; for (1 .. 400) { my $pid = fork; if (!defined $pid) { kill 9, @all; exit 1 } if (!$pid) { sleep 5; exit 0 } push @all, $pid } kill 9, @all; exit 0',
    memory: 'my @all; push @all, "x" x (64 << 20) for 1 .. 20; exit 0',
    'memory-shared':
      'open(my $f, ">", "/dev/shm/sallyport-big") or exit 1; binmode $f; for (1 .. 300) { syswrite($f, "x" x (1 << 20)) or do { unlink "/dev/shm/sallyport-big"; exit 1 } } unlink "/dev/shm/sallyport-big"; exit 0',
    'temporary-files':
      'open(my $f, ">", "/tmp/sallyport-big") or exit 1; for (1 .. 200) { syswrite($f, "x" x (1 << 20)) or do { unlink "/tmp/sallyport-big"; exit 1 } } unlink "/tmp/sallyport-big"; exit 0',
    'file-size':
      'my $f = "@WORKSPACE@/big"; open(my $o, ">", $f); $SIG{XFSZ} = "IGNORE"; my $ok = sysseek($o, 3 << 30, 0) && syswrite($o, "x"); unlink $f; exit($ok ? 0 : 1)',
    'open-files': 'my @all; for (1 .. 5000) { open(my $f, "<", "/dev/null") or exit 1; push @all, $f } exit 0',
    'higher-limits': 'system("prlimit --pid $$ --nproc=100000:100000 2>/dev/null") == 0 ? exit 0 : exit 1',
  }),
  ...probes('proc', 'sh', {
    'core-pattern': 'cat /proc/sys/kernel/core_pattern >/proc/sys/kernel/core_pattern',
    'any-sysctl': 'echo 1 >/proc/sys/vm/drop_caches',
    'sysctl-of-the-network': 'cat /proc/sys/net/ipv4/ip_forward >/proc/sys/net/ipv4/ip_forward',
    sysrq: 'test -s /proc/sysrq-trigger || echo h >/proc/sysrq-trigger; test -f /proc/sysrq-trigger',
    symbols: 'test -s /proc/kallsyms && head -1 /proc/kallsyms | grep -q .',
    keys: 'head -1 /proc/keys 2>/dev/null | grep -q .',
    'kernel-command-line': 'test "$(md5sum </proc/cmdline | cut -c1-32)" = @BOOT@',
    'kernel-configuration': 'head -c 2 /proc/config.gz | grep -q .',
    'kernel-log': 'dmesg | grep -q .',
    'host-paths-in-command-line': 'tr "\\0" " " </proc/1/cmdline | grep -qE -- "-{2}(ro-)?bind|-{2}setenv"',
    sysfs: anyOf('/sys/kernel/* /sys/fs/cgroup/*'),
    'other-environment': 'cat /proc/[0-9]*/environ 2>/dev/null | tr "\\0" "\\n" | grep -q @CANARY@',
    'score-of-the-killer': 'echo -1000 >/proc/self/oom_score_adj',
  }),
  ...probes('descriptors', 'perl', {
    'more-than-three': 'for my $n (3 .. 1023) { exit 0 if open(my $h, "<&=", $n) } exit 1',
  }),
  ...probes('terminal', 'perl', {
    'type-into-terminal': 'my $c = "x"; my $got = ioctl(STDIN, 0x5412, $c); exit(defined $got || $! != 1 ? 0 : 1)',
    'console-of-linux': 'my $c = "\\x02"; my $got = ioctl(STDIN, 0x541c, $c); exit(defined $got || $! != 1 ? 0 : 1)',
    'controlling-terminal': 'exit(open(my $t, "+<", "/dev/tty") ? 0 : 1)',
  }),
  ...probes('secrets', 'sh', {
    environment: 'env | grep -q @CANARY@',
    variable: 'test -n "$@VARIABLE@"',
    'agent-sockets':
      'env | grep -qE "^(SSH_AUTH_SOCK|DBUS_SESSION_BUS_ADDRESS|DISPLAY|WAYLAND_DISPLAY|XDG_RUNTIME_DIR)="',
    'key-files': anyOf('~/.ssh/* ~/.aws/* ~/.config/* /root/.ssh/* /root/.aws/* /home/*/.ssh/*'),
  }),
]

/** What an ordinary day of work needs. */
export const USES: readonly Probe[] = [
  ...probes('usable', 'sh', {
    'write-workspace': 'echo a >@WORKSPACE@/made && test "$(cat @WORKSPACE@/made)" = a && rm @WORKSPACE@/made',
    'working-directory': 'test "$(pwd)" = "@WORKSPACE@"',
    'temporary-files': 't=$(mktemp) && echo a >$t && grep -q a $t',
    home: 'echo a >~/file && grep -q a ~/file',
    pipes: 'test "$(seq 1000 | sort -rn | head -1)" = 1000',
    processes: '(sleep 0.1; exit 3) & wait $!; test $? = 3',
    git: 'd=$(mktemp -d) && cd $d && git init -q && git -c user.name=a -c user.email=a@example.com commit -q --allow-empty -m x && git log --oneline | grep -q x',
    'git-status': 'git -C @WORKSPACE@ status --short >/dev/null',
    names: 'id -un | grep -q .',
    devices: 'head -c 8 /dev/urandom >/dev/null && echo x >/dev/null && test -c /dev/zero',
    links: 'ln -s made @WORKSPACE@/l && rm @WORKSPACE@/l',
    'exit-code': 'exit 0',
  }),
  ...probes('usable', 'python3', {
    python:
      'import json, threading, subprocess\nt = threading.Thread(target=lambda: None); t.start(); t.join()\nassert subprocess.run(["echo", "a"], capture_output=True).stdout == b"a\\n"',
    'unix-sockets': 'import socket\na, b = socket.socketpair(); a.send(b"x"); assert b.recv(1) == b"x"',
    multiprocessing:
      'import multiprocessing as m\nif __name__ == "__main__":\n  with m.Pool(2) as p: assert p.map(abs, [-1]) == [1]',
    'local-server':
      'import socket, threading\ns = socket.create_server(("127.0.0.1", 0)); c = socket.create_connection(s.getsockname()); s.accept()[0].send(b"x"); assert c.recv(1) == b"x"',
  }),
  ...probes('usable', 'node', {
    node: 'const { Worker } = require("node:worker_threads"); new Worker("0", { eval: true }).on("exit", (code) => process.exit(code))',
    'node-child':
      'const { execFileSync } = require("node:child_process"); process.exit(execFileSync("echo", ["a"]).toString() === "a\\n" ? 0 : 1)',
  }),
]
