import type { Finding } from '../finding.ts'
import { decodedSegments } from '../text/decode.ts'
import { fold } from '../text/fold.ts'
import { DECODE_LIMITS } from '../text/limits.ts'
import type { TextSignals, TextView } from '../text/view.ts'
import { countDisguises, createDisguiseCounts, disguises } from './disguise.ts'
import { FEATURES, writeFeatures } from './features.ts'
import { createLexicon } from './lexicon.ts'
import { createMatcher, type RuleHit } from './match.ts'
import type { InjectionModel } from './model.ts'
import { isQuoted } from './quotation.ts'
import type { InjectionCategory, InjectionRule } from './rule.ts'
import { INJECTION_RULES } from './rules.ts'
import { addUp, createSums, headScore } from './score.ts'
import { createTokens, tokenise, type Tokens } from './tokens.ts'
import { verdictOf, type InjectionVerdict } from './verdict.ts'
import type { BestWindow } from './windows.ts'

/** `user`: typed by a person whom the agent serves · `content`: mail, page, file or result that anybody may have written. */
export type InjectionChannel = 'user' | 'content'

export interface InjectionReport {
  readonly verdict: InjectionVerdict
  /** 0…1: how likely the text is an injection, in the calibration of the model. */
  readonly score: number
  readonly category: InjectionCategory | 'none'
  /** Worst first. Offsets are UTF-16 units of the text as given. */
  readonly findings: readonly Finding[]
  /** Words that weighed most in the head's best window, heaviest first, as folded: why, for people. Empty when clean. */
  readonly words: readonly string[]
  /** Advisory; no verdict depends on it. */
  readonly jailbreak: { readonly score: number }
}

export interface InjectionDetector {
  /** Pure for the caller, synchronous, linear, and total: no string makes it throw. */
  scan(text: string, options: { readonly channel: InjectionChannel }): InjectionReport
}

/** Tokens that two turns have in common: more than the largest window. */
const OVERLAP = 80
/** Most points that rules add, and logit of one point. */
const MOST_POINTS = 2
const LOGIT_OF_POINT = 1.6
/** Rules count together when they lie within so many units. */
const TOGETHER = 600
/** Findings of one report. */
const MOST_FINDINGS = 24
/** What is hidden in characters that nobody sees is meant to be hidden. Logit. */
const HIDDEN: ReadonlyMap<string, number> = new Map([
  ['tags', 3],
  ['variation-selectors', 3],
])

/** What one reading of the text came to. */
interface Reading {
  /** Logit with rules. */
  readonly logit: number
  readonly head: number
  readonly jailbreak: number
  readonly points: number
  readonly hits: readonly RuleHit[]
  /** Best window in the folded text. */
  readonly start: number
  readonly end: number
  readonly quoted: boolean
  readonly words: readonly string[]
}

/**
 * The prompt-injection detector (AC-3.1.1, AC-3.1.3, AC-3.1.4, ND-3.1): rules over meaning and a linear head over the folded text and everything that decodes
 * from it. Probabilistic: it marks and lowers, it never releases (T-148).
 */
