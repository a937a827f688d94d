import type { JsonObject, StoredRecord } from '@sallyport/core'
import type { LogSearcher } from './search/ports.ts'

/**
 * One schema for SQLite and PostgreSQL; both pass the same contract suite (`test/store`).
 *
 * Documents: small rows of state that only change by compare-and-set. `body` is canonical JSON; `mac` is the gateway's
 * HMAC over kind, id, version, state, expiry and body (the key is outside the store). A row whose MAC does not fit counts
 * as absent and raises an alert (T-004): the store implementation returns it in `tampered`, never as a document.
 */
export type DocumentKind =
  | 'approval'
  | 'grant'
  | 'agent'
  | 'operator'
  | 'pin'
  | 'server'
  | 'instance'
  | 'loaded'
  | 'skill'
  | 'pack'
  | 'written'
  | 'session'
  | 'session-end'
  | 'policy'
  | 'staged'
  | 'secret'
  | 'use'
  | 'switch'
  | 'person'
  | 'passkey'
  | 'login'
  | 'device'
  | 'alert'
  | 'silence'
  | 'delivery'
  | 'health'
  | 'limit'
  | 'budget'
  | 'view'
  | 'meta'

export interface Document {
  readonly kind: DocumentKind
  readonly id: string
  /** 1 on insert, +1 with every change. */
  readonly version: number
  /** Indexed, for lists; `''` where the kind has no states. */
  readonly state: string
  /** ms since 1970, 0 = never. A reaper removes rows a day after expiry, except where `keep` is set. */
  readonly expiresAt: number
  readonly updatedAt: number
  readonly body: JsonObject
}

export interface DocumentQuery {
  readonly state?: string
  /** Ids after this one, ascending. */
  readonly after?: string
  /** The highest ids, descending: the newest where ids are made in the order of time. */
  readonly newest?: true
  readonly limit?: number
}

/** What changed, on this node or another one. Ids only: readers fetch the row (NOTIFY is lossy and small). */
export interface Change {
  readonly kind: DocumentKind
  readonly id: string
}

/** Redundant columns of a log record, for queries; the truth is `body`. */
export interface LogRow {
  readonly body: string
  readonly ts: number
  readonly kind: string
  readonly auditId: string
  readonly session: string
  readonly agent: string
  readonly tool: string
  readonly decision: string
}

export interface LogQuery {
  readonly stream?: string
  readonly session?: string
  readonly agent?: string
  readonly tool?: string
  readonly kind?: string
  readonly decision?: string
  readonly auditId?: string
  readonly from?: number
  readonly to?: number
  /** Records after this sequence number, ascending; with `newest` the last `limit` ones, still ascending. */
  readonly afterSeq?: number
  readonly newest?: boolean
  readonly limit?: number
}

export interface Checkpoint {
  readonly stream: string
  readonly size: number
  readonly root: string
  /** C2SP signed note text. */
  readonly note: string
  readonly ts: number
}

export interface Store {
  readonly driver: 'sqlite' | 'postgres'
  /** Name of this gateway's own log stream. */
  readonly stream: string

  get(kind: DocumentKind, id: string): Promise<Document | undefined>
  list(kind: DocumentKind, query?: DocumentQuery): Promise<readonly Document[]>
  /** Compare-and-set. `expected` 0 = must not exist. False = somebody else was first. Durable when it resolves. */
  put(document: Omit<Document, 'version' | 'updatedAt'>, expected: number): Promise<boolean>
  remove(kind: DocumentKind, id: string, expected: number): Promise<boolean>

  /** Insert-only single-use ids: true for exactly one caller on all nodes, durable when it resolves. */
  spend(id: string, expiresAt: number): Promise<boolean>

  /** Group-committed append to this node's stream, in order, durable when it resolves. Rejects with SP_AUDIT_*. */
  append(rows: readonly LogRow[]): Promise<void>
  readLog(query: LogQuery): Promise<readonly StoredRecord[]>
  /** Searches by any field, newest first, and counts what they find. */
  readonly search: LogSearcher
  checkpoints(stream: string, limit?: number): Promise<readonly Checkpoint[]>
  /** Signs a checkpoint over everything appended so far, when there is something new. */
  checkpoint(): Promise<Checkpoint | undefined>
  streams(): Promise<readonly string[]>

  /** Calls back for every change on this node and, with PostgreSQL, on the others (with catch-up after a broken link). */
  watch(listener: (change: Change) => void): () => void
  /** Called once per row whose MAC does not fit. */
  onTampered(listener: (row: Change) => void): void

  close(): Promise<void>
}

/** Keys the store works with; they live in files next to it, never in it. */
export interface StoreKeys {
  /** HMAC-SHA-256 over documents. */
  readonly mac: Uint8Array
  /** Ed25519 private key (PKCS #8 DER) that signs checkpoints, and the origin line of the notes. */
  readonly checkpointKey: Uint8Array
  readonly origin: string
}
