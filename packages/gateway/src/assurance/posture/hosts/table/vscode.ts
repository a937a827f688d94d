import { join } from 'node:path'
import type { HostTable, Override, Place, SettingRule } from '../host-table.ts'
import { applicationData, below } from '../paths.ts'
import { holds, is, isForeign, matches, pathOf, rule, WHY } from '../rule.ts'

/** What VS Code and the editors made from it share: the trust in folders, tasks and certificates. */
export const EDITOR_RULES: readonly SettingRule[] = [
  rule(
    'hosts.dangerous_mode',
    'high',
    '[security.workspace.trust.enabled]',
    is(false),
    'Every folder that is opened is trusted.',
    WHY.repository,
    'Remove security.workspace.trust.enabled.',
    'remove',
  ),
  rule(
    'hosts.dangerous_mode',
    'medium',
    '[security.workspace.trust.untrustedFiles]',
    is('open'),
    'Files from outside are opened in a trusted window without a question.',
    WHY.repository,
    'Remove security.workspace.trust.untrustedFiles.',
    'remove',
  ),
  rule(
    'hosts.dangerous_mode',
    'high',
    '[task.allowAutomaticTasks]',
    is('on'),
    'Tasks of a folder run when it is opened.',
    WHY.repository,
    'Remove task.allowAutomaticTasks.',
    'remove',
  ),
  rule(
    'hosts.redirected',
    'medium',
    '[http.proxyStrictSSL]',
    is(false),
    'Certificates of the proxy are not checked.',
    WHY.redirect,
    'Remove http.proxyStrictSSL.',
    'remove',
  ),
]

/** `argv.json` of the editor: what it is started with. */
export const ARGV_RULES: readonly SettingRule[] = [
  'remote-debugging-port',
  'inspect-extensions',
  'inspect-brk-extensions',
].map((key) =>
  rule(
    'hosts.remote_debug',
    'high',
    key,
    (value) => value !== false && value !== null,
    `The editor starts with ${key}.`,
    WHY.debugger,
    `Remove ${key}.`,
    'remove',
  ),
)

const WIDE_COMMAND =
  /^(?:\/(?:\^)?\.\*(?:\$)?\/[a-z]*|\*|\/\^?\(?(?:sudo|bash|sh|zsh|python\d?|node|npx|curl|wget|ssh|docker)\)?.*\/[a-z]*|sudo|bash|sh|zsh|python\d?|node|npx|curl|wget|ssh|docker|env|xargs|eval)$/

