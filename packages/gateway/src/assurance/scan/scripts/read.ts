import { fold } from '@sallyport/core'
import type { Hit } from '../prose/read.ts'
import { lex, type Lexed } from './lex.ts'
import type { ScriptKind } from './language.ts'
import { SIGNS } from './signs.ts'

/** A source text as code rules see it. */
export interface ReadCode extends Lexed {
  readonly kind: ScriptKind
  readonly source: string
  readonly signs: ReadonlyMap<string, readonly Hit[]>
}

/** Places of one sign that are kept. */
export const MOST_HITS = 60

export function readCode(source: string, kind: ScriptKind): ReadCode {
  const lexed = lex(source, kind.comments)
  const signs = new Map<string, Hit[]>()
  const note = (id: string, start: number, end: number): void => {
    const hits = signs.get(id)
    if (hits === undefined) signs.set(id, [{ start, end }])
    else if (hits.length < MOST_HITS) hits.push({ start, end })
  }
  // Names of other alphabets are names all the same: signs are looked for in the folded text too, where folding changes anything.
  const folded = fold(lexed.code)
  for (const { id, pattern, bare, languages } of SIGNS) {
    if (languages !== undefined && !languages.includes(kind.language)) continue
    for (const match of (bare === true ? lexed.bare : lexed.code).matchAll(pattern))
      note(id, match.index, match.index + match[0].length)
    if (folded.text !== lexed.code && bare !== true && !signs.has(id))
      for (const match of folded.text.matchAll(pattern))
        note(id, folded.sourceOffset(match.index), folded.sourceOffset(match.index + match[0].length))
  }
  // what hides in comments hides as well
  for (const { text, start } of lexed.comments)
    for (const match of text.matchAll(/[\u202a-\u202e\u2066-\u2069]/g))
      note('trojan-source', start + match.index, start + match.index + 1)
  endless(lexed.bare, signs, note)
  // a shell is read by its own parsers, which know the installers that projects publish this way
  if (kind.language === 'shell' || kind.language === 'other') signs.delete('download-run')
  const files = signs.get('secret-file')
  if (
    files !== undefined &&
    files.every(({ start, end }) => /^\W*\.env(?:\.\w+)?$/i.test(lexed.code.slice(start, end)))
  )
    note('only-env', 0, 0)
  return { ...lexed, kind, source, signs }
}

/** A loop without end and without a way out, a pause or a wait in what follows it. */
function endless(
  bare: string,
  signs: Map<string, Hit[]>,
  note: (id: string, start: number, end: number) => void,
): void {
  const loops = signs.get('endless') ?? []
  signs.delete('endless')
  for (const { start, end } of loops) {
    const indent = /[^\S\n]*$/.exec(bare.slice(Math.max(0, start - 40), start))?.[0].length ?? 0
    const body = bare.slice(end, end + 1500)
    const stop = new RegExp(`\\n[^\\S\\n]{0,${indent}}(?:\\S)`).exec(body)?.index ?? body.length
    const inside = /[{;]|\bdo\b/.test(bare.slice(end - 2, end + 3)) ? body : body.slice(0, Math.max(stop, 1))
    if (
      /\b(?:break|return|raise|throw|yield|await|sleep|wait|recv|accept|input|read|readline|exit|select|poll|get|next|done|delay|setTimeout|timeout|listen)\b|\bq\b/.test(
        inside,
      )
    ) {
      note('endless', start, end)
      continue
    }
    note('endless-busy', start, end)
  }
}
