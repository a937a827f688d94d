import { compactWords, normalWords } from './normal.ts'

/**
 * How the user's words came (threat-model §4): `typed` over a channel that the agent cannot write to · `pasted` there, but not
 * keyed in · `relayed` by a host whose word another process could forge.
 */
export type WordsChannel = 'typed' | 'pasted' | 'relayed'

/** What the words say of a value. `ambiguous`: negated, asked about, pasted, or seen before in untrusted text. */
export type Mention = { readonly kind: 'named' | 'ambiguous'; readonly sentence: string; readonly why: string }

interface Utterance {
  readonly text: string
  readonly channel: WordsChannel
  /** Says whether untrusted text held this before the words were heard. */
  readonly heldBefore: ReadonlySet<string>
}

/** Most characters of words that are kept; what is older counts as never said. */
const KEPT = 262_144
/** Most distinct values that are remembered as seen before the words. */
const HELD = 20_000

/**
 * The user's words of one agent instance. A value is the user's when it stands in them as a whole (T-098), in a sentence that
 * does not deny or question it (T-097), and was not in untrusted text before (T-096).
 */
export class UserWords {
  #utterances: Utterance[] = []
  #size = 0

  get empty(): boolean {
    return this.#utterances.length === 0
  }

  /** @param held says whether untrusted text held a word before now */
  hear(words: string, channel: WordsChannel, held: (word: string) => boolean): void {
    const text = normalWords(words).slice(0, KEPT)
    const before = new Set<string>()
    for (const word of text.split(' ')) {
      const bare = trimWord(word)
      if (bare !== '' && before.size < HELD && held(bare)) before.add(bare)
    }
    this.#utterances.push({ text, channel, heldBefore: before })
    this.#size += text.length
    while (this.#size > KEPT && this.#utterances.length > 1) this.#size -= this.#utterances.shift()?.text.length ?? 0
  }

  /** The best mention of a value, or nothing when it was not said. `words` may hold several tokens. */
  mention(value: string): Mention | undefined {
    const wanted = normalWords(value)
    if (wanted === '') return undefined
    let best: Mention | undefined
    for (const utterance of this.#utterances) {
      for (const at of placesOf(wanted, utterance.text)) {
        const sentence = sentenceAt(utterance.text, at.start)
        const why = doubt(utterance, wanted, sentence)
        if (why === undefined) return { kind: 'named', sentence: sentence.text, why: '' }
        best ??= { kind: 'ambiguous', sentence: sentence.text, why }
      }
    }
    return best
  }

  /** True when the words hold at least two words of the name one after the other, and three in five of all its words. */
  saysMost(name: string): boolean {
    const wanted = nameWords(name)
    for (let length = wanted.length; length >= 2 && length * 5 >= wanted.length * 3; length--) {
      for (let from = 0; from + length <= wanted.length; from++) {
        if (this.says(wanted.slice(from, from + length).join(' '))) return true
      }
    }
    return false
  }

  /** True when the words hold this text anywhere as a whole, however meant: for names of records, not for sinks. */
  says(value: string): boolean {
    const wanted = normalWords(value)
    return wanted !== '' && this.#utterances.some(({ text }) => !placesOf(wanted, text).next().done)
  }
}

/** `grocery-list-today.docx` → grocery, list, today. */
const nameWords = (name: string): readonly string[] =>
  normalWords(name)
    .replace(/\.[a-z0-9]{1,5}$/, '')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')

const LETTER = /[\p{L}\p{N}]/u
const trimWord = (word: string): string => word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '')

/** Every place where `wanted` stands as a whole: not as the start, end or middle of a longer word, address or name. */
function* placesOf(wanted: string, text: string): Generator<{ readonly start: number; readonly end: number }> {
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    const end = at + wanted.length
    if (!joinsLeft(text, at) && !joinsRight(text, end)) yield { start: at, end }
  }
  const spaced = spacedForm(wanted)
  if (spaced === undefined) return
  for (const match of text.matchAll(spaced)) {
    const end = match.index + match[0].length
    if (!joinsLeft(text, match.index) && !joinsRight(text, end)) yield { start: match.index, end }
  }
}

