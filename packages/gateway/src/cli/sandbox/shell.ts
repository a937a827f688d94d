import { SallyportError } from '@sallyport/core'
import type { CommandRun } from '../command.ts'
import { run as exec } from './exec.ts'

/** `sandbox shell`: the sandbox of `sandbox exec` with a shell of one's own in it, to look around. */
export const run: CommandRun = async (io, _args, options) => {
  if (!io.isTerminal) throw new SallyportError('SP_CLI_NEEDS_TERMINAL', 'For a command use `sallyport sandbox exec`.')
  const workspace = options['workspace'] ?? io.cwd
  return exec(io, ['/bin/bash', '--noprofile', '-i'], { ...options, workspace, terminal: true })
}
