import { isJsonObject, parseJson, SallyportError, toSallyportError, type Json, type JsonObject } from '@sallyport/core'
import type { ScanFinding } from '../scan/finding.ts'
import { CAPABILITIES, type Capability } from './capabilities.ts'
import { readServers, serversJson, type LockedServer } from './lock-servers.ts'
import { PARTS, type FileMark, type Fingerprint, type Part } from './parts.ts'
import { requireSkillName } from './names.ts'

/** One skill as it was locked. */
export interface LockedSkill extends Fingerprint {
  readonly name: string
  /** Folder relative to the lock file, or `admitted:NAME` for one of the gateway. */
  readonly source: string
  readonly version?: string
  readonly capabilities: readonly Capability[]
  /** High and critical ones that were there when it was locked. */
  readonly findings: readonly Pick<ScanFinding, 'id' | 'severity' | 'file' | 'line' | 'evidence'>[]
}

export const LOCK_NAME = 'sallyport.lock'
const VERSION = 1
const LIMITS = { maxLength: 64 * 1024 * 1024, maxDepth: 16 }
const HASH = /^[0-9a-f]{64}$/
const ABOUT =
  'Written by `sallyport skills lock`; verified by `sallyport skills verify`. Look at the skills before you change it.'

/**
 * The lock file as text: the same skills give the same bytes, and every skill and every file of it has lines of its own, so that
 * changes of different skills merge (E-85). Machine paths and times are not in it.
 * @throws SallyportError SP_SKILL_LOCK_INVALID when two skills have one name
 */
export function lockText(skills: readonly LockedSkill[], servers: readonly LockedServer[] = []): string {
  const entries = new Map<string, JsonObject>()
  for (const skill of skills.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    const { name, source, version, hash, parts, capabilities, findings, files } = skill
    const twin = entries.get(name)
    if (twin !== undefined)
      throw new SallyportError(
        'SP_SKILL_LOCK_INVALID',
        `Two skills are called ${name}: ${JSON.stringify(twin['source'])} and ${JSON.stringify(source)}.`,
      )
    entries.set(name, {
      source,
      ...(version === undefined ? {} : { version }),
      hash,
      parts: Object.fromEntries(PARTS.flatMap((part) => (parts[part] === undefined ? [] : [[part, parts[part]]]))),
      capabilities: [...capabilities],
      findings: findings.map(({ severity, id, file, line, evidence }) => ({ severity, id, file, line, evidence })),
      files: Object.fromEntries(
        files.map(({ path, hash: own, size, executable, part }) => [
          path,
          `${own} ${size} ${executable ? 'x' : '-'} ${part}`,
        ]),
      ),
    })
  }
  const file = {
    ...{ about: ABOUT, lockfileVersion: VERSION, skills: Object.fromEntries(entries) },
    ...(servers.length === 0 ? {} : { servers: serversJson(servers) }),
  }
  return `${JSON.stringify(file, undefined, 2)}\n`
}

/** What a lock file says. */
export interface LockFile {
  readonly skills: readonly LockedSkill[]
  readonly servers: readonly LockedServer[]
}

/**
 * Reads a lock file. What is not exactly one is an error, never a file with fewer skills.
 * @throws SallyportError SP_SKILL_LOCK_CONFLICT, SP_SKILL_LOCK_INVALID, SP_SKILL_LOCK_VERSION
 */
