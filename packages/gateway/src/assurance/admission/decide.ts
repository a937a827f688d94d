import { SallyportError } from '@sallyport/core'
import type { Clock } from '../../boundary/ports.ts'
import { placed } from './admit.ts'
import { needsApproval, tooMuchForStrangers } from './capabilities.ts'
import { isBlocked } from './judge.ts'
import { requireSkillName } from './names.ts'
import {
  requireEntry,
  versionOf,
  withEntry,
  withVersion,
  type AllowRule,
  type BlockRule,
  type Register,
  type SkillEntry,
  type SkillVersion,
  type Step,
} from './register.ts'
import { stepFrom, type SkillAct } from './states.ts'
import type { SkillStore } from './store.ts'
import type { Trial } from './trial/observation.ts'
import { isAdmitted } from './terms.ts'

export interface DecisionDeps {
  readonly store: SkillStore
  readonly clock: Pick<Clock, 'now'>
}

/** A decision, and who answers for it. `hash`: of the bytes that were looked at, so that others are not decided on. */
export interface Decision {
  readonly name: string
  readonly hash: string
  readonly by: string
  readonly reason: string
  /** Absent: a person. */
  readonly of?: Step['of']
}

/** Whether a version is kept out by the block list as it is now. */
export const blockOf = (register: Register, name: string, version: SkillVersion): BlockRule | undefined => {
  const { hash, provenance, publishers, capabilities, requiresApproval } = version
  const facts = { name, version: '', publishers, capabilities, requiresApproval }
  return register.block.find((rule) => isBlocked({ name, hash, provenance, facts }, rule))
}

/**
 * A person has looked at a version in quarantine, or at one that was switched off, and lets it serve inside (HB-31, E-80).
 * @param approval the reviewer says for it that a person has to agree to what it does (HB-33)
 * @throws SallyportError SP_SKILL_UNKNOWN, SP_SKILL_STATE, SP_SKILL_BLOCKED, SP_SKILL_INVALID, SP_SKILL_TAMPERED
 */
export const approveSkill = (decision: Decision, approval: boolean, deps: DecisionDeps): Promise<SkillVersion> =>
  step(decision, 'approve', deps, (version) => {
    if (needsApproval(version) && !version.requiresApproval && !approval)
      throw new SallyportError('SP_SKILL_INVALID', `It can: ${version.capabilities.join(', ')}.`)
    return { ...version, requiresApproval: version.requiresApproval || approval }
  })

/** A person does not want it. @throws SallyportError SP_SKILL_UNKNOWN, SP_SKILL_STATE */
export const rejectSkill = (decision: Decision, deps: DecisionDeps): Promise<SkillVersion> =>
  step(decision, 'reject', deps)

/** A second decision: what has served inside may serve visitors (HB-32, E-80). @throws SallyportError as `approveSkill` */
export const promoteSkill = (decision: Decision, deps: DecisionDeps): Promise<SkillVersion> =>
  step(decision, 'promote', deps)

/** Switches a version off; the kept copy stays. @throws SallyportError SP_SKILL_UNKNOWN, SP_SKILL_STATE */
export const disableSkill = (decision: Decision, deps: DecisionDeps): Promise<SkillVersion> =>
  step(decision, 'disable', deps)

const LETS_IN: ReadonlySet<SkillAct> = new Set(['approve', 'promote'])

function step(
  { name, hash, by, reason, of = 'person' }: Decision,
  act: SkillAct,
  { store, clock }: DecisionDeps,
  change: (version: SkillVersion) => SkillVersion = (version) => version,
): Promise<SkillVersion> {
  return store.change(async ({ register, kept }) => {
    const entry = requireEntry(register, name)
    const version = versionOf(entry, hash)
    if (version === undefined)
      throw new SallyportError('SP_SKILL_UNKNOWN', `No version of ${name} has the hash ${hash.slice(0, 16)}.`)
    const state = stepFrom(version.state, act)
    const much = act === 'promote' ? tooMuchForStrangers(version) : []
    if (much.length > 0)
      throw new SallyportError('SP_SURFACE_TOOL', `For strangers ${name} can do too much: ${much.join(', ')}.`)
    const blocked = LETS_IN.has(act) ? blockOf(register, name, version) : undefined
    if (blocked !== undefined) throw new SallyportError('SP_SKILL_BLOCKED', blocked.reason)
    // what is let in is what was hashed, or nothing
    if (LETS_IN.has(act)) await kept(hash)
    const next = stepped(change(version), { at: clock.now(), to: state, by, reason, of })
    return [withEntry(register, name, placed(withVersion(entry, next), next)), next]
  })
}

const stepped = (version: SkillVersion, step: Step): SkillVersion => ({
  ...version,
  state: step.to,
  history: [...version.history, step],
})

/**
 * Keeps what a version did in a trial, for whoever reviews it. Nothing is decided by it.
 * @throws SallyportError SP_SKILL_UNKNOWN when the version is gone since
 */
export function keepTrial(name: string, hash: string, trial: Trial, store: SkillStore): Promise<SkillVersion> {
  return store.change(async ({ register }) => {
    const entry = requireEntry(register, name)
    const version = versionOf(entry, hash)
    if (version === undefined) throw new SallyportError('SP_SKILL_UNKNOWN', `${name} ${hash.slice(0, 16)} is gone.`)
    const next = { ...version, trial }
    return [withEntry(register, name, withVersion(entry, next)), next]
  })
}

