import type { HostFact } from '../host.ts'

const REAL = 'test/hosts/real/claude-code.test.ts'
const NOTED = { source: 'measured with the real program', date: '2026-11-21', versions: '2.1.329', test: REAL } as const

export const CLAUDE_CODE_FACTS: readonly HostFact[] = Object.freeze([
  { id: 'deny-forms', statement: 'Deny JSON blocks with exit 0, 1 and 2; exit 2 blocks even when silent.', ...NOTED },
  { id: 'headless-ask', statement: '`ask` without a person at the prompt is a deny.', ...NOTED },
  {
    id: 'fails-open',
    statement: 'Exit 1, time-out, kill and a missing program let the tool run unless the hook has onFailure "block".',
    ...NOTED,
  },
  {
    id: 'junk-before-json',
    statement:
      'A log line before the JSON makes the tool run, even with onFailure "block". Nothing but JSON may be printed.',
    ...NOTED,
  },
  {
    id: 'proceed-keeps-rules',
    statement: 'An empty object leaves the decision to the host’s own permission rules.',
    ...NOTED,
  },
  {
    id: 'output-same-shape',
    statement:
      'updatedToolOutput replaces what the model sees only when it has the shape of the tool’s own result; a plain ' +
      'string for Bash is ignored.',
    ...NOTED,
  },
  {
    id: 'failed-tools',
    statement: 'A failed tool reports PostToolUseFailure and not PostToolUse; its error text cannot be replaced.',
    ...NOTED,
  },
  {
    id: 'on-failure-since',
    statement: 'Versions before 2.1.295 ignore onFailure.',
    source: 'typings of @anthropic-ai/claude-agent-sdk 0.3.329',
    date: '2026-11-19',
    versions: '< 2.1.295',
    test: 'not verified',
  },
  {
    id: 'agent-deny-ignored',
    statement: 'A deny for the tool Agent was ignored once.',
    source: 'anthropics/claude-code#44534',
    date: '2026-11-19',
    versions: 'unknown',
    test: 'not verified',
  },
  {
    id: 'interpreter-missing-script',
    statement: 'A script that is missing under an interpreter exits 2 and therefore blocks every call.',
    source: 'anthropics/claude-code#80697',
    date: '2026-11-19',
    versions: 'all',
    test: REAL,
  },
])
