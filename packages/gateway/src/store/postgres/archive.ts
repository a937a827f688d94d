import { createArchive, type Archive } from '../archive.ts'
import { numbered } from '../sql.ts'
import { connect } from './connect.ts'

/** Opens a database for reading only. */
export async function openPostgresArchive(url: string): Promise<Archive> {
  const client = await connect(url)
  await client.query('SET default_transaction_read_only = on')
  return createArchive(
    async (text, values) => (await client.query(numbered(text), [...values])).rows as Record<string, unknown>[],
    () => client.end(),
  )
}
