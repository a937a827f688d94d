import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { Worker, type WorkerOptions } from 'node:worker_threads'

/**
 * Starts a worker thread from a module, by its path below the directory of this file without extension. Run from TypeScript
 * sources (tests, `npm start` in development) the worker loads the same way.
 */
export function startWorker(name: string, options: WorkerOptions = {}): Worker {
  const here = import.meta.url
  if (!here.endsWith('.ts')) return new Worker(new URL(`./${name}.js`, here), options)
  // `--import tsx` does nothing in a worker thread whose parent does not run under tsx itself: register it in there.
  const loader = createRequire(here)
    .resolve('tsx/esm/api')
    .replace(/\.cjs$/, '.mjs')
  const [api, entry] = [pathToFileURL(loader).href, new URL(`./${name}.ts`, here).href].map((url) =>
    JSON.stringify(url),
  )
  const source = `import(${api}).then(({ register }) => { register(); return import(${entry}) })`
  return new Worker(source, { ...options, eval: true, execArgv: ['--conditions=source'] })
}
