import { parentPort } from 'node:worker_threads'
import { startWorker } from '../../worker.ts'
import { loadCedar } from './cedar.ts'
import { prepare, type PrepareOptions } from './prepare.ts'
import type { SelfCheckReport } from './prepared.ts'
import type { EstCache } from './read-policies.ts'
import type { SelfCheckJob } from './self-check.ts'
import type { SourceFile } from './sources.ts'

/** One order to the thread of `prepare-thread.ts`. */
export interface PrepareOrder {
  readonly files: readonly SourceFile[]
  readonly options: PrepareOptions
}

/** Parsing and checking a thousand policies takes most of a second of one core; what was parsed is kept between orders. */
const cache: EstCache = new Map()
// It ends with this thread. What goes wrong there is an error here, and so a refused policy.
const checker = startWorker(import.meta.url, 'check-worker')
const check = (job: SelfCheckJob): Promise<SelfCheckReport> =>
  new Promise((resolve) => {
    checker.once('message', resolve)
    checker.postMessage(job)
  })
const cedar = await loadCedar()
parentPort?.on('message', ({ files, options }: PrepareOrder) => {
  void prepare(files, options, { cedar, cache, check, monotonic: () => performance.now() }).then((made) =>
    parentPort?.postMessage(made),
  )
})
