import type { SandboxNetwork } from '@sallyport/core'
import { loadSandboxProfile } from '../../config/sandbox-profile.ts'
import { loadSeccompProfile } from '../../execution/sandbox/seccomp-profiles.ts'
import { viewOf } from '../../execution/sandbox/view.ts'
import { requireWorkspace } from '../../execution/sandbox/workspace.ts'
import { missingFor } from '../../execution/sandbox/start.ts'
import type { CommandRun } from '../command.ts'
import { backendOf } from './backend.ts'
import { formatFields, formatTable } from '../output.ts'

const MIB = 2 ** 20

const NETWORK: Readonly<Record<SandboxNetwork, (hosts: readonly string[]) => string>> = {
  none: () => 'none, and no sockets of the internet',
  loopback: () => 'its own loopback, which leads nowhere',
  allowlist: (hosts) => `a proxy on its own loopback, to ${hosts.join(', ') || 'no host'}; each attempt is logged`,
}

/** `sandbox explain`: what a profile shows, allows and bounds on this machine; nothing is started. */
export const run: CommandRun = async (io, _args, options) => {
  const { workspace: given, profile: name = 'work' } = options
  const backend = backendOf(options)
  const missing = missingFor(backend) ?? null
  const profile = loadSandboxProfile(String(name), io.cwd)
  const workspace = typeof given === 'string' ? requireWorkspace(given, io.cwd, io.stateDir) : undefined
  const { shown, programs } = viewOf(profile, { workspace })
  const { rules } = loadSeccompProfile(profile.seccomp)
  const allowed = new Set(rules.filter(({ action }) => action === 'allow').flatMap(({ names }) => names))
  const paths = shown.map(({ path, writable }) => ({ path, writable }))
  if (io.json) {
    io.out(
      JSON.stringify({
        backend,
        missing,
        profile,
        workspace: workspace ?? null,
        shown: paths,
        programs,
        systemCalls: allowed.size,
      }),
    )
    return 0
  }
  const { limits } = profile
  io.out(
    formatFields([
      ['backend', missing ?? backend],
      ['profile', profile.name],
      ['network', NETWORK[profile.network](profile.allowedHosts)],
      ['system calls', `${allowed.size} allowed, some with conditions (${profile.seccomp}); all others refused`],
      ['processes', limits.processes],
      ['memory', `${Math.round(limits.memory / MIB)} MiB`],
      ['processors', limits.cpus],
      ['time', limits.seconds === 0 ? 'no limit' : `${limits.seconds} s`],
      ['variables', ['PATH', 'HOME', 'LANG', 'TERM', ...profile.env].join(', ')],
    ]),
  )
  io.out('')
  io.out(
    formatTable(
      ['shown', ''],
      paths.map(({ path, writable }) => [
        path,
        !writable ? 'read-only' : profile.workspace === 'copy' ? 'writable, in a private copy' : 'writable',
      ]),
    ),
  )
  return 0
}
