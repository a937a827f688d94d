import { SallyportError, toSallyportError, type ErrorCode, type StoredRecord } from '@sallyport/core'
import { Pool } from 'pg'
import type { Clock } from '../../boundary/ports.ts'
import type { Backend, BackendEvent, DocumentRow, FlatRow, LogSettings } from '../backend.ts'
import { decodeTile } from '../log-stream.ts'
import type { Checkpoint, StoreKeys } from '../ports.ts'
import { needsMigration } from '../schema-version.ts'
import { listQuery, logQuery, numbered, STATEMENTS } from '../sql.ts'
import { createSearch } from '../search/search.ts'
import { clientConfig } from './connect.ts'
import { createDocumentWriter } from './documents.ts'
import { listen } from './listener.ts'
import { PgWriter } from './writer.ts'

export interface PostgresSettings {
  readonly url: string
  readonly stream: string
  readonly log: LogSettings
  readonly queueLimit: number
}

interface Waiting {
  readonly rows: readonly FlatRow[]
  resolve(): void
  reject(error: SallyportError): void
}

const BATCH_RECORDS = 1024
const POOL_SIZE = 6

/**
 * PostgreSQL: the same tables, one log stream per node, group commit on one connection, documents and single-use ids on a
 * pool, changes of all nodes by NOTIFY and cursor.
 * @throws SallyportError as `openSqlite`; SP_STORE_BUSY when another gateway writes this node's stream.
 */
export async function openPostgres(settings: PostgresSettings, keys: StoreKeys, clock: Clock): Promise<Backend> {
  const { url, stream, log, queueLimit } = settings
  const pool = new Pool({ ...clientConfig(url), max: POOL_SIZE })
  pool.on('error', () => undefined)
  // of connections that are in use as well: without a listener one that breaks then would end the process
  pool.on('connect', (client) => void client.on('error', () => undefined))
  try {
    return await open()
  } catch (error) {
    await pool.end().catch(() => undefined)
    throw toSallyportError(error, 'SP_STORE_UNAVAILABLE')
  }

  async function open(): Promise<Backend> {
    await migratePostgres(pool, url)
    const listeners: ((event: BackendEvent) => void)[] = []
    const early: BackendEvent[] = []
    const emit = (event: BackendEvent): void => {
      if (listeners.length === 0) early.push(event)
      for (const listener of listeners) listener(event)
    }
    const trouble = (what: string): void => emit({ kind: 'trouble', what })
    const ownChanges = new Set<number>()
    const reader = createReader(pool)
    const writer = await PgWriter.open({ url, stream, log }, keys, reader, trouble)
    const changes = await listen(url, pool, {
      change: (change, seq) => emit({ kind: 'change', change, own: ownChanges.delete(seq) }),
      resync: () => emit({ kind: 'resync' }),
      trouble,
    })
    const documents = createDocumentWriter(pool, (seq) => ownChanges.add(seq))
    const log_ = createLogQueue(writer, clock, queueLimit, trouble)
    return {
      driver: 'postgres',
      stream,
      ...reader,
      put: (row, expected, replaces) => guarded(documents.put(row, expected, replaces)),
      remove: (kind, id, expected) => guarded(documents.remove(kind, id, expected, clock.now())),
      spend: async (id, expiresAt) =>
        (await guarded(pool.query(numbered(STATEMENTS.spend), [id, expiresAt]))).rowCount === 1,
      append: log_.append,
      checkpoint: log_.checkpoint,
      settle: () => guarded(changes.catchUp()),
      async reap(limits) {
        await log_.exclusive(() => writer.prune(Math.min(limits.log, clock.now()), limits.checkpoints))
        return guarded(documents.reap(limits, clock.now()))
      },
      onEvent(listener) {
        listeners.push(listener)
        for (const event of early.splice(0)) listener(event)
      },
      async close() {
        await log_.close()
        await changes.close()
        await pool.end()
      },
    }
  }
}

/** Everything that only reads. */
function createReader(pool: Pool) {
  const rows = async (text: string, values: readonly (string | number)[]): Promise<unknown[]> =>
    (await guarded(pool.query(numbered(text), [...values]))).rows as unknown[]
  return {
    get: async (kind: string, id: string) => (await rows(STATEMENTS.get, [kind, id]))[0] as DocumentRow | undefined,
    list: async (kind: string, query: Parameters<Backend['list']>[1]) => {
      const { text, values } = listQuery(kind, query)
      return (await rows(text, values)) as DocumentRow[]
    },
    sweep: async (after: readonly [string, string], limit: number) =>
      (await rows(STATEMENTS.sweep, [after[0], after[0], after[1], limit])) as DocumentRow[],
    readLog: async (query: Parameters<Backend['readLog']>[0]) => {
      const { text, values } = logQuery(query)
      const found = (await rows(text, values)) as StoredRecord[]
      return query.newest === true ? found.reverse() : found
    },
    checkpoints: async (name: string, limit: number) =>
      ((await rows(STATEMENTS.checkpoints, [name, limit])) as Checkpoint[]).reverse(),
    search: createSearch(rows),
    streams: async () => ((await rows(STATEMENTS.streams, [])) as { stream: string }[]).map((row) => row.stream),
    tile: async (name: string, level: number, index: number) => {
      const [row] = (await rows(STATEMENTS.tile, [name, level, index])) as { hashes: string }[]
      return decodeTile(row?.hashes ?? '')
    },
  }
}

