import { Habits, signalsOf, Windows, type Hours, type LogRecord, type Signal, type SignalRules } from '@sallyport/core'
import type { Clock } from '../boundary/ports.ts'
import type { RecordTap } from '../boundary/ports-alert.ts'
import type { Memory } from './memory.ts'
import type { AlertService } from './service.ts'

export type Known = readonly (readonly [string, readonly string[]])[]

export interface TapDeps {
  readonly service: Pick<AlertService, 'raise'>
  readonly rules: SignalRules
  readonly normalHours: Hours | undefined
  readonly habits: Pick<Memory<Known>, 'write'>
  /** What was usual before a restart. */
  readonly known: Known
  readonly clock: Clock
  /** A rule that failed. Must not throw. */
  readonly failed: (error: unknown) => void
}

/** What is learnt is written down so long after, ms. */
const LEARNT = 2_000

/** Looks at each record that is accepted and raises what it tells: alerts come from records, never beside them (SEC-5.2). */
export function createTap(deps: TapDeps): { readonly tap: RecordTap; readonly close: () => Promise<void> } {
  const { service, rules, clock, failed } = deps
  const windows = new Windows()
  const habits = new Habits(deps.normalHours, deps.known)
  let writing: NodeJS.Timeout | undefined
  const write = async (): Promise<void> => {
    writing = undefined
    await deps.habits.write(habits.known).catch(failed)
  }
  const signalsIn = (record: LogRecord): readonly Signal[] => {
    const unusual = habits.see(record, clock.now())
    if (unusual.learnt) writing ??= setTimeout(() => void write(), LEARNT).unref()
    const single = signalsOf(record, rules)
    const burst = windows.see(record, clock.monotonic())
    return burst.length === 0 && unusual.signals.length === 0 ? single : [...single, ...burst, ...unusual.signals]
  }
  return {
    tap(records) {
      const also: LogRecord[] = []
      const durable: Promise<void>[] = []
      for (const record of records) {
        try {
          for (const signal of signalsIn(record)) {
            // a record that is an alert is the record of its alert
            const raised = service.raise(signal, record.kind === 'alert' ? undefined : record)
            if (raised.record !== undefined) also.push(raised.record as LogRecord)
            durable.push(raised.durable)
          }
        } catch (error) {
          failed(error)
        }
      }
      return durable.length === 0 ? undefined : { also, durable: Promise.all(durable).then(() => undefined) }
    },
    async close() {
      if (writing === undefined) return
      clearTimeout(writing)
      await write()
    },
  }
}
