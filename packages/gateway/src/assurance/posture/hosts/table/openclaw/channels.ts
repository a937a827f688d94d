import type { SettingRule } from '../../host-table.ts'
import { holds, is } from '../../rule.ts'
import { at, channels, CHAT_WHY, claw, elevated, FORGED, isLiteral, short, WARN } from './claw.ts'

/** Webhooks. */
export const HOOKS: readonly SettingRule[] = [
  claw(
    'hooks_token_reuse',
    'critical',
    'hooks.token',
    (value, root) => isLiteral(value) && value === at(root, 'gateway.auth.token'),
    'The token of webhooks is that of the gateway.',
    'Whoever is given the webhook has the gateway.',
    'Use a token of its own.',
  ),
  claw(
    'hooks_token_too_short',
    WARN,
    'hooks.token',
    short,
    'The token of webhooks is short.',
    'It can be guessed.',
    'Use a token of 32 random characters.',
  ),
  claw(
    'hooks_path_root',
    'critical',
    'hooks.path',
    is('/', ''),
    'Webhooks take the whole address space of the gateway.',
    FORGED,
    'Set hooks.path to "/hooks".',
  ),
  claw(
    'hooks_session_key',
    WARN,
    'hooks.allowRequestSessionKey',
    is(true),
    'A webhook chooses the session that it speaks in.',
    FORGED,
    'Remove hooks.allowRequestSessionKey.',
    'remove',
  ),
  claw(
    'hooks_agents',
    WARN,
    'hooks.allowedAgentIds',
    holds(/^\*$/),
    'A webhook may speak to every agent.',
    FORGED,
    'Name the agents.',
  ),
  ...['hooks.gmail', 'hooks.mappings.*'].map((path) =>
    claw(
      'unsafe_external_content',
      'high',
      `${path}.allowUnsafeExternalContent`,
      is(true),
      'Content from outside reaches the model unmarked.',
      'A mail or page gives the agent orders as if its user had said them.',
      'Remove allowUnsafeExternalContent.',
      'remove',
    ),
  ),
]

/** People who write to the agent. */
export const CHANNELS: readonly SettingRule[] = [
  ...channels((prefix) =>
    claw(
      'dm_open',
      'critical',
      `${prefix}dmPolicy`,
      is('open'),
      'Everybody may write to the agent.',
      CHAT_WHY,
      'Set dmPolicy to "pairing" or "allowlist".',
      { set: 'pairing' },
    ),
  ),
  ...channels((prefix) =>
    claw(
      'dm_open',
      'critical',
      `${prefix}dm.policy`,
      is('open'),
      'Everybody may write to the agent.',
      CHAT_WHY,
      'Set dm.policy to "pairing" or "allowlist".',
      { set: 'pairing' },
    ),
  ),
  ...channels((prefix) =>
    claw(
      'group_open_elevated',
      'critical',
      `${prefix}groupPolicy`,
      (value, root) => value === 'open' && elevated(root),
      'Every group may call the agent, and it may leave its sandbox.',
      CHAT_WHY,
      'Set groupPolicy to "allowlist".',
      { set: 'allowlist' },
    ),
  ),
  ...channels((prefix) =>
    claw(
      'group_open',
      'high',
      `${prefix}groupPolicy`,
      (value, root) => value === 'open' && !elevated(root),
      'Every group may call the agent.',
      CHAT_WHY,
      'Set groupPolicy to "allowlist".',
      { set: 'allowlist' },
    ),
  ),
  ...channels((prefix) =>
    claw(
      'allow_from_all',
      'high',
      `${prefix}allowFrom`,
      holds(/^\*$/),
      'Everybody is on the list of those who may write.',
      CHAT_WHY,
      'Name the people.',
    ),
  ),
  ...channels((prefix) =>
    claw(
      'name_matching',
      WARN,
      `${prefix}dangerouslyAllowNameMatching`,
      is(true),
      'People are told apart by names that they choose themselves.',
      FORGED,
      'Remove dangerouslyAllowNameMatching.',
      'remove',
    ),
  ),
  claw(
    'access_groups_off',
    WARN,
    'commands.useAccessGroups',
    is(false),
    'Commands of the agent are open to everybody who may write.',
    CHAT_WHY,
    'Remove commands.useAccessGroups.',
    'remove',
  ),
  ...['bash', 'config', 'debug'].map((name) =>
    claw(
      'chat_commands',
      'high',
      `commands.${name}`,
      is(true),
      `/${name} can be used from a chat.`,
      CHAT_WHY,
      `Remove commands.${name}.`,
      'remove',
    ),
  ),
]
