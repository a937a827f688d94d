import { mkdirSync, realpathSync } from 'node:fs'
import { basename, join } from 'node:path'
import { SallyportError, withHosts, type SandboxProfile } from '@sallyport/core'
import { environment } from '../../config/environment.ts'
import { layout } from '../../config/paths.ts'
import { loadSandboxProfile } from '../../config/sandbox-profile.ts'
import { HOME } from '../../execution/sandbox/inside.ts'
import { findProgram } from '../../execution/sandbox/program.ts'
import type { Mount } from '../../execution/sandbox/sandbox.ts'
import { mayShow, requireWorkspace } from '../../execution/sandbox/workspace.ts'
import { WIRED_HOSTS } from '../../hosts/table.ts'
import type { WiredHost } from '../../hosts/host.ts'
import type { CliIo, CliOptions } from '../command.ts'
import { listed, passedVariables } from '../sandbox/variables.ts'

/** What is to run, worked out before anything is touched. */
export interface RunOrder {
  readonly agent: string
  /** An agent host that the gateway knows; it gets hooks that it cannot take out. */
  readonly host: WiredHost | undefined
  readonly command: readonly string[]
  readonly workspace: string
  readonly profile: SandboxProfile
  readonly env: Readonly<Record<string, string>>
  readonly mounts: readonly Mount[]
}

/** Programs by the host that they are. */
const PROGRAMS: Readonly<Record<string, string>> = { claude: 'claude-code', codex: 'codex' }

/** @throws SallyportError SP_CLI_USAGE, SP_SANDBOX_* */
export function orderOf(io: CliIo, words: readonly string[], options: CliOptions): RunOrder {
  const [name = '', ...args] = words
  const program = findProgram(name, { cwd: io.cwd, searched: environment()['PATH'], stateDir: io.stateDir })
  const known = PROGRAMS[basename(name)]
  const host = WIRED_HOSTS.find(({ profile }) => profile.id === known)
  const agent = typeof options['agent'] === 'string' ? options['agent'] : (known ?? basename(name))
  const workspace = typeof options['workspace'] === 'string' ? options['workspace'] : io.cwd
  const base = loadSandboxProfile(String(options['profile'] ?? 'agent'), io.cwd)
  const profile = withHosts(base, listed(options['allow']))
  const readOnly = (path: string): Mount => shownReadOnly(path, io.stateDir)
  const shown = listed(options['show']).map(readOnly)
  return {
    agent,
    host,
    command: [program.path, ...args],
    workspace: requireWorkspace(workspace, io.cwd, io.stateDir),
    profile,
    env: passedVariables([...profile.env, ...listed(options['env'])]),
    mounts: [homeOf(io.stateDir, agent), ...program.shown.map(readOnly), ...shown],
  }
}

/** A home of the agent's own, which stays: it logs in there once, and what it writes there runs nowhere else (T-041). */
function homeOf(stateDir: string, agent: string): Mount {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(agent))
    throw new SallyportError('SP_CLI_USAGE', `${JSON.stringify(agent)} is no name of an agent; give one with --agent.`)
  const home = join(layout(stateDir).homes, agent)
  mkdirSync(home, { recursive: true, mode: 0o700 })
  return { path: HOME, source: realpathSync(home), writable: true }
}

function shownReadOnly(path: string, stateDir: string): Mount {
  let source: string
  try {
    source = realpathSync(path)
  } catch {
    throw new SallyportError('SP_CLI_USAGE', `${JSON.stringify(path)} cannot be shown: it is not there.`)
  }
  if (!mayShow(source, stateDir))
    throw new SallyportError(
      'SP_CLI_USAGE',
      `${JSON.stringify(path)} is not shown to an agent: it is or holds a home or state.`,
    )
  return { path: source, source, writable: false }
}
