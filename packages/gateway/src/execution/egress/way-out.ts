import { parseHostRule, type SandboxProfile } from '@sallyport/core'
import type { Lender } from './lend.ts'
import type { WayOut } from './listener.ts'
import { serveEgress, type EgressAttempt } from './proxy.ts'

/** The way out of a sandbox with this profile; every attempt is reported before anything is connected. */
export function egressOf(
  { allowedHosts, blockedHosts }: Pick<SandboxProfile, 'allowedHosts' | 'blockedHosts'>,
  report: (attempt: EgressAttempt) => void | Promise<void>,
  lender?: Lender,
): WayOut {
  const rules = { allowed: allowedHosts.map(parseHostRule), blocked: blockedHosts.map(parseHostRule) }
  return (listener) => serveEgress(listener, { rules, report, ...(lender === undefined ? {} : { lender }) })
}
