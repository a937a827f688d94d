import type { ArgRole } from '../action/tool.ts'
import type { Origin } from '../flow/facts.ts'
import type { ApprovalView, ViewRow } from './view.ts'

export interface RenderOptions {
  /** Columns of the screen. */
  readonly width: number
  /** True shows long content values in full; else they are folded with size and digest. */
  readonly full: boolean
}

const WIDE =
  /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Emoji_Presentation}|[\u{ff01}-\u{ff60}\u{3000}-\u{303f}]/u
const HEAD = 400

/**
 * Lines for a terminal. Every line of a value begins with the frame `│`, so text cannot leave its place or imitate ours
 * (T-034); nothing is cut off, only folded with byte count and digest (T-035).
 */
export function renderView(view: ApprovalView, options: RenderOptions): readonly string[] {
  const lines: string[] = []
  for (const section of view.sections) {
    if (section.rows.length === 0) continue
    lines.push('', `${section.title}:`)
    const labels = Math.min(
      24,
      Math.max(...section.rows.map((each) => Math.min(each.depth, 8) * 2 + columns(each.label))),
    )
    for (const each of section.rows) lines.push(...rowLines(each, labels, options))
  }
  return lines.slice(1)
}

/** Rows that `renderView` would fold: a view with folds is not to be approved (T-035). */
export const foldedRows = (view: ApprovalView): readonly ViewRow[] =>
  view.sections.flatMap((section) => section.rows).filter((each) => each.fold !== undefined)

function rowLines(each: ViewRow, labels: number, { width, full }: RenderOptions): readonly string[] {
  const label = `${'  '.repeat(Math.min(each.depth, 8))}${each.label}`
  const said = [QUIET.has(each.type) ? '' : each.type, ROLES[each.role ?? 'param'], originOf(each)].filter(
    (one) => one !== '',
  )
  const type = said.length === 0 ? '' : ` (${said.join('; ')})`
  const mark = each.type === 'warning' || each.type === 'new' || each.warnings.length > 0 ? '! ' : '  '
  const text = `${each.fold === undefined || full ? each.text : fold(each)}${type}`
  const gap = ' '.repeat(labels + 2)
  const long = columns(label) > labels
  const head = long ? wrap(label, Math.max(20, width - 5)).map((part) => `${mark}┆ ${part}`) : []
  const value = wrap(text, Math.max(20, width - labels - 6))
  return [
    ...head,
    ...value.map((part, index) => `${index === 0 && !long ? `${mark}${pad(label, labels)}` : gap} │ ${part}`),
  ]
}

const QUIET: ReadonlySet<string> = new Set(['', 'warning', 'fact', 'sentence', 'reason', 'rules', 'new'])
const ROLES: Readonly<Record<ArgRole, string>> = {
  sink: 'destination',
  audience: 'audience',
  selector: 'selector',
  quantity: 'amount',
  content: 'content',
  secret: '',
  param: '',
}
const ORIGINS: Readonly<Record<Origin, string>> = {
  user: 'the user said it',
  known: 'known to the operator',
  trusted: 'from a trusted result',
  record: 'from a record',
  model: 'the model made it',
  ambiguous: 'not clear whose it is',
  untrusted: 'nobody vouches for it',
}
const originOf = ({ origin, why = '' }: ViewRow): string =>
  origin === undefined ? '' : why === '' ? ORIGINS[origin] : `${ORIGINS[origin]}: ${why}`

const fold = (each: ViewRow): string =>
  `${each.text.slice(0, HEAD)} […${each.text.length - 2 * HEAD} characters folded, ${each.fold ?? ''}…] ${each.text.slice(-HEAD)}`

function wrap(text: string, room: number): readonly string[] {
  const parts: string[] = []
  let part = ''
  let used = 0
  for (const char of text) {
    const wide = WIDE.test(char) ? 2 : 1
    if (used + wide > room) {
      parts.push(part)
      part = ''
      used = 0
    }
    part += char
    used += wide
  }
  parts.push(part)
  return parts
}

const columns = (text: string): number => [...text].reduce((sum, char) => sum + (WIDE.test(char) ? 2 : 1), 0)
const pad = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - columns(text)))
