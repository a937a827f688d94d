import { hostname } from 'node:os'
import type { Duplex } from 'node:stream'
import { plainSignal, alertSeverity, type InnerException } from '@sallyport/core'
import { AlertService } from './alerts/service.ts'
import { createDigest } from './alerts/digest.ts'
import { Memory } from './alerts/memory.ts'
import { createReview } from './alerts/review.ts'
import { configuredSinks } from './alerts/sinks/configured.ts'
import type { SinkWays } from './alerts/sinks/ways.ts'
import { createTap, type Known } from './alerts/tap.ts'
import type { Clock, EvidencePort, Random } from './boundary/ports.ts'
import type { RecordTap } from './boundary/ports-alert.ts'
import type { PublishLive } from './boundary/ports-live.ts'
import type { AlertsConfig } from './config/alerts-schema.ts'
import type { OperationalLog } from './evidence/log/operational.ts'
import type { Resolve } from './execution/egress/dial.ts'
import { guardedSocket } from './execution/egress/guarded.ts'
import { guardedDatagram, localSocket } from './execution/egress/messages.ts'
import { createOutgoing } from './execution/egress/outgoing.ts'
import { secured, trustedWith } from './execution/egress/secured.ts'
import type { Store } from './store/ports.ts'
import { VERSION } from './version.ts'

export interface AlertingDeps {
  readonly config: AlertsConfig
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly operational: OperationalLog
  readonly publish: PublishLive
  /** Called for what people do with alerts; the log is opened after this. */
  readonly evidence: () => EvidencePort
  readonly exceptions: readonly InnerException[]
  readonly authorities: readonly string[]
  readonly resolve: Resolve
}

/** Alerts of one gateway (SEC-5.2). */
export interface Alerting {
  readonly service: AlertService
  readonly tap: RecordTap
  /** What the log cannot say of itself. */
  readonly said: (name: string, severity: string, message: string) => void
  readonly review: Awaited<ReturnType<typeof createReview>>
  /** Sends what was waiting. */
  readonly start: () => Promise<void>
  /** What is due; called every few seconds. */
  readonly sweep: () => void
  readonly close: () => Promise<void>
}

const DAY = 86_400_000

/** Puts rules, alerts, their queue and sinks together. Nothing is sent before `start`. */
export async function createAlerting(deps: AlertingDeps): Promise<Alerting> {
  const { config, store, clock, random, operational, publish, evidence } = deps
  const { onDeny, rules, routes, repeat, retention, delivery, digest: digested } = config
  const service = await AlertService.open({
    ...{ store, clock, random, evidence, publish, routes, delivery, repeatMs: repeat, retentionMs: retention || DAY },
    sinks: configuredSinks(config.sinks, {
      ...{ ways: waysOf(deps), clock, random, version: VERSION, machine: hostname() },
    }),
    log: ({ name, severity, sentence, agent, session, tool, cause }, { id, count }) =>
      operational.write(severity === 'low' ? 'info' : 'warn', 'alert', {
        ...{ alertId: id, name, severity, sentence, count, agentId: agent, sessionId: session, toolName: tool },
        auditId: cause['auditId'] ?? '',
      }),
  })
  const habits = new Memory<Known>(store, 'alerts.habits')
  const { tap, close } = createTap({
    ...{ service, clock, habits, normalHours: rules.normalHours, known: (await habits.read()) ?? [] },
    rules: { onDeny, canaries: rules.canaries },
    failed: (error) => operational.write('error', 'an alert rule failed', { error: String(error) }),
  })
  const memory = new Memory<{ readonly at: number; readonly by: string }>(store, 'alerts.review')
  const review = await createReview({ memory, clock, service, within: rules.reviewWithin })
  const digest = await createDigest({
    ...{ clock, service, search: store.search, every: digested.every, severity: digested.severity },
    memory: new Memory<number>(store, 'alerts.digest'),
    reviewedAt: () => review.last.at,
    failed: (error) => operational.write('error', 'the digest of the log failed', { error: String(error) }),
  })
  return {
    ...{ service, tap, review },
    said: (name, severity, message) => void service.raise(plainSignal(name, alertSeverity(severity), message)).durable,
    start: () => service.start(),
    sweep() {
      review.sweep()
      void digest.sweep()
      void service.sweep().catch(() => undefined)
    },
    async close() {
      await close()
      await service.close()
    },
  }
}

function waysOf({ exceptions, authorities, resolve }: AlertingDeps): SinkWays {
  const guard = { exceptions, authorities, resolve }
  const outgoing = createOutgoing(guard)
  return {
    async post(url, headers, body, signal) {
      const answer = await outgoing.exchange(url, { method: 'POST', headers, body, signal })
      await answer.discard()
      return answer.status
    },
    connect: guardedSocket(guard),
    secure: (socket: Duplex, host) => secured(socket as Parameters<typeof secured>[0], host, authorities),
    datagram: guardedDatagram(guard),
    local: localSocket,
    trusted: () => trustedWith(authorities),
  }
}
