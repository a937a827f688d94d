import { fstatSync, writeSync, type Stats } from 'node:fs'
import { SallyportError, withHosts } from '@sallyport/core'
import { loadSandboxProfile } from '../../config/sandbox-profile.ts'
import type { EgressAttempt } from '../../execution/egress/proxy.ts'
import type { WorkspaceCopy } from '../../execution/copy/workspace-copy.ts'
import { egressOf } from '../../execution/egress/way-out.ts'
import { descriptor } from '../../execution/sandbox/descriptors.ts'
import type { SandboxOrder } from '../../execution/sandbox/sandbox.ts'
import { loadSeccompProfile } from '../../execution/sandbox/seccomp-profiles.ts'
import { startSandbox } from '../../execution/sandbox/start.ts'
import { requireWorkspace } from '../../execution/sandbox/workspace.ts'
import { systemRandom } from '../../random.ts'
import type { CliIo, CliOptions, CommandRun } from '../command.ts'
import { backendOf } from './backend.ts'
import { onCopy, type CopyUse } from './on-copy.ts'
import { NOT_RUN, outcomeOf, sayError } from './outcome.ts'
import { listed, passedVariables } from './variables.ts'

/** Places that are named when they were not reached. */
const MOST_SAID = 100

/** `sandbox exec`: streams and exit code are the command's; whatever fails before it runs is one line and exit 125. */
export const run: CommandRun = async (io, args, options) => {
  try {
    return await exec(io, args, options)
  } catch (thrown) {
    sayError(io, thrown)
    return NOT_RUN
  }
}

async function exec(io: CliIo, command: readonly string[], options: CliOptions): Promise<number> {
  const { workspace, profile: name = 'work' } = options
  if (typeof workspace !== 'string' || workspace === '')
    throw new SallyportError('SP_CLI_USAGE', 'Give the workspace with --workspace.')
  requireStreams()
  const status = statusDescriptor(options['jsonStatus'])
  const profile = withHosts(loadSandboxProfile(String(name), io.cwd), listed(options['allow']))
  const order = {
    profile,
    id: systemRandom.uuid(),
    workspace: requireWorkspace(workspace, io.cwd, io.stateDir),
    isWanted: options['apply'] === true,
  }
  return onCopy(io, order, async (copy) => runIn(io, command, options, status, order, copy))
}

async function runIn(
  io: CliIo,
  command: readonly string[],
  options: CliOptions,
  status: number | undefined,
  { id, profile, workspace }: CopyUse,
  copy: WorkspaceCopy | undefined,
): Promise<number> {
  const order: SandboxOrder = {
    id,
    profile,
    seccomp: loadSeccompProfile(profile.seccomp),
    command,
    workspace,
    copy,
    env: passedVariables([...profile.env, ...listed(options['env'])]),
    stdio: ['inherit', 'inherit', 'inherit'],
    terminal: options['terminal'] === true,
    wayOut: egressOf(profile, sayOnce(io)),
    ready: (inForce) => {
      if (status !== undefined) writeSync(status, `${JSON.stringify(inForce)}\n`)
    },
  }
  return outcomeOf(io, await startSandbox(order, [backendOf(options)]))
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
