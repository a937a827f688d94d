/** Tags that begin a block of HTML at the start of a line (CommonMark 0.31, start conditions 1 and 6). */
const BLOCK_TAG =
  /^ {0,3}<\/?(?:script|pre|style|textarea|address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul)(?:[\s/>]|$)/i
/** Conditions 2 to 5 and 7. */
const BLOCK_OTHER = /^ {0,3}<(?:!--|\?|![A-Za-z]|!\[CDATA\[|\/?[A-Za-z][A-Za-z0-9-]*(?:\s[^<>]*)?\/?>\s*$)/
const FENCE = /^ {0,3}(`{3,}|~{3,})([^\n]*)$/
const AUTOLINK = /<[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*>|<[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w.-]{1,255}>/g

/** Where a Markdown source is code, and the source with that made plain, for a reader of HTML. Same length, same places. */
export interface Masked {
  readonly text: string
  /** What stands behind the language on the first line of a code block. */
  readonly infos: readonly { readonly start: number; readonly end: number }[]
}

/**
 * Blanks out what Markdown shows as it stands: code blocks, code spans, automatic links. Within blocks of HTML nothing is blanked
 * out, since backticks protect nothing there. Linear.
 */
export function maskCode(source: string): Masked {
  const out: string[] = []
  const infos: { start: number; end: number }[] = []
  let fence: string | undefined
  let html: 'comment' | 'block' | undefined
  let paragraph: string[] = []
  const flush = (): void => {
    if (paragraph.length > 0) out.push(maskInline(paragraph.join('')))
    paragraph = []
  }
  let at = 0
  for (const line of linesOf(source)) {
    const bare = line.replace(/\r?\n$/, '')
    const blank = bare.trim() === ''
    if (fence !== undefined) {
      const close = FENCE.exec(bare)
      const closes = close !== null && (close[1] ?? '').startsWith(fence) && (close[2] ?? '').trim() === ''
      if (closes) fence = undefined
      out.push(blankOut(line))
    } else if (html !== undefined) {
      out.push(line)
      if (html === 'comment' ? line.includes('-->') : blank) html = undefined
    } else {
      const open = FENCE.exec(bare)
      const isFence = open !== null && !((open[1] ?? '').startsWith('`') && (open[2] ?? '').includes('`'))
      if (isFence) {
        flush()
        fence = open[1] ?? ''
        const info = open[2] ?? ''
        const second = /\S\s+(?=\S)/.exec(info)
        if (second !== null)
          infos.push({ start: at + bare.length - info.length + second.index + 1, end: at + bare.length })
        out.push(blankOut(line))
      } else if (
        BLOCK_TAG.test(bare) ||
        (paragraph.length === 0 && BLOCK_OTHER.test(bare)) ||
        /^ {0,3}<!--/.test(bare)
      ) {
        flush()
        html = /^ {0,3}<!--/.test(bare) ? 'comment' : 'block'
        if (html === 'comment' && line.includes('-->')) html = undefined
        out.push(line)
      } else {
        paragraph.push(line)
        if (blank) flush()
      }
    }
    at += line.length
  }
  flush()
  return { text: out.join(''), infos }
}

function* linesOf(source: string): Iterable<string> {
  for (let at = 0; at < source.length;) {
    const end = source.indexOf('\n', at)
    const next = end < 0 ? source.length : end + 1
    yield source.slice(at, next)
    at = next
  }
}

const blankOut = (text: string): string => text.replace(/[^\r\n]/g, 'x')

/** A paragraph: code spans are runs of equally many backticks. */
function maskInline(text: string): string {
  const linked = text.includes('<') ? text.replace(AUTOLINK, blankOut) : text
  if (!linked.includes('`')) return linked
  const runs: { readonly at: number; readonly length: number }[] = []
  const byLength = new Map<number, { readonly at: number[]; next: number }>()
  for (const match of linked.matchAll(/`+/g)) {
    const escaped =
      match.index > 0 && /(?:^|[^\\])(?:\\\\)*\\$/.test(linked.slice(Math.max(0, match.index - 9), match.index))
    const run = escaped
      ? { at: match.index + 1, length: match[0].length - 1 }
      : { at: match.index, length: match[0].length }
    if (run.length === 0) continue
    runs.push(run)
    const same = byLength.get(run.length) ?? { at: [], next: 0 }
    same.at.push(run.at)
    byLength.set(run.length, same)
  }
  const out: string[] = []
  let at = 0
  const comment = commentFinder(linked)
  for (const run of runs) {
    if (run.at < at) continue
    const hidden = comment(at, run.at)
    if (hidden !== undefined) {
      out.push(linked.slice(at, hidden))
      at = hidden
      if (run.at < at) continue
    }
    const same = byLength.get(run.length)
    while (same !== undefined && (same.at[same.next] ?? Infinity) <= run.at) same.next++
    const close = same?.at[same.next]
    if (close === undefined) continue
    out.push(linked.slice(at, run.at), blankOut(linked.slice(run.at, close + run.length)))
    at = close + run.length
  }
  out.push(linked.slice(at))
  return out.join('')
}

/** End of a comment that begins in `[from, to)`: a backtick in it opens nothing. */
function commentFinder(text: string): (from: number, to: number) => number | undefined {
  let start = -2
  return (from, to) => {
    if (start !== -1 && start < from) start = text.indexOf('<!--', from)
    if (start < 0 || start >= to) return undefined
    const end = text.indexOf('-->', start + 4)
    return end < 0 ? text.length : end + 3
  }
}
