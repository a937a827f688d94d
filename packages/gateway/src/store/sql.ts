import type { DocumentQuery, LogQuery } from './ports.ts'

/** SQL with `?` for values; PostgreSQL numbers them with `numbered`. */
export interface Query {
  readonly text: string
  readonly values: readonly (string | number)[]
}

/** `?` → `$1`, `$2`, …; no statement of ours holds a literal question mark. */
export function numbered(text: string): string {
  let n = 0
  return text.replaceAll('?', () => `$${++n}`)
}

export const DOCUMENT_COLUMNS =
  'kind, id, version, state, expires_at AS "expiresAt", updated_at AS "updatedAt", keep, body, mac'

export const STATEMENTS = {
  get: `SELECT ${DOCUMENT_COLUMNS} FROM document WHERE kind = ? AND id = ?`,
  sweep: `SELECT ${DOCUMENT_COLUMNS} FROM document WHERE kind > ? OR (kind = ? AND id > ?) ORDER BY kind, id LIMIT ?`,
  insert: `INSERT INTO document (kind, id, version, state, expires_at, updated_at, keep, body, mac)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  update: `UPDATE document SET version = ?, state = ?, expires_at = ?, updated_at = ?, keep = ?, body = ?, mac = ?
    WHERE kind = ? AND id = ? AND version = ?`,
  replace: `UPDATE document SET version = ?, state = ?, expires_at = ?, updated_at = ?, keep = ?, body = ?, mac = ?
    WHERE kind = ? AND id = ? AND mac = ?`,
  remove: 'DELETE FROM document WHERE kind = ? AND id = ? AND version = ?',
  spend: 'INSERT INTO spent (id, expires_at) VALUES (?, ?) ON CONFLICT DO NOTHING',
  reapDocuments: `DELETE FROM document WHERE expires_at > 0 AND expires_at < ? AND keep = 0 RETURNING kind, id`,
  reapSpent: 'DELETE FROM spent WHERE expires_at < ?',
  reapChanges: 'DELETE FROM change WHERE at < ?',
  addRecord: `INSERT INTO audit_event (stream, seq, body, ts, kind, audit_id, session, agent, tool, decision, prev, hash)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  checkpoints: 'SELECT stream, size, root, note, ts FROM audit_checkpoint WHERE stream = ? ORDER BY size DESC LIMIT ?',
  addCheckpoint: `INSERT INTO audit_checkpoint (stream, size, root, note, ts) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (stream, size) DO NOTHING`,
  putTile: `INSERT INTO audit_tile (stream, level, idx, hashes) VALUES (?, ?, ?, ?)
    ON CONFLICT (stream, level, idx) DO UPDATE SET hashes = excluded.hashes`,
  tile: 'SELECT hashes FROM audit_tile WHERE stream = ? AND level = ? AND idx = ?',
  openTile: 'SELECT level, idx, hashes FROM audit_tile WHERE stream = ? AND level = ? ORDER BY idx DESC LIMIT 1',
  levels: 'SELECT MAX(level) AS level FROM audit_tile WHERE stream = ?',
  tail: 'SELECT seq, prev, hash, body FROM audit_event WHERE stream = ? AND seq > ? ORDER BY seq LIMIT ?',
  streams: 'SELECT stream FROM audit_stream ORDER BY stream',
  stream: 'SELECT stream, origin, boot, owner, pruned FROM audit_stream WHERE stream = ?',
  openStream: `INSERT INTO audit_stream (stream, origin, boot, owner, pruned) VALUES (?, ?, 1, ?, 0)
    ON CONFLICT (stream) DO UPDATE SET boot = audit_stream.boot + 1, owner = excluded.owner RETURNING boot`,
  closeStream: `UPDATE audit_stream SET owner = '' WHERE stream = ?`,
  /** Records that may go: older than the limit, and only whole tiles below the newest checkpoint. */
  pruneLimit: `SELECT MAX(seq) AS seq FROM audit_event WHERE stream = ? AND ts < ? AND seq <= ?`,
  prune: 'DELETE FROM audit_event WHERE stream = ? AND seq <= ?',
  pruned: 'UPDATE audit_stream SET pruned = ? WHERE stream = ?',
  thin: `DELETE FROM audit_checkpoint WHERE stream = ? AND ts < ? AND size NOT IN
    (SELECT MAX(size) FROM audit_checkpoint WHERE stream = ? GROUP BY ts / 3600000)`,
  meta: 'SELECT value FROM store_meta WHERE key = ?',
} as const

const MAX_LIMIT = 1000

/** Lists of documents, ascending by id. */
export function listQuery(kind: string, query: DocumentQuery): Query {
  const where = ['kind = ?']
  const values: (string | number)[] = [kind]
  if (query.state !== undefined) {
    where.push('state = ?')
    values.push(query.state)
  }
  if (query.after !== undefined) {
    where.push('id > ?')
    values.push(query.after)
  }
  values.push(query.limit ?? 10_000)
  const order = query.newest === true ? 'id DESC' : 'id'
  return {
    text: `SELECT ${DOCUMENT_COLUMNS} FROM document WHERE ${where.join(' AND ')} ORDER BY ${order} LIMIT ?`,
    values,
  }
}

const LOG_FILTERS: readonly (readonly [key: keyof LogQuery, sql: string])[] = [
  ['stream', 'stream = ?'],
  ['session', 'session = ?'],
  ['agent', 'agent = ?'],
  ['tool', 'tool = ?'],
  ['kind', 'kind = ?'],
  ['decision', 'decision = ?'],
  ['auditId', 'audit_id = ?'],
  ['from', 'ts >= ?'],
  ['to', 'ts <= ?'],
  ['afterSeq', 'seq > ?'],
]

/** Records by their redundant columns, ascending by sequence number; at most 1 000 at a time. */
export function logQuery(query: LogQuery): Query {
  const where: string[] = []
  const values: (string | number)[] = []
  for (const [key, sql] of LOG_FILTERS) {
    const value = query[key]
    if (value === undefined) continue
    where.push(sql)
    values.push(value as string | number)
  }
  values.push(Math.max(0, Math.min(query.limit ?? MAX_LIMIT, MAX_LIMIT)))
  const condition = where.length === 0 ? '' : ` WHERE ${where.join(' AND ')}`
  // With several streams the order is by stream only to be total; each stream's own order is by sequence number.
  const order = query.newest === true ? 'seq DESC, stream DESC' : 'seq, stream'
  return { text: `SELECT stream, seq, body, prev, hash FROM audit_event${condition} ORDER BY ${order} LIMIT ?`, values }
}
