import { toSallyportError } from '@sallyport/core'
import { escapeText } from '@sallyport/core/approval/escape'
import type { RunningSandbox } from '../../execution/sandbox/sandbox.ts'
import { lostWalls } from '../../execution/sandbox/verify.ts'
import type { CliIo } from '../command.ts'

/** Exit code when the command was not run, as `docker run` and `timeout` have it. */
export const NOT_RUN = 125
const INTERRUPTED = 130

/** One line: standard error is the command's. */
export function sayError(io: CliIo, thrown: unknown): void {
  const error = toSallyportError(thrown)
  io.err(escapeText(`sallyport: ${error.code}: ${error.message.replace(/\s+/g, ' ')} ${error.entry.next}`))
}

/** Waits for the end of a sandbox, ends it when this process is told to end, and says what a user has to know of it. */
export async function outcomeOf(io: CliIo, sandbox: RunningSandbox): Promise<number> {
  io.signal.addEventListener('abort', sandbox.kill, { once: true })
  if (io.signal.aborted) sandbox.kill()
  const { code, setAside, faults } = await sandbox.exited
  if (faults.length > 0) sayError(io, lostWalls(faults))
  for (const path of setAside) io.err(`sallyport: a program outside would obey what was made here; it is now ${path}`)
  return io.signal.aborted ? INTERRUPTED : code
}
