import type { JsonObject, LogRecord } from '@sallyport/core'
import type { Clock, EvidencePort, Random } from './boundary/ports.ts'
import type { Layout } from './config/paths.ts'
import type { createInspector } from './control/content/inspector.ts'
import type { Identity } from './control/identity/identity.ts'
import type { Egress } from './egress.ts'
import { createEgressDoor, type EgressDoor } from './egress-door.ts'
import type { EgressAttempt } from './execution/egress/proxy.ts'
import { Runs } from './execution/egress/runs.ts'

type Attempt = EgressAttempt & JsonObject & { readonly sandbox: string }

export interface WaysOutDeps {
  readonly files: Pick<Layout, 'confined'>
  readonly identity: Identity
  readonly egress: Pick<Egress, 'lenderOf' | 'noticed'>
  readonly inspector: Pick<ReturnType<typeof createInspector>, 'redact'>
  readonly evidence: EvidencePort
  readonly record: (kind: LogRecord['kind'], level: LogRecord['level'], body: object) => LogRecord
  readonly clock: Clock
  readonly random: Random
}

/** All that leaves by request of an agent or a server, and its one record. */
export interface WaysOut {
  /** Resolves when it is in the log. */
  readonly attempted: (attempt: Attempt) => Promise<void>
  /** Agents that `sallyport run` keeps. */
  readonly runs: Runs
  /** Agents that nobody keeps. */
  readonly door: EgressDoor
  readonly close: () => void
}

/** Somebody at the door who is no agent. */
const NOT_ADMITTED = { target: '', verdict: 'refused', reason: 'proxy_authentication' } as const

export function createWaysOut({
  files,
  identity,
  egress,
  inspector,
  evidence,
  record,
  clock,
  random,
}: WaysOutDeps): WaysOut {
  const { lenderOf } = egress
  const attempted = async (attempt: Attempt): Promise<void> => {
    egress.noticed(attempt)
    return evidence.append([
      // a path may hold a secret
      record('egress', attempt.verdict === 'allowed' ? 'info' : 'warn', {
        ...attempt,
        ...(inspector.redact({ target: attempt.target }, []) as JsonObject),
      }),
    ])
  }
  const runs = new Runs({
    directory: files.confined,
    newId: () => random.uuid(),
    attempted: ({ id, agent, instance }, attempt) =>
      attempted({ sandbox: `run ${agent}`, run: id, agentId: agent, instance, ...attempt }),
    lenderOf,
  })
  const door = createEgressDoor({
    ...{ identity, clock, lenderOf },
    attempted: ({ id, instance }, attempt) => attempted({ sandbox: 'none', agentId: id, instance, ...attempt }),
    refused: (agent) => attempted({ sandbox: 'none', agentId: agent, ...NOT_ADMITTED }),
  })
  const close = (): void => {
    door.close()
    runs.closeAll()
  }
  return { attempted, runs, door, close }
}
