import type { Boundary, CrossingResult } from '../../boundary/ports.ts'
import type { Identity } from './identity.ts'

/** How long a killed call may take to end by itself, ms. */
const GRACE = 400

/**
 * The boundary for callers that can be killed: a kill aborts what is running, and within a second every caller has an
 * answer, whether the executor listens or not. What comes back later is withheld (HB-145).
 */
export function abortOnKill(boundary: Boundary, identity: Pick<Identity, 'whileAlive'>): Boundary {
  return Object.freeze<Boundary>({
    refused: (caller, what) => boundary.refused(caller, what),
    report: (...report) => boundary.report(...report),
    visible: (caller, server) => boundary.visible(caller, server),
    async cross(caller, call) {
      const stop = new AbortController()
      const forward = (): void => stop.abort(call.signal?.reason)
      if (call.signal?.aborted === true) forward()
      call.signal?.addEventListener('abort', forward, { once: true })
      let killed = false
      let release = (): void => undefined
      const cut = new Promise<undefined>((resolve) => (release = () => resolve(undefined)))
      let timer: NodeJS.Timeout | undefined
      const onKill = (): void => {
        killed = true
        stop.abort()
        timer = setTimeout(release, GRACE)
      }
      const unwatch = identity.whileAlive(caller.principal, onKill, 'call')
      try {
        const answer = await Promise.race([boundary.cross(caller, { ...call, signal: stop.signal }), cut])
        if (answer === undefined) {
          const what = { code: 'SP_AUTHZ_KILLED', reason: WITHHELD, ingress: caller.ingress } as const
          return {
            outcome: 'denied',
            auditId: await boundary.refused(caller, what),
            code: 'SP_AUTHZ_KILLED',
            reason: WITHHELD,
          }
        }
        return killed ? withheld(answer) : answer
      } finally {
        unwatch()
        clearTimeout(timer)
        call.signal?.removeEventListener('abort', forward)
      }
    },
  })
}

const WITHHELD = 'The call was aborted. It may have happened; its result is withheld.'

function withheld(answer: CrossingResult): CrossingResult {
  if (answer.outcome === 'denied') return answer
  return { outcome: 'failed', auditId: answer.auditId, code: 'SP_AUTHZ_KILLED', reason: WITHHELD }
}
