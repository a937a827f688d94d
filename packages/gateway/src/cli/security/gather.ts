import { existsSync, readdirSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { isJsonObject, toSallyportError, type Json, type JsonObject, type PolicyPosture } from '@sallyport/core'
import {
  known,
  NOT_INSTALLED,
  unseen,
  type AgentFact,
  type Facts,
  type GatewayFacts,
  type HealthFact,
  type Looked,
} from '../../assurance/posture/facts.ts'
import { gatherFiles } from '../../assurance/posture/gather/files.ts'
import { gatherProfiles } from '../../assurance/posture/gather/profiles.ts'
import { riskyVariables } from '../../assurance/posture/variables.ts'
import { systemClock } from '../../clock.ts'
import { environment } from '../../config/environment.ts'
import { findConfig, layout } from '../../config/paths.ts'
import type { Config } from '../../config/schema.ts'
import { PROGRAM } from '../../places.ts'
import type { CliIo } from '../command.ts'
import { measureLevel } from '../doctor/level.ts'
import type { ReadConfig } from './read-config.ts'
import { skillFacts } from './skill-facts.ts'

/** Servers whose tools are asked for; more than this is nobody's installation. */
const MOST = 100

/** Looks at everything that the checks judge. What cannot be seen is said, never left out. */
export async function gatherFacts(
  io: CliIo,
  read: ReadConfig,
  { deep, path }: { readonly deep: boolean; readonly path: string | undefined },
): Promise<Facts> {
  const alive = await io.gateway.alive()
  const uid = process.getuid?.() ?? -1
  const [policy, gateway, agents] = await Promise.all([
    policyFacts(read),
    alive ? gatewayFacts(io, deep) : unseen('No gateway runs here, so none was asked.', deep),
    agentFacts(io, alive),
  ])
  const configPath = read.file ?? '/dev/null/none'
  return {
    now: systemClock.now(),
    config: known(read),
    files: known(
      gatherFiles({
        ...{ stateDir: io.stateDir, config: read.file, home: homedir(), uid },
        isOwnConfig: read.file !== undefined && read.file === findConfig(undefined, environment()),
        policies: policyPaths(read),
        logins: loginsOf(read.config).filter(existsSync),
      }),
    ),
    policy,
    level: known(measureLevel({ uid, site: { stateDir: io.stateDir, configPath, program: PROGRAM } })),
    environment: known(riskyVariables(environment())),
    profiles: gatherProfiles(read.config, read.loaded.baseDir),
    agents,
    gateway,
    deep:
      deep && alive
        ? known(await (await import('./deep/try-everything.ts')).tryEverything(io, read))
        : unseen(deep ? 'No gateway runs here, so nothing could be tried.' : 'Asked for with --deep.', deep),
    ...NOT_INSTALLED,
    dependencies: await dependencyFacts(io, path),
    skills: await skillFacts(io),
  }
}

async function policyFacts(read: ReadConfig): Promise<Looked<PolicyPosture>> {
  try {
    const { policyPosture } = await import('./policy-posture.ts')
    return known(await policyPosture(read))
  } catch (thrown) {
    return unseen(`The policies cannot be read: ${toSallyportError(thrown).message}`)
  }
}

/** Files and directories of the configuration, without presets. */
const policyPaths = ({ config, loaded }: ReadConfig): readonly string[] =>
  config.policies.filter((source) => !source.startsWith('preset:')).map((source) => resolve(loaded.baseDir, source))

function loginsOf({ vault: { key, backends } }: Config): readonly string[] {
  const ofKey = key.source === 'kms' && 'hashicorp' in key.service ? key.service.hashicorp.token : undefined
  return [backends.hashicorp?.token, backends.supabase?.url, ofKey].flatMap((from) =>
    from === undefined || 'env' in from ? [] : [from.file],
  )
}

/** What is known against the packages of a directory; without a snapshot of advisories nothing is. */
async function dependencyFacts(io: CliIo, path: string | undefined): Promise<Facts['dependencies']> {
  const { readSnapshot } = await import('../../assurance/advisories/snapshot.ts')
  try {
    const snapshot = readSnapshot(io.stateDir)
    if (snapshot === undefined) return NOT_INSTALLED.dependencies
    const root = resolve(io.cwd, path ?? '.')
    const isFolder = path !== undefined && statSync(root).isDirectory()
    const { advisoryFindings } = await import('../../assurance/advisories/advisory-findings.ts')
    const { readDependencies } = await import('../../assurance/sbom/read-dependencies.ts')
    const inventory = isFolder ? readDependencies(root) : { components: [], notes: [] }
    return known({
      packages: inventory.components.length,
      findings: advisoryFindings(inventory, snapshot, systemClock.now()),
    })
  } catch (thrown) {
    return unseen(`Dependencies cannot be compared with advisories: ${toSallyportError(thrown).message}`)
  }
}

/** From the gateway, or else from the credential files that one left. */
async function agentFacts(io: CliIo, alive: boolean): Promise<Looked<readonly AgentFact[]>> {
  if (!alive) {
    const { agents } = layout(io.stateDir)
    const names = existsSync(agents) ? readdirSync(agents) : []
    return known(names.map((name) => ({ name, scopes: [], confined: false })))
  }
  try {
    const listed = listOf(await io.gateway.request('GET', '/api/v1/agents'), 'agents')
    const runs = listOf(await io.gateway.request('GET', '/api/v1/runs'), 'runs')
    const confined = new Set(runs.map(({ agent }) => textOf(agent)))
    return known(
      listed
        .filter(({ state }) => state === 'active')
        .map(({ name, scopes }) => ({
          ...{ name: textOf(name), confined: confined.has(textOf(name)) },
          scopes: Array.isArray(scopes) ? scopes.map(textOf) : [],
        })),
    )
  } catch (thrown) {
    return unseen(`The gateway does not say which agents there are: ${toSallyportError(thrown).message}`)
  }
}

async function gatewayFacts(io: CliIo, deep: boolean): Promise<Looked<GatewayFacts>> {
  try {
    const status = objectOf(await io.gateway.request('GET', '/api/v1/status'))
    let health = objectOf(deep ? await lookNow(io) : await io.gateway.request('GET', '/api/v1/health'))
    if (health['checkedAt'] === undefined) health = objectOf(await lookNow(io))
    return known({
      claimed: status['claimed'] === true,
      forwardedSeen: status['forwardedSeen'] === true,
      health: listOf(health, 'findings') as unknown as readonly HealthFact[],
      unknown: listOf(health, 'unknown').map(({ id, why }) => ({ id: textOf(id), why: textOf(why) })),
      unenforced: (Array.isArray(status['hosts']) ? status['hosts'] : [])
        .map(textOf)
        .filter((line) => line.includes('unenforced')),
      tools: await toolFacts(io),
    })
  } catch (thrown) {
    return unseen(`The gateway does not answer as it should: ${toSallyportError(thrown).message}`)
  }
}

const lookNow = (io: CliIo): Promise<Json> => io.gateway.request('POST', '/api/v1/health/check', {})

async function toolFacts(io: CliIo): Promise<GatewayFacts['tools']> {
  const servers = listOf(await io.gateway.request('GET', '/api/v1/mcp/servers'), 'servers').slice(0, MOST)
  const lists = await Promise.all(
    servers.map(async ({ alias }) => {
      const path = `/api/v1/mcp/servers/${encodeURIComponent(textOf(alias))}/tools`
      return listOf(await io.gateway.request('GET', path), 'tools').map(({ id, name, state }) => ({
        ...{ id: textOf(id ?? `${textOf(alias)}.${textOf(name)}`), state: textOf(state) },
      }))
    }),
  )
  return lists.flat()
}

const objectOf = (value: Json): JsonObject => (isJsonObject(value) ? value : {})
const listOf = (value: Json, name: string): readonly JsonObject[] => {
  const list = objectOf(value)[name]
  return Array.isArray(list) ? list.filter(isJsonObject) : []
}
const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '')
