import { Worker, type WorkerOptions } from 'node:worker_threads'

/**
 * Starts a worker thread from the module next to `base` (`import.meta.url`), by its name without extension. Run from
 * TypeScript sources (tests, `npm start` in development) the worker loads the same way.
 */
export function startWorker(base: string, name: string, options: WorkerOptions = {}): Worker {
  const fromSource = base.endsWith('.ts')
  const url = new URL(`./${name}.${fromSource ? 'ts' : 'js'}`, base)
  const execArgv = fromSource ? ['--conditions=source', '--import', 'tsx'] : []
  return new Worker(url, { ...options, execArgv })
}
