import { parentPort } from 'node:worker_threads'
import type { EstPolicy } from '@sallyport/core'
import { loadCedar } from './cedar.ts'
import { parsedOrNothing } from './parse-ahead.ts'
import type { SelfCheckReport } from './prepared.ts'
import { runSelfCheck, type SelfCheckJob } from './self-check.ts'

/** One order of `prepare-worker.ts`. */
export type CheckOrder = { readonly check: SelfCheckJob } | { readonly parse: readonly string[] }

export interface CheckAnswer {
  readonly report?: SelfCheckReport
  readonly parsed?: readonly (EstPolicy | undefined)[]
  /** Why there is none: the stock engine cannot be asked about tools that the policies do not fit. */
  readonly problem?: string
}

/** Works beside the thread of `prepare-worker.ts`: parses half of the policies, then asks both engines while that checks types. */
const cedar = await loadCedar()
parentPort?.on('message', (order: CheckOrder) => {
  parentPort?.postMessage(answerTo(order))
})

function answerTo(order: CheckOrder): CheckAnswer {
  try {
    if ('parse' in order) return { parsed: order.parse.map((text) => parsedOrNothing(text, cedar)) }
    return { report: runSelfCheck(order.check, cedar, () => performance.now()) }
  } catch (error) {
    return { problem: String(error) }
  }
}
