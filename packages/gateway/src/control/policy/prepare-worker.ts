import { parentPort } from 'node:worker_threads'
import { startWorker } from '../../worker.ts'
import { loadCedar } from './cedar.ts'
import type { CheckAnswer } from './check-worker.ts'
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
// It ends with this thread, and when it dies this thread dies: a policy that is refused.
const checker = startWorker('control/policy/check-worker')
const asked: ((answer: CheckAnswer) => void)[] = []
checker.on('message', (answer: CheckAnswer) => asked.shift()?.(answer))
/** Answers come in the order of the questions. */
const check = (job: SelfCheckJob): Promise<SelfCheckReport> =>
  new Promise((resolve, reject) => {
    asked.push(({ report, problem }) => (report === undefined ? reject(new Error(problem)) : resolve(report)))
    checker.postMessage(job)
  })
const cedar = await loadCedar()
parentPort?.on('message', ({ files, options }: PrepareOrder) => {
  void prepare(files, options, { cedar, cache, check, monotonic: () => performance.now() }).then((made) =>
    parentPort?.postMessage(made),
  )
})
