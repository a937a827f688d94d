import { SallyportError } from '@sallyport/core'
import { existsSync } from 'node:fs'
import { createArchive, type Archive } from './archive.ts'
import { numbered } from './sql.ts'

/**
 * Opens a store for reading only, next to a running gateway or without one.
 * @throws SallyportError SP_STORE_UNAVAILABLE.
 */
export async function openArchive(place: { readonly path: string } | { readonly url: string }): Promise<Archive> {
  try {
    return 'path' in place ? await openFile(place.path) : await openUrl(place.url)
  } catch (cause) {
    if (cause instanceof SallyportError) throw cause
    throw new SallyportError('SP_STORE_UNAVAILABLE', String(cause), { cause })
  }
}

async function openFile(path: string): Promise<Archive> {
  if (!existsSync(path)) throw new SallyportError('SP_STORE_UNAVAILABLE', `There is no file ${path}.`)
  const { default: Database } = await import('better-sqlite3')
  const db = new Database(path, { readonly: true, timeout: 5000 })
  db.pragma('query_only = ON')
  return createArchive(
    async (text, values) => db.prepare(text).all(...values) as Record<string, unknown>[],
    async () => void db.close(),
  )
}

async function openUrl(url: string): Promise<Archive> {
  const { connect } = await import('./postgres/connect.ts')
  const client = await connect(url)
  await client.query('SET default_transaction_read_only = on')
  return createArchive(
    async (text, values) => (await client.query(numbered(text), [...values])).rows as Record<string, unknown>[],
    () => client.end(),
  )
}