export function readLockFile(text: string): LockFile {
  const conflict = /^(?:<{7}|={7}|>{7}|\|{7})(?: |$)/m.exec(text)
  if (conflict !== null) {
    const line = text.slice(0, conflict.index).split('\n').length
    throw new SallyportError('SP_SKILL_LOCK_CONFLICT', `Line ${line} is a mark of one.`)
  }
  let value: Json
  try {
    value = parseJson(text, LIMITS)
  } catch (thrown) {
    const { detail } = toSallyportError(thrown)
    throw new SallyportError('SP_SKILL_LOCK_INVALID', `It is no whole JSON: ${detail}`, { cause: thrown })
  }
  if (!isJsonObject(value)) return invalid('It is no object.')
  const { lockfileVersion, skills, servers, about: _, ...rest } = value
  if (lockfileVersion !== VERSION)
    throw new SallyportError(
      'SP_SKILL_LOCK_VERSION',
      `It says ${JSON.stringify(lockfileVersion ?? null).slice(0, 40)}; this one is ${VERSION}.`,
    )
  const odd = Object.keys(rest)[0]
  if (odd !== undefined) return invalid(`It has a member ${JSON.stringify(odd.slice(0, 40))}.`)
  if (!isJsonObject(skills)) return invalid('It has no skills.')
  return {
    skills: Object.entries(skills).map(([name, entry]) => readEntry(name, entry)),
    servers: readServers(servers),
  }
}

const MEMBERS: ReadonlySet<string> = new Set([
  'source',
  'version',
  'hash',
  'parts',
  'capabilities',
  'findings',
  'files',
])

function readEntry(name: string, entry: Json): LockedSkill {
  const where = `skills.${name.slice(0, 64)}`
  try {
    requireSkillName(name)
  } catch {
    return invalid(`${where}: that is no name.`)
  }
  if (!isJsonObject(entry)) return invalid(`${where} is no object.`)
  const odd = Object.keys(entry).find((key) => !MEMBERS.has(key))
  if (odd !== undefined) return invalid(`${where} has a member ${JSON.stringify(odd.slice(0, 40))}.`)
  const { source, version, hash, parts, capabilities, findings, files } = entry
  if (typeof source !== 'string' || !isInside(source))
    return invalid(`${where}.source leaves the directory of the file.`)
  if (version !== undefined && typeof version !== 'string') return invalid(`${where}.version is no text.`)
  if (typeof hash !== 'string' || !HASH.test(hash)) return invalid(`${where}.hash is no SHA-256.`)
  if (!isJsonObject(parts) || !isJsonObject(files)) return invalid(`${where} has no parts or no files.`)
  if (!Array.isArray(capabilities) || !Array.isArray(findings))
    return invalid(`${where} has no capabilities or findings.`)
  return {
    ...{ name, source, hash },
    ...(version === undefined ? {} : { version }),
    parts: readParts(where, parts),
    capabilities: CAPABILITIES.filter((one) => capabilities.includes(one)),
    findings: (findings as readonly Json[]).filter(isJsonObject) as unknown as LockedSkill['findings'],
    files: Object.entries(files).map(([path, mark]) => readMark(`${where}.files`, path, mark)),
  }
}

function readParts(where: string, parts: JsonObject): Fingerprint['parts'] {
  for (const [part, hash] of Object.entries(parts))
    if (!PARTS.includes(part as Part) || typeof hash !== 'string' || !HASH.test(hash))
      return invalid(`${where}.parts.${part.slice(0, 40)} is no part of a skill.`)
  return parts as Fingerprint['parts']
}

function readMark(where: string, path: string, mark: Json): FileMark {
  const [hash = '', size = '', executable = '', part = ''] = typeof mark === 'string' ? mark.split(' ') : []
  if (!HASH.test(hash) || !/^\d{1,12}$/.test(size) || !/^[-x]$/.test(executable) || !PARTS.includes(part as Part))
    return invalid(`${where} has a line for ${JSON.stringify(path.slice(0, 80))} that is none.`)
  return { path, hash, size: Number(size), executable: executable === 'x', part: part as Part }
}

/** A lock file cannot send its reader elsewhere. */
const isInside = (source: string): boolean =>
  !/^(?:\/|[A-Za-z]:|~)|\\|\u0000/.test(source) && !source.split('/').includes('..') && source !== ''

function invalid(why: string): never {
  throw new SallyportError('SP_SKILL_LOCK_INVALID', why)
}
