import type { ToolDefinition } from '@sallyport/core'
import { hostTool } from './definition.ts'

/** Built-in tools as Codex 0.169.0 shows them to hooks: `exec_command` arrives as `Bash` with nothing but `command`. */
export const CODEX_TOOLS: readonly ToolDefinition[] = Object.freeze([
  hostTool('Bash', 'Runs a shell command.', { command: 'string!' }),
  hostTool('apply_patch', 'Changes files by a patch.', { command: 'string!' }),
  hostTool('view_image', 'Reads an image file.', { path: 'string!' }),
  hostTool('update_plan', 'Keeps a list of steps.', {}),
])
