import type { LogRecord } from '@sallyport/core'
import type { Clock } from './boundary/ports.ts'
import type { ApprovalService } from './control/approvals/approvals.ts'
import type { Identity } from './control/identity/identity.ts'
import type { Evidence } from './evidence/log/evidence.ts'
import type { Runs } from './execution/egress/runs.ts'
import type { ServerSpec } from './execution/upstream/spec.ts'
import type { Upstreams } from './execution/upstream/upstreams.ts'
import { Answers } from './metrics/answers.ts'
import { countRecord } from './metrics/from-record.ts'
import { readGauges } from './metrics/gauges.ts'
import { Metrics } from './metrics/registry.ts'
import type { Store } from './store/ports.ts'
import { VERSION } from './version.ts'

export interface Metering {
  readonly metrics: Metrics
  /** Takes in every record as it is written; never throws and waits for nothing. */
  readonly onRecord: (record: LogRecord) => void
}

/**
 * What is counted from records. Made before the log is opened, so that nothing is missed.
 * @param clean takes secrets out of the values of labels
 */
export function createMetering(clean: (value: string) => string): Metering {
  const metrics = new Metrics(clean)
  const answers = new Answers()
  return {
    metrics,
    onRecord(record) {
      countRecord(record, metrics)
      const answer = answers.note(record)
      if (answer !== undefined) metrics.observe('answerTime', { resolution: answer.resolution }, answer.ms / 1000)
    },
  }
}

export interface MeteredGateway {
  readonly clock: Clock
  readonly store: Store
  readonly evidence: Pick<Evidence, 'healthy'>
  readonly identity: Identity
  readonly approvals: Pick<ApprovalService, 'list'>
  readonly upstreams: Pick<Upstreams, 'specs'>
  readonly runs: Pick<Runs, 'list'>
}

const MOST = 10_000

/** What is not counted from records but looked up when somebody asks. */
export function readParts(metrics: Metrics, parts: MeteredGateway): void {
  const { clock, store, evidence, identity, approvals, upstreams, runs } = parts
  const statesOf = async (kind: 'secret' | 'alert') => store.list(kind, { limit: MOST })
  readGauges(metrics, {
    ...{ version: VERSION, clock },
    waiting: async () => (await approvals.list({ state: 'pending' })).length,
    isLogHealthy: () => evidence.healthy(),
    agents: () => identity.agents.list(),
    sessions: () => identity.sessions.list(),
    servers: () => upstreams.specs().map(confinementOf),
    confined: () => new Set(runs.list().map(({ agent }) => agent)).size,
    secrets: async () => (await statesOf('secret')).map(({ state }) => state),
    alerts: async () => [],
    limits: () =>
      (['calls', 'requests', 'failures'] as const).map((name) => {
        const { hits, violations } = identity[name]
        return { name, hits, violations }
      }),
  })
}

function confinementOf(spec: ServerSpec): string {
  switch (spec.transport) {
    case 'http':
    case 'sse':
      return 'remote'
    case 'requests':
      return 'gateway'
    default:
      return spec.sandbox === undefined ? 'unsandboxed' : 'sandboxed'
  }
}
