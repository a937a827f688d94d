import type { FactHost, FailureMode, HostFact, HostFailure } from '../host.ts'

const OPEN: HostFailure = { crash: 'open', timeout: 'open', badOutput: 'open', silent: 'open' }

const failure = (
  crash: FailureMode,
  timeout: FailureMode,
  badOutput: FailureMode,
  silent: FailureMode,
): HostFailure => ({
  crash,
  timeout,
  badOutput,
  silent,
})

const noted = (id: string, statement: string, source: string, versions: string): HostFact => ({
  id,
  statement,
  source,
  date: '2026-11-20',
  versions,
  test: 'not verified',
})

/** Hosts that are known and not connected yet: facts only, so that nobody takes a row for protection. */
export const UNWIRED_HOSTS: readonly FactHost[] = Object.freeze<FactHost[]>([
  {
    wired: false,
    profile: {
      id: 'copilot-cli',
      title: 'GitHub Copilot CLI',
      versions: '1.0.102',
      events: {
        preToolUse: 'tool.before',
        postToolUse: 'tool.after',
        userPromptSubmitted: 'prompt',
        sessionStart: 'session.start',
      },
      canAsk: true,
      failure: failure('closed', 'open', 'open', 'open'),
      facts: [
        noted(
          'untrusted-directory',
          'Hooks of a directory that is not trusted are skipped silently.',
          'trial with the real program',
          '1.0.102',
        ),
        noted(
          'timeout-open',
          'A hook that passes its 30 s lets the call through.',
          'trial with the real program',
          '1.0.102',
        ),
        noted('crash-version', 'A crashing hook let calls through in 1.0.73.', 'adlc#242', '1.0.73'),
      ],
    },
  },
  {
    wired: false,
    profile: {
      id: 'gemini-cli',
      title: 'Gemini CLI',
      versions: '0.61.0',
      events: { BeforeTool: 'tool.before', AfterTool: 'tool.after', SessionStart: 'session.start' },
      canAsk: false,
      failure: OPEN,
      facts: [
        noted(
          'log-line-allows',
          'Plain text with exit 0 allows, so one log line before the JSON allows.',
          'trial with gemini-cli-core',
          '0.61.0',
        ),
        noted(
          'exit-2-needs-text',
          'Exit 2 or higher blocks only with text on stderr.',
          'trial with gemini-cli-core',
          '0.61.0',
        ),
      ],
    },
  },
  {
    wired: false,
    profile: {
      id: 'cursor',
      title: 'Cursor',
      versions: 'unknown',
      events: {
        preToolUse: 'tool.before',
        beforeShellExecution: 'tool.before',
        beforeMCPExecution: 'tool.before',
        beforeReadFile: 'tool.before',
        beforeSubmitPrompt: 'prompt',
      },
      canAsk: false,
      failure: OPEN,
      hardened: { by: 'failClosed: true', since: 'unknown', failure: failure('closed', 'closed', 'unknown', 'closed') },
      facts: [
        noted('allow-ignored', 'Hook answers allow and ask are ignored.', 'Doberman#563', 'unknown'),
        noted(
          'loads-claude-hooks',
          'Loads the hooks of Claude Code as well: one call may arrive twice.',
          'cursor.com/docs',
          'unknown',
        ),
        noted('no-fire', 'Hooks do not fire now and then.', 'user reports', 'unknown'),
      ],
    },
  },
  {
    wired: false,
    profile: {
      id: 'windsurf',
      title: 'Windsurf Cascade',
      versions: 'unknown',
      events: {
        pre_run_command: 'tool.before',
        pre_write_code: 'tool.before',
        pre_read_code: 'tool.before',
        pre_mcp_tool_use: 'tool.before',
        pre_user_prompt: 'prompt',
      },
      canAsk: false,
      failure: OPEN,
      facts: [noted('exit-2-only', 'Only exit code 2 is documented to block.', 'docs.windsurf.com', 'unknown')],
    },
  },
])