export function createInjectionDetector(
  model: InjectionModel,
  rules: readonly InjectionRule[] = INJECTION_RULES,
): InjectionDetector {
  const lexicon = createLexicon()
  const match = createMatcher(rules)
  // Scratch of this detector: a scan is synchronous, so that nothing of it is seen from outside.
  const tokens = createTokens()
  const buckets = new Int32Array(tokens.hash.length * FEATURES)
  const sums = createSums(tokens.hash.length)

  const read = (text: string, counts?: Uint32Array): Reading => {
    let head = -Infinity
    let jailbreak = -Infinity
    let start = 0
    let end = 0
    let words: readonly string[] = []
    const hits: RuleHit[] = []
    for (let from = 0; ;) {
      tokenise(text, tokens, lexicon, from)
      const { length, next } = tokens
      writeFeatures(tokens, buckets, model.injection.bits)
      addUp(buckets, length, model.injection, model.jailbreak, sums)
      const best = headScore(sums.injection, length, model.injection)
      if (best.score > head) {
        head = best.score
        start = tokens.start[best.first] ?? 0
        end = tokens.end[Math.max(best.first, best.end - 1)] ?? text.length
        words = heaviest(text, tokens, sums.injection, best)
      }
      jailbreak = Math.max(jailbreak, headScore(sums.jailbreak, length, model.jailbreak).score)
      for (const hit of match(text, tokens)) hits.push(hit)
      if (counts !== undefined) countDisguises(text, tokens, counts)
      if (next >= text.length || length <= OVERLAP) break
      from = tokens.start[length - OVERLAP] ?? next
    }
    const quoted = isQuoted(text, start, end)
    const points = together(hits, text)
    return {
      logit: head + Math.min(points, MOST_POINTS) * LOGIT_OF_POINT,
      head,
      jailbreak,
      points,
      hits,
      start,
      end,
      quoted,
      words,
    }
  }

  return {
    scan(text, { channel }) {
      const view = fold(text)
      const counts = createDisguiseCounts()
      const main = read(view.text, counts)
      let best = main
      let bestLogit = main.logit + signalLogit(view.signals, view.text.length)
      let via: string | undefined
      let place: { readonly start: number; readonly end: number } | undefined
      const findings: Finding[] = []
      const limits = { ...DECODE_LIMITS, units: Math.max(DECODE_LIMITS.units, text.length * 2) }
      const decoded = decodedSegments(text, limits)
      for (const segment of [...decoded.segments, ...disguises(view.text, counts)]) {
        const inner = fold(segment.text)
        const reading = read(inner.text)
        const logit = reading.logit + (HIDDEN.get(outermost(segment.via)) ?? 0)
        for (const { rule } of distinct(reading.hits))
          if (rule.points >= WORTH_SAYING)
            findings.push({ ...named(rule), start: segment.start, end: segment.end, decoded: segment.via })
        if (logit <= bestLogit) continue
        best = reading
        bestLogit = logit
        via = segment.via
        place = { start: segment.start, end: segment.end }
      }
      const thresholds = model.thresholds[channel]
      const { slope, offset } = model.calibration
      const score = sigmoid(slope * bestLogit + offset)
      const verdict = verdictOf(bestLogit, thresholds, {
        strong: best.points >= 1 && best.head > thresholds.flag - STRONG_MARGIN,
        quoted: best.quoted,
        incomplete: decoded.exhausted,
      })
      const category = verdict === 'clean' ? 'none' : categoryOf(best, via, channel)
      // What a clean text holds of weak signs is no finding, and finding its place would cost more than the rest.
      if (verdict === 'clean') findings.length = 0
      else
        findings.unshift(
          {
            rule: 'injection.head',
            category,
            severity: severityOf(best, via, verdict),
            ...(place ?? { start: view.sourceOffset(main.start), end: endOf(view, main.end) }),
            ...(via === undefined ? {} : { decoded: via }),
          },
          ...ruleFindings(main, view),
        )
      return {
        verdict,
        score: round(score),
        category,
        findings: findings.slice(0, MOST_FINDINGS),
        words: verdict === 'clean' ? [] : best.words,
        jailbreak: { score: round(sigmoid(main.jailbreak)) },
      }
    },
  }
}

/** Words that are given as the reason. */
const MOST_WORDS = 5
/** Units of one of them. */
const LONGEST_WORD = 32

function heaviest(text: string, { start, end }: Tokens, sums: Int32Array, { first, end: last }: BestWindow): string[] {
  const weights: (readonly [weight: number, word: string])[] = []
  for (let at = first; at < last; at++) {
    const weight = (sums[at + 1] ?? 0) - (sums[at] ?? 0)
    if (weight > 0)
      weights.push([weight, text.slice(start[at], Math.min(end[at] ?? 0, (start[at] ?? 0) + LONGEST_WORD))])
  }
  return weights
    .toSorted(([one], [other]) => other - one)
    .slice(0, MOST_WORDS)
    .map(([, word]) => word)
}

