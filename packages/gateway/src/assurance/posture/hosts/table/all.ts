import type { HostTable } from '../host-table.ts'
import { CLAUDE_CODE_TABLE } from './claude-code.ts'
import { CLAUDE_DESKTOP_TABLE } from './claude-desktop.ts'
import { CODEX_TABLE } from './codex.ts'
import { COPILOT_CLI_TABLE } from './copilot-cli.ts'
import { CURSOR_TABLE } from './cursor.ts'
import { GEMINI_CLI_TABLE } from './gemini-cli.ts'
import { OPENCLAW_TABLE } from './openclaw.ts'
import { VSCODE_TABLE } from './vscode.ts'
import { WINDSURF_TABLE } from './windsurf.ts'

/** The agents that an audit knows. */
export const HOST_TABLES: readonly HostTable[] = Object.freeze([
  CLAUDE_CODE_TABLE,
  CLAUDE_DESKTOP_TABLE,
  CURSOR_TABLE,
  VSCODE_TABLE,
  CODEX_TABLE,
  COPILOT_CLI_TABLE,
  GEMINI_CLI_TABLE,
  WINDSURF_TABLE,
  OPENCLAW_TABLE,
])
