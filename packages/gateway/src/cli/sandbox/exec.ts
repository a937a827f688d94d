import { writeSync } from 'node:fs'
import { requirePassable, SallyportError, toSallyportError } from '@sallyport/core'
import { environment } from '../../config/environment.ts'
import { loadSandboxProfile } from '../../config/sandbox-profile.ts'
import { startBubblewrap } from '../../execution/sandbox/bubblewrap.ts'
import { loadSeccompProfile } from '../../execution/sandbox/seccomp-profiles.ts'
import { requireWorkspace } from '../../execution/sandbox/workspace.ts'
import { systemRandom } from '../../random.ts'
import type { CliIo, CliOptions, CommandRun } from '../command.ts'

/** Exit code when the command was not run, as `docker run` and `timeout` have it. */
const NOT_RUN = 125
const INTERRUPTED = 130
/** Of a user's own environment, what says how text looks. */
const USUAL = ['LANG', 'TERM']

/** `sandbox exec`: streams and exit code are the command's; whatever fails before it runs is one line and exit 125. */
export const run: CommandRun = async (io, args, options) => {
  try {
    return await exec(io, args, options)
  } catch (thrown) {
    const error = toSallyportError(thrown)
    io.err(`sallyport: ${error.code}: ${error.message.replace(/\s+/g, ' ')} ${error.entry.next}`)
    return NOT_RUN
  }
}

async function exec(io: CliIo, command: readonly string[], options: CliOptions): Promise<number> {
  const { workspace, profile: name = 'work' } = options
  if (typeof workspace !== 'string') throw new SallyportError('SP_CLI_USAGE', 'Give the workspace with --workspace.')
  const status = statusDescriptor(options['jsonStatus'])
  const profile = loadSandboxProfile(String(name), io.cwd)
  const sandbox = await startBubblewrap({
    id: systemRandom.uuid(),
    profile,
    seccomp: loadSeccompProfile(profile.seccomp),
    command,
    workspace: requireWorkspace(workspace, io.cwd, io.stateDir),
    env: passed([...profile.env, ...namesOf(options['env'])]),
    stdio: ['inherit', 'inherit', 'inherit'],
    terminal: process.stdin.isTTY === true,
  })
  if (status !== undefined) writeSync(status, `${JSON.stringify(sandbox.inForce)}\n`)
  io.signal.addEventListener('abort', sandbox.kill, { once: true })
  if (io.signal.aborted) sandbox.kill()
  const { code } = await sandbox.exited
  return io.signal.aborted ? INTERRUPTED : code
}

function statusDescriptor(given: CliOptions[string]): number | undefined {
  if (given === undefined) return undefined
  const fd = Number(given)
  if (!Number.isInteger(fd) || fd < 1 || fd > 1_023)
    throw new SallyportError('SP_CLI_USAGE', 'Give --json-status a descriptor.')
  return fd
}

const namesOf = (given: CliOptions[string]): readonly string[] =>
  (Array.isArray(given) ? (given as readonly string[]) : []).flatMap((names) => names.split(','))

/** @throws SallyportError SP_CLI_USAGE for a variable that is not set */
function passed(names: readonly string[]): Readonly<Record<string, string>> {
  const env = environment()
  const result: Record<string, string> = {}
  for (const name of USUAL) if (env[name] !== undefined) result[name] = env[name]
  for (const name of names) {
    requirePassable(name)
    const value = env[name]
    if (value === undefined) throw new SallyportError('SP_CLI_USAGE', `The variable ${name} of --env is not set.`)
    result[name] = value
  }
  return result
}
