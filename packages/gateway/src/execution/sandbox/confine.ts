import { requirePassable, type SandboxProfile } from '@sallyport/core'
import type { Random } from '../../boundary/ports.ts'
import { startBubblewrap } from './bubblewrap.ts'
import type { RunningSandbox } from './sandbox.ts'
import { loadSeccompProfile } from './seccomp-profiles.ts'
import { requireWorkspace } from './workspace.ts'

/** What runs in a sandbox on behalf of a server. */
interface Confined {
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

export function createConfine({ random, stateDir }: { readonly random: Random; readonly stateDir: string }): Confine {
  return async ({ command, cwd, env }, profile) => {
    for (const name of Object.keys(env)) requirePassable(name)
    return startBubblewrap({
      id: random.uuid(),
      profile,
      seccomp: loadSeccompProfile(profile.seccomp),
      command,
      workspace: cwd === undefined ? undefined : requireWorkspace(cwd, '/', stateDir),
      env,
      stdio: ['pipe', 'pipe', 'pipe'],
      terminal: false,
    })
  }
}