/** `corp.com` is not said by `bob@corp.com`, nor `c.txt` by `b/c.txt`. */
const joinsLeft = (text: string, at: number): boolean => {
  const before = text[at - 1]
  if (before === undefined) return false
  if (LETTER.test(before)) return true
  return (
    '@._-+/\\%#&~'.includes(before) &&
    at > 1 &&
    (LETTER.test(text[at - 2] ?? '') || before === '@' || '/\\'.includes(before))
  )
}

/** `corp.com` is not said by `corp.com.evil.io`; a full stop at the end of a sentence joins nothing. */
const joinsRight = (text: string, end: number): boolean => {
  const after = text[end]
  if (after === undefined) return false
  if (LETTER.test(after)) return true
  return '@._-+/\\%#&~:=?'.includes(after) && LETTER.test(text[end + 1] ?? '')
}

/** Account and phone numbers are written with spaces: `GB29 NWBK 6016 …`. Undefined for other values. */
function spacedForm(wanted: string): RegExp | undefined {
  const compact = compactWords(wanted)
  if (compact.length < 10 || compact.length > 40 || !/\d{4}/.test(compact) || !/^[a-z0-9 -]+$/.test(wanted))
    return undefined
  return new RegExp([...compact].join('[ -]?'), 'g')
}

interface Sentence {
  readonly text: string
  /** The part before the value. */
  readonly before: string
}

function sentenceAt(text: string, at: number): Sentence {
  let start = at
  while (start > 0 && !(/[.!?;\n]/.test(text[start - 1] ?? '') && /\s/.test(text[start] ?? ' '))) start--
  let end = at
  while (end < text.length && !(/[.!?;\n]/.test(text[end] ?? '') && /^\s|^$/.test(text.slice(end + 1, end + 2)))) end++
  return { text: text.slice(start, end + 1).trim(), before: text.slice(start, at).trim() }
}

/** Words that turn a mention round. Those that only look like it are taken out first. */
const HARMLESS =
  /\b(?:do not|don't|dont|never) (?:forget|hesitate|fail|worry)\b|\bnot only\b|\bwithout (?:fail|delay|asking|waiting)\b|\bno (?:problem|rush|worries)\b/g
const DENIAL =
  /\b(?:not|never|don't|dont|doesn't|won't|shouldn't|mustn't|can't|cannot|no longer|avoid|except|excluding|without|unless|instead of|rather than|other than|but not|anyone but|block|blocked|blocking|ban|banned|spam|phish|phishing|scam|scammer|fraud|fraudulent|suspicious|malicious|fake|untrusted|ignore|beware|hacker|attacker|nicht|niemals|kein|keine|ohne|statt|außer|pas|jamais|sauf|sans|nunca|salvo|excepto|sin|senza|mai|tranne|niet|nooit|behalve)\b|不要|别|禁止|绝不|ない|しないで|не |никогда|кроме|без /
/** A question about the value; a polite request is none. */
const REQUEST =
  /^(?:hi|hello|hey|please|so|and|ok|okay|now|then|also|[\s,]|\d+[.)])*(?:can|could|would|will|may|might|can't|won't|couldn't) (?:you|i|we|u)\b/
const QUESTION =
  /^(?:hi|hello|hey|so|and|ok|okay|now|then|also|[\s,]|\d+[.)])*(?:is|are|was|were|does|do|did|has|have|had|should|shall|who|whose|what|what's|why|which|where|how)\b/

function doubt(utterance: Utterance, wanted: string, sentence: Sentence): string | undefined {
  if (utterance.channel === 'pasted') return 'It was pasted, not typed.'
  if (utterance.channel === 'relayed') return 'The host relayed it; another program could have.'
  const { heldBefore } = utterance
  if (
    heldBefore.size > 0 &&
    wanted
      .split(' ')
      .map(trimWord)
      .filter(Boolean)
      .every((word) => heldBefore.has(word))
  ) {
    return 'Untrusted text held it before the user said it.'
  }
  if (DENIAL.test(sentence.before.replace(HARMLESS, ' '))) return 'The sentence seems to rule it out.'
  if (sentence.text.endsWith('?') && QUESTION.test(sentence.text) && !REQUEST.test(sentence.text)) {
    return 'The sentence asks about it.'
  }
  return undefined
}
