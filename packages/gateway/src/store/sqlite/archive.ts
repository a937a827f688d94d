import { SallyportError } from '@sallyport/core'
import Database from 'better-sqlite3'
import { existsSync } from 'node:fs'
import { createArchive, type Archive } from '../archive.ts'

/** Opens a database file for reading only. @throws SallyportError SP_STORE_UNAVAILABLE. */
export function openSqliteArchive(path: string): Archive {
  if (!existsSync(path)) throw new SallyportError('SP_STORE_UNAVAILABLE', `There is no file ${path}.`)
  const db = new Database(path, { readonly: true, timeout: 5000 })
  db.pragma('query_only = ON')
  return createArchive(
    async (text, values) => db.prepare(text).all(...values) as Record<string, unknown>[],
    async () => void db.close(),
  )
}
