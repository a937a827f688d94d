import type { ErrorCode } from '@sallyport/core'
import type { Boundary, CrossingResult } from '../../boundary/ports.ts'
import type { Identity } from './identity.ts'

/** How a call is ended from outside: its agent is stopped, or its session is over. */
type EndedBy = Extract<ErrorCode, 'SP_AUTHZ_KILLED' | 'SP_AUTHZ_SESSION_EXPIRED'>

/** How long a killed call may take to end by itself, ms. */
const GRACE = 400

/**
 * The boundary for callers that can be killed and for sessions that can be ended: both abort what is running, and within a
 * second every caller has an answer, whether the executor listens or not. What comes back later is withheld (HB-145).
 */
export function abortOnKill(boundary: Boundary, identity: Pick<Identity, 'whileAlive' | 'sessions'>): Boundary {
  return Object.freeze<Boundary>({
    refused: (caller, what) => boundary.refused(caller, what),
    report: (...report) => boundary.report(...report),
    visible: (caller, server) => boundary.visible(caller, server),
    async cross(caller, call) {
      const stop = new AbortController()
      const forward = (): void => stop.abort(call.signal?.reason)
      if (call.signal?.aborted === true) forward()
      call.signal?.addEventListener('abort', forward, { once: true })
      let ended: EndedBy | undefined
      let release = (): void => undefined
      const cut = new Promise<undefined>((resolve) => (release = () => resolve(undefined)))
      let timer: NodeJS.Timeout | undefined
      const over = (code: EndedBy) => (): void => {
        ended ??= code
        stop.abort()
        timer ??= setTimeout(release, GRACE)
      }
      const unwatch = [
        identity.whileAlive(caller.principal, over('SP_AUTHZ_KILLED'), 'call'),
        identity.sessions.whileOpen(caller, over('SP_AUTHZ_SESSION_EXPIRED')),
      ]
      try {
        const answer = await Promise.race([boundary.cross(caller, { ...call, signal: stop.signal }), cut])
        if (answer === undefined) {
          const what = { code: ended ?? 'SP_AUTHZ_KILLED', reason: WITHHELD }
          return {
            outcome: 'denied',
            auditId: await boundary.refused(caller, { ...what, ingress: caller.ingress }),
            ...what,
          }
        }
        return ended === undefined ? answer : withheld(answer, ended)
      } finally {
        for (const stopListening of unwatch) stopListening()
        clearTimeout(timer)
        call.signal?.removeEventListener('abort', forward)
      }
    },
  })
}

const WITHHELD = 'The call was aborted. It may have happened; its result is withheld.'

function withheld(answer: CrossingResult, code: EndedBy): CrossingResult {
  if (answer.outcome === 'denied') return answer
  return { outcome: 'failed', auditId: answer.auditId, code, reason: WITHHELD }
}
