import { join } from 'node:path'
import type { HookForm, HostTable, Place, SettingRule } from '../host-table.ts'
import { administrators, applicationData, below } from '../paths.ts'
import { holds, is, pathOf, rule, WHY } from '../rule.ts'
import { ARGV_RULES, EDITOR_RULES } from './vscode.ts'

const HOOKS: HookForm = {
  form: 'flat',
  gates: ['preToolUse', 'beforeShellExecution', 'beforeMCPExecution', 'beforeReadFile', 'beforeSubmitPrompt'],
  closed: { member: 'failClosed', value: true },
}

const WIDE =
  /^(?:\*+|\*:\*|(?:sudo|bash|sh|zsh|env|xargs|eval|python\d?|node|npx|uvx|curl|wget|ssh|docker)(?:\(?\*\)?)?)$/
const LISTS: readonly SettingRule[] = [
  ...['terminalAllowlist', 'mcpAllowlist'].map((at) =>
    rule(
      'hosts.dangerous_mode',
      'high',
      at,
      holds(WIDE),
      `${at} has an entry that fits everything.`,
      WHY.wide,
      'Name the commands and tools that are meant.',
    ),
  ),
]
const CLI: readonly SettingRule[] = [
  rule(
    'hosts.dangerous_mode',
    'critical',
    'approvalMode',
    is('unrestricted', 'yolo'),
    'Every tool of the command-line agent runs without a question.',
    WHY.noQuestion,
    'Set approvalMode to "allowlist".',
    { set: 'allowlist' },
  ),
  rule(
    'hosts.dangerous_mode',
    'high',
    'permissions.allow',
    holds(
      /^(?:\*+|(?:Shell|Write|Mcp|WebFetch)\(\s*(?:\*+(?::\*+|,\s*\*+)?|sudo|bash|sh|zsh|python\d?|node|npx|curl|wget|ssh|docker)\s*\))$/,
    ),
    'A tool is allowed with any arguments.',
    WHY.wide,
    'Name the commands and paths that are meant.',
  ),
  rule(
    'hosts.sandbox_off',
    'medium',
    'sandbox.mode',
    is('disabled', 'off', 'none'),
    'The sandbox of the host is switched off.',
    WHY.unconfined,
    'Set sandbox.mode to "enabled".',
    { set: 'enabled' },
  ),
]
const SANDBOX: readonly SettingRule[] = [
  rule(
    'hosts.sandbox_off',
    'high',
    'type',
    is('insecure_none'),
    'Commands run outside of any sandbox.',
    WHY.unconfined,
    'Remove the type.',
    'remove',
  ),
  rule(
    'hosts.sandbox_off',
    'medium',
    'networkPolicy.default',
    is('allow'),
    'The sandbox lets every host be reached.',
    'What was read can be sent anywhere.',
    'Set networkPolicy.default to "deny".',
    { set: 'deny' },
  ),
]

export const CURSOR_TABLE: HostTable = {
  id: 'cursor',
  title: 'Cursor',
  ownTools: true,
  traces: (ground) => [join(ground.home, '.cursor'), join(applicationData(ground), 'Cursor', 'User')],
  places: (ground): readonly Place[] => {
    const folder = join(ground.home, '.cursor')
    const managed = administrators(ground, { linux: 'cursor', darwin: 'Cursor', win32: 'ProgramData\\Cursor' })
    const json = 'json' as const
    return [
      { path: join(folder, 'hooks.json'), scope: 'user', format: json, hooks: HOOKS },
      { path: join(folder, 'mcp.json'), scope: 'user', format: json, servers: [pathOf('mcpServers')] },
      { path: join(folder, 'permissions.json'), scope: 'user', format: json, rules: LISTS },
      { path: join(folder, 'cli-config.json'), scope: 'user', format: json, rules: CLI },
      { path: join(folder, 'sandbox.json'), scope: 'user', format: json, rules: SANDBOX },
      { path: join(folder, 'argv.json'), scope: 'user', format: json, rules: ARGV_RULES },
      {
        path: join(applicationData(ground), 'Cursor', 'User', 'settings.json'),
        scope: 'user',
        format: json,
        rules: EDITOR_RULES,
      },
      ...below(ground.project, '.cursor/hooks.json').map((path): Place => ({
        path,
        scope: 'project',
        format: json,
        hooks: HOOKS,
      })),
      ...below(ground.project, '.cursor/mcp.json').map((path): Place => ({
        path,
        scope: 'project',
        format: json,
        servers: [pathOf('mcpServers')],
      })),
      ...below(ground.project, '.cursor/permissions.json').map((path): Place => ({
        path,
        scope: 'project',
        format: json,
        rules: LISTS,
        overrides: ['terminalAllowlist', 'mcpAllowlist'].map((key) => ({
          at: [key],
          severity: 'medium',
          what: 'allows commands and tools beforehand',
        })),
      })),
      ...below(ground.project, '.cursor/cli.json').map((path): Place => ({
        path,
        scope: 'project',
        format: json,
        rules: CLI,
        overrides: [{ at: pathOf('permissions.allow'), severity: 'medium', what: 'allows tools beforehand' }],
      })),
      ...below(ground.project, '.cursor/sandbox.json').map((path): Place => ({
        path,
        scope: 'project',
        format: json,
        rules: SANDBOX,
      })),
      { path: join(managed, 'hooks.json'), scope: 'managed', format: json, hooks: HOOKS },
    ]
  },
}
