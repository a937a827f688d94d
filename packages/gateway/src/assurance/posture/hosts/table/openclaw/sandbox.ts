import type { SettingRule } from '../../host-table.ts'
import { EVERYWHERE, WHY, is, matches } from '../../rule.ts'
import { agents, at, claw, WARN } from './claw.ts'

/** What confines tools. */
export const SANDBOX: readonly SettingRule[] = [
  claw(
    'sandbox_off',
    WARN,
    '',
    (value) => at(value, 'agents.defaults.sandbox.mode') === undefined,
    'No sandbox is chosen, and OpenClaw runs tools outside of any by default.',
    WHY.unconfined,
    'Set agents.defaults.sandbox.mode to "all".',
  ),
  ...agents((prefix) =>
    claw(
      'sandbox_off',
      'high',
      `${prefix}sandbox.mode`,
      is('off'),
      'Tools run outside of any sandbox.',
      WHY.unconfined,
      'Set sandbox.mode to "all".',
    ),
  ),
  ...agents((prefix) =>
    claw(
      'sandbox_partial',
      WARN,
      `${prefix}sandbox.mode`,
      is('non-main'),
      'The main session runs outside of the sandbox.',
      WHY.unconfined,
      'Set sandbox.mode to "all".',
    ),
  ),
  ...agents((prefix) =>
    claw(
      'sandbox_workspace',
      WARN,
      `${prefix}sandbox.workspaceAccess`,
      is('rw'),
      'What runs in the sandbox writes the workspace of the host.',
      'It plants what runs outside later.',
      'Set workspaceAccess to "ro" or "none".',
    ),
  ),
  ...agents((prefix) =>
    claw(
      'dangerous_network_mode',
      'critical',
      `${prefix}sandbox.docker.network`,
      matches(/^(?:host|container:.*)$/),
      'The sandbox shares the network of the host.',
      WHY.unconfined,
      'Set sandbox.docker.network to "none".',
    ),
  ),
  ...agents((prefix) =>
    claw(
      'dangerous_bind_mount',
      'critical',
      `${prefix}sandbox.docker.binds`,
      (value) => Array.isArray(value) && value.some(dangerousBind),
      'The sandbox holds files of the host that lead out of it.',
      WHY.unconfined,
      'Bind the project folder only.',
    ),
  ),
  ...agents((prefix) =>
    claw(
      'dangerous_seccomp',
      'critical',
      `${prefix}sandbox.docker.seccompProfile`,
      is('unconfined'),
      'System calls of the sandbox are not filtered.',
      WHY.unconfined,
      'Remove seccompProfile.',
      'remove',
    ),
  ),
  ...agents((prefix) =>
    claw(
      'dangerous_apparmor',
      'critical',
      `${prefix}sandbox.docker.apparmorProfile`,
      is('unconfined'),
      'AppArmor does not confine the sandbox.',
      WHY.unconfined,
      'Remove apparmorProfile.',
      'remove',
    ),
  ),
]

function dangerousBind(bind: unknown): boolean {
  if (typeof bind !== 'string') return false
  const [source = ''] = bind.split(':')
  return (
    EVERYWHERE.test(source) ||
    /\.sock$|^\/(?:private\/)?(?:etc|proc|sys|dev|root|boot|run|var\/run)(?:\/|$)|\/\.(?:aws|cargo|config|docker|gnupg|netrc|npm|ssh|openclaw)(?:\/|$)/.test(
      source,
    )
  )
}
