import { rangeOf } from './candidates.ts'
import type { Rows, SessionPage, SessionQuery } from './ports.ts'
import { mergeSessions, SESSION_COLUMNS, sessionRows, type SessionRow } from './session-rows.ts'
import { readTail } from './tail.ts'

const PAGE = 100
const MOST = 500

const FILTERS: readonly (readonly [
  key: keyof SessionQuery,
  sql: string,
  fits: (row: SessionRow, value: never) => boolean,
])[] = [
  ['agent', 'agent = ?', (row, value: string) => row.agent === value],
  ['session', 'session = ?', (row, value: string) => row.session === value],
  ['from', 'last_ts >= ?', (row, value: number) => row.lastTs >= value],
  ['to', 'first_ts <= ?', (row, value: number) => row.firstTs <= value],
  ['integrityAtMost', 'integrity <= ?', (row, value: number) => row.integrity <= value],
  ['confidentialityAtLeast', 'confidentiality >= ?', (row, value: number) => row.confidentiality >= value],
  ['deniedAtLeast', 'denied >= ?', (row, value: number) => row.denied >= value],
  ['askedAtLeast', 'asked >= ?', (row, value: number) => row.asked >= value],
]

/** Sessions by their last record, newest first. What is not in the index yet is added to what is. */
export async function sessions(rows: Rows, query: SessionQuery): Promise<SessionPage> {
  const limit = Math.max(1, Math.min(query.limit ?? PAGE, MOST))
  const given = FILTERS.filter(([key]) => query[key] !== undefined)
  const before = query.before ?? [Number.MAX_SAFE_INTEGER, '\uffff']
  const where = [...given.map(([, text]) => text), '(last_ts, session) < (?, ?)'].join(' AND ')
  const values = [...given.map(([key]) => query[key] as string | number), ...before, limit + 1]
  const text = `SELECT ${SESSION_COLUMNS} FROM audit_session WHERE ${where} ORDER BY last_ts DESC, session DESC LIMIT ?`
  const found = (await rows(text, values)) as SessionRow[]
  const { found: tail } = await readTail(rows, rangeOf({ search: { terms: [], words: [] } }))
  // oldest first: later records say what the last step was
  const fresh = sessionRows([...tail].reverse())
  const known = new Map(found.map((row) => [row.session, row]))
  for (const row of fresh) {
    const stored = known.get(row.session) ?? (await storedRow(rows, row.session))
    const merged = stored ? mergeSessions(stored, row) : row
    if (given.every(([key, , fits]) => fits(merged, query[key] as never))) known.set(row.session, merged)
  }
  const isBefore = ({ lastTs, session }: SessionRow): boolean =>
    lastTs < before[0] || (lastTs === before[0] && session < before[1])
  const list = [...known.values()]
    .filter(isBefore)
    .sort((a, b) => b.lastTs - a.lastTs || (a.session < b.session ? 1 : -1))
  const page = list.slice(0, limit)
  const last = page.at(-1)
  return { sessions: page, ...(list.length > limit && last ? { next: [last.lastTs, last.session] } : {}) }
}

async function storedRow(rows: Rows, session: string): Promise<SessionRow | undefined> {
  const text = `SELECT ${SESSION_COLUMNS} FROM audit_session WHERE session = ? LIMIT 1`
  return ((await rows(text, [session])) as SessionRow[])[0]
}
