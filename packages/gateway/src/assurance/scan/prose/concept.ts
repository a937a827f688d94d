/** One meaning that texts express in several words. Patterns are held against folded text in lower case. */
export interface Concept {
  readonly id: string
  /** Global, bounded quantifiers only. */
  readonly pattern: RegExp
  /** An act: where the sentence denies or forbids it, it does not count. */
  readonly act?: true
  /** Held against the text as it was given, in lower case: folding takes Cyrillic letters for Latin ones. */
  readonly raw?: true
}

/** Words or phrases; `*` at the end of one stands for any ending, a space for any white space. */
function phrases(list: string): RegExp {
  const one = list
    .trim()
    .split(/\s*\|\s*/)
    .map((phrase) => phrase.replace(/\s+/g, '\\s{1,4}').replace(/\*/g, "[\\w']{0,12}"))
    .join('|')
  return new RegExp(`(?<![\\w-])(?:${one})(?![\\w])`, 'g')
}

export const act = (id: string, list: string): Concept => ({ id, pattern: phrases(list), act: true })
export const thing = (id: string, list: string): Concept => ({ id, pattern: phrases(list) })
export const shape = (id: string, pattern: RegExp): Concept => ({ id, pattern })
/** A whole phrase that is an act. */
export const deed = (id: string, pattern: RegExp): Concept => ({ id, pattern, act: true })
