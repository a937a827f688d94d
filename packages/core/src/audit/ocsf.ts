import { isJsonObject, type Json, type JsonObject } from '../json/types.ts'
import type { StoredRecord } from './record.ts'

/** Version of the Open Cybersecurity Schema Framework that `toOcsf` writes. */
const OCSF_VERSION = '1.5.0'

const CLASS_API_ACTIVITY = 6003
const CATEGORY_APPLICATION = 6
const ACTIVITY: Readonly<Record<string, readonly [id: number, name: string]>> = {
  read: [2, 'Read'],
  write: [3, 'Update'],
  external: [99, 'External'],
}
const OTHER = [99, 'Other'] as const
const SEVERITY: Readonly<Record<string, readonly [id: number, name: string]>> = {
  info: [1, 'Informational'],
  warn: [3, 'Medium'],
  error: [4, 'High'],
}
/** action_id and disposition_id of the security_control profile. */
const ACTION: Readonly<Record<string, JsonObject>> = {
  allowed: { action_id: 1, action: 'Allowed', disposition_id: 1, disposition: 'Allowed' },
  elevated: { action_id: 1, action: 'Allowed', disposition_id: 1, disposition: 'Allowed' },
  denied: { action_id: 2, action: 'Denied', disposition_id: 2, disposition: 'Blocked' },
  approval_required: {
    action_id: 99,
    action: 'Held for approval',
    disposition_id: 99,
    disposition: 'Held for approval',
  },
}
const STATUS: Readonly<Record<string, JsonObject>> = {
  success: { status_id: 1, status: 'Success' },
  failure: { status_id: 2, status: 'Failure' },
  timeout: { status_id: 2, status: 'Failure', status_detail: 'timeout' },
  aborted: { status_id: 2, status: 'Failure', status_detail: 'aborted' },
  not_executed: { status_id: 2, status: 'Failure', status_detail: 'not_executed' },
}

/**
 * One record as an OCSF API Activity event (class 6003). Member names are fixed; what agents chose only ever becomes a
 * value (T-168). The stored text travels in `raw_data`, so that the hash can be checked at the other end.
 */
export function toOcsf(stored: StoredRecord, version: string): JsonObject {
  const parsed = JSON.parse(stored.body) as Json
  const record: JsonObject = isJsonObject(parsed) ? parsed : {}
  const text = (name: string): string => (typeof record[name] === 'string' ? record[name] : '')
  const [activityId, activity] = ACTIVITY[text('effect')] ?? OTHER
  const [severityId, severity] = SEVERITY[text('level')] ?? OTHER
  const toolName = text('toolName')
  const duration = record['durationMs']
  return {
    ...{ class_uid: CLASS_API_ACTIVITY, class_name: 'API Activity', category_uid: CATEGORY_APPLICATION },
    ...{ category_name: 'Application Activity', activity_id: activityId, activity_name: activity },
    ...{ type_uid: CLASS_API_ACTIVITY * 100 + activityId, severity_id: severityId, severity },
    time: Date.parse(text('timestamp')),
    ...(typeof duration === 'number' ? { duration: Math.round(duration) } : {}),
    ...ACTION[text('policyDecision')],
    ...(STATUS[text('outcome')] ?? { status_id: 0, status: 'Unknown' }),
    message: `${text('kind')} ${toolName}`.trim(),
    metadata: {
      version: OCSF_VERSION,
      profiles: ['security_control'],
      product: { name: 'Sallyport', vendor_name: 'Sallyport', version },
      uid: `${stored.stream}:${stored.seq}`,
      correlation_uid: text('auditId'),
      sequence: stored.seq,
      log_name: stored.stream,
      log_provider: 'sallyport',
      original_time: text('timestamp'),
    },
    actor: {
      user: { uid: text('agentId'), name: text('actor') || text('agentId') },
      session: { uid: text('sessionId') },
      app_name: text('surface'),
    },
    src_endpoint: { name: text('ingress') || text('surface') || 'gateway' },
    api: {
      operation: toolName || text('kind'),
      service: { name: toolName.split('.')[0] ?? '' },
      request: { uid: text('requestId') },
      ...(text('errorType') === '' ? {} : { response: { error: text('errorType') } }),
    },
    unmapped: {
      kind: text('kind'),
      policyDecision: text('policyDecision'),
      policyRule: record['policyRule'] ?? [],
      parameterHash: text('parameterHash'),
      tokenId: text('tokenId'),
      approvalId: text('approvalId'),
      hash: stored.hash,
      prev: stored.prev,
    },
    raw_data: stored.body,
  }
}
