import { indexedKey, INDEX_STATEMENTS } from './behind.ts'
import { newestFirst, type Candidate, type Range } from './candidates.ts'
import type { Cursor, Rows } from './ports.ts'

/** Most records of a stream that are not in the index yet and are read past. */
const TAIL = 4_000

export const placeOf = ({ ts, seq, stream }: Candidate): Cursor => [ts, seq, stream]

/** For comparing a place with records. */
export const standIn = ([ts, seq, stream]: Cursor): Candidate => ({ ts, seq, stream, body: '', prev: '', hash: '' })

/** Records of a range that have been written and are not in the index yet; `left` is how many more there are. */
export async function readTail(
  rows: Rows,
  range: Range,
): Promise<{ readonly found: readonly Candidate[]; readonly left: number }> {
  const streams = (await rows('SELECT stream FROM audit_stream ORDER BY stream', [])) as { stream: string }[]
  const found: Candidate[] = []
  let left = 0
  for (const { stream } of streams) {
    const [row] = (await rows(INDEX_STATEMENTS.indexed, [indexedKey(stream)])) as { value: string }[]
    const text = `SELECT stream, seq, ts, body, prev, hash FROM audit_event
      WHERE stream = ? AND seq > ? ORDER BY seq DESC LIMIT ?`
    const after = Number(row?.value ?? 0)
    const newest = (await rows(text, [stream, after, TAIL])) as Candidate[]
    const oldest = newest.at(-1)
    if (oldest && newest.length === TAIL) left += Math.max(0, oldest.seq - 1 - after)
    found.push(...newest)
  }
  const limit = standIn(range.before)
  const within = ({ ts }: Candidate): boolean => ts >= range.from && ts <= range.to
  return { found: found.filter((each) => within(each) && newestFirst(each, limit) > 0), left }
}
