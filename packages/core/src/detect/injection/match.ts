import { CLASSES } from './classes.ts'
import { parseSequence, type InjectionRule } from './rule.ts'
import { hashSigns, hashWord, type Tokens } from './tokens.ts'

/** A rule that hit, with its place in the folded text. */
export interface RuleHit {
  readonly rule: InjectionRule
  readonly start: number
  readonly end: number
}

/** Units around an anchor that a pattern sees; no pattern of the table matches more. */
const AROUND = 96
/** Hits of one rule that are reported. */
const MOST_HITS = 16

export type Matcher = (text: string, tokens: Tokens) => RuleHit[]

interface Step {
  /** Slot of this step's state; the one before it is the step before. */
  readonly slot: number
  readonly first: boolean
  readonly gap: number
  /** Set on the last step. */
  readonly rule: InjectionRule | undefined
}

/**
 * One pass over the tokens for all rules. Sequences advance by the latest place of the step before, which is the best for every step after it;
 * patterns run on merged surroundings of their anchors. So the work is linear in the text, whatever it holds (T-148, T-160).
 */
export function createMatcher(rules: readonly InjectionRule[]): Matcher {
  const byClass: Step[][] = CLASSES.map(() => [])
  let slots = 0
  for (const rule of rules) {
    if (rule.match.kind !== 'sequence') continue
    for (const text of rule.match.sequences) {
      const steps = parseSequence(text)
      for (const [index, { classes, gap }] of steps.entries()) {
        const step = { slot: slots++, first: index === 0, gap, rule: index === steps.length - 1 ? rule : undefined }
        // Later steps first, so that one token is never two steps of a sequence.
        for (const name of classes) byClass[CLASSES.indexOf(name)]?.unshift(step)
      }
    }
  }
  const patterns = rules.filter((rule) => rule.match.kind === 'pattern')
  const anchors = new Map<number, number[]>()
  for (const [index, { match }] of patterns.entries())
    for (const anchor of match.kind === 'pattern' ? match.anchors : []) {
      const hash = /^\w/.test(anchor) ? hashWord(anchor) : hashSigns(anchor)
      anchors.set(hash, [...(anchors.get(hash) ?? []), index])
    }
  const bits = new Uint8Array(0x10000)
  for (const hash of anchors.keys()) bits[(hash >>> 16) & 0xffff] = 1
  const ends = new Int32Array(slots)
  const starts = new Int32Array(slots)

  return (text, tokens) => {
    const hits: RuleHit[] = []
    const counts = new Map<InjectionRule, number>()
    const hit = (rule: InjectionRule, start: number, end: number): void => {
      const count = counts.get(rule) ?? 0
      counts.set(rule, count + 1)
      if (count < MOST_HITS) hits.push({ rule, start, end })
    }
    const regions: (number[] | undefined)[] = []
    ends.fill(-1000)
    const { hash, word, span, start, end, length } = tokens
    for (let index = 0; index < length; index++) {
      const own = hash[index] ?? 0
      if (bits[(own >>> 16) & 0xffff] !== 0)
        for (const which of anchors.get(own) ?? []) {
          const region = (regions[which] ??= [])
          const from = Math.max(0, (start[index] ?? 0) - AROUND)
          const to = (end[index] ?? 0) + AROUND
          if (region.length > 0 && from <= (region.at(-1) ?? 0)) region[region.length - 1] = to
          else region.push(from, to)
        }
      const kind = word[index] ?? 0
      if (kind === 0) continue
      const last = index + (span[index] ?? 1) - 1
      for (const { slot, first, gap, rule } of byClass[kind] ?? []) {
        if (first) starts[slot] = index
        else {
          const before = ends[slot - 1] ?? -1000
          if (before < 0 || before >= index || index - before - 1 > gap) continue
          starts[slot] = starts[slot - 1] ?? 0
        }
        ends[slot] = last
        if (rule !== undefined) hit(rule, start[starts[slot] ?? 0] ?? 0, end[last] ?? 0)
      }
    }
    for (const [which, region] of regions.entries()) {
      const rule = patterns[which]
      if (region === undefined || rule?.match.kind !== 'pattern') continue
      for (let at = 0; at < region.length; at += 2) {
        const from = region[at] ?? 0
        for (const found of text.slice(from, region[at + 1]).matchAll(rule.match.pattern)) {
          hit(rule, from + found.index, from + found.index + found[0].length)
          if ((counts.get(rule) ?? 0) > MOST_HITS) break
        }
      }
    }
    return hits
  }
}
