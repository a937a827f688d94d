import { canonicalJson, recordFault, SallyportError, sha256, toSallyportError, type LogRecord } from '@sallyport/core'
import type { Clock, EvidencePort } from '../../boundary/ports.ts'
import type { RecordTap } from '../../boundary/ports-alert.ts'
import type { LogRow, Store } from '../../store/ports.ts'
import { createClockGuard } from './clock-guard.ts'
import { createHold } from './hold.ts'
import type { OperationalLog } from './operational.ts'

/**
 * What happens when a record cannot be written (E-12, T-166). In no mode does a write, an external call or anything that
 * is not known to be a plain read go ahead without its durable intent:
 * `block` nothing does · `allow-low-risk` reads that policy allowed without a human · `continue` all reads.
 */
export type OnWriteFailure = 'block' | 'allow-low-risk' | 'continue'

export interface EvidenceAlert {
  readonly name: 'log-write-failed' | 'log-recovered' | 'log-lost' | 'clock-set-back' | 'clock-jumped'
  readonly severity: 'critical' | 'high' | 'info'
  readonly message: string
}

export interface EvidenceDeps {
  readonly store: Pick<Store, 'append' | 'checkpoints' | 'stream'>
  readonly clock: Clock
  readonly onWriteFailure: OnWriteFailure
  /** Called at once; must not throw. */
  readonly alert: (alert: EvidenceAlert) => void
  /** Gets one line per crossing (AC-1.1.2). */
  readonly operational?: OperationalLog
  /** Told of every record that was taken; must not throw, and nobody waits for what it starts. */
  readonly onRecord?: (record: LogRecord) => void
  /** Sees each record when it is accepted; what it adds is written in the same commit. */
  readonly tap?: RecordTap
  /** Default 250 ms. */
  readonly retryMs?: number
}

export interface Evidence extends EvidencePort {
  /** False while records are waiting that could not be written. */
  healthy(): boolean
  /** Resolves when everything queued has been written or has failed. */
  settled(): Promise<void>
  close(): Promise<void>
}

/** Records that wait for the log to come back; more than this are lost, and that is said. */
const SPOOL_LIMIT = 10_000
/** Larger bodies keep a digest of the parameters instead (T-169). */
const MAX_BODY = 256 * 1024

/** The log as the boundary sees it: records become canonical JSON and columns, and are durable when `append` resolves. */
export function createEvidence(deps: EvidenceDeps): Evidence {
  const { store, clock, onWriteFailure, alert, operational, onRecord, tap, retryMs = 250 } = deps
  const guarded = store.checkpoints(store.stream, 1).then(([last]) => createClockGuard(clock, last?.ts ?? 0))
  guarded.catch(() => undefined)
  let recovering: Promise<void> | undefined
  let spool: LogRow[] = []
  let lost = 0
  let retry: NodeJS.Timeout | undefined
  let pending = Promise.resolve()
  let closed = false
  let down = false

  const failed = (error: unknown, rows: readonly LogRow[]): void => {
    const room = Math.max(0, SPOOL_LIMIT - spool.length)
    if (rows.length > room) {
      lost += rows.length - room
      alert({ name: 'log-lost', severity: 'critical', message: `${lost} records of the log are lost.` })
    }
    complain(toSallyportError(error))
    spool.push(...rows.slice(0, room))
    schedule()
  }

  const schedule = (): void => {
    if (retry || closed) return
    retry = setTimeout(() => {
      retry = undefined
      void recover().catch(schedule)
    }, retryMs)
    retry.unref()
  }

  /** Writes what is waiting. The gate is open again once this has worked. */
  const recover = (): Promise<void> => {
    recovering ??= drain().finally(() => {
      recovering = undefined
    })
    return recovering
  }
  const drain = async (): Promise<void> => {
    if (spool.length === 0) return
    const rows = [...spool]
    await store.append(rows)
    spool = spool.slice(rows.length)
  }

  const durable = async (records: readonly LogRecord[]): Promise<void> => {
    const rows = records.map(toRow)
    const guard = await guarded
    const jump = guard.observe()
    if (jump) {
      alert(jump.alert)
      await store.append([toRow(jump.record)])
    }
    guard.admit(records)
    if (spool.length > 0) await recover()
    const riding = held.take()
    try {
      await store.append([...riding, ...rows])
    } catch (error) {
      if (riding.length > 0) failed(error, riding)
      throw error
    }
    if (down) recovered()
  }

  /** What nobody waits for: on its way with the next durable append, or by itself a moment later. */
  const held = createHold((rows) => {
    const write = (spool.length > 0 ? recover() : Promise.resolve()).then(() => store.append(rows))
    const settled = write.catch((error: unknown) => failed(error, rows))
    pending = Promise.all([pending, settled]).then(() => undefined)
  })

  /** Said once, however many calls are denied meanwhile. */
  const complain = (failure: SallyportError): void => {
    if (down) return
    down = true
    alert({ name: 'log-write-failed', severity: 'critical', message: failure.message })
    operational?.write('error', 'A log record could not be written.', { error: failure.message })
  }
  const recovered = (): void => {
    down = false
    alert({ name: 'log-recovered', severity: 'info', message: 'Records are being written again.' })
    operational?.write('info', 'Records are being written again.')
  }

  const tell = (records: readonly LogRecord[]): void => {
    for (const record of records) {
      report(record, operational)
      onRecord?.(record)
    }
  }

  return {
    async append(records) {
      const tapped = tap?.(records)
      const all = tapped === undefined ? records : [...records, ...tapped.also]
      try {
        await durable(all)
      } catch (error) {
        const failure = toSallyportError(error, 'SP_AUDIT_WRITE_FAILED')
        if (failure.code === 'SP_AUDIT_CLOCK' || !mayGoOn(records, onWriteFailure)) {
          if (failure.code !== 'SP_AUDIT_CLOCK' && failure.code !== 'SP_AUDIT_QUEUE_FULL') complain(failure)
          throw failure
        }
        failed(failure, all.map(toRow))
      } finally {
        await tapped?.durable
      }
      tell(all)
    },
    enqueue(records) {
      const also = tap?.(records)?.also ?? []
      const rows = [...records, ...also].map(toRowOrFault)
      tell([...records, ...also])
      held.add(rows)
    },
    healthy: () => spool.length === 0,
    settled() {
      held.flush()
      return pending
    },
    async close() {
      closed = true
      clearTimeout(retry)
      held.flush()
      await pending
      await recover().catch(() => undefined)
    },
  }
}

