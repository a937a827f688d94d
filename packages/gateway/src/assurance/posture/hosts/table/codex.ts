import { join } from 'node:path'
import type { HookForm, HostTable, Override, Place, SettingRule } from '../host-table.ts'
import { administrators, below, moved } from '../paths.ts'
import { EVERYWHERE, holds, is, isForeign, pathOf, rule, WHY } from '../rule.ts'
import { valueAt } from '../../../../hosts/settings-text.ts'

const HOOKS: HookForm = { form: 'matcher', gates: ['PreToolUse', 'PermissionRequest', 'UserPromptSubmit'] }

/** A setting at the top, and the same in a profile. */
const both = (make: (prefix: string) => SettingRule): readonly SettingRule[] => [make(''), make('profiles.*.')]

const asksNever = (root: unknown): boolean =>
  valueAt(root, ['approval_policy']) === 'never' ||
  Object.values((valueAt(root, ['profiles']) as object | undefined) ?? {}).some(
    (profile) => valueAt(profile, ['approval_policy']) === 'never',
  )

const RULES: readonly SettingRule[] = [
  ...both((prefix) =>
    rule(
      'hosts.dangerous_mode',
      'critical',
      `${prefix}sandbox_mode`,
      (value, root) => value === 'danger-full-access' && asksNever(root),
      'Commands run without a sandbox and without a question (danger-full-access with approval_policy never).',
      WHY.noQuestion,
      'Set sandbox_mode to "workspace-write" and approval_policy to "on-request".',
    ),
  ),
  ...both((prefix) =>
    rule(
      'hosts.sandbox_off',
      'high',
      `${prefix}sandbox_mode`,
      is('danger-full-access'),
      'Commands run without a sandbox.',
      WHY.unconfined,
      'Set sandbox_mode to "workspace-write".',
    ),
  ),
  ...both((prefix) =>
    rule(
      'hosts.dangerous_mode',
      'medium',
      `${prefix}approval_policy`,
      is('never'),
      'The host never asks.',
      WHY.noQuestion,
      'Set approval_policy to "on-request".',
    ),
  ),
  rule(
    'hosts.sandbox_off',
    'medium',
    'sandbox_workspace_write.network_access',
    is(true),
    'The sandbox lets every host of the network be reached.',
    'What was read can be sent anywhere.',
    'Set network_access to false.',
  ),
  rule(
    'hosts.sandbox_off',
    'high',
    'sandbox_workspace_write.writable_roots',
    holds(EVERYWHERE),
    'The sandbox may write the whole home directory or disk.',
    WHY.unconfined,
    'Name the folders that are meant.',
  ),
  rule(
    'hosts.dangerous_mode',
    'high',
    'projects',
    (value) =>
      typeof value === 'object' &&
      value !== null &&
      Object.entries(value).some(
        ([folder, said]) => EVERYWHERE.test(folder) && valueAt(said, ['trust_level']) === 'trusted',
      ),
    'The whole home directory or disk is trusted, and so is every project in it.',
    WHY.repository,
    'Trust single projects.',
  ),
  rule(
    'hosts.unprotected',
    'high',
    'features.hooks',
    is(false),
    'All hooks are switched off.',
    WHY.noHooks,
    'Remove features.hooks = false.',
  ),
  rule(
    'hosts.unprotected',
    'high',
    'bypass_hook_trust',
    is(true),
    'Hooks run that nobody has reviewed.',
    WHY.repository,
    'Remove bypass_hook_trust.',
  ),
  rule(
    'hosts.dangerous_mode',
    'medium',
    'shell_environment_policy.ignore_default_excludes',
    is(true),
    'Commands are given variables whose names say that they hold keys.',
    'Every command of the agent can read them.',
    'Set ignore_default_excludes to false.',
  ),
  rule(
    'hosts.redirected',
    'high',
    'model_providers.*.base_url',
    (value) => typeof value === 'string' && isForeign(value, undefined) && /^http:/i.test(value),
    'The traffic of the model is not encrypted.',
    WHY.redirect,
    'Use https.',
  ),
  rule(
    'hosts.dangerous_mode',
    'high',
    'mcp_servers.*.default_tools_approval_mode',
    is('approve', 'auto'),
    'All tools of an MCP server run without a question.',
    WHY.noQuestion,
    'Remove default_tools_approval_mode.',
  ),
]

const OVERRIDES: readonly Override[] = [
  { at: ['sandbox_mode'], severity: 'high', what: 'chooses the sandbox' },
  { at: ['approval_policy'], severity: 'high', what: 'chooses when the host asks' },
  { at: ['notify'], severity: 'high', what: 'runs a command at every turn' },
  { at: ['model_providers'], severity: 'high', what: 'chooses where the traffic of the model goes' },
  { at: ['shell_environment_policy'], severity: 'medium', what: 'chooses the variables of commands' },
]

export const CODEX_TABLE: HostTable = {
  id: 'codex',
  title: 'Codex CLI',
  wired: true,
  ownTools: true,
  traces: ({ home, environment }) => [moved(environment['CODEX_HOME'], join(home, '.codex'))],
  places: (ground): readonly Place[] => {
    const folder = moved(ground.environment['CODEX_HOME'], join(ground.home, '.codex'))
    const managed = administrators(ground, { linux: 'codex', darwin: 'Codex', win32: 'ProgramData\\OpenAI\\Codex' })
    const config = { format: 'toml' as const, servers: [pathOf('mcp_servers')], hooks: HOOKS, rules: RULES }
    const hooks = { format: 'json' as const, hooks: HOOKS }
    return [
      { path: join(folder, 'config.toml'), scope: 'user', ...config },
      { path: join(folder, 'hooks.json'), scope: 'user', ...hooks },
      { path: join(folder, 'auth.json'), scope: 'user' },
      ...below(ground.project, '.codex/config.toml').map((path): Place => ({
        path,
        scope: 'project',
        ...config,
        overrides: OVERRIDES,
      })),
      ...below(ground.project, '.codex/hooks.json').map((path): Place => ({ path, scope: 'project', ...hooks })),
      { path: join(managed, 'config.toml'), scope: 'managed', ...config },
      { path: join(managed, 'requirements.toml'), scope: 'managed', ...config },
    ]
  },
}
