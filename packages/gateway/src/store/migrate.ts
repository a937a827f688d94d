import { SallyportError } from '@sallyport/core/errors/error'
import { Migrator, type Dialect, Kysely } from 'kysely'
import { SCHEMA_VERSION } from './schema-version.ts'
import { migrations, type Driver, type Tables } from './schema.ts'

/**
 * Brings an older or empty store to SCHEMA_VERSION. Loaded only when there is something to do: Kysely costs more to load
 * than opening the store takes.
 * @throws SallyportError SP_STORE_UNAVAILABLE when a step fails; the step is rolled back.
 */
export async function migrate(dialect: Dialect, driver: Driver): Promise<void> {
  const db = new Kysely<Tables>({ dialect })
  const provider = { getMigrations: async () => migrations(driver) }
  const { error } = await new Migrator({ db, provider }).migrateToLatest()
  if (error !== undefined)
    throw new SallyportError('SP_STORE_UNAVAILABLE', 'The tables could not be made.', { cause: error })
  await db
    .insertInto('store_meta')
    .values({ key: 'schema', value: String(SCHEMA_VERSION) })
    .onConflict((c) => c.column('key').doUpdateSet({ value: String(SCHEMA_VERSION) }))
    .execute()
}