/** Group commit: what is asked for while a batch is being written makes up the next one. */
function createLogQueue(writer: PgWriter, clock: Clock, limit: number, trouble: (what: string) => void) {
  let queue: Waiting[] = []
  let queued = 0
  let busy = false
  let closed = false
  let tail: Promise<unknown> = Promise.resolve()

  /** The writer does one thing at a time. */
  const exclusive = <T>(work: () => Promise<T>): Promise<T> => {
    const next = tail.then(work, work)
    tail = next.catch(() => undefined)
    return next
  }
  const takeBatch = (): Waiting[] => {
    let records = 0
    const count = queue.findIndex((item, i) => (records += item.rows.length) > BATCH_RECORDS && i > 0)
    const batch = queue.splice(0, count === -1 ? queue.length : count)
    queued -= batch.reduce((sum, item) => sum + item.rows.length, 0)
    return batch
  }
  const pump = async (): Promise<void> => {
    while (queue.length > 0) {
      const batch = takeBatch()
      try {
        await exclusive(() => writer.append(batch.flatMap((item) => item.rows)))
        for (const item of batch) item.resolve()
      } catch (error) {
        const failure = asFailure(error, 'SP_AUDIT_WRITE_FAILED')
        for (const item of batch) item.reject(failure)
      }
      if (writer.due)
        void exclusive(() => writer.checkpoint(clock.now())).catch((error: unknown) => trouble(String(error)))
    }
    busy = false
  }
  return {
    exclusive,
    append: (rows: readonly FlatRow[]): Promise<void> =>
      new Promise((resolve, reject) => {
        if (closed) return reject(new SallyportError('SP_STORE_UNAVAILABLE', 'The store is closed.'))
        if (rows.length === 0) return resolve()
        if (queued + rows.length > limit) {
          return reject(
            new SallyportError('SP_AUDIT_QUEUE_FULL', `${queued} records are waiting, the limit is ${limit}.`),
          )
        }
        queue.push({ rows, resolve, reject })
        queued += rows.length
        if (busy) return undefined
        busy = true
        queueMicrotask(() => void pump())
        return undefined
      }),
    checkpoint: () => exclusive(() => writer.checkpoint(clock.now())).catch((error: unknown) => throwAs(error)),
    async close() {
      while (busy) await new Promise((resolve) => setTimeout(resolve, 1))
      closed = true
      queue = []
      await exclusive(() => writer.close(clock.now())).catch((error: unknown) => trouble(String(error)))
    },
  }
}

/** A database error says where it hurts, never what was in the statement. */
function asFailure(error: unknown, code: ErrorCode): SallyportError {
  if (error instanceof SallyportError) return error
  const sqlState = (error as { code?: unknown }).code
  const message = error instanceof Error ? error.message : 'unknown'
  return new SallyportError(code, `PostgreSQL: ${message}${typeof sqlState === 'string' ? ` (${sqlState})` : ''}`, {
    cause: error,
  })
}

const throwAs = (error: unknown): never => {
  throw asFailure(error, 'SP_STORE_UNAVAILABLE')
}

const guarded = <T>(work: Promise<T>): Promise<T> => work.catch((error: unknown) => throwAs(error))

async function migratePostgres(pool: Pool, url: string): Promise<void> {
  const { rows } = await pool.query(`SELECT to_regclass('store_meta') IS NOT NULL AS there`)
  const there = (rows as { there: boolean }[])[0]?.there === true
  const found = there ? await pool.query(numbered(STATEMENTS.meta), ['schema']) : undefined
  if (!needsMigration((found?.rows as { value: string }[] | undefined)?.[0]?.value)) return
  const [{ migrate }, { PostgresDialect }] = await Promise.all([import('../migrate.ts'), import('kysely')])
  const own = new Pool({ ...clientConfig(url), max: 2 })
  try {
    await migrate(new PostgresDialect({ pool: own }), 'postgres')
  } finally {
    await own.end()
  }
}
