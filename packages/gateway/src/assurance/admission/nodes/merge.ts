import type { AllowRule, BlockRule, SkillEntry, SkillVersion, Step } from '../register.ts'
import type { SkillState } from '../states.ts'

/** From what lets nobody in to what lets everybody in. */
const WIDTH: readonly SkillState[] = ['refused', 'disabled', 'pending_review', 'internal', 'external']

/** The lists of a register. */
export interface Rules {
  readonly block: readonly BlockRule[]
  readonly allow: readonly AllowRule[]
}

/**
 * What holds of an entry that two nodes changed at once: of each version what goes on from the other, and where neither does, what lets
 * fewer in. Nothing becomes wider than one of them had it.
 */
export function mergedEntry(own: SkillEntry, other: SkillEntry): SkillEntry {
  const others = new Map(other.versions.map((version) => [version.hash, version]))
  const both = own.versions.map((version) => {
    const its = others.get(version.hash)
    others.delete(version.hash)
    return its === undefined ? version : narrower(version, its)
  })
  const versions = [...both, ...others.values()]
  const known = new Set(versions.map(({ hash }) => hash))
  const inForce = (of: 'internal' | 'external'): readonly string[] =>
    [...other[of].filter((hash) => !own[of].includes(hash)), ...own[of]].filter((hash) => known.has(hash))
  return { versions, internal: inForce('internal'), external: inForce('external') }
}

function narrower(own: SkillVersion, other: SkillVersion): SkillVersion {
  if (continues(own.history, other.history)) return own
  if (continues(other.history, own.history)) return other
  return WIDTH.indexOf(own.state) <= WIDTH.indexOf(other.state) ? own : other
}

/** Whether a history is another one and more. */
const continues = (longer: readonly Step[], shorter: readonly Step[]): boolean =>
  shorter.length <= longer.length && JSON.stringify(longer.slice(0, shorter.length)) === JSON.stringify(shorter)

/** Rules that block are those of both, rules that let in are those that both have. */
export function mergedRules(own: Rules, other: Rules): Rules {
  const keys = (rules: readonly object[]): ReadonlySet<string> => new Set(rules.map((rule) => JSON.stringify(rule)))
  const [blocked, allowed] = [keys(own.block), keys(other.allow)]
  return {
    block: [...own.block, ...other.block.filter((rule) => !blocked.has(JSON.stringify(rule)))],
    allow: own.allow.filter((rule) => allowed.has(JSON.stringify(rule))),
  }
}
