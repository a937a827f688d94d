import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { toSallyportError, type Json } from '@sallyport/core'
import { known, unseen, type DeepFacts, type Looked, type Tried } from '../../../assurance/posture/facts.ts'
import { readAuthorities } from '../../../config/credentials.ts'
import { egressExceptions } from '../../../config/egress-exceptions.ts'
import { configPath } from '../../../config/load.ts'
import { layout } from '../../../config/paths.ts'
import { systemClock } from '../../../clock.ts'
import type { CliIo, CommandRun } from '../../command.ts'
import { anyCredential } from '../credential.ts'
import type { ReadConfig } from '../read-config.ts'
import { tryCanaries } from './canaries.ts'
import { crawl, type Crawled } from './crawl.ts'
import { trySsrf, type WaysOut } from './ssrf.ts'

/** Attempts that decide whether a sandbox holds; `sandbox probe` has all of them. */
const PROBES = ['files/read-outside', 'files/write-outside', 'files/through-link', 'namespaces/', 'network/']

/** Everything that has to be refused, tried at the gateway that runs here. Nothing is changed; refusals are recorded. */
export async function tryEverything(io: CliIo, read: ReadConfig): Promise<DeepFacts> {
  return {
    ssrf: await looked(() => trySsrf(waysOut(read))),
    routes: await looked(() => tryDoors(io, read)),
    canaries: await looked(() =>
      tryCanaries({ socketPath: layout(io.stateDir).agentSocket }, anyCredential(io.stateDir)),
    ),
    log: await looked(() => tryLog(io)),
    sandbox: read.config.sandbox.mode === 'off' ? unseen('It is off.', false) : await looked(() => trySandbox(io)),
  }
}

async function looked<T>(look: () => Promise<T>): Promise<Looked<T>> {
  try {
    return known(await look())
  } catch (thrown) {
    return unseen(`It could not be tried: ${toSallyportError(thrown).message}`)
  }
}

function waysOut({ config, loaded }: ReadConfig): WaysOut {
  const { inForce: exceptions } = egressExceptions(config.egress.exceptions, systemClock.now())
  const authorities = readAuthorities(config.egress.authorities.map((path) => configPath(loaded, path)))
  return { exceptions, authorities }
}

async function tryDoors(io: CliIo, { config, loaded }: ReadConfig): Promise<readonly Tried[]> {
  const { tableOfEntries } = await import('../../../routes.ts')
  const files = layout(io.stateDir)
  const info = JSON.parse(readFileSync(files.info, 'utf8')) as { readonly url?: string; readonly consoleUrl?: string }
  const own = join(files.tls, 'authority.pem')
  const ca = existsSync(own) ? readFileSync(own, 'utf8') : undefined
  const address = (bind: string): string => (bind === '0.0.0.0' ? '127.0.0.1' : bind === '::' ? '::1' : bind)
  const authority = (tls: unknown): { readonly ca?: string } => {
    const file = typeof tls === 'object' && tls !== null && 'cert' in tls ? String(tls.cert) : undefined
    if (file !== undefined) return { ca: readFileSync(configPath(loaded, file), 'utf8') }
    return tls === 'auto' && ca !== undefined ? { ca } : {}
  }
  const { gateway, console } = config
  const doors: Crawled[] = [
    { name: 'agent.sock', plane: 'agent', door: { socketPath: files.agentSocket } },
    ...(info.url === undefined
      ? []
      : [
          {
            ...{ name: 'agents', plane: 'agent' as const },
            door: { origin: info.url, address: address(gateway.bind), ...authority(gateway.tls) },
          },
        ]),
    ...(info.consoleUrl === undefined || console.url !== undefined
      ? []
      : [
          {
            ...{ name: 'console', plane: 'operator' as const },
            door: { origin: info.consoleUrl, address: address(console.bind), ...authority(console.tls) },
          },
        ]),
  ]
  const entries = tableOfEntries()
  const tried: Tried[] = []
  for (const door of doors) tried.push(...(await crawl(door, entries)))
  return tried
}

/** Runs another command of ours and hands back what it would have printed. */
async function capture(io: CliIo, run: CommandRun, args: readonly string[]): Promise<{ code: number; value: Json }> {
  const said: string[] = []
  const code = await run({ ...io, json: true, out: (text) => said.push(text), err: () => undefined }, args, {})
  return { code, value: JSON.parse(said.join('\n')) as Json }
}

async function tryLog(io: CliIo): Promise<Tried> {
  const { run } = await import('../../log/verify.ts')
  const { code, value } = await capture(io, run, [])
  const report = value as {
    readonly findings?: readonly { readonly message: string }[]
    readonly streams?: readonly unknown[]
  }
  const first = report.findings?.[0]?.message ?? 'sallyport log verify says more.'
  return { what: 'log', ok: code === 0, said: code === 0 ? 'The chain and its heads verify' : first }
}

async function trySandbox(io: CliIo): Promise<readonly Tried[]> {
  const { run } = await import('../../sandbox/probe.ts')
  const { value } = await capture(io, run, PROBES)
  const { probes } = value as unknown as {
    readonly probes: readonly { readonly id: string; readonly ok: boolean; readonly problem?: string }[]
  }
  const unable = probes.find(({ problem }) => problem !== undefined)
  if (unable !== undefined) throw new Error(unable.problem)
  return probes.map(({ id, ok }) => ({ what: id, ok, said: ok ? 'held' : 'It got out of the sandbox.' }))
}