/** Only what is a plain read of a known effect may ever happen without its record. */
function mayGoOn(records: readonly LogRecord[], mode: OnWriteFailure): boolean {
  if (mode === 'block') return false
  return records.every((record) => {
    if (record['effect'] !== 'read') return false
    return mode === 'continue' || (record.kind === 'decision' && record['policyDecision'] === 'allowed')
  })
}

const column = (record: LogRecord, name: string): string => {
  const value = record[name]
  return typeof value === 'string' ? value : ''
}

/** @throws SallyportError SP_INTERNAL for a record that its own schema refuses: nothing without a proper record happens. */
function toRow(record: LogRecord): LogRow {
  const fault = recordFault(record)
  if (fault !== undefined) throw new SallyportError('SP_INTERNAL', `Record ${String(record.kind)}: ${fault}`)
  const text = canonicalJson(record)
  return {
    body: text.length <= MAX_BODY ? text : canonicalJson(shorten(record)),
    ts: Date.parse(record.timestamp),
    kind: record.kind,
    auditId: record.auditId,
    session: column(record, 'sessionId'),
    agent: column(record, 'agentId'),
    tool: column(record, 'toolName'),
    decision: column(record, 'policyDecision'),
  }
}

/** Nobody waits for what is queued, so a record that its schema refuses leaves an alert in its place. */
function toRowOrFault(record: LogRecord): LogRow {
  try {
    return toRow(record)
  } catch (error) {
    const { auditId, timestamp, kind } = record
    const detail = toSallyportError(error).detail
    const of = typeof kind === 'string' ? kind : ''
    return toRow({ kind: 'alert', auditId, timestamp, level: 'error', name: 'invalid-record', of, detail } as LogRecord)
  }
}

/** A record too large for the log keeps its small members; large ones become their digest and length. */
function shorten(record: LogRecord): LogRecord {
  const there = Object.entries(record).filter(([, value]) => value !== undefined)
  const members = there.map(([name, value]) => {
    const text = canonicalJson(value)
    return [name, text.length <= 4096 ? value : { truncated: true, sha256: sha256(text), length: text.length }] as const
  })
  return Object.fromEntries(members) as unknown as LogRecord
}

/** AC-1.1.2: one line per crossing, `info` when allowed, `warn` when denied. */
function report(record: LogRecord, operational: OperationalLog | undefined): void {
  if (!operational || record.kind !== 'decision') return
  const { toolName, sessionId, requestId, timestamp, policyDecision, auditId } = record as LogRecord &
    Record<string, string>
  const level = policyDecision === 'denied' ? 'warn' : 'info'
  operational.write(level, 'crossing', {
    auditId: auditId ?? '',
    toolName: toolName ?? '',
    sessionId: sessionId ?? '',
    requestId: requestId ?? '',
    timestamp: timestamp ?? '',
    policyDecision: policyDecision ?? '',
  })
}
