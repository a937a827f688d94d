import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { SallyportError, toSallyportError } from '@sallyport/core'
import { inventoryOf, type Component, type Inventory } from '../../assurance/sbom/component.ts'
import { ownInventory } from '../../assurance/sbom/own-inventory.ts'
import { readClients } from '../../assurance/sbom/read-clients.ts'
import { readDependencies } from '../../assurance/sbom/read-dependencies.ts'
import { readSkills } from '../../assurance/sbom/read-skills.ts'
import { skillRows } from '../../assurance/admission/view.ts'
import { systemClock } from '../../clock.ts'
import { environment } from '../../config/environment.ts'
import { loadConfig } from '../../config/load.ts'
import { WEIGHTS } from '../../places.ts'
import type { CliIo } from '../command.ts'
import { listOf, textOf } from '../mcp/answers.ts'
import { storeOf } from '../skills/room.ts'

/**
 * What lies below a path, and what the gateway of this account uses.
 * @throws SallyportError SP_CLI_USAGE for a path that is no directory; SP_CONFIG_* for a configuration that cannot be read
 */
export async function inventoryAt(io: CliIo, path: string): Promise<Inventory> {
  const root = resolve(io.cwd, path)
  if (!statSync(root, { throwIfNoEntry: false })?.isDirectory())
    throw new SallyportError('SP_CLI_USAGE', `${path} is not a directory.`)
  const { config } = loadConfig(io.configPath, { env: environment(), stateDir: io.stateDir, now: systemClock.now() })
  const sha256 = createHash('sha256').update(readFileSync(WEIGHTS)).digest('hex')
  const from = io.configPath === undefined ? 'sallyport.yaml' : basename(io.configPath)
  return inventoryOf([
    readDependencies(root),
    readSkills(root),
    await admittedSkills(io),
    readClients(root),
    ownInventory(config, from, [{ name: 'sallyport-injection', sha256 }], await pinnedOf(io)),
  ])
}

/** Skills that this gateway has taken in and not refused. */
async function admittedSkills(io: CliIo): Promise<Inventory> {
  try {
    const rows = skillRows(await storeOf(io, 'look').read()).filter(({ state }) => state !== 'refused')
    const components = rows.map(({ name, version, hash, state }): Component => ({
      ...{ kind: 'skill', name, hashes: [{ algorithm: 'SHA-256', hex: hash }], from: [`admitted: ${state}`] },
      ...(version === undefined ? {} : { version }),
    }))
    return { components, notes: [] }
  } catch (thrown) {
    return { components: [], notes: [{ path: 'admitted skills', message: toSallyportError(thrown).message }] }
  }
}

async function pinnedOf(io: CliIo): Promise<ReadonlyMap<string, number> | undefined> {
  if (!(await io.gateway.alive())) return undefined
  const servers = listOf(await io.gateway.request('GET', '/api/v1/mcp/servers'), 'servers')
  return new Map(servers.map((server) => [textOf(server, 'alias'), Number(textOf(server, 'pinned'))]))
}
