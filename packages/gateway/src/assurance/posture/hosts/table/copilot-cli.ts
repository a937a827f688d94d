import { join } from 'node:path'
import type { HookForm, HostTable, Place, SettingRule } from '../host-table.ts'
import { below, moved } from '../paths.ts'
import { EVERYWHERE, holds, is, pathOf, rule, WHY } from '../rule.ts'

/** Closed when a hook crashes, open when it is late: no setting changes that (1.0.102). */
const HOOKS: HookForm = {
  form: 'flat',
  gates: ['preToolUse', 'permissionRequest', 'preMcpToolCall', 'userPromptSubmitted'],
}

const RULES: readonly SettingRule[] = [
  ...['trusted_folders', 'trustedFolders'].map((at) =>
    rule(
      'hosts.dangerous_mode',
      'high',
      at,
      holds(EVERYWHERE),
      'The whole home directory or disk is trusted, and so is every project in it.',
      WHY.repository,
      'Trust single projects.',
    ),
  ),
  ...['allow_all_tools', 'allowAllTools', 'allow_all', 'allowAll', 'yolo'].map((at) =>
    rule(
      'hosts.dangerous_mode',
      'critical',
      at,
      is(true),
      'Every tool runs without a question.',
      WHY.noQuestion,
      `Remove ${at}.`,
      'remove',
    ),
  ),
  ...['allowed_tools', 'allowedTools'].map((at) =>
    rule(
      'hosts.dangerous_mode',
      'high',
      at,
      holds(
        /^(?:\*+|shell|write|shell\(\s*(?:\*+|(?:sudo|bash|sh|zsh|python\d?|node|npx|curl|wget|ssh|docker)(?::?\*)?)\s*\))$/,
      ),
      'A tool is allowed with any arguments.',
      WHY.wide,
      'Name the commands that are meant.',
    ),
  ),
  ...['allowed_urls', 'allowedUrls'].map((at) =>
    rule(
      'hosts.dangerous_mode',
      'medium',
      at,
      holds(/^(?:\*+|https?:\/\/\*+\/?)$/),
      'Every address may be fetched without a question.',
      'Pages give orders, and addresses carry data out.',
      'Name the hosts that are meant.',
    ),
  ),
  rule(
    'hosts.unprotected',
    'high',
    'disableAllHooks',
    is(true),
    'All hooks are switched off.',
    WHY.noHooks,
    'Remove disableAllHooks.',
    'remove',
  ),
]

export const COPILOT_CLI_TABLE: HostTable = {
  id: 'copilot-cli',
  title: 'GitHub Copilot CLI',
  ownTools: true,
  traces: ({ home, environment }) => [moved(environment['COPILOT_HOME'], join(home, '.copilot'))],
  places: (ground): readonly Place[] => {
    const folder = moved(ground.environment['COPILOT_HOME'], join(ground.home, '.copilot'))
    const hooks = { format: 'json' as const, hooks: HOOKS, every: '.json' }
    return [
      ...['config.json', 'settings.json'].map((name): Place => ({
        path: join(folder, name),
        scope: 'user',
        format: 'json',
        rules: RULES,
      })),
      { path: join(folder, 'mcp-config.json'), scope: 'user', format: 'json', servers: [pathOf('mcpServers')] },
      { path: join(folder, 'hooks'), scope: 'user', ...hooks },
      ...below(ground.project, '.github/hooks').map((path): Place => ({ path, scope: 'project', ...hooks })),
    ]
  },
}
