import { mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { layout } from '../../config/paths.ts'
import { packageOf } from '../../execution/sandbox/program.ts'
import type { Mount } from '../../execution/sandbox/sandbox.ts'
import { showTrusted } from '../../execution/sandbox/show-trusted.ts'
import type { WiredHost } from '../../hosts/host.ts'
import { hookCommand, hookScript } from '../../hosts/script.ts'
import { PROGRAM } from '../../places.ts'
import { findCurl } from '../init/site.ts'

/**
 * Where an agent that runs confined finds the gateway: a state directory as `mcp wrap` and the SDK know it, with nothing else in it.
 * Below the root, which is read-only: in a directory of the agent's it could be moved away and another put in its place.
 */
const STATE = layout('/etc/sallyport')
const SCRIPT = '/etc/sallyport/hook.sh'

export interface ShownFiles {
  readonly mounts: readonly Mount[]
  readonly env: Readonly<Record<string, string>>
  /** Takes away what was made for them. */
  remove(): void
}

/** What the gateway told of a run. */
export interface Run {
  readonly id: string
  readonly socket: string
  /** Servers of the gateway's configuration. */
  readonly servers: readonly string[]
  /** Variables by which the agent finds what is lent to it. */
  readonly env: Readonly<Record<string, string>>
  /** Authority of its way out, PEM; undefined: none. */
  readonly authority: string | undefined
}

/**
 * The way to the gateway as a confined agent sees it: the agent's socket and its credential, and for a known host the hooks and the
 * servers, in the places where the host looks for settings of its administrator. The agent cannot change or switch off any of it (T-042,
 * T-053, T-056).
 */
export function showGateway(stateDir: string, run: Run, agent: string, host: WiredHost | undefined): ShownFiles {
  const files = layout(stateDir)
  const made = join(files.confined, run.id)
  mkdirSync(made, { recursive: true, mode: 0o700 })
  const show = (path: string, source: string): Mount => ({ path, source: realpathSync(source), writable: false })
  const program = packageOf(realpathSync(PROGRAM), stateDir)
  const trusted = showTrusted(run.authority, join(made, 'trusted'))
  const mounts = [
    show(STATE.agentSocket, files.agentSocket),
    show(join(STATE.agents, agent), join(files.agents, agent)),
    ...(program.startsWith('/usr/') ? [] : [show(program, program)]),
    ...(host?.managed === undefined ? [] : managedOf(host, host.managed, { made, run, agent })).map(([path, file]) =>
      show(path, file),
    ),
    ...trusted.mounts,
  ]
  return { mounts, env: { ...trusted.env, ...run.env }, remove: () => rmSync(made, { recursive: true, force: true }) }
}

type Pair = readonly [path: string, file: string]

function managedOf(
  host: WiredHost,
  managed: NonNullable<WiredHost['managed']>,
  { made, run, agent }: { readonly made: string; readonly run: Run; readonly agent: string },
): readonly Pair[] {
  const places = {
    script: SCRIPT,
    socket: STATE.agentSocket,
    credential: join(STATE.agents, agent, 'credential'),
    curl: findCurl() ?? '/usr/bin/curl',
    // only the one outside starts a gateway
    start: ['/bin/true'],
  }
  const hooks = JSON.parse(host.hookFile.install(undefined, hookCommand(host, SCRIPT))) as object
  const [node, program] = [realpathSync(process.execPath), realpathSync(PROGRAM)]
  const entry = (server: string) => ({
    command: node,
    args: [program, 'mcp', 'wrap', '--state', STATE.stateDir, '--agent', agent, '--server', server],
  })
  const mcpServers = Object.fromEntries(run.servers.map((server) => [server, entry(server)]))
  const write = (name: string, text: string, mode: number): string => {
    writeFileSync(join(made, name), text, { mode })
    return join(made, name)
  }
  return [
    [SCRIPT, write('hook.sh', hookScript(host, places), 0o500)],
    [managed.path, write('settings.json', JSON.stringify({ ...hooks, ...managed.more }), 0o400)],
    [managed.servers, write('servers.json', JSON.stringify({ mcpServers }), 0o400)],
  ]
}
