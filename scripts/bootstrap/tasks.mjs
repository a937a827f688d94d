import { existsSync } from 'node:fs'
import { execPath as node } from 'node:process'

const sallyport = (...words) => [node, 'packages/gateway/bin/sallyport.js', ...words]
const benchEntry = () => (existsSync('bench/run.ts') ? ['--import', 'tsx', 'bench/run.ts'] : ['bench/run.mjs'])

/** Types and library, the program, the console that it serves, then what all that consists of. */
export const builds = [
  [node, 'node_modules/typescript/bin/tsc', '-b'],
  [node, 'scripts/bundle.mjs'],
  [node, 'node_modules/vite/bin/vite.js', 'build', 'packages/console', '--logLevel', 'warn'],
  [node, 'scripts/seal.mjs'],
]

const forTests = {
  tools: ['bubblewrap', 'crun', 'postgresql', 'curl', 'chromium'],
  optional: ['prometheus', 'rsyslog', 'rsyslog-openssl', 'tmux', 'runsc'],
  native: true,
  build: true,
}
/** Brings the loopback up, `ioctl(SIOCSIFFLAGS, IFF_UP)`, and becomes what follows. */
const LOOPBACK_UP = `socket(my $s, 2, 2, 0) or die "socket: $!"; my $lo = pack("a16sx14", "lo", 1);
ioctl($s, 0x8914, $lo) or die "loopback: $!"; close $s; exec { $ARGV[0] } @ARGV or die "$ARGV[0]: $!";`
/** A network that has nothing but a loopback; all else is as it was. What bubblewrap starts can gain no privileges, and tests of sandboxes need to. */
const offline =
  process.getuid?.() === 0
    ? ['unshare', '--net', '--', 'perl', '-e', LOOPBACK_UP]
    : ['bwrap', '--dev-bind', '/', '/', '--unshare-net', '--cap-add', 'ALL', '--die-with-parent', '--']
const vitest = (...words) => [node, 'node_modules/vitest/vitest.mjs', 'run', ...words]

/** What each task needs first (system tools, tools that not every system offers, native module, build), its command and its time limit in seconds. */
export const tasks = {
  build: { tools: [], native: true, build: true },
  check: { tools: [], command: (args) => [node, 'scripts/check.mjs', ...args], limit: 1800 },
  test: { ...forTests, command: (args) => vitest(...args), limit: 4500 },
  'test:offline': { ...forTests, command: (args) => [...offline, ...vitest(...args)], limit: 4500 },
  'test:group': { ...forTests, command: (args) => [node, 'scripts/test-group.mjs', ...args], limit: 3600 },
  'coverage:security': {
    ...forTests,
    command: (args) => [node, 'scripts/coverage-security.mjs', ...args],
    limit: 7200,
  },
  'security:audit': {
    tools: [],
    grammars: true,
    command: (args) => [node, 'scripts/security-audit.mjs', ...args],
    limit: 300,
  },
  'security:scan': {
    tools: [],
    grammars: true,
    command: (args) => [node, 'scripts/security-scan.mjs', ...args],
    limit: 300,
  },
  demo: { tools: [], native: true, build: true, command: (args) => [node, '--import', 'tsx', 'demo/main.ts', ...args] },
  start: { tools: ['bubblewrap'], native: true, build: true, command: (args) => sallyport('up', ...args) },
  bench: {
    tools: ['bubblewrap', 'crun', 'postgresql', 'chromium'],
    optional: ['runsc'],
    native: true,
    build: true,
    command: (args) => [node, ...benchEntry(), ...args],
    limit: 7200,
  },
}