const WORTH_SAYING = 0.3
const STRONG_MARGIN = 3
/** Points from which it matters whether they are quoted. */
const QUOTE_MATTERS = 0.5

const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit))
const round = (score: number): number => Math.round(score * 10_000) / 10_000
const outermost = (via: string): string => via.split('>', 1)[0] ?? via

function endOf(view: TextView, end: number): number {
  return end >= view.text.length ? view.sourceOffset(view.text.length) : view.sourceOffset(end)
}

const named = (rule: InjectionRule): Pick<Finding, 'rule' | 'category' | 'severity'> => ({
  rule: `injection.${rule.id}`,
  category: rule.category,
  severity: rule.severity,
})

const distinct = (hits: readonly RuleHit[]): readonly RuleHit[] => [
  ...new Map(hits.map((hit) => [hit.rule.id, hit])).values(),
]

const ruleFindings = (reading: Reading, view: TextView): Finding[] =>
  distinct(reading.hits)
    .toSorted((one, other) => other.rule.points - one.rule.points)
    .map(({ rule, start, end }) => ({ ...named(rule), start: view.sourceOffset(start), end: endOf(view, end) }))

/** The most points of different rules within a stretch of text; one that is quoted in writing about attacks counts half. */
function together(hits: readonly RuleHit[], text: string): number {
  const sorted = hits.toSorted((one, other) => one.start - other.start)
  const counts = new Map<InjectionRule, number>()
  let sum = 0
  let most = 0
  for (let first = 0, last = 0; last < sorted.length; last++) {
    const hit = sorted[last]
    if (hit === undefined) break
    const count = counts.get(hit.rule) ?? 0
    counts.set(hit.rule, count + 1)
    if (count === 0) sum += hit.rule.points
    for (
      let oldest = sorted[first];
      oldest !== undefined && hit.start - oldest.start > TOGETHER;
      oldest = sorted[++first]
    ) {
      const left = (counts.get(oldest.rule) ?? 1) - 1
      counts.set(oldest.rule, left)
      if (left === 0) sum -= oldest.rule.points
    }
    if (sum > most) most = sum >= QUOTE_MATTERS && isQuoted(text, hit.start, hit.end) ? Math.max(most, sum / 2) : sum
  }
  return most
}

/** Characters that hide or disorder, by how many there are in how much. */
function signalLogit({ invisible, tags, bidi, variation, mixedScript, control }: TextSignals, length: number): number {
  const share = (invisible + variation) / (length + 1)
  return (
    (share > 0.05 ? 1.5 : 0) +
    (tags > 4 ? 1 : 0) +
    Math.min(0.5, bidi * 0.1) +
    Math.min(1.5, mixedScript * 0.3) +
    (control > 0 && control / (length + 1) < 0.2 ? 0.3 : 0)
  )
}

function categoryOf(reading: Reading, via: string | undefined, channel: InjectionChannel): InjectionCategory {
  if (via !== undefined) return 'encoding_bypass'
  const [strongest] = reading.hits.toSorted((one, other) => other.rule.points - one.rule.points)
  if (strongest !== undefined && strongest.rule.points >= WORTH_SAYING) return strongest.rule.category
  return channel === 'content' ? 'indirect' : 'direct'
}

function severityOf(reading: Reading, via: string | undefined, verdict: InjectionVerdict): Finding['severity'] {
  if (reading.hits.some(({ rule }) => rule.severity === 'critical')) return 'critical'
  if (reading.hits.some(({ rule }) => rule.severity === 'high')) return 'high'
  if (via !== undefined) return 'medium'
  return verdict === 'block' ? 'high' : 'low'
}
