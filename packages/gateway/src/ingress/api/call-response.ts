import { SallyportError, toProblem } from '@sallyport/core'
import type { ApiCall } from './calls.ts'
import type { ApiResponse } from './route.ts'

/** A call as an answer: 200 it ran or may run, 202 it waits, else problem details with the event id. */
export function callResponse(call: ApiCall): ApiResponse {
  const { id, result } = call
  if (result === undefined || result.outcome === 'pending') return waiting(call)
  switch (result.outcome) {
    case 'executed': {
      const head = JSON.stringify({ callId: id, status: 'executed', eventId: result.auditId })
      return { status: 200, text: `${head.slice(0, -1)},"result":${result.resultText}}` }
    }
    case 'delegated':
      return { status: 200, body: { callId: id, status: 'allowed', eventId: result.auditId } }
    case 'denied':
    case 'failed': {
      const error = new SallyportError(result.code, result.reason)
      const problem = { ...toProblem(error, result.auditId === '' ? undefined : result.auditId), callId: id }
      const upstream = result.outcome === 'failed' && result.rpcError !== undefined ? { rpcError: result.rpcError } : {}
      return {
        // 202 is the status of a question; a refusal that is about one is still a refusal.
        status: problem.status < 400 ? 403 : problem.status,
        body: { ...problem, status: problem.status < 400 ? 403 : problem.status, ...upstream },
        headers: { 'content-type': 'application/problem+json; charset=utf-8', ...retryAfter(result) },
      }
    }
  }
}

const retryAfter = (result: NonNullable<ApiCall['result']>): { readonly 'retry-after'?: string } =>
  result.outcome === 'denied' && result.retryAfterSeconds !== undefined
    ? { 'retry-after': String(result.retryAfterSeconds) }
    : {}

function waiting({ id, state, result, approval }: ApiCall): ApiResponse {
  const location = `/v1/calls/${id}`
  const body = {
    callId: id,
    status: state === 'pending' ? 'pending' : 'running',
    location,
    ...(approval === undefined
      ? {}
      : { approvalId: approval.id, expiresAt: new Date(approval.expiresAt).toISOString() }),
    ...(result === undefined ? {} : { eventId: result.auditId }),
  }
  return { status: 202, body, headers: { location, 'retry-after': '1' } }
}
