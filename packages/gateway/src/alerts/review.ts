import type { Clock } from '../boundary/ports.ts'
import type { Memory } from './memory.ts'
import { unreviewedSignal } from './own-signals.ts'
import type { AlertService } from './service.ts'

interface Reviewed {
  /** ms since 1970. */
  readonly at: number
  readonly by: string
}

const DAY = 86_400_000
/** What somebody looked at is written down once in so long, ms. */
const KEPT = 60_000

export interface ReviewDeps {
  readonly memory: Memory<Reviewed>
  readonly clock: Clock
  readonly service: Pick<AlertService, 'raise'>
  /** ms; 0: nobody has to. */
  readonly within: number
}

/** Whether anybody reads the log (HB-146): says once a day that nobody did. */
export async function createReview({ memory, clock, service, within }: ReviewDeps) {
  let last = await memory.read()
  if (last === undefined) await memory.write((last = { at: clock.now(), by: '' }))
  let saidAt = 0
  return {
    get last(): Reviewed {
      return last ?? { at: 0, by: '' }
    },
    /** Somebody looked. */
    looked(by: string): void {
      const now = clock.now()
      if (last !== undefined && last.by === by && now - last.at < KEPT) return
      last = { at: now, by }
      void memory.write(last).catch(() => undefined)
    },
    sweep(): void {
      const now = clock.now()
      const since = now - (last?.at ?? now)
      if (within === 0 || since < within || now - saidAt < DAY) return
      saidAt = now
      service.raise(unreviewedSignal(Math.floor(since / DAY)))
    },
  }
}
