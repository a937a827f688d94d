import { facetsOf, INTEGRITY_WORDS, CONFIDENTIALITY_WORDS } from '@sallyport/core/audit/search/facets'
import { fromBody } from './body.ts'
import type { Unindexed } from './behind.ts'

/** What the log says of a session in a few numbers. Times are ms since 1970. */
export interface SessionRow {
  readonly session: string
  readonly stream: string
  readonly agent: string
  readonly person: string
  readonly firstTs: number
  readonly lastTs: number
  readonly lastTool: string
  readonly records: number
  readonly allowed: number
  readonly asked: number
  readonly denied: number
  /** The worst it carried: lowest and highest of all its records. */
  readonly integrity: number
  readonly confidentiality: number
}

export const SESSION_COLUMNS = `session, stream, agent, person, first_ts AS "firstTs", last_ts AS "lastTs",
  last_tool AS "lastTool", records, allowed, asked, denied, integrity, confidentiality`

/** Values in the order of SESSION_COLUMNS. */
export const ADD_SESSION = `INSERT INTO audit_session
  (session, stream, agent, person, first_ts, last_ts, last_tool, records, allowed, asked, denied, integrity, confidentiality)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (session, stream) DO UPDATE SET
    agent = CASE WHEN audit_session.agent = '' THEN excluded.agent ELSE audit_session.agent END,
    person = CASE WHEN audit_session.person = '' THEN excluded.person ELSE audit_session.person END,
    last_ts = CASE WHEN excluded.last_ts > audit_session.last_ts THEN excluded.last_ts ELSE audit_session.last_ts END,
    last_tool = CASE WHEN excluded.last_tool = '' THEN audit_session.last_tool ELSE excluded.last_tool END,
    records = audit_session.records + excluded.records, allowed = audit_session.allowed + excluded.allowed,
    asked = audit_session.asked + excluded.asked, denied = audit_session.denied + excluded.denied,
    integrity = CASE WHEN excluded.integrity < audit_session.integrity
      THEN excluded.integrity ELSE audit_session.integrity END,
    confidentiality = CASE WHEN excluded.confidentiality > audit_session.confidentiality
      THEN excluded.confidentiality ELSE audit_session.confidentiality END`

export const sessionValues = (row: SessionRow): (string | number)[] => [
  ...[row.session, row.stream, row.agent, row.person, row.firstTs, row.lastTs, row.lastTool],
  ...[row.records, row.allowed, row.asked, row.denied, row.integrity, row.confidentiality],
]

/** Sessions of a run of records, in the order of their names. */
export function sessionRows(
  rows: readonly (Unindexed & { readonly stream?: string })[],
  stream = '',
): readonly SessionRow[] {
  const sessions = new Map<string, SessionRow>()
  for (const { ts, body, stream: own = stream } of rows) {
    const row = sessionRow(fromBody(body), ts, own)
    if (row === undefined) continue
    const key = `${row.session}\n${own}`
    const known = sessions.get(key)
    sessions.set(key, known ? mergeSessions(known, row) : row)
  }
  return [...sessions.values()].sort((a, b) => (a.session < b.session ? -1 : 1))
}

function sessionRow(record: ReturnType<typeof fromBody>, ts: number, stream: string): SessionRow | undefined {
  const facets = facetsOf(record)
  const session = facets.session?.[0]
  if (session === undefined) return undefined
  const decided = record['kind'] === 'decision' ? facets.decision?.[0] : undefined
  const { actor } = record
  return {
    ...{ session: session.slice(0, 256), stream, agent: (facets.agent?.[0] ?? '').slice(0, 256) },
    person: typeof actor === 'string' && actor.includes(' > ') ? (actor.split(' > ')[0] ?? '').slice(0, 256) : '',
    ...{ firstTs: ts, lastTs: ts, lastTool: (facets.tool?.[0] ?? '').slice(0, 256), records: 1 },
    allowed: Number(decided === 'allowed' || decided === 'elevated'),
    asked: Number(decided === 'asked'),
    denied: Number(decided === 'denied'),
    integrity: levelOf(INTEGRITY_WORDS, facets.integrity?.[0], 3),
    confidentiality: levelOf(CONFIDENTIALITY_WORDS, facets.confidentiality?.[0], 0),
  }
}

function levelOf(words: readonly string[], word: string | undefined, none: number): number {
  const level = word === undefined ? -1 : words.indexOf(word)
  return level < 0 ? none : level
}

/** Both together; `b` is the later one. */
export function mergeSessions(a: SessionRow, b: SessionRow): SessionRow {
  return {
    ...a,
    // the record of its opening names no agent
    agent: a.agent === '' ? b.agent : a.agent,
    person: a.person === '' ? b.person : a.person,
    firstTs: Math.min(a.firstTs, b.firstTs),
    lastTs: Math.max(a.lastTs, b.lastTs),
    lastTool: b.lastTool === '' ? a.lastTool : b.lastTool,
    ...{ records: a.records + b.records, allowed: a.allowed + b.allowed, asked: a.asked + b.asked },
    ...{ denied: a.denied + b.denied, integrity: Math.min(a.integrity, b.integrity) },
    confidentiality: Math.max(a.confidentiality, b.confidentiality),
  }
}
