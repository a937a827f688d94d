import { SallyportError } from '@sallyport/core'
import { OrderThread } from '../../order-thread.ts'
import type { Prepared } from './prepared.ts'
import type { PrepareOrder } from './prepare-worker.ts'

/**
 * The thread that checks policies, one order at a time. A thread that hangs or dies is a refused policy, not a dead gateway
 * (T-160); the next order gets a new one.
 */
export class PrepareThread extends OrderThread<PrepareOrder, Prepared> {
  constructor() {
    super({
      name: 'control/policy/prepare-worker',
      // what policies are made of lives long: much room for what is young only takes memory, 20 MB for both threads
      options: { resourceLimits: { maxYoungGenerationSizeMb: 4 } },
      limitMs: 60_000,
      // an idle thread holds about 60 MB; changes of tools come in bursts
      idleMs: 5_000,
      failed: (how, cause) => new SallyportError('SP_POLICY_INVALID', `The check of the policies ${how}.`, { cause }),
    })
  }
}
