import { join } from 'node:path'
import type { Ground, HookForm, HostTable, Override, Place, SettingRule } from '../host-table.ts'
import { administrators, below, moved } from '../paths.ts'
import { EVERYWHERE, holds, is, isForeign, matches, rule, pathOf, WHY } from '../rule.ts'

const HOOKS: HookForm = {
  form: 'matcher',
  gates: ['PreToolUse', 'PermissionRequest', 'UserPromptSubmit'],
  closed: { member: 'onFailure', value: 'block' },
}

/** A rule without an argument, or with one that fits everything; a shell or interpreter runs anything. */
const WIDE_RULE =
  /^(?:\*|Bash|PowerShell|Write|Edit|MultiEdit|NotebookEdit|WebFetch|Task|Agent|mcp__\*|(?:Bash|PowerShell|Write|Edit|WebFetch)\(\s*(?:\*\*?|:\*|\/\*\*|\/\/\*\*|~\/\*\*|domain:\*)\s*\))$/i
const ANY_PROGRAM =
  /^Bash\((?:sudo|doas|su|bash|sh|zsh|env|xargs|eval|python\d?|node|ruby|perl|deno|bun|npx|uvx|curl|wget|ssh|docker|kubectl|find|awk)(?::?\s?\*|\s.*\*)\)$/

