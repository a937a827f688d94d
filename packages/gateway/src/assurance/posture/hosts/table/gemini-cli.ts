import { join } from 'node:path'
import type { HookForm, HostTable, Override, Place, SettingRule } from '../host-table.ts'
import { administrators, below } from '../paths.ts'
import { EVERYWHERE, holds, is, matches, pathOf, rule, WHY } from '../rule.ts'
import { valueAt } from '../../../../hosts/settings-text.ts'

/** Only exit codes from 2 on block; no setting changes that (0.61). */
const HOOKS: HookForm = { form: 'matcher', gates: ['BeforeTool', 'BeforeAgent', 'BeforeModel'] }

const RULES: readonly SettingRule[] = [
  ...['general.defaultApprovalMode', 'tools.approvalMode', 'approvalMode'].flatMap((at) => [
    rule(
      'hosts.dangerous_mode',
      'critical',
      at,
      is('yolo'),
      'Every tool runs without a question.',
      WHY.noQuestion,
      `Remove ${at}.`,
      'remove',
    ),
    rule(
      'hosts.dangerous_mode',
      'medium',
      at,
      is('auto_edit', 'autoEdit'),
      'Files are changed without a question.',
      WHY.noQuestion,
      `Remove ${at}.`,
      'remove',
    ),
  ]),
  ...['tools.autoAccept', 'autoAccept'].map((at) =>
    rule(
      'hosts.dangerous_mode',
      'medium',
      at,
      is(true),
      'Calls that the host holds safe run without a question.',
      WHY.noQuestion,
      `Remove ${at}.`,
      'remove',
    ),
  ),
  ...['tools.allowed', 'allowedTools'].map((at) =>
    rule(
      'hosts.dangerous_mode',
      'high',
      at,
      holds(
        /^(?:\*+|run_shell_command|ShellTool|write_file|(?:run_shell_command|ShellTool)\(\s*(?:\*+|sudo|bash|sh|zsh|python\d?|node|npx|curl|wget|ssh|docker)\s*\))$/,
      ),
      'A tool is allowed with any arguments.',
      WHY.wide,
      'Name the commands that are meant, e.g. run_shell_command(git status).',
    ),
  ),
  rule(
    'hosts.dangerous_mode',
    'high',
    'mcpServers.*.trust',
    is(true),
    'All tools of an MCP server run without a question.',
    WHY.noQuestion,
    'Remove trust.',
    'remove',
  ),
  rule(
    'hosts.dangerous_mode',
    'high',
    'security.folderTrust.enabled',
    is(false),
    'Every folder is trusted.',
    WHY.repository,
    'Set security.folderTrust.enabled to true.',
    { set: true },
  ),
  ...['tools.sandbox', 'sandbox'].map((at) =>
    rule(
      'hosts.sandbox_off',
      'medium',
      at,
      is(false, 'false'),
      'The sandbox of the host is switched off.',
      WHY.unconfined,
      `Set ${at} to true.`,
      { set: true },
    ),
  ),
  rule(
    'hosts.unprotected',
    'high',
    'hooksConfig.enabled',
    is(false),
    'All hooks are switched off.',
    WHY.noHooks,
    'Remove hooksConfig.enabled.',
    'remove',
  ),
  rule(
    'hosts.redirected',
    'high',
    'advanced.baseUrl',
    matches(/^http:/i),
    'The traffic of the model is not encrypted.',
    WHY.redirect,
    'Use https.',
  ),
]

const TRUST: readonly SettingRule[] = [
  rule(
    'hosts.dangerous_mode',
    'high',
    '',
    (value) =>
      typeof value === 'object' &&
      value !== null &&
      Object.entries(value).some(
        ([folder, said]) => EVERYWHERE.test(folder) && typeof said === 'string' && said.startsWith('TRUST_'),
      ),
    'The whole home directory or disk is trusted, and so is every project in it.',
    WHY.repository,
    'Trust single projects.',
  ),
]

/** Rules of the host's own policy engine. */
const POLICIES: readonly SettingRule[] = [
  rule(
    'hosts.dangerous_mode',
    'high',
    'rule.*',
    (value) => {
      const of = (key: string): unknown => valueAt(value, [key])
      const names = [of('toolName')].flat()
      const narrow = ['commandPrefix', 'commandRegex', 'argsPattern'].some((key) => of(key) !== undefined)
      return (
        of('decision') === 'allow' &&
        !narrow &&
        (of('toolName') === undefined ||
          names.some((name) => typeof name === 'string' && /^(?:\*|run_shell_command|write_file)$/.test(name)))
      )
    },
    'A policy allows a tool with any arguments.',
    WHY.wide,
    'Add commandPrefix or argsPattern to the rule.',
  ),
]

const OVERRIDES: readonly Override[] = [
  { at: pathOf('tools.discoveryCommand'), severity: 'high', what: 'runs a command to find tools' },
  { at: pathOf('tools.callCommand'), severity: 'high', what: 'chooses the command that runs tools' },
  { at: pathOf('toolDiscoveryCommand'), severity: 'high', what: 'runs a command to find tools' },
  { at: pathOf('toolCallCommand'), severity: 'high', what: 'chooses the command that runs tools' },
  { at: pathOf('tools.allowed'), severity: 'medium', what: 'allows tools beforehand' },
  { at: pathOf('tools.sandbox'), severity: 'medium', what: 'chooses the sandbox' },
  { at: pathOf('general.defaultApprovalMode'), severity: 'medium', what: 'chooses when the host asks' },
]

export const GEMINI_CLI_TABLE: HostTable = {
  id: 'gemini-cli',
  title: 'Gemini CLI',
  ownTools: true,
  traces: ({ home }) => [join(home, '.gemini')],
  places: (ground): readonly Place[] => {
    const folder = join(ground.home, '.gemini')
    const managed = administrators(ground, {
      linux: 'gemini-cli',
      darwin: 'GeminiCli',
      win32: 'ProgramData\\gemini-cli',
    })
    const settings = { format: 'json' as const, servers: [pathOf('mcpServers')], hooks: HOOKS, rules: RULES }
    return [
      { path: join(folder, 'settings.json'), scope: 'user', ...settings },
      { path: join(folder, 'trustedFolders.json'), scope: 'user', format: 'json', rules: TRUST },
      { path: join(folder, 'policies'), scope: 'user', format: 'toml', rules: POLICIES, every: '.toml' },
      { path: join(folder, 'oauth_creds.json'), scope: 'user' },
      ...below(ground.project, '.gemini/settings.json').map((path): Place => ({
        path,
        scope: 'project',
        ...settings,
        overrides: OVERRIDES,
      })),
      ...['settings.json', 'system-defaults.json'].map((name): Place => ({
        path: join(managed, name),
        scope: 'managed',
        ...settings,
      })),
    ]
  },
}
