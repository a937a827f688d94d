import { parentPort } from 'node:worker_threads'
import { loadCedar } from './cedar.ts'
import { prepare, type PrepareOptions } from './prepare.ts'
import type { EstCache } from './read-policies.ts'
import type { SourceFile } from './sources.ts'

/** One order to the thread of `prepare-thread.ts`. */
export interface PrepareOrder {
  readonly files: readonly SourceFile[]
  readonly options: PrepareOptions
}

/** Parsing and checking a thousand policies takes most of a second of one core; what was parsed is kept between orders. */
const parsed: EstCache = new Map()
const cedar = await loadCedar()
parentPort?.on('message', ({ files, options }: PrepareOrder) => {
  parentPort?.postMessage(prepare(files, options, cedar, () => performance.now(), parsed))
})
