import type { How, Sink } from '../extraction.ts'
import { readHtml } from '../html/walk.ts'
import { cutSpans, mergeSpans, type HiddenSpan, type OnSpan } from '../span.ts'
import { maskCode } from './mask.ts'

const LABEL = String.raw`\[((?:[^\[\]\\\n]|\\.){1,999})\]`
/** `[label]: destination "title"`: text that no reader sees, and the customary way to write a comment. */
const DEFINITION = new RegExp(
  String.raw`^ {0,3}${LABEL}:[ \t]{0,40}\n?[ \t]{0,40}(<[^<>\n]*>|\S+)?(?:[ \t]{0,40}\n?[ \t]{0,40}("[^"\n]*"|'[^'\n]*'|\([^()\n]*\)))?[ \t]*$`,
  'gm',
)
const FOOTNOTE = /^ {0,3}\[\^([^[\]\n]{1,200})\]:[^\n]*(?:\n(?: {2,}|\t)[^\n]*)*/gm
const IN_TEXT = new RegExp(LABEL, 'g')
const LINK_TITLE =
  /\]\(\s{0,20}(?:<[^<>\n]{0,4000}>|[^\s()<>"']{0,4000})\s{1,20}("[^"\n]{1,4000}"|'[^'\n]{1,4000}'|\([^()\n]{1,4000}\))\s{0,20}\)/g
const IMAGE_ALT = /!\[([^[\]\n]{1,4000})\](?=[([])/g
const FRONT_MATTER = /^---[ \t]*\r?\n[\s\S]{0,20000}?\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|$)/
/** GitHub, GitLab and many others draw formulas: text in them can be made white or an empty space. */
const FORMULA =
  /\\(?:color|textcolor)\s{0,5}\{(?:white|transparent|#?f{3,6})\}\s{0,5}\{[^{}\n]{1,4000}\}|\\[hv]?phantom\s{0,5}\{[^{}\n]{1,4000}\}/gi

/**
 * Reads a Markdown source. Visible is the source without its hidden parts, code as it stands.
 * @throws BudgetEnd
 */
export function readMarkdown(source: string, collector: Sink, onSpan: OnSpan = () => undefined): void {
  const spans: HiddenSpan[] = []
  const add = (how: How, start: number, end: number): void => {
    collector.hide(source.slice(start, end), how, start, end)
    spans.push({ how, start, end })
  }
  const front = FRONT_MATTER.exec(source)?.[0].length ?? 0
  if (front > 0) add('front-matter', 0, front)
  const { text, infos } = maskCode(source)
  collector.spend(4 * source.length)
  for (const { start, end } of infos) add('attribute', start, end)
  readDefinitions(text, front, add)
  for (const match of text.matchAll(LINK_TITLE)) {
    const end = match.index + match[0].length
    const start = match.index + match[0].lastIndexOf(match[1] ?? '')
    add('link-title', start, Math.min(end, start + (match[1] ?? '').length))
  }
  for (const match of text.matchAll(IMAGE_ALT)) add('alt', match.index + 2, match.index + 2 + (match[1] ?? '').length)
  for (const match of text.matchAll(FORMULA)) add('colour', match.index, match.index + match[0].length)
  if (text.includes('<')) {
    // what the HTML shows is in the source already
    const sink: Sink = {
      show: () => undefined,
      hide: (...given) => collector.hide(...given),
      note: (...given) => collector.note(...given),
      spend: (units) => collector.spend(units),
    }
    readHtml(text, sink, (span) => spans.push(span))
  }
  collector.show(cutSpans(source, mergeSpans(spans.filter(({ start }) => start >= 0))))
  for (const span of spans) onSpan(span)
}

function readDefinitions(text: string, front: number, add: (how: How, start: number, end: number) => void): void {
  const definitions = [...text.matchAll(DEFINITION)].filter(({ index }) => index >= front)
  const footnotes = [...text.matchAll(FOOTNOTE)]
  if (definitions.length === 0 && footnotes.length === 0) return
  const places = new Set([...definitions, ...footnotes].map(({ index, 0: all }) => index + all.indexOf('[')))
  const used = new Set<string>()
  for (const match of text.matchAll(IN_TEXT)) if (!places.has(match.index)) used.add(normal(match[1] ?? ''))
  for (const match of definitions) {
    const [all, label = '', destination, title] = match
    if (label.startsWith('^')) continue
    if (!used.has(normal(label)) || destination === undefined) add('reference', match.index, match.index + all.length)
    else if (title !== undefined) {
      const start = match.index + all.lastIndexOf(title)
      add('link-title', start, start + title.length)
    }
  }
  for (const match of footnotes) {
    if (!used.has(normal(`^${match[1] ?? ''}`))) add('reference', match.index, match.index + match[0].length)
  }
}

const normal = (label: string): string => label.trim().replace(/\s+/g, ' ').toLowerCase()
