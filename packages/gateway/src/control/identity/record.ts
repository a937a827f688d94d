import type { JsonObject, Level, LogRecord } from '@sallyport/core'
import type { Clock, EvidencePort, Random } from '../../boundary/ports.ts'

/** Writes `identity` records: who may act, and everything that changes it. */
export class IdentityLog {
  readonly #evidence: EvidencePort
  readonly #clock: Clock
  readonly #random: Random

  constructor(evidence: EvidencePort, clock: Clock, random: Random) {
    this.#evidence = evidence
    this.#clock = clock
    this.#random = random
  }

  /** Resolves when the record is durable; then the change may take effect. @throws SallyportError SP_AUDIT_* */
  async append(event: string, actor: string, extra: JsonObject, level: Level = 'info'): Promise<void> {
    await this.#evidence.append([this.#record(event, actor, extra, level)])
  }

  /** For changes that only take rights away: they do not wait for the log. */
  enqueue(event: string, actor: string, extra: JsonObject, level: Level = 'info'): void {
    this.#evidence.enqueue([this.#record(event, actor, extra, level)])
  }

  #record(event: string, actor: string, extra: JsonObject, level: Level): LogRecord {
    const timestamp = new Date(this.#clock.now()).toISOString()
    return { kind: 'identity', auditId: this.#random.uuid(), timestamp, level, event, actor, ...extra } as LogRecord
  }
}
