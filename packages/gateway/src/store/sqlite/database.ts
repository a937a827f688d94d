import { SallyportError } from '@sallyport/core/errors/error'
import Database from 'better-sqlite3'
import { closeSync, existsSync, fchmodSync, openSync, statSync } from 'node:fs'
import { needsMigration } from '../schema-version.ts'
import { STATEMENTS } from '../sql.ts'

export type Sqlite = Database.Database
export type Statement = Database.Statement<unknown[]>

const BUSY_TIMEOUT_MS = 5000

/** Codes after which the connection itself is not to be trusted: it is opened again before the next write. */
const REOPEN = /^SQLITE_(IOERR|CORRUPT|NOTADB|READONLY_DBMOVED|CANTOPEN)/

/** Every connection of the writer is opened here, so that none lacks FULL (the driver's own default for WAL is NORMAL). */
export function openDatabase(path: string): Sqlite {
  makePrivate(path)
  const db = new Database(path, { timeout: BUSY_TIMEOUT_MS })
  // Counts only for a new file; larger pages mean fewer writes per batch.
  db.pragma('page_size = 8192')
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.pragma('foreign_keys = ON')
  db.pragma('trusted_schema = OFF')
  db.pragma('wal_autocheckpoint = 2000')
  db.pragma('cache_size = -16000')
  return db
}

/** The file exists with mode 0600 before SQLite writes the first byte; -wal and -shm inherit it. */
function makePrivate(path: string): void {
  if (existsSync(path)) return
  const fd = openSync(path, 'a', 0o600)
  fchmodSync(fd, 0o600)
  closeSync(fd)
}

function schemaOf(db: Sqlite): string | undefined {
  const table = db.prepare(`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'store_meta'`).get()
  if (table === undefined) return undefined
  return (db.prepare(STATEMENTS.meta).get('schema') as { value: string } | undefined)?.value
}

/** @throws SallyportError SP_STORE_NEWER. */
export async function migrateDatabase(db: Sqlite, path: string): Promise<void> {
  if (!needsMigration(schemaOf(db))) return
  const [{ migrate }, { SqliteDialect }] = await Promise.all([import('../migrate.ts'), import('kysely')])
  const connection = openDatabase(path)
  try {
    await migrate(new SqliteDialect({ database: connection }), 'sqlite')
  } finally {
    connection.close()
  }
}

/**
 * Holds the store for one process: an exclusive SQLite lock on a file next to it. The kernel drops it when the process
 * dies, however it dies.
 * @throws SallyportError SP_STORE_BUSY.
 */
export function takeOwnership(path: string): () => void {
  const lockPath = `${path}-owner`
  makePrivate(lockPath)
  const lock = new Database(lockPath, { timeout: 0 })
  try {
    lock.pragma('journal_mode = OFF')
    lock.pragma('locking_mode = EXCLUSIVE')
    lock.exec('BEGIN EXCLUSIVE')
  } catch (cause) {
    lock.close()
    throw new SallyportError('SP_STORE_BUSY', path, { cause })
  }
  return () => lock.close()
}

/** Device and inode of the file, `''` when it is gone: a store that was moved or replaced under us is not written to. */
export function identityOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat ? `${stat.dev}:${stat.ino}` : ''
}

export const mustReopen = (error: unknown): boolean => REOPEN.test((error as { code?: string }).code ?? '')
