import { parentPort } from 'node:worker_threads'
import { loadCedar } from './cedar.ts'
import { runSelfCheck, type SelfCheckJob } from './self-check.ts'

/** Asks both engines, beside the thread of `prepare-worker.ts` that checks types meanwhile. */
const cedar = await loadCedar()
parentPort?.on('message', (job: SelfCheckJob) => {
  parentPort?.postMessage(runSelfCheck(job, cedar, () => performance.now()))
})
