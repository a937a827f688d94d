import { fold } from '@sallyport/core'
import { LEXICON } from './lexicon.ts'
import { isDenied } from './negation.ts'
import { readLesson, type Lesson } from './lesson.ts'
import { isTaught } from './taught.ts'
import { sentencesOf, type Sentence } from './sentences.ts'

/** One place where a sentence speaks of a concept. Offsets within the sentence. */
export interface Hit {
  readonly start: number
  readonly end: number
}

/** A sentence with what it speaks of. */
export interface ReadSentence extends Sentence {
  readonly hits: ReadonlyMap<string, readonly Hit[]>
}

/** A text as prose rules see it. */
export interface Prose {
  readonly sentences: readonly ReadSentence[]
  readonly lesson: Lesson
  /** Offset in the text as it was given. */
  sourceOffset(index: number): number
}

const CYRILLIC = /[\u0400-\u04ff]{3}/
const RAW = LEXICON.filter(({ raw }) => raw === true)

/** Reads a text once for all rules: one fold (TM-EXEC-004), sentences, and the concepts in each. Linear in the text. */
export function readProse(source: string): Prose {
  const view = fold(source)
  const text = withoutModes(withoutLinks(withoutHeaders(lowerCase(view.text))))
  const found = sentencesOf(text)
  const maps = found.map(() => new Map<string, Hit[]>())
  const note = (index: number, id: string, hit: Hit): void => {
    const hits = maps[index]?.get(id)
    if (hits === undefined) maps[index]?.set(id, [hit])
    else if (hits.length < 40) hits.push(hit)
  }
  for (const { id, pattern, act, raw } of LEXICON) {
    if (raw === true) continue
    let at = 0
    for (const match of text.matchAll(pattern)) {
      while (at + 1 < found.length && (found[at + 1]?.start ?? Infinity) <= match.index) at++
      const sentence = found[at]
      if (sentence === undefined) break
      const start = match.index - sentence.start
      const end = Math.min(start + match[0].length, sentence.text.length)
      if (start < 0 || sentence.code) continue
      if (act === true && isDenied(sentence.text, start, end)) continue
      note(at, id, { start, end })
    }
  }
  if (CYRILLIC.test(source))
    for (const [index, { start, text: folded, code }] of found.entries()) {
      const given = source.slice(view.sourceOffset(start), view.sourceOffset(start + folded.length)).toLowerCase()
      if (code || !CYRILLIC.test(given)) continue
      for (const { id, pattern } of RAW)
        for (const match of given.matchAll(pattern))
          note(index, id, { start: match.index, end: Math.min(match.index + match[0].length, folded.length) })
    }
  return {
    lesson: readLesson(source),
    sentences: found.map((sentence, index) => ({ ...sentence, hits: maps[index] ?? new Map() })),
    sourceOffset: (index) => view.sourceOffset(index),
  }
}

/** A header of a request is where a credential belongs: it is blanked, unless something is computed in it. */
const withoutHeaders = (text: string): string =>
  text.replace(
    /(?:-h|--header)\s{1,4}(?:"[^"\n$`]{0,200}(?:\$\{?\w{1,60}\}?)?[^"\n$`]{0,60}"|'[^'\n]{0,300}')/g,
    (header) => (header.includes('$(') ? header : ' '.repeat(header.length)),
  )

/** Whose file it is and who may read it: that reads nothing. */
const withoutModes = (text: string): string =>
  text.replace(
    /\b(?:chmod\s+[0-7]{3,4}|chown\s+[\w:.-]{1,40}|ssh-keygen\b[^\n`]{0,60}\s-f)\s+[^\s`'"]{1,120}/g,
    (command) => ' '.repeat(command.length),
  )

/** Where a link leads is no part of the sentence, unless it leads to something that is run or followed. */
const withoutLinks = (text: string): string =>
  text.replace(
    /\](?:\(|:\s)(https?:\/\/[^)\s]{1,400}|\.{1,2}\/[^)\s]{1,200}\.md(?:#[^)\s]{0,100})?)/g,
    (link, url: string) =>
      /\.(?:zip|rar|7z|exe|dmg|pkg|msi|sh|ps1|bat|tgz|gz|bin|jar|apk|py|txt|js)\b|raw\.|paste|\/raw\/|[?&{<$]|webhook/.test(
        url,
      )
        ? link
        : ' '.repeat(link.length),
  )

/** Lower case of the same length, so that offsets stay. */
function lowerCase(text: string): string {
  const lower = text.toLowerCase()
  if (lower.length === text.length) return lower
  return Array.from(text, (char) => (char.toLowerCase().length === char.length ? char.toLowerCase() : char)).join('')
}

/** The sentence that holds a place of the text as it was given. */
export function sentenceAt(prose: Prose, offset: number): number {
  let low = 0
  let high = prose.sentences.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (prose.sourceOffset(prose.sentences[middle]?.start ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return low
}

/** Whether what a sentence says at a place is quoted in writing about attacks. */
export function taughtAt(prose: Prose, index: number, hit: Hit): boolean {
  const sentence = prose.sentences[index]
  if (sentence === undefined) return false
  if (prose.lesson.shows(prose.sourceOffset(sentence.start + hit.start))) return true
  const previous = prose.sentences[index - 1]?.text ?? ''
  return (
    isTaught(sentence.text, previous, hit.start, hit.end, prose.lesson.about) ||
    // what begins before a quotation and is said within it
    (hit.end - hit.start > 1 && isTaught(sentence.text, previous, hit.end - 1, hit.end, prose.lesson.about))
  )
}
