import { createHmac, timingSafeEqual } from 'node:crypto'
import { canonicalJson, digest, isJsonObject, parseJson, SallyportError, type Json } from '@sallyport/core'
import type { ScanFinding, ScanVerdict } from '../scan/finding.ts'
import type { Provenance } from './bundle.ts'
import type { Capability } from './capabilities.ts'
import type { Fingerprint } from './parts.ts'
import type { SkillState } from './states.ts'
import type { Trial } from './trial/observation.ts'

/** One step of a version, and who answers for it. `at` in ms since 1970. */
export interface Step {
  readonly at: number
  readonly to: SkillState
  readonly by: string
  readonly reason: string
  /** What decided it. */
  readonly of: 'person' | 'block-list' | 'allow-list' | 'scan' | 'gateway'
}

/** One version of a skill: what it is, where it came from, what was found, what was decided. */
export interface SkillVersion extends Fingerprint {
  readonly version?: string
  readonly state: SkillState
  readonly provenance: Provenance
  readonly publishers: readonly string[]
  readonly capabilities: readonly Capability[]
  /** Its manifest says that a person must agree to what it does, or a reviewer said so for it (HB-33). */
  readonly requiresApproval: boolean
  readonly verdict: ScanVerdict | 'failed'
  /** The worst ones; `found` counts all. */
  readonly findings: readonly ScanFinding[]
  readonly found: number
  /** Oldest first. */
  readonly history: readonly Step[]
  /** What it did in its last trial. */
  readonly trial?: Trial
}

/** One version of a skill, by name. */
export interface NamedVersion {
  readonly name: string
  readonly version: SkillVersion
}

/** A skill by name. Of `internal` and `external` the last hash is in force, those before it are where a rollback goes. */
export interface SkillEntry {
  readonly versions: readonly SkillVersion[]
  readonly internal: readonly string[]
  readonly external: readonly string[]
}

/** What is never let in: each member that is there must fit. */
export interface BlockRule {
  readonly name?: string
  readonly hash?: string
  readonly publisher?: string
  readonly by: string
  readonly reason: string
  readonly at: number
}

/** What is let in without a review: exactly this hash, from exactly there. */
export interface AllowRule {
  readonly name: string
  readonly hash: string
  /** Path or address it is taken from. */
  readonly source: string
  readonly to: 'internal' | 'external'
  readonly by: string
  readonly reason: string
  readonly at: number
}

export interface Register {
  readonly skills: Readonly<Record<string, SkillEntry>>
  readonly block: readonly BlockRule[]
  readonly allow: readonly AllowRule[]
  /** Grows with every change. */
  readonly seq: number
  /** What the registers before this one were known by, the newest last: an older one in its place does not have the newest. */
  readonly trail: readonly string[]
}

export const EMPTY: Register = Object.freeze({ skills: {}, block: [], allow: [], seq: 0, trail: [] })
/** Registers before that are remembered; more changes than these while no gateway looks are taken for another history. */
const LONGEST_TRAIL = 256

/** What a register is known by. */
export const markOf = (register: Register): string =>
  digest('sallyport/skill-register/1', JSON.parse(JSON.stringify(register)) as Json).slice(0, 32)

/** A changed register as the successor of the one that it was made from. */
export const succeeding = (before: Register, after: Register): Register => ({
  ...after,
  seq: Math.max(before.seq, after.seq) + 1,
  trail: [...before.trail, markOf(before)].slice(-LONGEST_TRAIL),
})

/** Findings of one version that are kept. */
export const MOST_FINDINGS = 200

const LIMITS = { maxLength: 256 * 1024 * 1024, maxDepth: 64 }

const macOf = (key: Uint8Array, body: Json): Buffer =>
  createHmac('sha256', key)
    .update(`sallyport/skill-register/1\n${canonicalJson(body)}`)
    .digest()

/** The register as text, sealed with the gateway's key: what somebody else wrote into it is noticed (T-004). */
export function sealRegister(register: Register, key: Uint8Array): string {
  const body = JSON.parse(JSON.stringify(register)) as Json
  return `${JSON.stringify({ sallyportSkills: 1, body, mac: macOf(key, body).toString('hex') }, undefined, 1)}\n`
}

/** @throws SallyportError SP_SKILL_TAMPERED for a register that is not whole, or not sealed with this key */
export function openRegister(text: string, key: Uint8Array): Register {
  let value: Json
  try {
    value = parseJson(text, LIMITS)
  } catch (cause) {
    throw new SallyportError('SP_SKILL_TAMPERED', 'It is not whole.', { cause })
  }
  if (!isJsonObject(value) || value['sallyportSkills'] !== 1 || !isJsonObject(value['body']))
    throw new SallyportError('SP_SKILL_TAMPERED', 'It has another form.')
  const { body, mac } = value
  const given = Buffer.from(typeof mac === 'string' ? mac : '', 'hex')
  const own = macOf(key, body)
  if (given.length !== own.length || !timingSafeEqual(given, own))
    throw new SallyportError('SP_SKILL_TAMPERED', 'Its seal does not fit.')
  // of one that is older than its numbers
  return { seq: 0, trail: [], ...(body as unknown as Omit<Register, 'seq' | 'trail'>) }
}

/** The entry of a name; own members only. */
export const entryOf = ({ skills }: Register, name: string): SkillEntry | undefined =>
  Object.hasOwn(skills, name) ? skills[name] : undefined

/** @throws SallyportError SP_SKILL_UNKNOWN */
export function requireEntry(register: Register, name: string): SkillEntry {
  const entry = entryOf(register, name)
  if (entry === undefined) throw new SallyportError('SP_SKILL_UNKNOWN', `Nothing is known of ${name.slice(0, 80)}.`)
  return entry
}

export const versionOf = (entry: SkillEntry | undefined, hash: string | undefined): SkillVersion | undefined =>
  entry?.versions.find((version) => version.hash === hash)

/** A register with another entry under a name; undefined takes it out. */
export function withEntry(register: Register, name: string, entry: SkillEntry | undefined): Register {
  const { [name]: _, ...rest } = register.skills
  const skills = entry === undefined ? rest : { ...rest, [name]: entry }
  const sorted = Object.entries(skills).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return { ...register, skills: Object.fromEntries(sorted) }
}

/** An entry with a version put in, or in place of the one with its hash. Newest first. */
export function withVersion(entry: SkillEntry | undefined, version: SkillVersion): SkillEntry {
  const { versions = [], internal = [], external = [] } = entry ?? {}
  const at = versions.findIndex(({ hash }) => hash === version.hash)
  return { versions: at < 0 ? [version, ...versions] : versions.with(at, version), internal, external }
}
