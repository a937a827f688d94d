import type { Hash, StoredRecord } from '@sallyport/core'
import type { DocumentRow } from './backend.ts'
import { decodeTile } from './log-stream.ts'
import { DOCUMENT_COLUMNS, STATEMENTS } from './sql.ts'

/** Runs one statement with `?` placeholders. */
export type RunQuery = (
  text: string,
  values: readonly (string | number)[],
) => Promise<readonly Record<string, unknown>[]>

export interface StreamRow {
  readonly stream: string
  readonly origin: string
  readonly boot: number
  /** Not empty while a gateway has the stream open, and after one was killed. */
  readonly owner: string
  readonly pruned: number
}

/** A record with the columns that queries look at. */
export interface ArchivedRecord extends StoredRecord {
  readonly ts: number
  readonly kind: string
  readonly auditId: string
  readonly session: string
  readonly agent: string
  readonly tool: string
  readonly decision: string
}

/** Read-only view of a store's log and documents, for verification and export; works while a gateway runs. */
export interface Archive {
  streams(): Promise<readonly StreamRow[]>
  /** Names that records carry, whether the registry knows them or not. */
  streamsOfRecords(): Promise<readonly string[]>
  records(stream: string, afterSeq?: number): AsyncIterable<ArchivedRecord>
  checkpoints(stream: string): Promise<readonly string[]>
  /** Full tiles of level 0, by index. */
  tile(stream: string, index: number): Promise<readonly Hash[]>
  documents(): AsyncIterable<DocumentRow>
  close(): Promise<void>
}

const PAGE = 1000
const RECORDS = `SELECT stream, seq, body, prev, hash, ts, kind, audit_id AS "auditId", session, agent, tool, decision
  FROM audit_event WHERE stream = ? AND seq > ? ORDER BY seq LIMIT ?`
const NOTES = 'SELECT size, note FROM audit_checkpoint WHERE stream = ? AND size > ? ORDER BY size LIMIT ?'
const DOCUMENTS = `SELECT ${DOCUMENT_COLUMNS} FROM document WHERE kind > ? OR (kind = ? AND id > ?) ORDER BY kind, id LIMIT ?`

export function createArchive(query: RunQuery, close: () => Promise<void>): Archive {
  return {
    streams: async () =>
      (await query(
        'SELECT stream, origin, boot, owner, pruned FROM audit_stream ORDER BY stream',
        [],
      )) as unknown as StreamRow[],
    streamsOfRecords: async () =>
      (await query('SELECT DISTINCT stream FROM audit_event ORDER BY stream', [])).map((row) => String(row['stream'])),
    async *records(stream, afterSeq = -1) {
      for (let after = afterSeq; ;) {
        const rows = (await query(RECORDS, [stream, after, PAGE])) as unknown as ArchivedRecord[]
        yield* rows
        const last = rows.at(-1)
        if (!last || rows.length < PAGE) return
        after = last.seq
      }
    },
    async checkpoints(stream) {
      const notes: string[] = []
      for (let after = -1; ;) {
        const rows = (await query(NOTES, [stream, after, PAGE])) as unknown as { size: number; note: string }[]
        for (const { note } of rows) notes.push(note)
        const last = rows.at(-1)
        if (!last || rows.length < PAGE) return notes
        after = last.size
      }
    },
    async tile(stream, index) {
      const [row] = await query(STATEMENTS.tile, [stream, 0, index])
      return typeof row?.['hashes'] === 'string' ? decodeTile(row['hashes']) : []
    },
    async *documents() {
      for (let after: readonly [string, string] = ['', '']; ;) {
        const rows = (await query(DOCUMENTS, [after[0], after[0], after[1], PAGE])) as unknown as DocumentRow[]
        yield* rows
        const last = rows.at(-1)
        if (!last || rows.length < PAGE) return
        after = [last.kind, last.id]
      }
    },
    close,
  }
}

/** Leaf hashes of the first `count` records, from the tiles that pruning leaves. */
export async function prunedLeaves(archive: Archive, stream: string, count: number): Promise<readonly Hash[]> {
  const leaves: Hash[] = []
  for (let index = 0; leaves.length < count; index++) {
    const tile = await archive.tile(stream, index)
    if (tile.length === 0) break
    leaves.push(...tile)
  }
  return leaves.slice(0, count)
}
