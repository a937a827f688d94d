import { mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { layout } from '../../config/paths.ts'
import type { Mount } from '../../execution/sandbox/sandbox.ts'
import type { WiredHost } from '../../hosts/host.ts'
import { hookCommand, hookScript } from '../../hosts/script.ts'
import { findCurl } from '../init/site.ts'

/** Where an agent that runs confined finds the gateway. */
const PLACE = '/run/sallyport'

export interface ShownFiles {
  readonly mounts: readonly Mount[]
  /** Takes away what was made for them. */
  remove(): void
}

/**
 * The way to the gateway as a confined agent sees it: the agent's socket and its credential, and for a known host the hooks, in the place
 * where the host looks for settings of its administrator. The agent cannot change or switch off any of it (T-042, T-056).
 */
export function showGateway(stateDir: string, run: string, agent: string, host: WiredHost | undefined): ShownFiles {
  const files = layout(stateDir)
  const made = join(files.confined, run)
  mkdirSync(made, { recursive: true, mode: 0o700 })
  const show = (path: string, source: string): Mount => ({ path, source: realpathSync(source), writable: false })
  const mounts = [
    show(`${PLACE}/agent.sock`, files.agentSocket),
    show(`${PLACE}/agent`, join(files.agents, agent)),
    ...(host?.managed === undefined ? [] : hooksOf(host, host.managed, made).map(([path, file]) => show(path, file))),
  ]
  return { mounts, remove: () => rmSync(made, { recursive: true, force: true }) }
}

function hooksOf(
  host: WiredHost,
  { path, more }: NonNullable<WiredHost['managed']>,
  directory: string,
): readonly (readonly [string, string])[] {
  const [script, settings] = [join(directory, 'hook.sh'), join(directory, 'settings.json')]
  const inside = `${PLACE}/hook.sh`
  const places = {
    script: inside,
    socket: `${PLACE}/agent.sock`,
    credential: `${PLACE}/agent/credential`,
    curl: findCurl() ?? '/usr/bin/curl',
    // only the one outside starts a gateway
    start: ['/bin/true'],
  }
  writeFileSync(script, hookScript(host, places), { mode: 0o500 })
  const hooks = JSON.parse(host.hookFile.install(undefined, hookCommand(host, inside))) as object
  writeFileSync(settings, JSON.stringify({ ...hooks, ...more }), { mode: 0o400 })
  return [
    [inside, script],
    [path, settings],
  ]
}
