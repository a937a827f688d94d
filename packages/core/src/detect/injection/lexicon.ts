import { fold } from '../text/fold.ts'
import { CLASSES, type WordClass } from './classes.ts'
import { ACTIONS, ENGLISH_ACTIONS } from './lexicon-actions.ts'
import { ENGLISH } from './lexicon-english.ts'
import { LANGUAGES } from './lexicon-languages.ts'
import { hashWord, type Tokens } from './tokens.ts'

/** What the words of a text mean to the rules: one class a token, from entries of one or several tokens. */
export interface Lexicon {
  /** Hash of the beginning of a word → class. */
  readonly stems: ReadonlyMap<number, number>
  /** Filter before the map: upper half of the hash. */
  readonly stemBits: Uint8Array
  /** Writes class and span of every token that begins an entry. Linear: an entry has at most `LONGEST` tokens. */
  mark(tokens: Tokens): void
}

interface Node {
  value: number
  next: Map<number, Node> | undefined
}

/** Words of a class: `ignore`, `pay no attention` (several tokens), `instruct*` (a beginning of four units or more). */
export type Words = Readonly<Partial<Record<WordClass, string>>>

const UNSPACED = /[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff]/

export function createLexicon(
  tables: readonly Words[] = [...ACTIONS, ENGLISH, ...LANGUAGES, ENGLISH_ACTIONS],
): Lexicon {
  const stems = new Map<number, number>()
  const stemBits = new Uint8Array(0x10000)
  const root = new Map<number, Node>()
  const rootBits = new Uint8Array(0x10000)
  for (const table of tables)
    for (const [name, list] of Object.entries(table)) {
      const value = CLASSES.indexOf(name as WordClass)
      for (const entry of list.split(',')) {
        const words = split(fold(entry.trim()).text)
        const [only = ''] = words
        if (words.length === 1 && only.endsWith('*')) {
          const hash = hashWord(only.slice(0, -1))
          stems.set(hash, value)
          stemBits[(hash >>> 16) & 0xffff] = 1
        } else if (words.length > 0) add(root, rootBits, words.map(hashWord), value)
      }
    }
  return { stems, stemBits, mark: (tokens) => mark(tokens, root, rootBits) }
}

/** As `tokenise` parts them, for entries without punctuation. */
function split(entry: string): readonly string[] {
  const words: string[] = []
  for (const word of entry.replace(/'/g, '').split(/[\s_]+/))
    if (UNSPACED.test(word)) words.push(...Array.from(word))
    else if (word !== '') words.push(word)
  return words
}

function add(root: Map<number, Node>, bits: Uint8Array, hashes: readonly number[], value: number): void {
  let level = root
  for (const [index, hash] of hashes.entries()) {
    if (index === 0) bits[(hash >>> 16) & 0xffff] = 1
    let node = level.get(hash)
    if (node === undefined) level.set(hash, (node = { value: 0, next: undefined }))
    if (index === hashes.length - 1) node.value = value
    else level = node.next ??= new Map()
  }
}

function mark(tokens: Tokens, root: ReadonlyMap<number, Node>, bits: Uint8Array): void {
  const { hash, word, span, length } = tokens
  for (let index = 0; index < length; index++) {
    const first = hash[index] ?? 0
    if (bits[(first >>> 16) & 0xffff] === 0) continue
    let node = root.get(first)
    for (let at = index; node !== undefined;) {
      if (node.value !== 0) {
        word[index] = node.value
        span[index] = at - index + 1
      }
      at++
      node = at < length ? node.next?.get(hash[at] ?? 0) : undefined
    }
  }
}
