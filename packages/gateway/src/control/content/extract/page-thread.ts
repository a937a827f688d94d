import { SallyportError } from '@sallyport/core'
import type { WebDocument } from '../../../boundary/ports-web.ts'
import { OrderThread } from '../../../order-thread.ts'
import type { PageAnswer, PageOrder } from './page-worker.ts'

/** Longest that one page is read, ms: several times what the bounds of `readWebPage` let it take. */
const LIMIT = 10_000
const IDLE = 30_000

/** Reads answers from the web in a thread of its own, so that none of them holds up the gateway. */
export class PageThread {
  readonly #thread = new OrderThread<PageOrder, PageAnswer>({
    name: 'control/content/extract/page-worker',
    options: { resourceLimits: { maxOldGenerationSizeMb: 512 } },
    limitMs: LIMIT,
    idleMs: IDLE,
    failed: (how, cause) => new SallyportError('SP_EGRESS_ANSWER', `Reading the page ${how}.`, { cause }),
  })

  /** @throws SallyportError SP_EGRESS_ANSWER */
  async read(bytes: Uint8Array, mediaType: string | undefined, url: string): Promise<WebDocument> {
    const answer = await this.#thread.run({ bytes, mediaType, url })
    if ('page' in answer) return answer.page
    throw new SallyportError('SP_EGRESS_ANSWER', answer.problem)
  }

  close(): void {
    this.#thread.close()
  }
}
