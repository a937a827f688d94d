import { requirePassable, type SandboxProfile } from '@sallyport/core'
import type { Random } from '../../boundary/ports.ts'
import type { StdioServerSpec } from '../upstream/spec.ts'
import type { Confine } from '../upstream/stdio-transport.ts'
import { startBubblewrap } from './bubblewrap.ts'
import { loadSeccompProfile } from './seccomp-profiles.ts'
import { requireWorkspace } from './workspace.ts'

/** Runs stdio servers in sandboxes of their own; the working directory is the workspace, the variables are those of the server. */
export function createConfine({ random, stateDir }: { readonly random: Random; readonly stateDir: string }): Confine {
  return async ({ command, cwd, env }: StdioServerSpec, profile: SandboxProfile) => {
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
