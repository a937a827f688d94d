import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TrustLevel } from '@sallyport/core'
import { askGateway, type ClientAnswer } from '../../packages/gateway/src/cli/hook/entry.ts'
import { applyWithBackup } from '../../packages/gateway/src/cli/init/backup.ts'
import { makePlan, type Plan, type Site } from '../../packages/gateway/src/cli/init/plan.ts'
import { findCurl } from '../../packages/gateway/src/cli/init/site.ts'
import type { WiredHost } from '../../packages/gateway/src/hosts/host.ts'
import { nodeHookClients } from '../../packages/gateway/src/hosts/script.ts'
import { createGateway, loadConfig, type Gateway } from '../../packages/gateway/src/index.ts'

/** One machine of one person: a home that `init` has wired and a gateway of its own that listens. */
export interface Installation {
  readonly site: Site
  readonly plan: Plan
  readonly gateway: Gateway
  readonly root: string
  /** Sends one event the way the hook client does. */
  ask(host: WiredHost, payload: object, agent?: string): Promise<ClientAnswer>
  close(): Promise<void>
}

/** A path where nothing is: an installation of a test starts no gateway by itself. */
const PROGRAM = '/nonexistent/sallyport/bin/sallyport.js'

export async function install(of: {
  readonly trust: TrustLevel
  readonly prepare: (home: string) => void
}): Promise<Installation> {
  const root = mkdtempSync(join(tmpdir(), 'sallyport-machine-'))
  const home = join(root, 'home')
  const cwd = join(home, 'work')
  mkdirSync(cwd, { recursive: true })
  of.prepare(home)
  const site: Site = {
    home,
    cwd,
    platform: process.platform,
    stateDir: join(root, 'state'),
    configPath: join(home, '.config', 'sallyport', 'sallyport.yaml'),
    configExists: false,
    preset: 'balanced',
    node: process.execPath,
    program: PROGRAM,
    hookEntry: fileURLToPath(new URL('../../packages/gateway/dist/cli/hook/entry.js', import.meta.url)),
    curl: findCurl(),
    includeProject: false,
    only: [],
    agent: undefined,
  }
  const plan = makePlan(site)
  applyWithBackup(site.stateDir, plan.files, new Date(0))
  const loaded = loadConfig(site.configPath, { env: {}, stateDir: site.stateDir, now: Date.now() })
  const gateway = await createGateway(loaded, { stateDir: site.stateDir, operationalSink: () => undefined })
  for (const name of plan.agents) {
    await gateway.identity.agents.add({ name, by: 'test' })
    if (of.trust > 0) await gateway.identity.agents.setTrust(name, of.trust, 'test')
  }
  await gateway.listen()
  return {
    site,
    plan,
    gateway,
    root,
    ask(host, payload, agent = host.profile.id) {
      const socket = join(site.stateDir, 'run', 'agent.sock')
      const credential = join(site.stateDir, 'agents', agent, 'credential')
      return askGateway(nodeHookClients(host, { socket, credential }).gate, Buffer.from(JSON.stringify(payload)))
    },
    async close() {
      await gateway.close()
      rmSync(root, { recursive: true, force: true })
    },
  }
}
