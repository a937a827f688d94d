import { setFlagsFromString } from 'node:v8'
import { main } from './main.ts'

/**
 * How much of a WebAssembly function runs before V8 optimises it. By default most of Cedar is optimised during the one pass over
 * the policies that a start makes, which takes longer than the pass and tens of megabytes; what runs often still is.
 */
const LATE_OPTIMISING = '--wasm-tiering-budget=300000000'

/** How long a command may take to end once it is told to, ms; longer than any grace that a part gives to what runs. */
const END_LIMIT = 20_000

/** Binds `main` to the real process. Output errors (a closed pipe) end the command quietly. */
export async function start(of: NodeJS.Process): Promise<void> {
  setFlagsFromString(LATE_OPTIMISING)
  const abort = new AbortController()
  const stop = () => {
    abort.abort()
    // whatever does not end by itself, as a start that waits for something that never comes, is ended
    setTimeout(() => {
      of.stderr.write('sallyport: it was told to end and did not; it is ended now.\n')
      of.exit(1)
    }, END_LIMIT).unref()
  }
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
