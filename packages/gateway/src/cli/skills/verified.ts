import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { SallyportError } from '@sallyport/core'
import { readLockFile } from '../../assurance/admission/lock-file.ts'
import { verifyServers, type ServerDrift } from '../../assurance/admission/lock-servers.ts'
import { verifyLock, type LockDrift } from '../../assurance/admission/verify-lock.ts'
import type { CliIo } from '../command.ts'
import { ADMITTED, admittedSkills, presentSkills } from './present.ts'
import { storeOf } from './room.ts'
import { servedServers } from './served.ts'

/** A lock file held against what is there. */
export interface Verified {
  readonly skills: number
  readonly drifts: readonly LockDrift[]
  /** Servers whose tools were asked for. */
  readonly servers: number
  readonly serverDrifts: readonly ServerDrift[]
  /** Servers that are locked and could not be asked, as no gateway runs here. */
  readonly unverified: readonly string[]
}

/**
 * Verifies a lock file (HB-35, HB-137, E-85): skills without a gateway, tools of servers with the running one.
 * @param paths skills, or folders of them; empty: all
 * @throws SallyportError SP_SKILL_LOCK_*, SP_SKILL_BUNDLE, SP_MCP_* when a server does not answer
 */
export async function verifiedLock(io: CliIo, file: string, paths: readonly string[]): Promise<Verified> {
  const { skills: locked, servers } = readLockFile(textOf(file))
  const present = await presentSkills(dirname(file), paths)
  const own = present.map(({ source }) => source)
  // those that lie elsewhere are looked for where the file says they are
  const elsewhere =
    paths.length > 0 ? [] : locked.filter(({ source }) => !source.startsWith(ADMITTED) && !own.includes(source))
  const there = elsewhere.filter(({ source }) => exists(resolve(dirname(file), source)))
  const sources = there.map(({ source }) => source)
  const more = there.length === 0 ? [] : await presentSkills(dirname(file), sources)
  const installed = locked.some(({ source }) => source.startsWith(ADMITTED)) ? await admittedSkills(io) : []
  const asked = paths.length === 0 ? locked : locked.filter(({ source }) => own.includes(source))
  const all = [...present, ...more, ...installed]
  const kept = (hash: string) =>
    storeOf(io, 'look')
      .kept(hash)
      .catch(() => undefined)
  const aliases = paths.length > 0 ? [] : servers.map(({ alias }) => alias)
  const isAsked = aliases.length > 0 && (await io.gateway.alive())
  return {
    ...{ skills: all.length, drifts: await verifyLock(asked, all, kept) },
    servers: isAsked ? aliases.length : 0,
    serverDrifts: isAsked ? verifyServers(servers, await servedServers(io, aliases)) : [],
    unverified: isAsked ? [] : aliases,
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new SallyportError('SP_SKILL_LOCK_MISSING', `${file} cannot be read.`, { cause })
  }
}

function exists(path: string): boolean {
  try {
    readFileSync(path)
    return true
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EISDIR'
  }
}

export const SKILL_SAID: Readonly<Record<LockDrift['kind'], string>> = {
  changed: 'is not what was locked',
  moved: 'is somewhere else than when it was locked',
  missing: 'is in the lock file and not there',
  unlocked: 'is not in the lock file',
}

export const SERVER_SAID: Readonly<Record<ServerDrift['kind'], string>> = {
  'missing-server': 'is in the lock file, and the gateway does not know it',
  missing: 'is in the lock file, and its server does not have it',
  unlocked: 'is not in the lock file',
  pinned: 'is pinned as something else than was locked',
  served: 'is served as something else than was locked',
}