/** What a rollback would put into force: the reviewed bytes of what was switched off, else what was in force before. */
export function rollbackOf(name: string, entry: SkillEntry): SkillVersion {
  const [before, top] = [entry.internal.at(-2), entry.internal.at(-1)]
  const last = versionOf(entry, top)
  const target = last?.state === 'disabled' ? last : versionOf(entry, before)
  if (target === undefined) throw new SallyportError('SP_SKILL_STATE', `${name} has no earlier version to go back to.`)
  return target
}

/**
 * Puts into force again what was in force before, from its kept copy, for those whom it served then.
 * @throws SallyportError SP_SKILL_UNKNOWN, SP_SKILL_STATE, SP_SKILL_BLOCKED, SP_SKILL_TAMPERED
 */
export function rollBackSkill(
  { name, hash, by, reason }: Decision,
  { store, clock }: DecisionDeps,
): Promise<SkillVersion> {
  return store.change(async ({ register, kept }) => {
    const entry = requireEntry(register, name)
    const target = rollbackOf(name, entry)
    if (target.hash !== hash)
      throw new SallyportError('SP_SKILL_STATE', `${name} would go back to ${target.hash.slice(0, 16)}, not there.`)
    const blocked = blockOf(register, name, target)
    if (blocked !== undefined) throw new SallyportError('SP_SKILL_BLOCKED', blocked.reason)
    await kept(hash)
    const now = clock.now()
    const served = target.history.findLast(({ to }) => isAdmitted(to))?.to ?? 'internal'
    const next = stepped(target, { at: now, to: served, by, reason, of: 'person' })
    const left = versionOf(entry, entry.internal.at(-1))
    const off =
      left !== undefined && left.hash !== hash && isAdmitted(left.state)
        ? withVersion(
            entry,
            stepped(left, { at: now, to: 'disabled', by, reason: `Rolled back: ${reason}`, of: 'person' }),
          )
        : entry
    const without = (list: readonly string[]): readonly string[] => list.filter((other) => other !== left?.hash)
    const cleared = { ...off, internal: without(off.internal), external: without(off.external) }
    return [withEntry(register, name, placed(withVersion(cleared, next), next)), next]
  })
}

/** Takes a skill away with everything that is kept of it. @throws SallyportError SP_SKILL_UNKNOWN */
export function removeSkill(name: string, { store }: Pick<DecisionDeps, 'store'>): Promise<readonly SkillVersion[]> {
  return store.change(async ({ register }) => {
    const { versions } = requireEntry(register, name)
    return [withEntry(register, name, undefined), versions]
  })
}

/** Puts a rule on the block list, and everything that it fits out of force. Answers with those, as `NAME@HASH`. */
export async function blockSkill(rule: BlockRule, { store }: Pick<DecisionDeps, 'store'>): Promise<readonly string[]> {
  if (rule.name === undefined && rule.hash === undefined && rule.publisher === undefined)
    throw new SallyportError('SP_CLI_USAGE', 'A block rule names a name, a hash or a publisher.')
  return store.change(async ({ register }) => {
    let next: Register = { ...register, block: [...register.block.filter((other) => !sameBlock(other, rule)), rule] }
    const hit: string[] = []
    for (const [name, entry] of Object.entries(register.skills))
      for (const version of entry.versions) {
        if (version.state === 'refused' || version.state === 'disabled') continue
        if (blockOf({ ...next, block: [rule] }, name, version) === undefined) continue
        const act = version.state === 'pending_review' ? 'reject' : 'disable'
        const off = stepped(version, {
          ...{ at: rule.at, to: stepFrom(version.state, act), by: rule.by },
          ...{ reason: `Blocked: ${rule.reason}`, of: 'block-list' },
        })
        next = withEntry(next, name, withVersion(next.skills[name], off))
        hit.push(`${name}@${version.hash}`)
      }
    return [next, hit]
  })
}

type BlockTarget = Pick<BlockRule, 'name' | 'hash' | 'publisher'>
const sameBlock = (one: BlockTarget, other: BlockTarget): boolean =>
  one.name === other.name && one.hash === other.hash && one.publisher === other.publisher

/** Takes a rule off the block list. What it put out of force stays so until it is reviewed. @throws SallyportError SP_SKILL_UNKNOWN */
export function unblockSkill(rule: BlockTarget, { store }: Pick<DecisionDeps, 'store'>): Promise<void> {
  return store.change(async ({ register }) => {
    const block = register.block.filter((other) => !sameBlock(other, rule))
    if (block.length === register.block.length)
      throw new SallyportError('SP_SKILL_UNKNOWN', 'The block list has no such rule.')
    return [{ ...register, block }, undefined]
  })
}

/** Lets exactly these bytes from exactly there in without a review (HB-34). @throws SallyportError SP_SKILL_NAME */
export async function allowSkill(rule: AllowRule, { store }: Pick<DecisionDeps, 'store'>): Promise<void> {
  requireSkillName(rule.name)
  return store.change(async ({ register }) => {
    const others = register.allow.filter(
      ({ name, hash, source }) => !(name === rule.name && hash === rule.hash && source === rule.source),
    )
    return [{ ...register, allow: [...others, rule] }, undefined]
  })
}

/** Takes all rules for a name off the allow list. @throws SallyportError SP_SKILL_UNKNOWN */
export function disallowSkill(name: string, { store }: Pick<DecisionDeps, 'store'>): Promise<void> {
  return store.change(async ({ register }) => {
    const allow = register.allow.filter((rule) => rule.name !== name)
    if (allow.length === register.allow.length)
      throw new SallyportError('SP_SKILL_UNKNOWN', 'The allow list has no such rule.')
    return [{ ...register, allow }, undefined]
  })
}
