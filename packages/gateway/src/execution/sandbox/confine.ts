import { requirePassable, SallyportError, type SandboxProfile } from '@sallyport/core'
import type { Random } from '../../boundary/ports.ts'
import type { EgressAttempt } from '../egress/connect-proxy.ts'
import { egressOf } from '../egress/way-out.ts'
import type { ViolationWatch } from './violations.ts'
import type { RunningSandbox, SandboxBackend, SandboxOrder } from './sandbox.ts'
import { loadSeccompProfile } from './seccomp-profiles.ts'
import { startSandbox } from './start.ts'
import { requireWorkspace } from './workspace.ts'

/** What runs in a sandbox on behalf of a server. */
interface Confined {
  /** Whose it is, for the log. */
  readonly alias: string
  readonly command: readonly string[]
  /** The workspace, and the working directory. */
  readonly cwd?: string | undefined
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
  /** Those that may make a sandbox, in this order. */
  readonly backends: readonly SandboxBackend[]
  readonly violations: Pick<ViolationWatch, 'open' | 'begun' | 'ended'>
  /** Something in a sandbox of this server wanted to get out (AC-6.5.3). Throws where that cannot be recorded. */
  readonly attempted: (alias: string, attempt: EgressAttempt) => Promise<void>
  /** A sandbox was not what it should be; nothing ran in it (AC-6.3.3). */
  readonly unverified: (alias: string, error: SallyportError) => void
}

export function createConfine({ random, stateDir, backends, violations, attempted, unverified }: ConfineDeps): Confine {
  return async ({ alias, command, cwd, env }, profile) => {
    for (const name of Object.keys(env)) requirePassable(name)
    violations.open()
    const order: SandboxOrder = {
      id: random.uuid(),
      profile,
      seccomp: loadSeccompProfile(profile.seccomp),
      command,
      workspace: cwd === undefined ? undefined : requireWorkspace(cwd, '/', stateDir),
      env,
      stdio: ['pipe', 'pipe', 'pipe'],
      terminal: false,
      wayOut: egressOf(profile, (attempt) => attempted(alias, attempt)),
    }
    const sandbox = await startSandbox(order, backends).catch((thrown: unknown) => {
      if (thrown instanceof SallyportError && thrown.code === 'SP_SANDBOX_UNVERIFIED') unverified(alias, thrown)
      throw thrown
    })
    const { uid } = sandbox.inForce
    violations.begun(uid, alias)
    void sandbox.exited.then(({ code }) => violations.ended(uid, alias, code))
    return sandbox
  }
}
