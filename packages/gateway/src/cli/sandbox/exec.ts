import { fstatSync, writeSync, type Stats } from 'node:fs'
import { requirePassable, SallyportError, toSallyportError, withHosts } from '@sallyport/core'
import { environment } from '../../config/environment.ts'
import { loadSandboxProfile } from '../../config/sandbox-profile.ts'
import type { EgressAttempt } from '../../execution/egress/connect-proxy.ts'
import { egressOf } from '../../execution/egress/way-out.ts'
import { descriptor } from '../../execution/sandbox/descriptors.ts'
import type { SandboxOrder } from '../../execution/sandbox/sandbox.ts'
import { loadSeccompProfile } from '../../execution/sandbox/seccomp-profiles.ts'
import { startSandbox } from '../../execution/sandbox/start.ts'
import { requireWorkspace } from '../../execution/sandbox/workspace.ts'
import { systemRandom } from '../../random.ts'
import type { CliIo, CliOptions, CommandRun } from '../command.ts'
import { backendOf } from './backend.ts'

/** Exit code when the command was not run, as `docker run` and `timeout` have it. */
const NOT_RUN = 125
const INTERRUPTED = 130
/** Places that are named when they were not reached. */
const MOST_SAID = 100
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
  if (typeof workspace !== 'string' || workspace === '')
    throw new SallyportError('SP_CLI_USAGE', 'Give the workspace with --workspace.')
  requireStreams()
  const status = statusDescriptor(options['jsonStatus'])
  const profile = withHosts(loadSandboxProfile(String(name), io.cwd), namesOf(options['allow']))
  const order: SandboxOrder = {
    id: systemRandom.uuid(),
    profile,
    seccomp: loadSeccompProfile(profile.seccomp),
    command,
    workspace: requireWorkspace(workspace, io.cwd, io.stateDir),
    env: passed([...profile.env, ...namesOf(options['env'])]),
    stdio: ['inherit', 'inherit', 'inherit'],
    terminal: options['terminal'] === true,
    wayOut: egressOf(profile, sayOnce(io)),
    ready: (inForce) => {
      if (status !== undefined) writeSync(status, `${JSON.stringify(inForce)}\n`)
    },
  }
  const sandbox = await startSandbox(order, [backendOf(options)])
  io.signal.addEventListener('abort', sandbox.kill, { once: true })
  if (io.signal.aborted) sandbox.kill()
  const { code, setAside } = await sandbox.exited
  for (const path of setAside) io.err(`sallyport: git would obey what the command made; it is now ${path}`)
  return io.signal.aborted ? INTERRUPTED : code
}

/** One line for each place that was not reached, however often it was tried. */
function sayOnce(io: CliIo): (attempt: EgressAttempt) => void {
  const said = new Set<string>()
  return ({ target, verdict, reason }) => {
    if (verdict === 'allowed' || said.has(target) || said.size === MOST_SAID) return
    said.add(target)
    io.err(`sallyport: egress to ${JSON.stringify(target)} refused: ${reason ?? ''}.`)
  }
}

function statusDescriptor(given: CliOptions[string]): number | undefined {
  if (given === undefined) return undefined
  const fd = Number(given)
  if (!Number.isInteger(fd) || fd < 1 || fd > 1_023 || !isWritable(fd))
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

/** A directory as a stream would lead out of the workspace. */
function requireStreams(): void {
  for (const fd of [0, 1, 2]) {
    if (fstat(fd)?.isDirectory() === true) throw new SallyportError('SP_CLI_USAGE', `Descriptor ${fd} is a directory.`)
  }
}

/** Given by whoever started us, and for writing; Node's own descriptors are not for a guess. */
function isWritable(fd: number): boolean {
  const kind = fstat(fd)
  if (kind === undefined || !(kind.isFIFO() || kind.isFile() || kind.isSocket() || kind.isCharacterDevice()))
    return false
  const found = descriptor(fd)
  return found?.isWritable === true && (fd < 3 || found.isInherited)
}

function fstat(fd: number): Stats | undefined {
  try {
    return fstatSync(fd)
  } catch {
    return undefined
  }
}
