import { SallyportError } from '@sallyport/core'
import type { ScanWritten, WrittenOrder } from '../../../boundary/ports-code.ts'
import { OrderThread } from '../../../order-thread.ts'
import type { WrittenAnswer } from './worker.ts'

/** Longest that what one call writes is scanned, ms; after that it was not scanned, and a person is asked. */
const LIMIT = 10_000
/** Agents that write, write again soon. */
const IDLE = 600_000

/** Scans what agents write in a thread of its own. */
export function createWrittenThread(limitMs = LIMIT): { readonly scan: ScanWritten; readonly close: () => void } {
  const thread = new OrderThread<WrittenOrder, WrittenAnswer>({
    name: 'assurance/admission/written/worker',
    options: { resourceLimits: { maxOldGenerationSizeMb: 1024 } },
    limitMs,
    idleMs: IDLE,
    failed: (how, cause) => new SallyportError('SP_SCAN_UNREADABLE', `Scanning it ${how}.`, { cause }),
  })
  return {
    async scan(order) {
      const answer = await thread.run(order)
      if ('found' in answer) return answer.found
      throw new SallyportError('SP_SCAN_UNREADABLE', answer.problem)
    },
    close: () => thread.close(),
  }
}
