import type { LogRecord } from './record.ts'

/** A call that was allowed and whose end is not in the log: it may have run (E-13, T-170). */
export interface Orphan {
  readonly auditId: string
  readonly toolName: string
  readonly timestamp: string
}

/** Feeds on records in order and knows which intents have no outcome yet. */
export interface OrphanTracker {
  add(record: LogRecord): void
  orphans(): readonly Orphan[]
}

/** Kinds that let a call happen: a decision that allows it, or the release after a human agreed. */
function isIntent(record: LogRecord): boolean {
  if (record.kind === 'release') return true
  return (
    record.kind === 'decision' && (record['policyDecision'] === 'allowed' || record['policyDecision'] === 'elevated')
  )
}

export function createOrphanTracker(): OrphanTracker {
  const open = new Map<string, Orphan>()
  return {
    add(record) {
      if (record.kind === 'outcome' || record['outcome'] === 'not_executed') open.delete(record.auditId)
      else if (isIntent(record)) {
        const { auditId, timestamp } = record
        const toolName = record['toolName']
        open.set(auditId, { auditId, timestamp, toolName: typeof toolName === 'string' ? toolName : '' })
      }
    },
    orphans: () => [...open.values()],
  }
}
