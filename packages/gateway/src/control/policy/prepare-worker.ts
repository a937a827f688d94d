import { parentPort, resourceLimits } from 'node:worker_threads'
import { startWorker } from '../../worker.ts'
import { loadCedar } from './cedar.ts'
import type { CheckAnswer, CheckOrder } from './check-worker.ts'
import type { ParseBeside } from './parse-ahead.ts'
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
const beside = startWorker('control/policy/check-worker', { resourceLimits })
const asked: ((answer: CheckAnswer) => void)[] = []
beside.on('message', (answer: CheckAnswer) => asked.shift()?.(answer))
/** Answers come in the order of the questions. */
const ask = (order: CheckOrder): Promise<CheckAnswer> =>
  new Promise((resolve) => {
    asked.push(resolve)
    beside.postMessage(order)
  })
const check = async (job: SelfCheckJob): Promise<SelfCheckReport> => {
  const { report, problem } = await ask({ check: job })
  if (report === undefined) throw new Error(problem)
  return report
}
const parse: ParseBeside = async (texts) => (await ask({ parse: texts })).parsed ?? []
const cedar = await loadCedar()
parentPort?.on('message', ({ files, options }: PrepareOrder) => {
  void prepare(files, options, { cedar, cache, check, parse, monotonic: () => performance.now() }).then((made) =>
    parentPort?.postMessage(made),
  )
})
