import { execFileSync } from 'node:child_process'

/** Tests that start the program start what the sources say now. */
export function setup(): void {
  if (process.env['SALLYPORT_TESTS_START_NOTHING'] !== undefined) return
  execFileSync(process.execPath, ['scripts/bundle.mjs'], { stdio: ['ignore', 'inherit', 'inherit'] })
}
