import { existsSync, realpathSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { isJsonObject, type Json } from '@sallyport/core'

/** What of a call is looked through; one that runs something and has more is not let through unseen. */
const MOST = { texts: 2_000, length: 262_144, words: 8_000, bases: 8 }
const GLOB = /[*?[{]/

/** Whether a shell would take some of it for a pattern. */
export const isPattern = (text: string): boolean => GLOB.test(text)

/** A text that may name files, and the directory that relative names in it are below. */
export interface Naming {
  readonly text: string
  readonly cwd: string | undefined
}

/** Every text in the arguments of a call, its names too. */
export function textsIn(value: Json): readonly string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap(textsIn)
  return isJsonObject(value) ? Object.entries(value).flatMap(([key, item]) => [key, ...textsIn(item)]) : []
}

/** Whether there is more in these texts than is looked through. */
export const isTooMuch = (texts: readonly string[]): boolean =>
  texts.length > MOST.texts || texts.some((text) => text.length > MOST.length || wordsOf(text).length > MOST.words)

/**
 * Paths, canonical, that a text may name and that are there: the whole of it, and each of its words with quotes taken as marks and as
 * nothing, below its directory and below every directory that it names (`cd x && sh y`). A courtesy of a look, not a shell: what is
 * put together when it runs is not seen.
 * @param places canonical folders that patterns of a shell are held against
 */
export function pathsIn({ text, cwd }: Naming, places: readonly string[]): readonly string[] {
  const words = wordsOf(text.slice(0, MOST.length)).slice(0, MOST.words)
  const first = cwd === undefined ? [] : [cwd]
  const folders = words.flatMap((word) => below(word, first).filter(isFolder))
  const found = new Set<string>()
  for (const word of words)
    for (const path of below(word, [...first, ...folders.slice(0, MOST.bases)])) {
      if (isPattern(word)) for (const place of places) if (fits(path, place)) found.add(place)
      if (existsSync(path)) found.add(canonical(path))
    }
  return [...found]
}

function wordsOf(text: string): readonly string[] {
  const split = /[\s;|&<>()`=,:]+/
  const words = new Set([text, ...text.split(split), ...text.split(/[\s;|&<>()`=,:'"]+/)])
  for (const word of text.replaceAll(/['"\\]/g, '').split(split)) words.add(word)
  for (const word of text.replaceAll(/\\(?=.)/g, '').split(/['"]/)) words.add(word)
  return [...words].filter((word) => word !== '' && word.length < 4_096 && !word.includes('\0'))
}

/** Where a word leads from each directory. */
function below(word: string, bases: readonly string[]): readonly string[] {
  const plain = word.replace(/^(?:~|\$HOME|\$\{HOME\})(?=\/|$)/, homedir()).replace(/^file:\/\//, '')
  const here = plain.replace(/^(?:\$PWD|\$\{PWD\})(?=\/|$)/, '.')
  return here.startsWith('/') ? [resolve(here)] : bases.map((base) => resolve(base, here))
}

/** Where the kernel would arrive; of what is not there, below the last that is. */
export function canonical(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    const parent = dirname(path)
    return parent === path ? path : join(canonical(parent), path.slice(parent.length))
  }
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

/** Whether a pattern may be a place or lie in it, segment by segment. */
function fits(pattern: string, place: string): boolean {
  const own = pattern.split('/')
  return place.split('/').every((segment, at) => {
    const asked = own[at]
    return asked !== undefined && (asked === segment || (isPattern(asked) && matcher(asked).test(segment)))
  })
}

/** What may match anything, in one pattern: more are taken for one that matches all. */
const MOST_WILD = 4

/** Lists of a pattern are taken for anything. */
function matcher(segment: string): RegExp {
  const parts = segment.split(/(?:\{[^}]*\}?|\[[^\]]*\]?|\*)+/)
  if (parts.length > MOST_WILD) return /^/
  const fixed = parts.map((part) => part.replaceAll(/[.+^$()|\\}\]]/g, String.raw`\$&`).replaceAll('?', '.'))
  return new RegExp(`^${fixed.join('.*')}$`)
}
