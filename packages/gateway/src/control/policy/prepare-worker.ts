import { parentPort, workerData } from 'node:worker_threads'
import { loadCedar } from './cedar.ts'
import { prepare, type PrepareOptions } from './prepare.ts'
import type { SourceFile } from './sources.ts'

/** Thread of `preparer.ts`: parsing and checking a thousand policies takes most of a second of one core. */
const { files, options } = workerData as { files: readonly SourceFile[]; options: PrepareOptions }
const cedar = await loadCedar()
parentPort?.postMessage(prepare(files, options, cedar, () => performance.now()))