const RULES: readonly SettingRule[] = [
  ...EDITOR_RULES,
  ...['[chat.tools.autoApprove]', '[chat.tools.global.autoApprove]'].map((at) =>
    rule(
      'hosts.dangerous_mode',
      'critical',
      at,
      is(true),
      'Every tool of the agent runs without a question, in every folder.',
      WHY.noQuestion,
      `Remove ${at.slice(1, -1)}.`,
      'remove',
    ),
  ),
  ...['[claudeCode.allowDangerouslySkipPermissions]', '[claude-code.allowDangerouslySkipPermissions]'].map((at) =>
    rule(
      'hosts.dangerous_mode',
      'high',
      at,
      is(true),
      'Claude Code may be started with permissions bypassed in the editor.',
      WHY.noQuestion,
      `Remove ${at.slice(1, -1)}.`,
      'remove',
    ),
  ),
  ...['[claudeCode.initialPermissionMode]', '[claude-code.initialPermissionMode]'].map((at) =>
    rule(
      'hosts.dangerous_mode',
      'critical',
      at,
      is('bypassPermissions'),
      'Claude Code starts with permissions bypassed in the editor.',
      WHY.noQuestion,
      `Remove ${at.slice(1, -1)}.`,
      'remove',
    ),
  ),
  rule(
    'hosts.dangerous_mode',
    'high',
    '[chat.tools.terminal.autoApprove]',
    holds(WIDE_COMMAND),
    'Commands that run other programs are approved beforehand.',
    WHY.wide,
    'Leave only commands that cannot run others.',
  ),
  rule(
    'hosts.dangerous_mode',
    'medium',
    '[chat.tools.terminal.ignoreDefaultAutoApproveRules]',
    is(true),
    'The rules that the editor ships against dangerous commands are ignored.',
    WHY.wide,
    'Remove the setting.',
    'remove',
  ),
  rule(
    'hosts.dangerous_mode',
    'medium',
    '[chat.tools.edits.autoApprove]',
    holds(/^\*\*\/\*$|\.vscode|\.git\b|\.env/),
    'Edits of all files, settings among them, are approved beforehand.',
    'An edit of .vscode/settings.json or tasks.json runs code later (CVE-2025-53773).',
    'Leave settings, tasks and hidden files out.',
  ),
  rule(
    'hosts.dangerous_mode',
    'medium',
    '[chat.tools.urls.autoApprove]',
    holds(/^(?:\*|https?:\/\/\*)/),
    'Every address may be fetched without a question.',
    'Pages give orders, and addresses carry data out.',
    'Name the hosts that are meant.',
  ),
  rule(
    'hosts.redirected',
    'high',
    '[github.copilot.advanced].[debug.overrideProxyUrl]',
    isForeign,
    'The traffic of the model goes to an address of its own.',
    WHY.redirect,
    'Remove debug.overrideProxyUrl.',
    'remove',
  ),
  rule(
    'hosts.remote_debug',
    'high',
    '[terminal.integrated.env.linux].NODE_OPTIONS',
    matches(/--inspect/),
    'Programs of the terminal start with their debugger open.',
    WHY.debugger,
    'Remove --inspect.',
    'remove',
  ),
]

const OVERRIDES: readonly Override[] = [
  { at: ['chat.tools.terminal.autoApprove'], severity: 'high', what: 'approves commands beforehand' },
  { at: ['chat.tools.autoApprove'], severity: 'high', what: 'approves all tools beforehand' },
  { at: ['chat.tools.global.autoApprove'], severity: 'high', what: 'approves all tools beforehand' },
  { at: ['task.allowAutomaticTasks'], severity: 'high', what: 'lets tasks run when the folder is opened' },
  { at: ['terminal.integrated.env.linux'], severity: 'medium', what: 'sets variables of every terminal' },
  { at: ['terminal.integrated.env.osx'], severity: 'medium', what: 'sets variables of every terminal' },
  { at: ['terminal.integrated.profiles.linux'], severity: 'medium', what: 'chooses the program of terminals' },
]

/** Folders of the editor and of builds of it. */
const EDITIONS = ['Code', 'Code - Insiders', 'VSCodium']

export const VSCODE_TABLE: HostTable = {
  id: 'vscode',
  title: 'VS Code',
  ownTools: true,
  traces: (ground) => EDITIONS.map((name) => join(applicationData(ground), name, 'User')),
  places: (ground): readonly Place[] => {
    return [
      ...EDITIONS.map((name) => join(applicationData(ground), name, 'User')).flatMap((folder): readonly Place[] => [
        {
          path: join(folder, 'settings.json'),
          scope: 'user',
          format: 'json',
          servers: [pathOf('mcp.servers')],
          rules: RULES,
        },
        { path: join(folder, 'mcp.json'), scope: 'user', format: 'json', servers: [pathOf('servers')] },
      ]),
      { path: join(ground.home, '.vscode', 'argv.json'), scope: 'user', format: 'json', rules: ARGV_RULES },
      ...below(ground.project, '.vscode/settings.json').map((path): Place => ({
        path,
        scope: 'project',
        format: 'json',
        servers: [pathOf('mcp.servers')],
        rules: RULES,
        overrides: OVERRIDES,
      })),
      ...below(ground.project, '.vscode/mcp.json').map((path): Place => ({
        path,
        scope: 'project',
        format: 'json',
        servers: [pathOf('servers')],
      })),
    ]
  },
}
