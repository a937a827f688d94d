import type { JsonObject } from '../json/types.ts'
import type { AlertSeverity } from './alert.ts'
import type { Notice } from './notice.ts'

const OCSF_VERSION = '1.5.0'
/** Detection Finding, of the category Findings. */
const CLASS = 2004
const CREATE = 1
const UPDATE = 2
const SEVERITY: Readonly<Record<AlertSeverity, readonly [id: number, name: string]>> = {
  low: [2, 'Low'],
  medium: [3, 'Medium'],
  high: [4, 'High'],
  critical: [5, 'Critical'],
}

/** One alert as an OCSF Detection Finding (class 2004). Member names are fixed; what agents chose is only ever a value (T-168). */
export function ocsfFinding({ id, why, at, alert }: Notice, version: string): JsonObject {
  const activity = why === 'new' || why === 'test' ? CREATE : UPDATE
  const [severity_id, severity] = SEVERITY[alert.severity]
  return {
    ...{ class_uid: CLASS, class_name: 'Detection Finding', category_uid: 2, category_name: 'Findings' },
    ...{ activity_id: activity, activity_name: activity === CREATE ? 'Create' : 'Update' },
    ...{ type_uid: CLASS * 100 + activity, severity_id, severity, status_id: 1, status: 'New' },
    ...{ time: at, count: alert.count, start_time: alert.first, end_time: alert.last, message: alert.sentence },
    metadata: {
      version: OCSF_VERSION,
      product: { name: 'Sallyport', vendor_name: 'Sallyport', version },
      uid: id,
      correlation_uid: alert.auditId,
      log_provider: 'sallyport',
    },
    finding_info: {
      uid: alert.id,
      title: alert.name,
      desc: alert.sentence,
      first_seen_time: alert.first,
      last_seen_time: alert.last,
      analytic: { type_id: 1, type: 'Rule', name: alert.name, uid: alert.rules.join(',') },
    },
    evidences: [
      {
        actor: { user: { uid: alert.agent, name: alert.agent }, session: { uid: alert.session } },
        api: { operation: alert.tool, service: { name: alert.tool.split('.')[0] ?? '' } },
        data: { parameters: alert.parameters, reason: alert.reason, code: alert.code, rules: [...alert.rules] },
      },
    ],
    unmapped: { test: why === 'test', why },
  }
}
