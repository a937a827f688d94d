import { isJsonObject, type Json, type JsonObject } from '../json/types.ts'
import { facetsOf } from './search/facets.ts'

export const CSV_HEADER: readonly string[] = [
  ...['time', 'stream', 'seq', 'kind', 'decision', 'agent', 'tool', 'rule', 'session', 'person'],
  ...['outcome', 'took_ms', 'integrity', 'audit_id', 'hash'],
]

/** Cells of a record as `recordView` shows it, in the order of CSV_HEADER. */
export function csvCells(view: JsonObject): readonly string[] {
  const { stream, seq, hash, record: inner } = view
  const record = isJsonObject(inner) ? inner : {}
  const facets = facetsOf(record)
  const { timestamp, durationMs } = record
  const one = (values: readonly string[] | undefined): string => values?.join(' ') ?? ''
  return [
    ...[typeof timestamp === 'string' ? timestamp : '', plain(stream), plain(seq)],
    ...[one(facets.kind), one(facets.decision), one(facets.agent), one(facets.tool), one(facets.rule)],
    ...[one(facets.session), one(facets.person), one(facets.outcome)],
    ...[typeof durationMs === 'number' ? String(durationMs) : '', one(facets.integrity), one(facets.id), plain(hash)],
  ]
}

const plain = (value: Json | undefined): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : ''

// eslint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g
/** What spreadsheets take for the beginning of a formula, also in full-width forms (T-168). */
const FORMULA = /^\s*[=+\-@|%\uff1d\uff0b\uff0d\uff20]/

/** One line of CSV (RFC 4180), every cell quoted; nothing in it is a formula, a line break or something that draws. */
export const csvLine = (cells: readonly string[]): string => `${cells.map(cell).join(',')}\r\n`

function cell(value: string): string {
  const plain = value.replace(UNSAFE, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return `"${FORMULA.test(plain) ? "'" : ''}${plain.replaceAll('"', '""')}"`
}
