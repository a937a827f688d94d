import type { HostFact } from '../host.ts'

const REAL = 'test/hosts/real/codex.test.ts'
const NOTED = { source: 'measured with the real program', date: '2026-11-21', versions: '0.169.0', test: REAL } as const

export const CODEX_FACTS: readonly HostFact[] = Object.freeze([
  {
    id: 'deny-needs-text',
    statement: 'Deny JSON with exit 0 blocks; with exit 2 only when there is text on stderr, with exit 1 never.',
    ...NOTED,
  },
  {
    id: 'fails-open',
    statement:
      'Exit 1, silent exit 2, time-out, kill, a missing program and junk let the tool run; there is no switch.',
    ...NOTED,
  },
  { id: 'ask-runs', statement: '`ask` lets the tool run.', ...NOTED },
  { id: 'untrusted-skipped', statement: 'A hook that nobody has trusted is skipped without a word.', ...NOTED },
  { id: 'write-stdin', statement: '`write_stdin` into a running shell fires no hook.', ...NOTED },
  {
    id: 'arguments-hidden',
    statement: '`exec_command` shows hooks nothing but `command`: neither `tty` nor `workdir`.',
    ...NOTED,
  },
  {
    id: 'block-replaces-result',
    statement: 'PostToolUse `decision: "block"` replaces the result with the reason; updatedToolOutput fails the hook.',
    ...NOTED,
  },
  { id: 'hooks-on-by-default', statement: 'Hooks run without `[features] hooks = true`.', ...NOTED },
  {
    id: 'root-keys',
    statement: 'An unknown key at the root of hooks.json makes it refuse the whole file.',
    source: 'skillsaw rule codex-hooks-valid',
    date: '2026-11-19',
    versions: 'unknown',
    test: 'not verified',
  },
])
