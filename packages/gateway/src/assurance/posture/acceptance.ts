import type { Config } from '../../config/schema.ts'

/** Who answers for a weaker setting, as a sentence behind another; empty where nobody does. */
export function acceptance({ acknowledgeInsecure }: Config, path: string): string {
  const { by, expires, reason } = acknowledgeInsecure[path] ?? {}
  return by === undefined ? '' : ` Accepted by ${by} until ${expires ?? ''}: ${reason ?? ''}`
}
