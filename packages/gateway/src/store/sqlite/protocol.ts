import type { StoredRecord } from '@sallyport/core'
import type { DocumentRow, LogSettings, ReapLimits } from '../backend.ts'
import type { Change, Checkpoint, DocumentQuery, LogQuery } from '../ports.ts'

/** What the main thread asks the writer thread. The writes of a message are in one transaction, with those of others. */
export type Op =
  /** Eight columns per record, flat (see FlatRow): strings clone cheaper than objects. */
  | { readonly op: 'append'; readonly rows: readonly (string | number)[] }
  | { readonly op: 'put'; readonly row: DocumentRow; readonly expected: number; readonly replaces?: string }
  | { readonly op: 'remove'; readonly kind: string; readonly id: string; readonly expected: number }
  | { readonly op: 'spend'; readonly id: string; readonly expiresAt: number }
  | { readonly op: 'reap'; readonly limits: ReapLimits }
  | { readonly op: 'checkpoint' }
  | { readonly op: 'get'; readonly kind: string; readonly id: string }
  | { readonly op: 'list'; readonly kind: string; readonly query: DocumentQuery }
  | { readonly op: 'sweep'; readonly after: readonly [string, string]; readonly limit: number }
  | { readonly op: 'readLog'; readonly query: LogQuery }
  | { readonly op: 'checkpoints'; readonly stream: string; readonly limit: number }
  | { readonly op: 'streams' }
  | { readonly op: 'tile'; readonly stream: string; readonly level: number; readonly index: number }

export type OpName = Op['op']

/** Answer per operation. */
export interface Answers {
  append: null
  put: boolean
  remove: boolean
  spend: boolean
  reap: readonly Change[]
  checkpoint: Checkpoint | null
  get: DocumentRow | null
  list: readonly DocumentRow[]
  sweep: readonly DocumentRow[]
  readLog: readonly StoredRecord[]
  checkpoints: readonly Checkpoint[]
  streams: readonly string[]
  /** As stored: hex. */
  tile: string
}

export type OpResult = { readonly value: Answers[OpName] } | { readonly error: Failure }

export interface Failure {
  readonly code: string
  readonly detail: string
}

export type ToWriter =
  | { readonly type: 'batch'; readonly now: number; readonly ops: readonly Op[] }
  | { readonly type: 'close'; readonly now: number }

export type FromWriter =
  | { readonly type: 'ready' }
  | { readonly type: 'failed'; readonly error: Failure }
  /** Answers to as many messages, in their order. */
  | { readonly type: 'batch'; readonly results: readonly (readonly OpResult[])[] }
  | { readonly type: 'event'; readonly kind: 'tampered' | 'trouble'; readonly text: string }
  | { readonly type: 'closed' }

export interface WriterData {
  readonly path: string
  readonly stream: string
  readonly checkpointKey: Uint8Array
  readonly origin: string
  readonly now: number
  readonly log: LogSettings
}
