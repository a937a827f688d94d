import { sql, type Kysely, type Migration } from 'kysely'

/** Tables of both databases: TEXT and BIGINT only, hashes in hex, JSON as canonical text. */
export interface Tables {
  audit_event: {
    stream: string
    seq: number
    ts: number
    kind: string
    audit_id: string
    session: string
    agent: string
    tool: string
    decision: string
    body: string
    prev: string
    hash: string
  }
  audit_tile: { stream: string; level: number; idx: number; hashes: string }
  audit_checkpoint: { stream: string; size: number; root: string; note: string; ts: number }
  /** One row per log stream; `boot` counts openings, `owner` is empty after a clean stop. */
  audit_stream: { stream: string; origin: string; boot: number; owner: string; pruned: number }
  document: {
    kind: string
    id: string
    version: number
    state: string
    expires_at: number
    updated_at: number
    keep: number
    body: string
    mac: string
  }
  spent: { id: string; expires_at: number }
  /** What changed, in commit order: catch-up for nodes that missed a notification. */
  change: { seq: number; kind: string; id: string; at: number }
  store_meta: { key: string; value: string }
  /** One row per value that a record is found by; written behind the log, from the log, and believed by nobody (`search/`). */
  audit_term: { word: number; ts: number; seq: number; stream: string }
  /** The values there are, and how many records have each. */
  audit_word: { word: number; field: string; value: string; n: number }
}

export type Driver = 'sqlite' | 'postgres'

/** Schema steps, oldest first; a step that was released is never edited. The name sorts. */
export const migrations = (driver: Driver): Record<string, Migration> => ({
  '0001_log_documents': { up: (db: Kysely<unknown>) => createTables(db, driver) },
  '0002_log_search': { up: (db: Kysely<unknown>) => createSearch(db, driver) },
})

type Columns = Readonly<Record<string, 'text' | 'bigint'>>

function creator(db: Kysely<unknown>, driver: Driver) {
  // Text is compared byte by byte in both, whatever the locale of the database.
  const types = { text: driver === 'postgres' ? sql`text COLLATE "C"` : ('text' as const), bigint: 'bigint' as const }
  return (table: string, columns: Columns, key: readonly string[], asIndex = false) => {
    let builder = db.schema.createTable(table)
    for (const [name, type] of Object.entries(columns))
      builder = builder.addColumn(name, types[type], (c) => c.notNull())
    // SQLite then keeps the rows in the key itself, once
    if (asIndex && driver === 'sqlite') builder = builder.modifyEnd(sql`WITHOUT ROWID`)
    return builder.addPrimaryKeyConstraint(`${table}_pk`, key as never).execute()
  }
}

async function createSearch(db: Kysely<unknown>, driver: Driver): Promise<void> {
  const create = creator(db, driver)
  const [text, bigint] = ['text', 'bigint'] as const
  await create(
    'audit_term',
    { word: bigint, ts: bigint, seq: bigint, stream: text },
    ['word', 'ts', 'seq', 'stream'],
    true,
  )
  await create('audit_word', { word: bigint, field: text, value: text, n: bigint }, ['word'])
  const levels = {
    records: bigint,
    allowed: bigint,
    asked: bigint,
    denied: bigint,
    integrity: bigint,
    confidentiality: bigint,
  }
  await create(
    'audit_session',
    {
      ...{ session: text, stream: text, agent: text, person: text, first_ts: bigint, last_ts: bigint, last_tool: text },
      ...levels,
    },
    ['session', 'stream'],
  )
  await db.schema.createIndex('audit_session_last').on('audit_session').columns(['last_ts', 'session']).execute()
  await db.schema.createIndex('audit_word_field_value').on('audit_word').columns(['field', 'value']).execute()
}

async function createTables(db: Kysely<unknown>, driver: Driver): Promise<void> {
  const create = creator(db, driver)
  const index = (table: string, columns: readonly string[]) =>
    db.schema
      .createIndex(`${table}_${columns.join('_')}`)
      .on(table)
      .columns(columns as string[])
      .execute()
  const text = 'text'
  const bigint = 'bigint'
  await create(
    'audit_event',
    {
      stream: text,
      seq: bigint,
      ts: bigint,
      kind: text,
      audit_id: text,
      session: text,
      agent: text,
      tool: text,
      decision: text,
      body: text,
      prev: text,
      hash: text,
    },
    ['stream', 'seq'],
  )
  // No index by tool: a batch of calls would dirty a page for each of their tools, and that is most of what a commit costs.
  await index('audit_event', ['audit_id'])
  await index('audit_event', ['session', 'seq'])
  await index('audit_event', ['ts'])
  await create('audit_tile', { stream: text, level: bigint, idx: bigint, hashes: text }, ['stream', 'level', 'idx'])
  await create('audit_checkpoint', { stream: text, size: bigint, root: text, note: text, ts: bigint }, [
    'stream',
    'size',
  ])
  await create('audit_stream', { stream: text, origin: text, boot: bigint, owner: text, pruned: bigint }, ['stream'])
  await create(
    'document',
    {
      kind: text,
      id: text,
      version: bigint,
      state: text,
      expires_at: bigint,
      updated_at: bigint,
      keep: bigint,
      body: text,
      mac: text,
    },
    ['kind', 'id'],
  )
  await index('document', ['kind', 'state', 'id'])
  await index('document', ['expires_at'])
  await create('spent', { id: text, expires_at: bigint }, ['id'])
  await index('spent', ['expires_at'])
  await create('change', { seq: bigint, kind: text, id: text, at: bigint }, ['seq'])
  await create('store_meta', { key: text, value: text }, ['key'])
}
