import type { How } from './extraction.ts'

/** A part of a source that holds nothing that is seen. UTF-16 units; -1 where the source has no place for it. */
export interface HiddenSpan {
  readonly how: How
  readonly start: number
  readonly end: number
}

/** Told of everything hidden. */
export type OnSpan = (span: HiddenSpan) => void

/** In order, and none within or across another. */
export function mergeSpans(spans: readonly HiddenSpan[]): HiddenSpan[] {
  const merged: HiddenSpan[] = []
  for (const span of [...spans].sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = merged.at(-1)
    if (last === undefined || span.start >= last.end) merged.push(span)
    else if (span.end > last.end) merged[merged.length - 1] = { ...last, end: span.end }
  }
  return merged
}

/** The source without merged spans; every other unit as it was. */
export function cutSpans(source: string, spans: readonly HiddenSpan[]): string {
  const kept: string[] = []
  let at = 0
  for (const { start, end } of spans) {
    kept.push(source.slice(at, start))
    at = end
  }
  kept.push(source.slice(at))
  return kept.join('')
}
