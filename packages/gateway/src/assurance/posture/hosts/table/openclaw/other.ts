import { valueAt, valuesAt } from '../../../../../hosts/settings-text.ts'
import type { SettingRule } from '../../host-table.ts'
import { WHY, is, isForeign, matches, pathOf } from '../../rule.ts'
import { agents, claw, WARN } from './claw.ts'

/** Log, browser, plugins, variables and models. */
export const OTHER: readonly SettingRule[] = [
  claw(
    'redact_off',
    WARN,
    'logging.redactSensitive',
    is('off', false),
    'Keys and tokens are written to the log.',
    'Everybody who has the log has them.',
    'Set logging.redactSensitive to "tools".',
    { set: 'tools' },
  ),
  claw(
    'browser_private_network',
    'high',
    'browser.ssrfPolicy.dangerouslyAllowPrivateNetwork',
    is(true),
    'The browser of the agent reaches this machine and its network.',
    'A page leads it to routers, metadata services and consoles.',
    'Remove dangerouslyAllowPrivateNetwork.',
    'remove',
  ),
  claw(
    'browser_no_sandbox',
    'high',
    'browser.noSandbox',
    is(true),
    'The browser runs without its sandbox.',
    WHY.unconfined,
    'Remove browser.noSandbox.',
    'remove',
  ),
  ...['browser.cdpUrl', 'browser.profiles.*.cdpUrl'].map((path) =>
    claw(
      'remote_cdp',
      'high',
      path,
      isForeign,
      'A browser on another machine is driven through its debugger.',
      WHY.debugger,
      'Use a browser on this machine, or https through a tunnel.',
    ),
  ),
  claw(
    'plugins_no_allowlist',
    WARN,
    'plugins',
    (value) =>
      valuesAt(value, pathOf('entries.*.enabled')).some(({ value: on }) => on === true) &&
      valueAt(value, ['allow']) === undefined,
    'Plugins are switched on and none is named as allowed.',
    'A plugin runs inside of the gateway with all of its rights.',
    'Name them in plugins.allow.',
  ),
  claw(
    'plugins_unpinned',
    WARN,
    'plugins.installs.*.spec',
    matches(/^(?:@[^/]+\/)?[^@]+(?:@(?:latest|next|\*|[\^~].*)?)?$/),
    'A plugin is installed without an exact version.',
    'The next installation may bring another program.',
    'Name the exact version.',
  ),
  claw(
    'env_dangerous',
    'high',
    'env',
    (value) => dangerousVariables(value).length > 0,
    'Variables that load code or switch checks off are set.',
    'They act in every program that is started.',
    'Remove them from env.',
  ),
  ...agents((prefix) =>
    claw(
      'legacy_model',
      WARN,
      `${prefix}model.primary`,
      matches(
        /(?:gpt-3\.5|gpt-4(?:-0\d{3})?$|claude-(?:1|2|instant)|text-davinci|palm|gemini-1\.0|llama-?2|(?:^|[-:])(?:0\.5|1|1\.5|2|3|7|8)b\b)/i,
      ),
      'An old or small model drives the tools.',
      'Such models follow orders in content far more often.',
      'Choose a current large model for agents that have tools.',
    ),
  ),
]

const dangerousVariables = (value: unknown): readonly string[] =>
  [value, valueAt(value, ['vars'])]
    .flatMap((object) => (typeof object === 'object' && object !== null ? Object.keys(object) : []))
    .filter((name) =>
      /^(?:LD_PRELOAD|LD_LIBRARY_PATH|DYLD_\w+|NODE_OPTIONS|NODE_TLS_REJECT_UNAUTHORIZED|BASH_ENV|PYTHONSTARTUP|GIT_SSH_COMMAND)$/.test(
        name,
      ),
    )
