import { parseHostRule, type SandboxProfile } from '@sallyport/core'
import type { WayOut } from './listener.ts'
import { serveEgress, type EgressAttempt } from './proxy.ts'

/** The way out of a sandbox with this profile; every attempt is reported before anything is connected. */
export function egressOf(
  { allowedHosts, blockedHosts }: Pick<SandboxProfile, 'allowedHosts' | 'blockedHosts'>,
  report: (attempt: EgressAttempt) => void | Promise<void>,
): WayOut {
  const rules = { allowed: allowedHosts.map(parseHostRule), blocked: blockedHosts.map(parseHostRule) }
  return (listener) => serveEgress(listener, { rules, report })
}
