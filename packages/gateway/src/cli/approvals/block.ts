import { escapeText, isJsonObject, type Json, type JsonObject } from '@sallyport/core'
import { text } from './json.ts'

/** How it is written: colours of the 16 that the user's theme decides about, and ASCII twins of signs (console §10). */
export interface Style {
  readonly color: boolean
  readonly ascii: boolean
}

const CODES = { allow: 36, ask: 33, deny: 31, link: 34, dim: 90, bold: 1 } as const

const paint = (code: keyof typeof CODES, words: string, { color }: Style): string =>
  color ? `\u001b[${CODES[code]}m${words}\u001b[0m` : words

const shown = (item: JsonObject, key: string): string => escapeText(text(item, key))
/** `3:12` */
function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

const clock = (at: number): string => new Date(at).toISOString().slice(11, 19)

/** One request: what, by whom, how grave, how long; where it goes; why it is asked; how to see all of it. */
export function requestBlock(item: JsonObject, view: Json, now: number, style: Style): readonly string[] {
  const severity = shown(item, 'severity')
  const grave = severity === 'critical' || severity === 'high'
  const left = countdown(Number(item['expiresAt']) - now)
  const head = `${clock(now)}  ${shown(item, 'agentId')}  ${shown(item, 'tool')}`
  const targets = destinations(view)
  return [
    `${paint('ask', '?', style)} ${paint('bold', head, style)}  ${paint(grave ? 'deny' : 'ask', severity, style)}  ${left}`,
    ...(targets.length === 0 ? [] : [`  to ${targets.join(', ')}`]),
    ...(text(item, 'reason') === '' ? [] : [`  ${shown(item, 'reason')}`]),
    `  ${paint('link', `sallyport approvals show ${shown(item, 'id')}`, style)}`,
  ]
}

const MOST_TARGETS = 3

/** Rows of the view that say who or where; they are escaped already. */
function destinations(view: Json): readonly string[] {
  const sections = isJsonObject(view) && Array.isArray(view['sections']) ? view['sections'].filter(isJsonObject) : []
  const rows = sections.flatMap((section) =>
    Array.isArray(section['rows']) ? section['rows'].filter(isJsonObject) : [],
  )
  const found = rows.filter(({ role }) => role === 'sink' || role === 'audience').map((row) => escapeRow(row))
  return found.length <= MOST_TARGETS
    ? found
    : [...found.slice(0, MOST_TARGETS), `and ${found.length - MOST_TARGETS} more`]
}

const escapeRow = (row: JsonObject): string => text(row, 'text').replace(/[^ -~\p{L}\p{N}\p{P}\p{S}\p{M}]/gu, '?')

const ENDS: Readonly<
  Record<string, readonly [sign: readonly [string, string], code: keyof typeof CODES, words: string]>
> = {
  approved: [['✓', 'ok'], 'allow', 'approved'],
  consumed: [['✓', 'ok'], 'allow', 'ran'],
  denied: [['✗', 'x'], 'deny', 'denied'],
  expired: [['✗', 'x'], 'dim', 'not answered, so it was denied'],
  superseded: [['✗', 'x'], 'dim', 'out of date'],
  cancelled: [['✗', 'x'], 'dim', 'withdrawn'],
}

/** How a request ended, in one line; undefined while it has not. */
export function endLine(item: JsonObject, now: number, style: Style): string | undefined {
  const state = text(item, 'state')
  const end = ENDS[state]
  if (end === undefined) return undefined
  const [signs, code, words] = end
  const by = shown(item, 'decidedBy').replace(/^operator:/, '')
  const who = by === '' || state === 'consumed' || state === 'expired' ? '' : ` by ${by}`
  const sign = paint(code, signs[style.ascii ? 1 : 0], style)
  return `${sign} ${clock(now)}  ${shown(item, 'id').slice(-8)}  ${shown(item, 'tool')} ${words}${who}`
}
