import type { Json, JsonObject } from '../json/types.ts'
import type { StoredRecord } from './record.ts'

// JSON leaves these as they are; readers of lines, terminals and JavaScript do not (T-168).
const UNSAFE = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g

/** One JSON value as one line that no reader can take for two, or for something that draws. */
export const jsonLine = (value: Json): string =>
  `${JSON.stringify(value).replace(UNSAFE, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`

/** A record as the API and NDJSON exports show it: place and hashes beside the record itself. */
export function recordView({ stream, seq, prev, hash, body }: StoredRecord): JsonObject {
  return { stream, seq, hash, prev, record: JSON.parse(body) as Json }
}
