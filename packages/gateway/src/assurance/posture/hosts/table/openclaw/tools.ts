import { valueAt, valuesAt } from '../../../../../hosts/settings-text.ts'
import type { SettingRule } from '../../host-table.ts'
import { WHY, holds, is, pathOf } from '../../rule.ts'
import { at, CHAT_WHY, claw, INTERPRETERS, sandboxed, tools, WARN } from './claw.ts'

/** What tools may do. */
export const TOOLS: readonly SettingRule[] = [
  claw(
    'exec_default',
    WARN,
    '',
    (value) => at(value, 'tools.exec.security') === undefined && !sandboxed(value),
    'Nothing is said of commands, and OpenClaw runs every command on the host by default.',
    WHY.noQuestion,
    'Set tools.exec.security to "allowlist" and tools.exec.ask to "on-miss".',
  ),
  ...tools((prefix) =>
    claw(
      'exec_full_unasked',
      'critical',
      `${prefix}exec.security`,
      (value, root) => value === 'full' && asksOff(root, prefix),
      'Every command runs on the host without a question (security full, ask off).',
      WHY.noQuestion,
      'Set tools.exec.security to "allowlist" and tools.exec.ask to "on-miss".',
    ),
  ),
  ...tools((prefix) =>
    claw(
      'exec_full',
      WARN,
      `${prefix}exec.security`,
      (value, root) => value === 'full' && !asksOff(root, prefix),
      'Every command may run on the host.',
      WHY.unconfined,
      'Set tools.exec.security to "allowlist".',
    ),
  ),
  ...tools((prefix) =>
    claw(
      'exec_ask_off',
      WARN,
      `${prefix}exec.ask`,
      is('off'),
      'Commands are not asked about.',
      WHY.noQuestion,
      'Set tools.exec.ask to "on-miss".',
      { set: 'on-miss' },
    ),
  ),
  ...tools((prefix) =>
    claw(
      'exec_host',
      WARN,
      `${prefix}exec.host`,
      (value, root) => (value === 'gateway' || value === 'node') && !sandboxed(root),
      'Commands run on the host.',
      WHY.unconfined,
      'Set tools.exec.host to "sandbox".',
    ),
  ),
  ...tools((prefix) =>
    claw(
      'safe_bins',
      WARN,
      `${prefix}exec.safeBins`,
      holds(INTERPRETERS),
      'A program that runs other programs counts as safe.',
      WHY.wide,
      'Remove it from safeBins.',
    ),
  ),
  ...tools((prefix) =>
    claw(
      'workspace_only_off',
      WARN,
      `${prefix}exec.applyPatch.workspaceOnly`,
      is(false),
      'Patches may change files outside of the workspace.',
      WHY.unconfined,
      'Remove workspaceOnly: false.',
      'remove',
    ),
  ),
  ...tools((prefix) =>
    claw(
      'workspace_only_off',
      WARN,
      `${prefix}fs.workspaceOnly`,
      is(false),
      'Files outside of the workspace may be read and written.',
      WHY.unconfined,
      'Remove workspaceOnly: false.',
      'remove',
    ),
  ),
  ...tools((prefix) =>
    claw(
      'elevated_wildcard',
      'critical',
      `${prefix}elevated.allowFrom.*`,
      holds(/^\*$/),
      'Everybody may lead the agent out of its sandbox.',
      CHAT_WHY,
      'Name the people.',
    ),
  ),
  ...tools((prefix) =>
    claw(
      'elevated',
      WARN,
      `${prefix}elevated.enabled`,
      is(true),
      'The agent may be led out of its sandbox.',
      WHY.unconfined,
      'Set tools.elevated.enabled to false.',
      { set: false },
    ),
  ),
  ...tools((prefix) =>
    claw(
      'tools_all',
      WARN,
      `${prefix}allow`,
      holds(/^(?:\*|group:openclaw|group:all)$/),
      'All tools are allowed.',
      WHY.wide,
      'Name the tools that are needed.',
    ),
  ),
  ...tools((prefix) =>
    claw(
      'tools_all',
      WARN,
      `${prefix}profile`,
      is('full'),
      'All tools are allowed.',
      WHY.wide,
      'Set tools.profile to "coding", "messaging" or "minimal".',
    ),
  ),
]

const asksOff = (root: unknown, prefix: string): boolean =>
  at(root, 'tools.exec.ask') === 'off' ||
  (prefix !== 'tools.' && valuesAt(root, pathOf(`${prefix}exec.ask`)).some(({ value }) => value === 'off'))

/** `exec-approvals.json`: what commands may run on the host. */
export const APPROVAL_RULES: readonly SettingRule[] = ['defaults', 'agents.*'].flatMap((prefix) => [
  claw(
    'exec_full_unasked',
    'critical',
    prefix,
    (value) => valueAt(value, ['security']) === 'full' && valueAt(value, ['ask']) === 'off',
    'Every command runs on the host without a question (security full, ask off).',
    WHY.noQuestion,
    'Set security to "allowlist" and ask to "on-miss".',
  ),
  claw(
    'exec_ask_fallback',
    'high',
    `${prefix}.askFallback`,
    is('full'),
    'Where nobody can be asked every command runs.',
    WHY.noQuestion,
    'Set askFallback to "deny".',
    { set: 'deny' },
  ),
  claw(
    'exec_auto_allow_skills',
    WARN,
    `${prefix}.autoAllowSkills`,
    is(true),
    'Programs that a skill names are allowed.',
    'Whoever writes a skill allows programs.',
    'Set autoAllowSkills to false.',
    { set: false },
  ),
  claw(
    'exec_allowlist_wide',
    'high',
    `${prefix}.allowlist.*.pattern`,
    (value) => typeof value === 'string' && INTERPRETERS.test(value),
    'A program that runs other programs is on the allow list.',
    'Allowing a shell allows every command.',
    'Name whole programs that cannot run others.',
  ),
])
