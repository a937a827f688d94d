import {
  CODES,
  DECISION_META,
  errorMessage,
  isJsonObject,
  memberText,
  methodRule,
  refusalMessage,
  resultMessage,
  rpcCode,
  sentence,
  withMember,
  type Era,
  type ErrorCode,
  type JsonObject,
} from '@sallyport/core'
import type { CrossingResult } from '../../boundary/ports.ts'

export interface Rendered {
  readonly text: string
  /** JSON-RPC code when the answer is an error. */
  readonly rpcCode?: number
}

/** Denials that are faults of the protocol and not decisions on a call: JSON-RPC errors even for `tools/call`. */
const PROTOCOL_FAULTS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'SP_MCP_UNKNOWN_TOOL',
  'SP_MCP_UNKNOWN_SERVER',
  'SP_MCP_INVALID_REQUEST',
])

/** The answer of the boundary as the answer to the client (architecture §5: a denied `tools/call` is a result). */
export function renderCrossing(
  idText: string,
  method: string,
  era: Era,
  answer: Exclude<CrossingResult, { outcome: 'executed' }>,
): Rendered {
  switch (answer.outcome) {
    case 'failed': {
      const { rpcError, code, reason, auditId } = answer
      if (isJsonObject(rpcError)) {
        const { code: rpc, message, data } = rpcError
        if (typeof rpc === 'number' && typeof message === 'string') {
          return { text: errorMessage(idText, rpc, message, data), rpcCode: rpc }
        }
      }
      return { text: refusalMessage(idText, code, reason, auditId), rpcCode: rpcCode(code) }
    }
    case 'denied': {
      const { code, reason, auditId } = answer
      if (method !== 'tools/call' || PROTOCOL_FAULTS.has(code)) {
        return { text: refusalMessage(idText, code, reason, auditId), rpcCode: rpcCode(code) }
      }
      return { text: resultMessage(idText, deniedResult(era, 'denied', code, reason, auditId, {})) }
    }
    case 'pending': {
      const { approvalId, expiresAt, auditId } = answer
      const more = { approvalId, expiresAt }
      const reason = `Approval ${approvalId} is open. Retry the same call to go on when a human has decided.`
      if (method !== 'tools/call') {
        const text = refusalMessage(idText, 'SP_APPROVAL_REQUIRED', reason, auditId, more)
        return { text, rpcCode: rpcCode('SP_APPROVAL_REQUIRED') }
      }
      return {
        text: resultMessage(idText, deniedResult(era, 'pending', 'SP_APPROVAL_REQUIRED', reason, auditId, more)),
      }
    }
    case 'delegated':
      return { text: refusalMessage(idText, 'SP_INTERNAL', '', answer.auditId), rpcCode: -32603 }
  }
}

/** `isError` result with one text for the model and the decision for programs. */
function deniedResult(
  era: Era,
  outcome: 'denied' | 'pending',
  code: ErrorCode,
  reason: string,
  eventId: string,
  more: JsonObject,
): string {
  const { title, next } = CODES[code]
  const text = `${sentence(title, reason)} ${next} [${code}, event ${eventId}]`
  return JSON.stringify({
    ...(era === 'modern' ? { resultType: 'complete' } : {}),
    content: [{ type: 'text', text }],
    isError: true,
    _meta: { [DECISION_META]: { outcome, code, eventId, ...more } },
  })
}

/**
 * Fits a result to the era of the client: 2026-07-28 wants `resultType`, and caching members on lists, which a server of the
 * 2025 era does not send. Lists and contents that went through policy are nobody else's, so `cacheScope` is private.
 */
export function fitResult(resultText: string, method: string, clientEra: Era): string {
  if (clientEra === 'legacy') return resultText
  let text = resultText
  if (memberText(text, 'resultType') === undefined) text = withMember(text, 'resultType', '"complete"')
  if (methodRule('client', method)?.cacheable !== true) return text
  if (memberText(text, 'ttlMs') === undefined) text = withMember(text, 'ttlMs', '0')
  return memberText(text, 'cacheScope') === '"private"' ? text : withMember(text, 'cacheScope', '"private"')
}
