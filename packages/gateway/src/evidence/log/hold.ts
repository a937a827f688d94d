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
    clearTimeout(timer)
    timer = undefined
    const taken = rows
    rows = []
    return taken
  }
  const flush = (): void => {
    const taken = take()
    if (taken.length > 0) write(taken)
  }
  return {
    add(more: readonly LogRow[]): void {
      rows.push(...more)
      if (rows.length >= HOLD_ROWS) flush()
      else timer ??= setTimeout(flush, HOLD_MS)
    },
    /** Takes what is held; the caller writes it. */
    take,
    /** Writes what is held now. */
    flush,
  }
}
