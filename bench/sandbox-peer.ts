import { spawnSync } from 'node:child_process'

/** Starts one command in the sandbox of a peer; resolves when it has ended. */
export interface SandboxPeer {
  readonly name: string
  run(command: string): Promise<string>
  close(): Promise<void>
}

/** What the peer's library calls besides bubblewrap. */
const PROGRAMS = ['bwrap', 'socat', 'rg']

/** `@anthropic-ai/sandbox-runtime` through its library, writing to one directory, no network; or why it cannot be measured here. */
export async function openPeer(workspace: string): Promise<SandboxPeer | string> {
  const missing = PROGRAMS.filter((program) => spawnSync('which', [program]).status !== 0)
  if (missing.length > 0) return `not measured: it needs ${missing.join(' and ')}`
  const { SandboxManager } = await import('@anthropic-ai/sandbox-runtime')
  await SandboxManager.initialize({
    network: { allowedDomains: [], deniedDomains: [] },
    filesystem: { denyRead: [], allowWrite: [workspace], denyWrite: [] },
  })
  return {
    name: '@anthropic-ai/sandbox-runtime 0.0.83',
    run: (command) => SandboxManager.wrapWithSandbox(command),
    close: () => SandboxManager.reset(),
  }
}
