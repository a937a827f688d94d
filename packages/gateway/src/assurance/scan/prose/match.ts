import type { Hit, Prose, ReadSentence } from './read.ts'
import { taughtAt } from './read.ts'
import { DIRECT, NEAR, parseTerms, PASSAGE, type ProsePlace, type ProseRule, type Term } from './rule.ts'

export interface ProseHit {
  readonly rule: ProseRule
  /** UTF-16 units of the text as it was given. */
  readonly start: number
  readonly end: number
  /** Quoted in writing about attacks: a notice, no more. */
  readonly taught: boolean
}

interface Compiled {
  readonly rule: ProseRule
  readonly rows: readonly (readonly Term[])[]
}

/** All places where a rule holds; one a sentence. */
export function matchProse(prose: Prose, rules: readonly ProseRule[], place: ProsePlace): readonly ProseHit[] {
  const found: ProseHit[] = []
  const spoken = new Set(prose.sentences.flatMap(({ hits }) => [...hits.keys()]))
  const possible = (row: readonly Term[]): boolean =>
    row.every(
      ({ absent, first, second }) =>
        absent || (first.some((id) => spoken.has(id)) && (second.length === 0 || second.some((id) => spoken.has(id)))),
    )
  for (const { rule, rows: all } of rules.map(compiled)) {
    if (rule.places !== undefined && !rule.places.includes(place)) continue
    const rows = all.filter(possible)
    if (rows.length === 0) continue
    let last = -1
    for (let index = 0; index < prose.sentences.length; index++) {
      const window =
        rule.within === 'passage'
          ? prose.sentences.slice(index, index + PASSAGE)
          : prose.sentences.slice(index, index + 1)
      if (rule.unless?.some((id) => window.some(({ hits }) => hits.has(id))) === true) continue
      for (const row of rows) {
        const place = holds(row, window, index)
        if (place === undefined || place.at === last) continue
        last = place.at
        const sentence = prose.sentences[place.at]
        if (sentence === undefined) continue
        found.push({
          rule,
          start: prose.sourceOffset(sentence.start + place.hit.start),
          end: prose.sourceOffset(sentence.start + place.end),
          taught: taughtAt(prose, place.at, { start: place.hit.start, end: place.end }),
        })
        break
      }
    }
  }
  return found
}

const cache = new WeakMap<ProseRule, Compiled>()
function compiled(rule: ProseRule): Compiled {
  const known = cache.get(rule)
  if (known !== undefined) return known
  const made = { rule, rows: rule.when.map(parseTerms) }
  cache.set(rule, made)
  return made
}

/** Where a row holds within one sentence. */
export function meetsRow(row: readonly Term[], sentence: ReadSentence): Hit | undefined {
  const held = holds(row, [sentence], 0)
  return held === undefined ? undefined : { start: held.hit.start, end: held.end }
}

interface Held {
  /** Sentence that the finding is shown at. */
  readonly at: number
  readonly hit: Hit
  readonly end: number
}

/** The first term must be met in the first sentence of the window, so that a passage is found once. */
function holds(terms: readonly Term[], window: readonly ReadSentence[], index: number): Held | undefined {
  let held: Held | undefined
  for (const term of terms) {
    const met = meets(term, window)
    if (term.absent ? met !== undefined : met === undefined) return undefined
    if (met !== undefined && (held === undefined || index + met.at < held.at)) held = { ...met, at: index + met.at }
  }
  return held !== undefined && (window.length === 1 || held.at === index) ? held : undefined
}

/** Words that end the reach of an act: what follows is its means or its condition, not its object. */
const ENDS =
  /\b(?:(?<!(?:together|along) )with|using|via|by|signed|requires?|needs?|if|when|whether|without|where|that|which|because|behind|from|for|due|since|against|about|before|after|until)\b|[;|{}#`]|:\s/

/** What an act is said to go without: `start without the tokens of the owner`. */
const LACKS =
  /\bwithout (?:any |the |all )?(?:\w+ (?:or|and) )?(?:cookies?|tokens?|passwords?|credentials?|secrets?|keys?)\b/
const LACKED = new Set(['users-secret', 'secret', 'hard-secret'])

function meets({ first, second, ordered, direct }: Term, window: readonly ReadSentence[]): Held | undefined {
  for (const [at, { hits, text }] of window.entries()) {
    for (const id of first)
      for (const one of hits.get(id) ?? []) {
        if (second.length === 0) return { at, hit: one, end: one.end }
        for (const other of second.flatMap((name) => hits.get(name) ?? [])) {
          const after = other.start - one.end
          const before = one.start - other.end
          if (second.every((name) => LACKED.has(name)) && after > 0 && LACKS.test(text.slice(one.end, other.end)))
            continue
          if (direct && (after < 0 || after > DIRECT || ENDS.test(text.slice(one.end, other.start)))) continue
          if ((after >= 0 && after <= NEAR) || (!ordered && before >= 0 && before <= NEAR)) {
            const [from, to] = one.start < other.start ? [one, other] : [other, one]
            return { at, hit: from, end: to.end }
          }
        }
      }
  }
  return undefined
}
