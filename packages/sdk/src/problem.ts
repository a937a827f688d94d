import { isJsonObject, parseJson } from '@sallyport/core'
import type { Refusal } from './errors.ts'
import type { Reply } from './transport.ts'

/** The problem details of an error answer (RFC 9457). An answer that cannot be understood is a deny all the same. */
export function readProblem(reply: Reply): Refusal {
  try {
    const body = parseJson(reply.text)
    if (isJsonObject(body)) {
      const { code, detail, eventId } = body
      if (typeof code === 'string') {
        const reason = typeof detail === 'string' ? detail : ''
        return { code, reason, ...(typeof eventId === 'string' ? { eventId } : {}) }
      }
    }
  } catch {
    // No problem details: said below.
  }
  return { code: 'SP_AUTHN_SERVER', reason: `The answer ${reply.status} is not one of a gateway.` }
}
