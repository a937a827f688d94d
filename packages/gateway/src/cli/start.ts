import { main } from './main.ts'

/** Binds `main` to the real process. Output errors (a closed pipe) end the command quietly. */
export async function start(of: NodeJS.Process): Promise<void> {
  const abort = new AbortController()
  const stop = () => abort.abort()
  of.once('SIGINT', stop)
  of.once('SIGTERM', stop)
  for (const stream of [of.stdout, of.stderr]) stream.on('error', () => undefined)
  of.exitCode = await main(of.argv.slice(2), {
    env: of.env,
    cwd: of.cwd(),
    out: (text) => void of.stdout.write(text),
    err: (text) => void of.stderr.write(text),
    signal: abort.signal,
  })
}
