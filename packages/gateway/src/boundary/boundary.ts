import { SallyportError, wrapUntrusted, type RegisteredTool } from '@sallyport/core'
import { isoTime } from '../clock.ts'
import { policyHead } from './binding.ts'
import type { CrossingPorts } from './crossing-ports.ts'
import { crossControlBoundary } from './crossing.ts'
import { Delegations } from './delegated.ts'
import { Idempotency } from './idempotency.ts'
import { refuse, type Boundary, type Caller } from './ports.ts'
import { outcomeRecord, refusalRecord, inspectionOf } from './records.ts'
import { Refusals } from './violations.ts'

/**
 * The boundary as every ingress holds it.
 * @throws SallyportError AGENT_CONTROL_SEPARATION_001/002 when a part is missing (AC-1.4.2).
 */
export function createBoundary(ports: CrossingPorts): Boundary {
  assertSeparation(ports)
  const delegations = new Delegations()
  const refusals = new Refusals()
  const idempotency = new Idempotency(ports.clock)
  const timestamp = () => isoTime(ports.clock.now())

  return Object.freeze<Boundary>({
    async cross(caller, call) {
      const cross = () => crossControlBoundary({ ...ports, delegations, refusals }, caller, call)
      return idempotency.join(caller, call, cross, async (reason) => {
        const auditId = await this.refused(caller, { code: 'SP_CAP_MISMATCH', reason, ingress: caller.ingress })
        return { outcome: 'denied', auditId, code: 'SP_CAP_MISMATCH', reason }
      })
    },

    async refused(caller, what) {
      const auditId = ports.random.uuid()
      ports.evidence.enqueue([refusalRecord(auditId, timestamp(), caller, what)])
      return auditId
    },

    async report(caller, auditId, outcome, resultText) {
      const open = delegations.take(auditId, caller)
      if (open === undefined) return refuse('SP_AUDIT_UNKNOWN', 'No call of this agent is waiting for that report.')
      // settled when the call was handed to the host; its word makes no call cheaper
      if (resultText !== undefined) open.bill?.answered(resultText)
      const { instance } = caller.principal
      const seen =
        resultText === undefined
          ? undefined
          : ports.inspector.inspect(open.tool, wrapUntrusted(resultText, open.tool.id))
      const label =
        seen === undefined
          ? ports.flow.snapshot(instance)
          : await ports.flow.settle(instance, open.tool, {
              text: seen.resultText,
              hostile: seen.suspicious,
              late: true,
            })
      const ending = {
        outcome,
        durationMs: ports.clock.monotonic() - open.started,
        confinement: 'host',
        labels: { confidentiality: label.confidentiality, integrity: label.integrity },
        ...(seen === undefined ? {} : inspectionOf(seen, resultText ?? '')),
      }
      ports.evidence.enqueue([outcomeRecord(open.facts, timestamp(), ending)])
      return {
        ok: true,
        value:
          seen === undefined
            ? null
            : { resultText: seen.resultText, redactions: seen.redactions, changed: seen.resultText !== resultText },
      }
    },

    visible: (caller: Caller, server: string): readonly RegisteredTool[] =>
      ports.registry
        .list(server)
        .filter(
          (tool) => ports.surfaces.shows(caller.principal, tool) && ports.policy.possible(policyHead(caller, tool)),
        ),
  })
}

/** Start-up assertions: the boundary is in the dispatch path and policy answers before anything can be dispatched. */
function assertSeparation(ports: CrossingPorts): void {
  const parts = [
    'admission',
    'registry',
    'surfaces',
    'content',
    'flow',
    'approvals',
    'evidence',
    'capability',
    'executor',
  ] as const
  const missing = parts.filter((part) => typeof ports[part] !== 'object' || ports[part] === null)
  if (missing.length > 0) throw new SallyportError('AGENT_CONTROL_SEPARATION_001', `Missing: ${missing.join(', ')}.`)
  if (typeof ports.policy !== 'object' || ports.policy === null || ports.policy.current().bundle === '') {
    throw new SallyportError('AGENT_CONTROL_SEPARATION_002', 'No policy is in force.')
  }
}
