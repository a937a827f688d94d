import { DATA_CHECKS } from './checks/data.ts'
import { FILESYSTEM_CHECKS } from './checks/filesystem.ts'
import { IDENTITY_CHECKS } from './checks/identity.ts'
import { ISOLATION_CHECKS } from './checks/isolation.ts'
import { LIVE_CHECKS } from './checks/live.ts'
import { MONITORING_CHECKS } from './checks/monitoring.ts'
import { BINDING_CHECKS, NETWORK_CHECKS } from './checks/network.ts'
import { POLICY_CHECKS } from './checks/policy.ts'
import { SETTINGS_CHECKS } from './checks/settings.ts'
import { SUPPLY_CHECKS } from './checks/supply.ts'
import { TOOLS_CHECKS } from './checks/tools.ts'
import type { PostureCheck } from './check.ts'

/** Every check of the audit. Ids are API: never renamed, never used again. */
export const POSTURE_CHECKS: readonly PostureCheck[] = Object.freeze([
  ...BINDING_CHECKS,
  ...SETTINGS_CHECKS,
  ...LIVE_CHECKS,
  ...IDENTITY_CHECKS,
  ...DATA_CHECKS,
  ...NETWORK_CHECKS,
  ...MONITORING_CHECKS,
  ...SUPPLY_CHECKS,
  ...FILESYSTEM_CHECKS,
  ...POLICY_CHECKS,
  ...TOOLS_CHECKS,
  ...ISOLATION_CHECKS,
])
