import { BudgetEnd, Collector, EXTRACT_LIMITS, type How } from './extraction.ts'
import { readHtml } from './html/walk.ts'
import { readMarkdown } from './markdown/read.ts'
import { cutSpans, mergeSpans, type HiddenSpan } from './span.ts'

/** A source without its hidden parts. */
export interface VisibleOnly {
  /** The source with the spans of `removed` cut out; every other unit as it was. */
  readonly text: string
  /** What was cut out, by place in the source that was given; in order, none in another. */
  readonly removed: readonly HiddenSpan[]
  /** False: something hidden may be left. The source is then not fit to be passed on as visible text. */
  readonly complete: boolean
}

/** Cutting can bring new constructs about (`<!-<!-- -->-`); so often the rest is looked at again. */
const ROUNDS = 4

/**
 * Cuts out of an HTML or Markdown source what no reader sees. Never throws.
 * @param keep kinds that stay, e.g. `ON_DEMAND`
 */
export function visibleOnly(
  source: string,
  language: 'html' | 'markdown',
  keep: ReadonlySet<How> = new Set(),
): VisibleOnly {
  if (source.length > EXTRACT_LIMITS.input) return { text: source, removed: [], complete: false }
  let text = source
  let removed: readonly HiddenSpan[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const spans = hiddenSpans(text, language, keep)
    if (spans === undefined) return { text, removed, complete: false }
    if (spans.length === 0) return { text, removed, complete: true }
    removed = mergeSpans([...removed, ...toSource(spans, removed)])
    text = cutSpans(source, removed)
  }
  return { text, removed, complete: hiddenSpans(text, language, keep)?.length === 0 }
}

function hiddenSpans(text: string, language: 'html' | 'markdown', keep: ReadonlySet<How>): HiddenSpan[] | undefined {
  const spans: HiddenSpan[] = []
  let lost = false
  try {
    const add = (span: HiddenSpan): void => {
      if (keep.has(span.how)) return
      if (span.start < 0) lost = true
      else if (span.end > span.start) spans.push(span)
    }
    const collector = new Collector()
    if (language === 'html') readHtml(text, collector, add)
    else readMarkdown(text, collector, add)
  } catch (thrown) {
    if (thrown instanceof BudgetEnd || thrown instanceof RangeError) return undefined
    throw thrown
  }
  return lost ? undefined : mergeSpans(spans)
}

/** Spans of the text that is left → the spans of the source that they came from. Both are in order. */
function toSource(spans: readonly HiddenSpan[], removed: readonly HiddenSpan[]): HiddenSpan[] {
  const starts = shifter(removed, false)
  const ends = shifter(removed, true)
  return spans.map(({ how, start, end }) => ({ how, start: starts(start), end: ends(end) }))
}

/** To be called with growing offsets. `before`: stops in front of what was cut at the very place. */
function shifter(removed: readonly HiddenSpan[], before: boolean): (offset: number) => number {
  let next = 0
  let shift = 0
  return (offset) => {
    for (let span = removed[next]; span !== undefined; span = removed[++next]) {
      if (before ? span.start >= offset + shift : span.start > offset + shift) break
      shift += span.end - span.start
    }
    return offset + shift
  }
}
