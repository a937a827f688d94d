import { SallyportError } from '@sallyport/core'
import { OrderThread } from '../../../order-thread.ts'
import type { Inspected } from '../admit.ts'
import type { SkillScanAnswer, SkillScanOrder, SkillScanRules } from './worker.ts'

/** Longest that one skill is scanned, ms. One that takes longer was not scanned, and so is refused. */
const LIMIT = 120_000
const IDLE = 30_000

/** Scans skills in a thread of its own, with the packs of rules that are in force when it starts. */
export class SkillScan {
  readonly #rules: SkillScanRules
  #thread: OrderThread<SkillScanOrder, SkillScanAnswer> | undefined

  constructor(rules: SkillScanRules) {
    this.#rules = rules
  }

  /** @throws SallyportError SP_SCAN_UNREADABLE when it could not be scanned to its end */
  async scan(order: SkillScanOrder): Promise<Inspected> {
    const answer = await (this.#thread ??= this.#start()).run(order)
    if ('inspected' in answer) return answer.inspected
    throw new SallyportError('SP_SCAN_UNREADABLE', answer.problem)
  }

  /** What is scanned from now on is held against the rules as they are now; what is being scanned comes to its end, and its thread with it. */
  renew(): void {
    this.#thread = undefined
  }

  close(): void {
    this.#thread?.close()
    this.#thread = undefined
  }

  #start(): OrderThread<SkillScanOrder, SkillScanAnswer> {
    return new OrderThread({
      name: 'assurance/admission/scan/worker',
      options: { workerData: this.#rules, resourceLimits: { maxOldGenerationSizeMb: 1024 } },
      limitMs: LIMIT,
      idleMs: IDLE,
      failed: (how, cause) => new SallyportError('SP_SCAN_UNREADABLE', `Scanning the skill ${how}.`, { cause }),
    })
  }
}
