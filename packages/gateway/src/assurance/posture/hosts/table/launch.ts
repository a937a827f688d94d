import type { PostureSeverity } from '@sallyport/core'
import { WHY } from '../rule.ts'

/** Something in a file that shells read which starts an agent without its guards. */
export interface LaunchRule {
  readonly id: string
  readonly severity: PostureSeverity
  readonly host: string
  readonly fits: RegExp
  readonly what: string
  readonly why: string
}

const flag = (host: string, program: string, flags: string, severity: PostureSeverity, what: string): LaunchRule => ({
  id: 'hosts.dangerous_mode',
  severity,
  host,
  fits: new RegExp(`(?:^|[\\s;&|='"(\`/])${program}\\s[^\\n#;&|]{0,400}(?:${flags})(?=$|[\\s='";&|)])`),
  what,
  why: WHY.noQuestion,
})

const variable = (
  host: string,
  fits: RegExp,
  id: string,
  severity: PostureSeverity,
  what: string,
  why: string,
): LaunchRule => ({ id, severity, host, fits, what, why })

/** Aliases, functions and variables in start-up files of shells (T-052). */
export const LAUNCH_RULES: readonly LaunchRule[] = [
  flag(
    'Claude Code',
    'claude',
    '--dangerously-skip-permissions|--permission-mode[ =]bypassPermissions',
    'critical',
    'Claude Code is started with permissions bypassed.',
  ),
  flag(
    'Codex CLI',
    'codex',
    '--dangerously-bypass-approvals-and-sandbox|--yolo',
    'critical',
    'Codex is started without its sandbox and without a question.',
  ),
  flag(
    'Codex CLI',
    'codex',
    '--dangerously-bypass-hook-trust|(?:-s|--sandbox)[ =]danger-full-access',
    'high',
    'Codex is started without its sandbox, or with hooks that nobody reviewed.',
  ),
  flag(
    'Codex CLI',
    'codex',
    '--full-auto|(?:-a|--ask-for-approval)[ =]never',
    'medium',
    'Codex is started in a mode that does not ask.',
  ),
  flag(
    'Gemini CLI',
    'gemini',
    '--yolo|-y|--approval-mode[ =]yolo',
    'critical',
    'Gemini CLI is started in a mode that does not ask.',
  ),
  flag(
    'GitHub Copilot CLI',
    'copilot',
    '--allow-all-tools|--allow-all|--yolo',
    'critical',
    'Copilot CLI is started with all tools allowed.',
  ),
  flag(
    'Cursor',
    '(?:cursor-agent|agent)',
    '--force|-f|--yolo',
    'high',
    'The agent of Cursor is started with all commands allowed.',
  ),
  variable(
    'GitHub Copilot CLI',
    /(?:^|\s)COPILOT_ALLOW_ALL=["']?(?:true|1)/,
    'hosts.dangerous_mode',
    'critical',
    'Copilot CLI allows all tools (COPILOT_ALLOW_ALL).',
    WHY.noQuestion,
  ),
  variable(
    'Claude Code',
    /(?:^|\s)ANTHROPIC_BASE_URL=["']?https?:\/\/(?!(?:localhost|127\.|\[::1\])|[\w.-]*anthropic\.com(?:[\s/"':]|$))/,
    'hosts.redirected',
    'high',
    'The traffic of the model goes to an address of its own (ANTHROPIC_BASE_URL).',
    WHY.redirect,
  ),
  variable(
    'every agent',
    /(?:^|\s)NODE_TLS_REJECT_UNAUTHORIZED=["']?0/,
    'hosts.redirected',
    'high',
    'Certificates are not checked by any program of Node.',
    WHY.redirect,
  ),
  variable(
    'every agent',
    /(?:^|\s)NODE_OPTIONS=["']?[^\n]{0,200}--inspect/,
    'hosts.remote_debug',
    'high',
    'Every program of Node starts with its debugger open.',
    WHY.debugger,
  ),
]

/** Start-up files of shells, below the home directory. */
export const SHELL_FILES: readonly string[] = [
  ...[
    '.bashrc',
    '.bash_profile',
    '.bash_login',
    '.bash_aliases',
    '.profile',
    '.zshrc',
    '.zshenv',
    '.zprofile',
    '.zlogin',
    '.aliases',
    '.kshrc',
  ],
  ...[
    '.config/fish/config.fish',
    '.config/powershell/Microsoft.PowerShell_profile.ps1',
    '.config/environment.d/agents.conf',
  ],
]
