import type { JsonObject, StoredRecord } from '@sallyport/core'

/** The log as surveys read it. */
export interface SurveyedLog {
  readLog(query: {
    readonly kind: string
    readonly agent?: string
    readonly tool?: string
    readonly from: number
    readonly newest: true
    readonly limit: number
  }): Promise<readonly StoredRecord[]>
}

export interface Survey {
  /** Oldest first. */
  readonly records: readonly JsonObject[]
  /** False: there were more than were read, so that counts are of the newest only. */
  readonly isComplete: boolean
}

/** A page that somebody looks at must not read a whole log: so many records at most, the newest. */
const MOST = 5_000

/** Records of one kind since `from` (ms since 1970), for counts on a page. */
export async function survey(
  log: SurveyedLog,
  of: { readonly kind: string; readonly from: number; readonly agent?: string; readonly tool?: string },
): Promise<Survey> {
  const records = await log.readLog({ ...of, newest: true, limit: MOST })
  return { records: records.map(({ body }) => JSON.parse(body) as JsonObject), isComplete: records.length < MOST }
}

export const DAY = 86_400_000
export const text = (record: JsonObject, name: string): string => {
  const value = record[name]
  return typeof value === 'string' ? value : ''
}

/** How often each key comes, most often first, with when it came last (ISO 8601). */
export function tally(
  records: readonly JsonObject[],
  key: (record: JsonObject) => string,
): readonly { readonly key: string; readonly count: number; readonly first: string; readonly last: string }[] {
  const counts = new Map<string, { count: number; first: string; last: string }>()
  for (const record of records) {
    const name = key(record)
    const at = text(record, 'timestamp')
    const known = counts.get(name)
    if (name === '') continue
    counts.set(name, { count: (known?.count ?? 0) + 1, first: known?.first ?? at, last: at })
  }
  return [...counts].map(([name, of]) => ({ key: name, ...of })).sort((a, b) => b.count - a.count)
}
