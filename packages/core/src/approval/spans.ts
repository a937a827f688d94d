import { parse } from 'tldts'
import { escapeParts } from './escape.ts'
import { isMixed, looksLatin } from './warnings.ts'

/**
 * A piece of shown text. `hidden`: characters that show nothing or move others, as their escape · `break`: a line break or a
 * tab · `lookalike`: a letter that only looks like a Latin one · `mixed`: a word of two scripts · `domain`: the part of an
 * address or URL that has an owner.
 */
export interface Span {
  readonly text: string
  readonly kind: 'plain' | 'hidden' | 'break' | 'lookalike' | 'mixed' | 'domain'
  /** Code point of hidden characters, `U+202E`. */
  readonly code?: string
  /** How many of the same follow each other, where more than one. */
  readonly count?: number
}

/** More pieces than this say nothing more to a person; the escaped text alone then does. */
const MOST_SPANS = 2_000
const MOST_LENGTH = 20_000
const BREAKS: ReadonlySet<string> = new Set(['\n', '\r', '\t'])

/**
 * What to mark in a value, piece by piece; undefined where nothing is to be marked. The pieces joined are the escaped text
 * that every other surface shows (T-032, T-033).
 */
export function spansOf(value: string): readonly Span[] | undefined {
  if (value.length > MOST_LENGTH) return undefined
  const parts = escapeParts(value)
  const kinds = parts.map(({ char, shown }): Span['kind'] => {
    if (shown === char || char === '\\') return looksLatin(char) ? 'lookalike' : 'plain'
    return BREAKS.has(char) ? 'break' : 'hidden'
  })
  markWords(parts, kinds)
  markDomain(value, parts, kinds)
  if (kinds.every((kind) => kind === 'plain')) return undefined
  const spans: Span[] = []
  let last: { -readonly [K in keyof Span]: Span[K] } | undefined
  let lastChar = ''
  for (const [index, { char, shown }] of parts.entries()) {
    const kind = kinds[index] ?? 'plain'
    const joins = last?.kind === kind && ((kind !== 'hidden' && kind !== 'break') || char === lastChar)
    if (last !== undefined && joins) {
      last.text += shown
      if (last.code !== undefined) last.count = (last.count ?? 1) + 1
    } else {
      last = kind === 'hidden' || kind === 'break' ? { text: shown, kind, code: codeOf(char) } : { text: shown, kind }
      spans.push(last)
      if (spans.length > MOST_SPANS) return undefined
    }
    lastChar = char
  }
  return spans
}

type Parts = ReturnType<typeof escapeParts>

function markWords(parts: Parts, kinds: Span['kind'][]): void {
  let start = 0
  for (let at = 0; at <= parts.length; at++) {
    const char = parts[at]?.char
    if (char !== undefined && !SEPARATOR.test(char)) continue
    const word = parts.slice(start, at)
    if (word.length > 1 && isMixed(word.map(({ char: each }) => each).join(''))) {
      for (let inside = start; inside < at; inside++) if (kinds[inside] === 'plain') kinds[inside] = 'mixed'
    }
    start = at + 1
  }
}

const SEPARATOR = /[\s./@:;,?&=#()[\]{}<>"'|\\]/u
/** An address, a URL or a bare host; nothing else has a part that somebody owns. */
const PLACE = /^(?:[^\s@/]+@|[a-z][a-z0-9+.-]*:\/\/(?:[^\s@/]*@)?)?([^\s@/:?#]+\.[^\s@/:?#]+)(?:[:/?#].*)?$/isu

function markDomain(value: string, parts: Parts, kinds: Span['kind'][]): void {
  const host = PLACE.exec(value)?.[1]
  if (host === undefined || host.length > 253) return
  const { domain, isIcann, isPrivate } = parse(host, { allowPrivateDomains: true, extractHostname: false })
  const isPlace = value !== host && (value.includes('@') || value.includes('://'))
  if (domain === null || (!isPlace && isIcann !== true && isPrivate !== true)) return
  const end = value.indexOf(host) + host.length
  const from = end - domain.length
  let offset = 0
  for (const [index, { char }] of parts.entries()) {
    if (offset >= from && offset < end && kinds[index] === 'plain') kinds[index] = 'domain'
    offset += char.length
  }
}

const codeOf = (char: string): string => `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
