import { setFlagsFromString } from 'node:v8'
import { main } from './main.ts'

/**
 * How much of a WebAssembly function runs before V8 optimises it. By default most of Cedar is optimised during the one pass over
 * the policies that a start makes, which takes longer than the pass and tens of megabytes; what runs often still is.
 */
const LATE_OPTIMISING = '--wasm-tiering-budget=300000000'

/** Binds `main` to the real process. Output errors (a closed pipe) end the command quietly. */
export async function start(of: NodeJS.Process): Promise<void> {
  setFlagsFromString(LATE_OPTIMISING)
  const abort = new AbortController()
  const stop = () => abort.abort()
  of.once('SIGINT', stop)
  of.once('SIGTERM', stop)
  // the terminal is gone: what runs is ended and what has to be said is written down as on any other end
  of.once('SIGHUP', stop)
  for (const stream of [of.stdout, of.stderr]) stream.on('error', () => undefined)
  of.exitCode = await main(of.argv.slice(2), {
    env: of.env,
    cwd: of.cwd(),
    out: (text) => void of.stdout.write(text),
    err: (text) => void of.stderr.write(text),
    signal: abort.signal,
  })
}
