import { Worker, type WorkerOptions } from 'node:worker_threads'

/**
 * Stands in for the module of this name in tests: threads run what `global.ts` has bundled from the same sources. To load those
 * sources anew in each thread takes most of what a gateway costs to start.
 */
export const startWorker = (name: string, options: WorkerOptions = {}): Worker =>
  new Worker(new URL(`../../packages/gateway/bundle/${name}.js`, import.meta.url), options)