const RULES: readonly SettingRule[] = [
  rule(
    'hosts.dangerous_mode',
    'critical',
    'permissions.defaultMode',
    is('bypassPermissions'),
    'Every session starts with permissions bypassed.',
    WHY.noQuestion,
    'Remove permissions.defaultMode, and set permissions.disableBypassPermissionsMode to "disable".',
    'remove',
  ),
  rule(
    'hosts.dangerous_mode',
    'medium',
    'permissions.defaultMode',
    is('acceptEdits', 'dontAsk', 'auto'),
    'Every session starts in a mode that does not ask before it changes files or runs what it holds harmless.',
    WHY.noQuestion,
    'Remove permissions.defaultMode; choose the mode in the session that needs it.',
    'remove',
  ),
  rule(
    'hosts.dangerous_mode',
    'high',
    'permissions.allow',
    holds(WIDE_RULE),
    'A tool is allowed with any arguments.',
    WHY.wide,
    'Name the commands, paths or domains that are meant, e.g. Bash(npm test).',
  ),
  rule(
    'hosts.dangerous_mode',
    'high',
    'permissions.allow',
    holds(ANY_PROGRAM),
    'A program that runs other programs is allowed with any arguments.',
    WHY.wide,
    'Allow whole commands instead of an interpreter or downloader.',
  ),
  rule(
    'hosts.dangerous_mode',
    'high',
    'permissions.additionalDirectories',
    holds(EVERYWHERE),
    'The agent may work in the whole home directory or disk.',
    WHY.wide,
    'Name the folders that are meant.',
  ),
  ...['skipDangerousModePermissionPrompt', 'bypassPermissionsModeAccepted'].map((key) =>
    rule(
      'hosts.dangerous_mode',
      'medium',
      key,
      is(true),
      'The warning before --dangerously-skip-permissions is switched off for good.',
      'Whoever can start the program starts it without permissions and without a question.',
      `Remove ${key}.`,
      'remove',
    ),
  ),
  rule(
    'hosts.dangerous_mode',
    'high',
    'enableAllProjectMcpServers',
    is(true),
    'Every MCP server that a project brings along is started.',
    WHY.repository,
    'Remove enableAllProjectMcpServers and approve servers one by one.',
    'remove',
  ),
  rule(
    'hosts.dangerous_mode',
    'medium',
    'projects.*.allowedTools',
    holds(WIDE_RULE),
    'A tool is allowed with any arguments in one project.',
    WHY.wide,
    'Take it back with /permissions in that project.',
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
  rule(
    'hosts.sandbox_off',
    'medium',
    'sandbox.enabled',
    is(false),
    'The sandbox of the host is switched off.',
    WHY.unconfined,
    'Remove the setting, or start the agent with `sallyport run -- claude`.',
  ),
  rule(
    'hosts.sandbox_off',
    'medium',
    'sandbox.allowUnsandboxedCommands',
    is(true),
    'The agent may ask to run a command outside of the sandbox.',
    WHY.unconfined,
    'Set sandbox.allowUnsandboxedCommands to false.',
    { set: false },
  ),
  rule(
    'hosts.sandbox_off',
    'high',
    'sandbox.excludedCommands',
    holds(/^(?:\*|(?:bash|sh|zsh|env|python\d?|node|docker|ssh|sudo|npx|uvx)(?:[\s:*].*)?)$/),
    'A program that runs other programs is left out of the sandbox.',
    WHY.unconfined,
    'Leave out single commands that cannot run others.',
  ),
  ...[
    'sandbox.enableWeakerNestedSandbox',
    'sandbox.network.allowAllUnixSockets',
    'sandbox.enableWeakerNetworkIsolation',
  ].map((at) =>
    rule(
      'hosts.sandbox_off',
      'medium',
      at,
      is(true),
      `${at} weakens the sandbox of the host.`,
      WHY.unconfined,
      `Remove ${at}.`,
      'remove',
    ),
  ),
  rule(
    'hosts.sandbox_off',
    'medium',
    'sandbox.network.allowedDomains',
    holds(/^\*+$/),
    'The sandbox lets every host of the network be reached.',
    'What was read can be sent anywhere.',
    'Name the hosts that are needed.',
  ),
  ...['ANTHROPIC_BASE_URL', 'ANTHROPIC_BEDROCK_BASE_URL', 'ANTHROPIC_VERTEX_BASE_URL'].map((name) =>
    rule(
      'hosts.redirected',
      'high',
      `env.${name}`,
      (value) =>
        typeof value === 'string' &&
        isForeign(value, undefined) &&
        !/^https:\/\/[\w.-]*\.?(?:anthropic\.com|amazonaws\.com|googleapis\.com)(?:[:/]|$)/i.test(value),
      `The traffic of the model goes to an address of its own (${name}).`,
      WHY.redirect,
      `Remove env.${name}, if nobody here runs that address.`,
    ),
  ),
  rule(
    'hosts.redirected',
    'high',
    'env.NODE_TLS_REJECT_UNAUTHORIZED',
    is('0', 0),
    'Certificates are not checked.',
    WHY.redirect,
    'Remove env.NODE_TLS_REJECT_UNAUTHORIZED; give a private authority in NODE_EXTRA_CA_CERTS.',
    'remove',
  ),
  rule(
    'hosts.remote_debug',
    'high',
    'env.NODE_OPTIONS',
    matches(/--inspect(?:-brk|-wait)?(?:=|\s|$)/),
    'The program starts with its debugger open.',
    WHY.debugger,
    'Remove --inspect from env.NODE_OPTIONS.',
    'remove',
  ),
]

const command = (at: string, what: string): Override => ({ at: pathOf(at), severity: 'high', what })
const weakens = (at: string, what: string): Override => ({ at: pathOf(at), severity: 'medium', what })
const OVERRIDES: readonly Override[] = [
  command('apiKeyHelper', 'runs a command for the key of the model'),
  command('awsAuthRefresh', 'runs a command when credentials expire'),
  command('awsCredentialExport', 'runs a command for credentials'),
  command('gcpAuthRefresh', 'runs a command when credentials expire'),
  command('otelHeadersHelper', 'runs a command for the headers of telemetry'),
  command('statusLine.command', 'runs a command for the status line'),
  command('fileSuggestion.command', 'runs a command for file suggestions'),
  weakens('env', 'sets variables of the program and of all its commands'),
  weakens('permissions.allow', 'allows tools beforehand'),
  weakens('permissions.defaultMode', 'chooses the mode of permissions'),
  weakens('permissions.additionalDirectories', 'adds folders to work in'),
  weakens('enableAllProjectMcpServers', 'starts all servers that it brings along'),
  weakens('enabledMcpjsonServers', 'approves servers that it brings along'),
  command('disableAllHooks', 'switches hooks off'),
  weakens('extraKnownMarketplaces', 'adds places that plugins come from'),
  weakens('enabledPlugins', 'switches plugins on'),
]

const NO_COMMENTS = 'json' as const

export const CLAUDE_CODE_TABLE: HostTable = {
  id: 'claude-code',
  title: 'Claude Code',
  wired: true,
  ownTools: true,
  traces: ({ home, environment }) => [
    moved(environment['CLAUDE_CONFIG_DIR'], join(home, '.claude')),
    join(home, '.claude.json'),
  ],
  places: (ground: Ground): readonly Place[] => {
    const folder = moved(ground.environment['CLAUDE_CONFIG_DIR'], join(ground.home, '.claude'))
    const settings = { format: NO_COMMENTS, hooks: HOOKS, rules: RULES }
    const managed = administrators(ground, {
      linux: 'claude-code',
      darwin: 'ClaudeCode',
      win32: 'ProgramData\\ClaudeCode',
    })
    return [
      { path: join(folder, 'settings.json'), scope: 'user', ...settings },
      { path: join(folder, 'settings.local.json'), scope: 'user', ...settings },
      {
        path: join(ground.home, '.claude.json'),
        scope: 'user',
        format: NO_COMMENTS,
        servers: [pathOf('mcpServers'), pathOf('projects.*.mcpServers')],
        rules: RULES,
      },
      { path: join(folder, '.credentials.json'), scope: 'user' },
      ...below(ground.project, '.claude/settings.json', '.claude/settings.local.json').map((path): Place => ({
        path,
        scope: 'project',
        ...settings,
        overrides: OVERRIDES,
      })),
      ...below(ground.project, '.mcp.json').map((path): Place => ({
        path,
        scope: 'project',
        format: NO_COMMENTS,
        servers: [pathOf('mcpServers')],
      })),
      { path: join(managed, 'managed-settings.json'), scope: 'managed', ...settings },
      { path: join(managed, 'managed-settings.d'), scope: 'managed', ...settings, every: '.json' },
      {
        path: join(managed, 'managed-mcp.json'),
        scope: 'managed',
        format: NO_COMMENTS,
        servers: [pathOf('mcpServers')],
      },
    ]
  },
}
