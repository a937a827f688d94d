import { decodedSegments, decodeBudget, type DecodeBudget, type Segment } from './encoded.ts'
import type { Match } from './issued.ts'
import type { KnownSecrets } from './known.ts'
import type { Hints } from './hints.ts'
import { scan } from './scan.ts'

/** A secret in a string; `start` and `end` in UTF-16 units of the text as given: of the encoded run when it is `decoded`. */
export interface SecretMatch {
  readonly family: string
  readonly start: number
  readonly end: number
  /** How it was hidden, outermost first: `base64`, `escape>base64`. */
  readonly decoded?: string
}

/** `log`: everything, weak values of named settings too. `result`: what is a secret beyond doubt. */
export type SecretScope = 'log' | 'result'

export interface FindOptions {
  /** Also read encoded and split forms; default true. */
  readonly decode?: boolean
  /** Values that the vault issued and canaries (HB-77). */
  readonly known?: KnownSecrets
}

/** Shorter strings hold no secret that a pattern could tell from a word. */
const MIN_LENGTH = 6
const DEPTH = 3

/** All secrets in a string, in order, without overlaps (what overlaps is joined). Linear in the length of the text. */
export function findSecrets(text: string, scope: SecretScope, options: FindOptions = {}): readonly SecretMatch[] {
  if (text.length < MIN_LENGTH) return NOTHING
  const found: SecretMatch[] = []
  const hints = scan(text, scope === 'log' ? 'lenient' : 'strict', (match) => found.push(match))
  if (options.known !== undefined) options.known.find(text, (match) => found.push(match))
  if (!hints.isEmpty && options.decode !== false) {
    explore(text, hints, '', 1, (start, end) => [start, end], decodeBudget(text.length), options, found)
  }
  return found.length < 2 ? found : merge(found)
}

const NOTHING: readonly SecretMatch[] = Object.freeze([])

/** False when a string certainly holds no secret, in the time of one pass; true when it is worth a search. */
export function mayHoldSecret(text: string, scope: SecretScope, known?: KnownSecrets): boolean {
  if (text.length < MIN_LENGTH) return false
  let held = false
  const hold = (): void => {
    held = true
  }
  const hints = scan(text, scope === 'log' ? 'lenient' : 'strict', hold)
  if (!held && hints.isEmpty) known?.find(text, hold)
  return held || !hints.isEmpty
}

type ToSource = (start: number, end: number) => readonly [number, number]

function explore(
  text: string,
  hints: Hints,
  via: string,
  depth: number,
  toSource: ToSource,
  budget: DecodeBudget,
  options: FindOptions,
  found: SecretMatch[],
): void {
  for (const segment of decodedSegments(text, hints, budget)) {
    const place = placeOf(segment, toSource)
    const decoded = via === '' ? segment.via : `${via}>${segment.via}`
    const add = (match: Match): void => {
      if (segment.guessed === true && !isCertain(match, segment)) return
      const [start, end] = place(match.start, match.end)
      found.push({ family: match.family, start, end, decoded })
    }
    const inner = scan(segment.text, isOneToken(segment) ? 'eager' : 'strict', add)
    options.known?.find(segment.text, add)
    if (!inner.isEmpty && depth < DEPTH && segment.guessed !== true) {
      explore(segment.text, inner, decoded, depth + 1, place, budget, options, found)
    }
  }
}

const placeOf = (segment: Segment, toSource: ToSource): ToSource => {
  const { mapped } = segment
  return mapped === undefined
    ? () => toSource(segment.start, segment.end)
    : (start, end) => toSource(mapped.sourceOffset(start), mapped.sourceOffset(end))
}

/** Somebody hid one token and nothing else. */
const isOneToken = ({ text, mapped, guessed }: Segment): boolean =>
  mapped === undefined && guessed !== true && text.length < 400 && /^[\w.+/=~:$-]+$/.test(text)

/** What was guessed together has to fill most of the guess and to be of an issuer. */
function isCertain(match: Match, segment: Segment): boolean {
  if (match.family === 'uri-userinfo') return segment.via === 'wrapped'
  if (
    match.family === 'bare' ||
    match.family.startsWith('keyed-') ||
    match.end - match.start < segment.text.length * 0.6
  )
    return false
  return (segment.via !== 'rot13' && segment.via !== 'reversed') || (match.prefix ?? 0) > 3
}

function merge(found: SecretMatch[]): readonly SecretMatch[] {
  found.sort((a, b) => a.start - b.start || b.end - a.end || vagueness(a) - vagueness(b))
  const result: SecretMatch[] = []
  for (const match of found) {
    const last = result.at(-1)
    if (last === undefined || match.start >= last.end) {
      result.push(match)
      continue
    }
    const named = vagueness(match) < vagueness(last) ? match : last
    result[result.length - 1] = { ...named, start: last.start, end: Math.max(last.end, match.end) }
  }
  return result
}

/** Of two names for one secret, the one that says more is kept. */
const vagueness = ({ family, decoded }: SecretMatch): number =>
  (family === 'vault' || family === 'canary' ? 0 : VAGUE.test(family) ? 4 : 2) + (decoded === undefined ? 0 : 1)
const VAGUE = /^(?:keyed-|token$|bare$|bearer$|authorization$)/
