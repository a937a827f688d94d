import type { Hash, StoredRecord } from '@sallyport/core'
import type { Change, Checkpoint, DocumentQuery, LogQuery } from './ports.ts'
import type { LogSearcher } from './search/ports.ts'

/** A document row exactly as the table holds it. Nothing in it is believed before its MAC was checked (`seal.ts`). */
export interface DocumentRow {
  readonly kind: string
  readonly id: string
  readonly version: number
  readonly state: string
  readonly expiresAt: number
  readonly updatedAt: number
  /** 1 = the reaper leaves it alone. */
  readonly keep: number
  readonly body: string
  readonly mac: string
}

/** A log row on its way to the writer: body, ts, kind, auditId, session, agent, tool, decision. Flat: cheap to clone. */
export type FlatRow = readonly [string, number, string, string, string, string, string, string]

/** What the backend noticed by itself. */
export type BackendEvent =
  /** `own`: this process made it and knows the version. */
  | { readonly kind: 'change'; readonly change: Change; readonly own: boolean }
  /** Changes may have been missed: forget what is known about versions. */
  | { readonly kind: 'resync' }
  /** Somebody else changed the files, the write-ahead log was missing, a head could not be exported. */
  | { readonly kind: 'tampered'; readonly id: string }
  | { readonly kind: 'trouble'; readonly what: string }

/** What SQLite and PostgreSQL each implement; everything they share lives in `create-store.ts`. */
export interface Backend {
  readonly driver: 'sqlite' | 'postgres'
  readonly stream: string
  get(kind: string, id: string): Promise<DocumentRow | undefined>
  list(kind: string, query: DocumentQuery): Promise<readonly DocumentRow[]>
  /** Every row, by key, for the sweep. */
  sweep(after: readonly [kind: string, id: string], limit: number): Promise<readonly DocumentRow[]>
  /** `expected` 0 inserts. With `replaces`, overwrites the row that still has exactly this (wrong) MAC. */
  put(row: DocumentRow, expected: number, replaces?: string): Promise<boolean>
  remove(kind: string, id: string, expected: number): Promise<boolean>
  spend(id: string, expiresAt: number): Promise<boolean>
  append(rows: readonly FlatRow[]): Promise<void>
  readLog(query: LogQuery): Promise<readonly StoredRecord[]>
  checkpoints(stream: string, limit: number): Promise<readonly Checkpoint[]>
  checkpoint(): Promise<Checkpoint | undefined>
  streams(): Promise<readonly string[]>
  readonly search: LogSearcher
  /** Hashes of a stored tile; `[]` where there is none. */
  tile(stream: string, level: number, index: number): Promise<readonly Hash[]>
  /** Removes expired documents and spent ids, and log records older than `logBefore`. Returns the removed documents. */
  reap(limits: ReapLimits): Promise<readonly Change[]>
  /** Resolves when every change that was committed elsewhere so far has been reported. */
  settle(): Promise<void>
  onEvent(listener: (event: BackendEvent) => void): void
  close(): Promise<void>
}

/** All ms since 1970: what expired (documents, spent ids) or was written (log) before goes. */
export interface ReapLimits {
  readonly documents: number
  readonly spent: number
  readonly log: number
  /** Of checkpoints older than this one an hour is kept. */
  readonly checkpoints: number
}

export interface LogSettings {
  /** A checkpoint at the latest after this many ms, when there is something new. */
  readonly everyMs: number
  /** … or after this many records. */
  readonly records: number
  /** File or directory where heads are appended as NDJSON: better on another disk or owned by another user. */
  readonly exportTo?: string
}
