import type { Config } from '../../config/schema.ts'
import { toAcknowledge } from '../../config/weakenings.ts'

/** Who answers for a weaker setting, as a sentence behind another; that nobody does, where somebody has to. */
export function acceptance(config: Config, path: string): string {
  const { by, expires, reason } = config.acknowledgeInsecure[path] ?? {}
  if (by !== undefined) return ` Accepted by ${by} until ${expires ?? ''}: ${reason ?? ''}`
  const needed = toAcknowledge(config).some((one) => one.path === path)
  return needed ? ' Nobody answers for it, so the gateway does not start.' : ''
}
