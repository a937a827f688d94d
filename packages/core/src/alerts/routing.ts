import { alertRank, type Alert, type AlertSeverity } from './alert.ts'

/** What kinds of sinks there are. `log` and `live` are always there and are not configured. */
export type SinkType = 'webhook' | 'slack' | 'email' | 'syslog' | 'ocsf'

/** E-57. Critical goes everywhere and that cannot be changed (AC-5.2.2); the log has everything. */
const BY_TYPE: Readonly<Record<AlertSeverity, readonly SinkType[]>> = {
  critical: ['webhook', 'slack', 'email', 'syslog', 'ocsf'],
  high: ['webhook', 'slack', 'syslog', 'ocsf'],
  medium: [],
  low: [],
}

export interface Route {
  readonly severity: Exclude<AlertSeverity, 'critical'>
  readonly sinks: readonly string[]
}

/** Names of the configured sinks that hear of an alert of this severity. */
export function sinksFor(
  severity: AlertSeverity,
  sinks: ReadonlyMap<string, SinkType>,
  routes: readonly Route[],
): readonly string[] {
  if (severity === 'critical') return [...sinks.keys()]
  const own = routes.find((route) => route.severity === severity)
  if (own !== undefined) return own.sinks.filter((name) => sinks.has(name))
  return [...sinks].filter(([, type]) => BY_TYPE[severity].includes(type)).map(([name]) => name)
}

/** Consoles hear at once of what is more than to know (E-57: low is in the log only). */
export const isLive = (severity: AlertSeverity): boolean => severity !== 'low'

/**
 * Whether it is time to tell the sinks: of a new alert, of one that got worse, and of one that goes on when `repeat` ms have
 * passed. One alert with a count is one notice, however fast it counts.
 */
export function isNotice(alert: Alert, now: number, repeat: number): boolean {
  if (alert.silence !== '' || alert.state === 'resolved') return false
  if (alert.notices === 0) return true
  if (alertRank(alert.severity) > alertRank(alert.noticedAs || alert.severity)) return true
  return alert.count > alert.noticedCount && now - alert.noticedAt >= repeat
}
