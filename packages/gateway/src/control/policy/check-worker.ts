import { parentPort } from 'node:worker_threads'
import { loadCedar } from './cedar.ts'
import type { SelfCheckReport } from './prepared.ts'
import { runSelfCheck, type SelfCheckJob } from './self-check.ts'

export interface CheckAnswer {
  readonly report?: SelfCheckReport
  /** Why there is none: the stock engine cannot be asked about tools that the policies do not fit. */
  readonly problem?: string
}

/** Asks both engines, beside the thread of `prepare-worker.ts` that checks types meanwhile. */
const cedar = await loadCedar()
parentPort?.on('message', (job: SelfCheckJob) => {
  parentPort?.postMessage(answerTo(job))
})

function answerTo(job: SelfCheckJob): CheckAnswer {
  try {
    return { report: runSelfCheck(job, cedar, () => performance.now()) }
  } catch (error) {
    return { problem: String(error) }
  }
}
