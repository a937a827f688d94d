import { execFileSync } from 'node:child_process'

const DONE = Symbol.for('sallyport.test.bundled')
const world = globalThis as { [DONE]?: boolean }

/** Tests start what the sources say now. Each project of the runner asks for it, once is enough. */
export function setup(): void {
  if (process.env['SALLYPORT_TESTS_START_NOTHING'] !== undefined || world[DONE] === true) return
  execFileSync(process.execPath, ['scripts/bundle.mjs'], { stdio: ['ignore', 'inherit', 'inherit'] })
  world[DONE] = true
}
