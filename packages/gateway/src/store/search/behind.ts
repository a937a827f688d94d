import { ADD_SESSION, sessionRows, type SessionRow } from './session-rows.ts'
import { wordsOf, type Word } from './terms.ts'

/**
 * The index of the log is written behind the log, with the checkpoints and from the stored records: a call never waits for it, and
 * a commit of records touches none of its pages. What is not in it yet is read past by whoever searches.
 */
export const INDEX_STATEMENTS = {
  /** Up to which record a stream is in the index. */
  indexed: 'SELECT value FROM store_meta WHERE key = ?',
  setIndexed: `INSERT INTO store_meta (key, value) VALUES (?, ?)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
  unindexed: 'SELECT seq, ts, body FROM audit_event WHERE stream = ? AND seq > ? ORDER BY seq LIMIT ?',
  addTerm: 'INSERT INTO audit_term (word, ts, seq, stream) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
  addWord: `INSERT INTO audit_word (word, field, value, n) VALUES (?, ?, ?, ?)
    ON CONFLICT (word) DO UPDATE SET n = audit_word.n + excluded.n`,
  addSession: ADD_SESSION,
  removeSessions: 'DELETE FROM audit_session WHERE last_ts < ? AND stream = ?',
  /** Of records that went with their time. */
  removeTerms: `DELETE FROM audit_term
    WHERE word IN (SELECT word FROM audit_word) AND ts < ? AND seq <= ? AND stream = ?`,
  removeWords: `DELETE FROM audit_word WHERE NOT EXISTS
    (SELECT 1 FROM audit_term WHERE audit_term.word = audit_word.word)`,
} as const

export const indexedKey = (stream: string): string => `indexed:${stream}`

/** Records that go into the index at once: with a checkpoint, and while it has to catch up. */
export const INDEX_STEP = 2_000

export interface Unindexed {
  readonly seq: number
  readonly ts: number
  readonly body: string
}

/** What a step adds: entries, and how often each value came. */
export interface IndexStep {
  readonly last: number
  readonly entries: readonly (readonly [word: number, ts: number, seq: number])[]
  readonly words: readonly (Word & { readonly n: number })[]
  readonly sessions: readonly SessionRow[]
}

export function indexStep(rows: readonly Unindexed[], stream: string): IndexStep | undefined {
  const last = rows.at(-1)
  if (!last) return undefined
  const words = new Map<number, Word & { n: number }>()
  const entries: (readonly [number, number, number])[] = []
  for (const { seq, ts, body } of rows) {
    for (const found of wordsOf(body)) {
      entries.push([found.word, ts, seq])
      const known = words.get(found.word)
      if (known) known.n++
      else words.set(found.word, { ...found, n: 1 })
    }
  }
  // in the order of the key: neighbours fall on the same page
  entries.sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2])
  // in one order on all nodes, so that none waits for another in a circle
  const ordered = [...words.values()].sort((a, b) => a.word - b.word)
  return { last: last.seq, entries, words: ordered, sessions: sessionRows(rows, stream) }
}
