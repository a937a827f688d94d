import type { Pool, PoolClient } from 'pg'
import type { DocumentRow, ReapLimits } from '../backend.ts'
import type { Change } from '../ports.ts'
import { numbered, STATEMENTS } from '../sql.ts'
import { CHANNEL } from './listener.ts'

/** Any two numbers nobody else uses: one lock for all writers of documents, so that changes commit in their order. */
const LOCK = 'SELECT pg_advisory_xact_lock(1396788560, 1)'
const LOG_CHANGE = `INSERT INTO change (seq, kind, id, at)
  SELECT (SELECT COALESCE(MAX(seq), 0) + 1 FROM change), $1, $2, $3 RETURNING seq`
/** The newest change always stays: numbers are never given twice. */
const REAP_CHANGES = 'DELETE FROM change WHERE at < $1 AND seq < (SELECT MAX(seq) FROM change)'
const DAY_MS = 86_400_000

/** Writes that other gateways have to hear about. `own` is told the number of each change before it is committed. */
export function createDocumentWriter(pool: Pool, own: (seq: number) => void) {
  const changing = async (
    change: Change,
    at: number,
    work: (client: PoolClient) => Promise<number | null>,
  ): Promise<boolean> =>
    transaction(pool, async (client) => {
      await client.query(LOCK)
      if ((await work(client)) !== 1) return false
      await announce(client, change, at)
      return true
    })

  const announce = async (client: PoolClient, change: Change, at: number): Promise<void> => {
    const { rows } = await client.query(LOG_CHANGE, [change.kind, change.id, at])
    const seq = (rows as { seq: number }[])[0]?.seq ?? 0
    own(seq)
    await client.query('SELECT pg_notify($1, $2)', [CHANNEL, String(seq)])
  }

  return {
    put(row: DocumentRow, expected: number, replaces?: string): Promise<boolean> {
      const { kind, id, version, state, expiresAt, updatedAt, keep, body, mac } = row
      const columns = [version, state, expiresAt, updatedAt, keep, body, mac, kind, id]
      const [text, values] =
        replaces !== undefined
          ? [STATEMENTS.replace, [...columns, replaces]]
          : expected > 0
            ? [STATEMENTS.update, [...columns, expected]]
            : [STATEMENTS.insert, [kind, id, version, state, expiresAt, updatedAt, keep, body, mac]]
      return changing({ kind: kind as Change['kind'], id }, updatedAt, async (client) => {
        return (await client.query(numbered(text), values)).rowCount
      })
    },
    remove(kind: string, id: string, expected: number, now: number): Promise<boolean> {
      return changing({ kind: kind as Change['kind'], id }, now, async (client) => {
        return (await client.query(numbered(STATEMENTS.remove), [kind, id, expected])).rowCount
      })
    },
    reap(limits: ReapLimits, now: number): Promise<readonly Change[]> {
      return transaction(pool, async (client) => {
        await client.query(LOCK)
        const { rows } = await client.query(numbered(STATEMENTS.reapDocuments), [limits.documents])
        for (const change of rows as Change[]) await announce(client, change, now)
        await client.query(numbered(STATEMENTS.reapSpent), [limits.spent])
        await client.query(REAP_CHANGES, [now - DAY_MS])
        return rows as Change[]
      })
    },
  }
}

async function transaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    await client.query('BEGIN')
    const result = await work(client)
    await client.query('COMMIT')
    return result
  } catch (error) {
    await client.query('ROLLBACK').catch((cause: unknown) => {
      broken = cause instanceof Error ? cause : new Error(String(cause))
    })
    throw error
  } finally {
    client.release(broken)
  }
}
