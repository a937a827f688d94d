import { join } from 'node:path'
import { requirePassable, SallyportError, type SandboxProfile } from '@sallyport/core'
import type { Random } from '../../boundary/ports.ts'
import type { Lender } from '../egress/lend.ts'
import type { EgressAttempt } from '../egress/proxy.ts'
import { egressOf } from '../egress/way-out.ts'
import { layout } from '../../config/paths.ts'
import { showTrusted } from './show-trusted.ts'
import type { ViolationWatch } from './violations.ts'
import { lostWalls } from './verify.ts'
import { findProgram, namedIn } from './program.ts'
import type { RunningSandbox, SandboxBackend, SandboxOrder } from './sandbox.ts'
import { loadSeccompProfile } from './seccomp-profiles.ts'
import { startSandbox } from './start.ts'
import { requireWorkspace } from './workspace.ts'

/** What runs in a sandbox on behalf of a server. */
interface Confined {
  /** Whose it is, for the log. */
  readonly alias: string
  readonly command: readonly string[]
  /** The operator wrote the command line, word by word: the program and the scripts that it names are shown. Never with an agent's data. */
  readonly isOperators?: true
  /** The workspace, and the working directory. */
  readonly cwd?: string | undefined
  /** What is shown in the place of the workspace. */
  readonly copy?: SandboxOrder['copy']
  readonly env: Readonly<Record<string, string>>
}

/**
 * Starts programs of servers in sandboxes of their own, with pipes for their three streams.
 * @throws SallyportError SP_SANDBOX_*: then nothing runs
 */
export type Confine = (what: Confined, profile: SandboxProfile) => Promise<RunningSandbox>

export interface ConfineDeps {
  readonly random: Random
  readonly stateDir: string
  /** Directories in which programs of servers are looked for, as PATH has them. */
  readonly searched: string | undefined
  /** Those that may make a sandbox, in this order. */
  readonly backends: readonly SandboxBackend[]
  readonly violations: Pick<ViolationWatch, 'open' | 'begun' | 'ended'>
  /** Something in a sandbox of this server wanted to get out (AC-6.5.3). Throws where that cannot be recorded. */
  readonly attempted: (alias: string, attempt: EgressAttempt) => Promise<void>
  /** What may be lent to a server. */
  readonly lenderOf?: (holder: string, instance: string) => Promise<Lender>
  /** Variables by which a server finds what may be lent to it. */
  readonly lentEnv?: (holder: string) => Readonly<Record<string, string>>
  /** A sandbox was not what it should be; nothing ran in it (AC-6.3.3). */
  readonly unverified: (alias: string, error: SallyportError) => void
}

export function createConfine({
  random,
  stateDir,
  searched,
  backends,
  violations,
  attempted,
  lenderOf,
  lentEnv,
  unverified,
}: ConfineDeps): Confine {
  return async ({ alias, command, isOperators, cwd, copy, env }, profile) => {
    for (const name of Object.keys(env)) requirePassable(name)
    const own = isOperators === true ? resolved(command, cwd, searched, stateDir) : { command, shown: [] }
    violations.open()
    const id = random.uuid()
    const lender = profile.network === 'allowlist' ? await lenderOf?.(`server:${alias}`, `server:${alias}`) : undefined
    const trusted = showTrusted(lender?.authority?.certificate, join(layout(stateDir).confined, id))
    const order: SandboxOrder = {
      id,
      profile: { ...profile, readable: [...new Set([...profile.readable, ...own.shown])] },
      seccomp: loadSeccompProfile(profile.seccomp),
      command: own.command,
      workspace: cwd === undefined ? undefined : requireWorkspace(cwd, '/', stateDir),
      copy,
      mounts: trusted.mounts,
      env: { ...trusted.env, ...(lender === undefined ? {} : lentEnv?.(lender.holder)), ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      terminal: false,
      wayOut: egressOf(profile, (attempt) => attempted(alias, attempt), lender),
    }
    const sandbox = await startSandbox(order, backends).catch((thrown: unknown) => {
      trusted.remove()
      if (thrown instanceof SallyportError && thrown.code === 'SP_SANDBOX_UNVERIFIED') unverified(alias, thrown)
      throw thrown
    })
    const { uid } = sandbox.inForce
    violations.begun(uid, alias)
    void sandbox.exited.then(({ code, faults }) => {
      trusted.remove()
      violations.ended(uid, alias, code)
      if (faults.length > 0) unverified(alias, lostWalls(faults))
    })
    return sandbox
  }
}

function resolved(
  [name = '', ...args]: readonly string[],
  cwd: string | undefined,
  searched: string | undefined,
  stateDir: string,
) {
  const program = findProgram(name, { cwd: cwd ?? '/', searched, stateDir })
  const shown = [...program.shown, ...namedIn(args, stateDir)]
  // the workspace is shown as its profile says
  return {
    command: [program.path, ...args],
    shown: shown.filter((path) => path !== cwd && !path.startsWith(`${cwd}/`)),
  }
}
