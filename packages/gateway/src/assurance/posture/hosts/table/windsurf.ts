import { join } from 'node:path'
import type { HookForm, HostTable, Place, SettingRule } from '../host-table.ts'
import { administrators, applicationData, below } from '../paths.ts'
import { holds, is, pathOf, rule, WHY } from '../rule.ts'
import { ARGV_RULES, EDITOR_RULES } from './vscode.ts'

/** Only exit code 2 is documented to block; no setting changes that. */
const HOOKS: HookForm = {
  form: 'flat',
  gates: ['pre_run_command', 'pre_write_code', 'pre_read_code', 'pre_mcp_tool_use', 'pre_user_prompt'],
}

const LIST = holds(
  /^(?:\*+|sudo|bash|sh|zsh|env|xargs|eval|python\d?|node|npx|uvx|curl|wget|ssh|docker|rm|powershell)$/,
)
const RULES: readonly SettingRule[] = [
  ...EDITOR_RULES,
  rule(
    'hosts.dangerous_mode',
    'high',
    '[windsurf.cascadeCommandsAllowList]',
    LIST,
    'Commands that run other programs, or delete, run without a question.',
    WHY.wide,
    'Name whole commands; a word fits every command that begins with it.',
  ),
  ...[
    '[windsurf.cascadeCommandsAutoExecution]',
    '[windsurf.autoExecutionPolicy]',
    '[windsurf.cascadeAutoExecutionLevel]',
  ].map((at) =>
    rule(
      'hosts.dangerous_mode',
      'critical',
      at,
      is('turbo', 'Turbo'),
      'Every command runs without a question (Turbo).',
      WHY.noQuestion,
      'Set the level to Allowlist Only.',
      'remove',
    ),
  ),
]

export const WINDSURF_TABLE: HostTable = {
  id: 'windsurf',
  title: 'Windsurf',
  ownTools: true,
  traces: (ground) => [join(ground.home, '.codeium', 'windsurf'), join(applicationData(ground), 'Windsurf', 'User')],
  places: (ground): readonly Place[] => {
    const folder = join(ground.home, '.codeium', 'windsurf')
    const managed = administrators(ground, { linux: 'windsurf', darwin: 'Windsurf', win32: 'ProgramData\\Windsurf' })
    const hooks = { format: 'json' as const, hooks: HOOKS }
    return [
      { path: join(folder, 'mcp_config.json'), scope: 'user', format: 'json', servers: [pathOf('mcpServers')] },
      { path: join(folder, 'hooks.json'), scope: 'user', ...hooks },
      {
        path: join(applicationData(ground), 'Windsurf', 'User', 'settings.json'),
        scope: 'user',
        format: 'json',
        rules: RULES,
      },
      { path: join(ground.home, '.windsurf', 'argv.json'), scope: 'user', format: 'json', rules: ARGV_RULES },
      ...below(ground.project, '.windsurf/hooks.json').map((path): Place => ({ path, scope: 'project', ...hooks })),
      { path: join(managed, 'hooks.json'), scope: 'managed', ...hooks },
    ]
  },
}
