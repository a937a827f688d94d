import type { LogField, LogSearch, StoredRecord } from '@sallyport/core'
import type { Place, SearchParams } from './search-params.ts'

interface Counted {
  readonly n: number
  readonly estimated: boolean
}

export interface LogCounts {
  readonly total: Counted
  readonly facets: Readonly<Partial<Record<LogField, readonly (Counted & { readonly value: string })[]>>>
  readonly histogram: readonly {
    readonly from: number
    readonly allowed: number
    readonly asked: number
    readonly denied: number
    readonly other: number
  }[]
  readonly estimated: boolean
}

/** The log as searches read it; the store has it. */
export interface SearchSource {
  page(query: SearchParams & { readonly endings?: boolean; readonly whole?: boolean }): Promise<{
    readonly records: readonly StoredRecord[]
    readonly endings?: Readonly<Record<string, string>>
    readonly next?: Place
    readonly searchedTo?: number
    readonly unindexed: number
  }>
  survey(query: {
    readonly search: LogSearch
    readonly from: number
    readonly to: number
    readonly buckets: number
  }): Promise<LogCounts>
  values(field: LogField, prefix: string, limit: number): Promise<readonly string[]>
}
