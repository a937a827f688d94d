import type { LogRecord } from '@sallyport/core'
import { poster } from './approval-channels.ts'
import { auditing, postureChecks } from './auditing.ts'
import type { Clock } from './boundary/ports.ts'
import type { Config } from './config/schema.ts'
import type { ApprovalService } from './control/approvals/approvals.ts'
import type { BudgetView } from './control/budgets/views.ts'
import type { Identity } from './control/identity/identity.ts'
import type { Evidence } from './evidence/log/evidence.ts'
import type { OutgoingHttp } from './execution/egress/outgoing.ts'
import type { Runs } from './execution/egress/runs.ts'
import { confinementOf } from './execution/upstream/spec.ts'
import type { Upstreams } from './execution/upstream/upstreams.ts'
import { Answers, type Answer } from './metrics/answers.ts'
import { countRecord } from './metrics/from-record.ts'
import { readGauges } from './metrics/gauges.ts'
import { openHealth, type Health } from './metrics/health/health.ts'
import { createOtlpExporter } from './metrics/otlp-exporter.ts'
import { Metrics } from './metrics/registry.ts'
import { healthChecks, openAlerts, type CheckedGateway } from './health-checks.ts'
import type { Store } from './store/ports.ts'
import { VERSION } from './version.ts'

export interface Metering {
  readonly metrics: Metrics
  /** Takes in every record as it is written; never throws and waits for nothing. */
  readonly onRecord: (record: LogRecord) => void
  /** Whoever else wants to know of records and answers, once there is somebody. */
  readonly tell: (listener: (record: LogRecord, answer: Answer | undefined) => void) => void
}

/**
 * What is counted from records. Made before the log is opened, so that nothing is missed.
 * @param clean takes secrets out of the values of labels
 */
export function createMetering(clean: (value: string) => string): Metering {
  const metrics = new Metrics(clean)
  const answers = new Answers()
  const listeners: ((record: LogRecord, answer: Answer | undefined) => void)[] = []
  return {
    metrics,
    onRecord(record) {
      countRecord(record, metrics)
      const answer = answers.note(record)
      if (answer !== undefined) metrics.observe('answerTime', { resolution: answer.resolution }, answer.ms / 1000)
      for (const listener of listeners) listener(record, answer)
    },
    tell: (listener) => void listeners.push(listener),
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
  readonly budgets: () => Promise<readonly BudgetView[]>
  readonly config: Pick<Config, 'metrics' | 'health'>
  readonly outgoing: OutgoingHttp
  readonly notice: (line: string) => void
  readonly alert: (name: string, severity: string, message: string) => void
  /** What has to be closed again, in the order of opening. */
  readonly opened: (() => Promise<void>)[]
}

const MOST = 10_000

/** What is looked up when somebody asks, what is sent to a collector, and what the gateway finds out about itself. */
export async function measureGateway(metering: Metering, parts: CheckedGateway): Promise<Health> {
  const { metrics } = metering
  readParts(metrics, parts)
  sendMetrics(metrics, parts)
  const { config, clock, store, alert, opened } = parts
  const monitor = auditing(parts)
  const checks = healthChecks(parts, async () => {
    const { approvedByPeople: approved, deniedByPeople: denied, answers: times } = await health.last(7)
    return { approved, denied, times }
  })
  const health: Health = await openHealth({
    ...{ store, clock, metrics, alert, ...config.health },
    checks: [...checks, ...postureChecks(monitor, parts.loaded.config)],
  })
  metering.tell((record, answer) => health.note(record, answer))
  opened.push(() => health.close())
  if (monitor === undefined) return health
  opened.push(() => monitor.close())
  return {
    ...health,
    start() {
      health.start()
      monitor.start()
    },
  }
}

function sendMetrics(metrics: Metrics, { config, clock, store, outgoing, notice, opened }: MeteredGateway): void {
  const { otlp } = config.metrics
  if (otlp === undefined) return
  const exporter = createOtlpExporter({
    ...{ config: otlp, metrics, clock, notice, version: VERSION, instance: store.stream },
    post: poster(outgoing),
  })
  opened.push(() => exporter.close())
}

function readParts(metrics: Metrics, parts: MeteredGateway): void {
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
    budgets: parts.budgets,
    alerts: async () => (await openAlerts(store)).map(({ severity }) => severity),
    limits: () => {
      const { lockout, limits } = identity
      return [{ name: 'failures', hits: lockout.hits, violations: lockout.violations }, ...limits.counts()]
    },
  })
}
