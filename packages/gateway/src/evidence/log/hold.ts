import type { LogRow } from '../../store/ports.ts'

/** How long a record that nobody waits for may wait for company, ms; half of what a crash may take (E-13). */
const HOLD_MS = 5
/** Held rows and the ones they ride with fit one transaction, so that they are written together or not at all. */
const HOLD_ROWS = 64

/**
 * Rows that wait a moment for the next durable append: the outcome of one call and the intent of the next then cost one commit
 * instead of two.
 */
export function createHold(write: (rows: readonly LogRow[]) => void) {
  let rows: LogRow[] = []
  let timer: NodeJS.Timeout | undefined
  const take = (): readonly LogRow[] => {
    const taken = rows
    rows = []
    return taken
  }
  const flush = (): void => {
    const taken = take()
    if (taken.length > 0) write(taken)
  }
  // Taking does not stop the timer: one that comes early writes a little sooner, one for every call costs more than that.
  const due = (): void => {
    timer = undefined
    flush()
  }
  return {
    add(more: readonly LogRow[]): void {
      rows.push(...more)
      if (rows.length >= HOLD_ROWS) flush()
      else timer ??= setTimeout(due, HOLD_MS)
    },
    /** Takes what is held; the caller writes it. */
    take,
    /** Writes what is held now. */
    flush,
  }
}
