import type { LogField, LogSearch, StoredRecord } from '@sallyport/core'
import type { SessionRow } from './session-rows.ts'

/** A place in the log, newest first: time in ms, sequence number, stream. */
export type Cursor = readonly [ts: number, seq: number, stream: string]

export interface PageQuery {
  readonly search: LogSearch
  /** ms since 1970, both inclusive. */
  readonly from?: number
  readonly to?: number
  /** Only what comes after this in the list: older records. */
  readonly before?: Cursor
  /** At most 1 000; default 200. */
  readonly limit?: number
  /** Adds how the calls of the page ended. */
  readonly endings?: boolean
  /** Reads every record of the time rather than miss one that is not in the index yet. */
  readonly whole?: boolean
}

export interface LogPage {
  /** Newest first. */
  readonly records: readonly StoredRecord[]
  /** Texts of `outcome` records, by audit id. */
  readonly endings?: Readonly<Record<string, string>>
  /** Where to go on; absent at the end. */
  readonly next?: Cursor
  /** Set when the search stopped before the page was full: everything newer than this was looked at. */
  readonly searchedTo?: number
  /** Records that are not in the index yet and too many to be read past; they may be missing. */
  readonly unindexed: number
}

export interface SurveyQuery extends PageQuery {
  readonly from: number
  readonly to: number
  /** Parts of equal length that the time is cut into. */
  readonly buckets: number
}

interface Count {
  readonly n: number
  /** True when it was computed from a sample. */
  readonly estimated: boolean
}

export interface FacetValue extends Count {
  readonly value: string
}

export interface Bucket {
  /** ms since 1970. */
  readonly from: number
  readonly allowed: number
  readonly asked: number
  readonly denied: number
  /** Records that are no decision. */
  readonly other: number
}

/** Counts of what a search finds. Exact up to 10 000 records, estimated beyond. */
export interface Survey {
  readonly total: Count
  readonly facets: Readonly<Partial<Record<LogField, readonly FacetValue[]>>>
  readonly histogram: readonly Bucket[]
  readonly estimated: boolean
}

export interface SessionQuery {
  readonly agent?: string
  readonly session?: string
  /** ms since 1970: sessions with a record in this time. */
  readonly from?: number
  readonly to?: number
  readonly integrityAtMost?: number
  readonly confidentialityAtLeast?: number
  readonly deniedAtLeast?: number
  readonly askedAtLeast?: number
  /** The last one of the page before. */
  readonly before?: readonly [lastTs: number, session: string]
  /** At most 500; default 100. */
  readonly limit?: number
}

export interface SessionPage {
  readonly sessions: readonly SessionRow[]
  readonly next?: readonly [lastTs: number, session: string]
}

/** Searching a log; never on the thread or the connection that writes it. */
export interface LogSearcher {
  page(query: PageQuery): Promise<LogPage>
  survey(query: SurveyQuery): Promise<Survey>
  /** Sessions by their last record, newest first. */
  sessions(query: SessionQuery): Promise<SessionPage>
  /** Values of an indexed field that begin so, the most frequent first; for completion. */
  values(field: LogField, prefix: string, limit: number): Promise<readonly string[]>
}

/** Runs one statement with `?` for values. */
export type Rows = (text: string, values: readonly (string | number)[]) => Promise<readonly unknown[]>
