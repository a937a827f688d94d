import type { Hit } from '../prose/read.ts'
import { parseTerms, type Term } from '../prose/rule.ts'
import type { ReadCode } from './read.ts'
import { CODE_RULES, NEAR_CODE, type CodeRule } from './rules.ts'

export interface CodeHit extends Hit {
  readonly rule: CodeRule
  /** Index of the file. */
  readonly file: number
}

const ROWS = new Map(CODE_RULES.map((rule) => [rule, rule.when.map(parseTerms)]))

/** All rules over the files of a skill: each by itself, then all of them together. */
export function matchCode(files: readonly ReadCode[], rules: readonly CodeRule[] = CODE_RULES): readonly CodeHit[] {
  const found: CodeHit[] = []
  for (const rule of rules)
    for (const row of ROWS.get(rule) ?? rule.when.map(parseTerms)) {
      if (rule.over === 'skill') {
        const hit = across(row, files)
        if (hit !== undefined) found.push({ rule, ...hit })
        continue
      }
      for (const [index, { signs }] of files.entries()) {
        const hit = holds(row, signs)
        if (hit !== undefined) found.push({ rule, file: index, ...hit })
      }
    }
  return distinct(found)
}

/** One finding of a rule a file: its first place. */
function distinct(hits: readonly CodeHit[]): readonly CodeHit[] {
  const first = new Map<string, CodeHit>()
  for (const hit of hits) {
    const key = `${hit.rule.id} ${hit.file}`
    const other = first.get(key)
    if (other === undefined || hit.start < other.start) first.set(key, hit)
  }
  return [...first.values()]
}

function across(row: readonly Term[], files: readonly ReadCode[]): (Hit & { readonly file: number }) | undefined {
  let first: (Hit & { readonly file: number }) | undefined
  for (const term of row) {
    const file = files.findIndex(({ signs }) => meets(term, signs) !== undefined)
    if (term.absent ? file >= 0 : file < 0) return undefined
    if (term.absent) continue
    const hit = meets(term, files[file]?.signs ?? new Map())
    if (hit !== undefined) first ??= { ...hit, file }
  }
  return first
}

function holds(row: readonly Term[], signs: ReadonlyMap<string, readonly Hit[]>): Hit | undefined {
  let first: Hit | undefined
  for (const term of row) {
    const hit = meets(term, signs)
    if (term.absent ? hit !== undefined : hit === undefined) return undefined
    first ??= hit
  }
  return first
}

function meets({ first, second, ordered }: Term, signs: ReadonlyMap<string, readonly Hit[]>): Hit | undefined {
  for (const id of first)
    for (const one of signs.get(id) ?? []) {
      if (second.length === 0) return one
      for (const other of second.flatMap((name) => signs.get(name) ?? [])) {
        if (other === one) continue
        const after = other.start - one.start
        if (after >= 0 ? other.start - one.end <= NEAR_CODE : !ordered && one.start - other.end <= NEAR_CODE)
          return { start: Math.min(one.start, other.start), end: Math.max(one.end, other.end) }
      }
    }
  return undefined
}
