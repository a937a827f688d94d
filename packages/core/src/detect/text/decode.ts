import { DECODE_LIMITS, type DecodeLimits } from './limits.ts'
import { encodedRuns, mayHoldHexPairs } from './runs.ts'
import { HEX_PAIRS, INLINE_SCHEMES, RUN_SCHEMES, type InlineScheme } from './schemes.ts'
import type { DecodedSegment } from './view.ts'

/** Encoded characters that are this far apart belong to one segment, which also holds this much of what is around it. */
const NEAR = 160

/** What was found, and whether the limits left something undecoded. */
export interface Decoded {
  readonly segments: readonly DecodedSegment[]
  /** True when a limit was reached: the rest is unseen, which is for the caller to say (fail closed). */
  readonly exhausted: boolean
}

/**
 * The parts of a text that decode to text: base64 and base64url, hex, base32, binary and decimal character codes, Morse, tag characters and
 * variation selectors as whole runs; percent, HTML, JSON/JS and quoted-printable escapes within the text around them. Nested up
 * to `limits.depth`. Work is bounded by the length of the text and `limits.units`, never by what a run claims to hold.
 */
export function decodedSegments(text: string, limits: DecodeLimits = DECODE_LIMITS): Decoded {
  const segments: DecodedSegment[] = []
  let left = limits.units
  let exhausted = false
  // Breadth first: what lies in the open is decoded before what is nested.
  let layer: readonly DecodedSegment[] = [{ via: '', text, start: 0, end: text.length }]
  for (let depth = 0; depth < limits.depth && layer.length > 0; depth++) {
    const next: DecodedSegment[] = []
    for (const outer of layer)
      for (const found of unwrap(outer.text, last(outer.via))) {
        if (found.text.length > left || segments.length >= limits.segments) {
          exhausted = true
          continue
        }
        left -= found.text.length
        const whole = depth === 0 ? found : { start: outer.start, end: outer.end }
        const via = outer.via === '' ? found.via : `${outer.via}>${found.via}`
        const segment = { via, text: found.text, start: whole.start, end: whole.end }
        segments.push(segment)
        next.push(segment)
      }
    layer = next
  }
  return { segments, exhausted }
}

const last = (via: string): string => via.slice(via.lastIndexOf('>') + 1)

function* unwrap(text: string, outer: string): Iterable<DecodedSegment> {
  yield* encodedRuns(text)
  for (const scheme of mayHoldHexPairs(text) ? [...RUN_SCHEMES, HEX_PAIRS] : RUN_SCHEMES) {
    if (scheme.trigger !== undefined && !scheme.trigger.test(text)) continue
    for (const { 0: run, index } of text.matchAll(scheme.run)) {
      const decoded = scheme.decode(run)
      if (decoded !== undefined && decoded !== '')
        yield { via: scheme.id, text: decoded, start: index, end: index + run.length }
    }
  }
  for (const scheme of INLINE_SCHEMES)
    if (scheme.trigger.test(text)) yield* inline(text, scheme, scheme.id === outer ? 1 : scheme.least)
}

/** Groups of escapes, each with what stands around it, decoded in place. */
function* inline(text: string, scheme: InlineScheme, least: number): Iterable<DecodedSegment> {
  let group: { first: number; end: number; count: number } | undefined
  for (const { 0: item, index } of text.matchAll(scheme.item)) {
    if (group !== undefined && index - group.end <= NEAR) {
      group.end = index + item.length
      group.count += weight(item)
      continue
    }
    if (group !== undefined && group.count >= least) yield segmentOf(text, scheme, group)
    group = { first: index, end: index + item.length, count: weight(item) }
  }
  if (group !== undefined && group.count >= least) yield segmentOf(text, scheme, group)
}

/** A run of percent signs is one match and several characters. */
const weight = (item: string): number => Math.max(1, Math.floor(item.length / 3))

function segmentOf(text: string, scheme: InlineScheme, group: { first: number; end: number }): DecodedSegment {
  const around = text.slice(Math.max(0, group.first - NEAR), group.end + NEAR)
  return {
    via: scheme.id,
    text: around.replace(scheme.item, (item) => scheme.decode(item)),
    start: group.first,
    end: group.end,
  }
}
