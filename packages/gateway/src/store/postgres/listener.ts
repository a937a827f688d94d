import type { Client, Pool } from 'pg'
import type { Change } from '../ports.ts'
import { connect } from './connect.ts'

export const CHANNEL = 'sallyport_change'

export interface ListenerEvents {
  change(change: Change, seq: number): void
  /** Changes were removed before this node saw them. */
  resync(): void
  trouble(what: string): void
}

export interface Listener {
  /** Reports everything committed so far. */
  catchUp(): Promise<void>
  close(): Promise<void>
}

const RETRY_MS = [100, 250, 500, 1000, 2000]
/** A notification can be lost without the connection breaking; nothing stays unseen for longer than this. */
const POLL_MS = 1000
const PAGE = 1000

/** Follows the table of changes: NOTIFY says that there is something, the cursor says what (T-174, HB kill switch). */
export async function listen(url: string, pool: Pool, events: ListenerEvents): Promise<Listener> {
  let cursor = await newest(pool)
  let client: Client | undefined
  let closed = false
  let running: Promise<void> | undefined
  let again = false

  const read = async (): Promise<void> => {
    for (;;) {
      again = false
      const { rows } = await pool.query('SELECT seq, kind, id FROM change WHERE seq > $1 ORDER BY seq LIMIT $2', [
        cursor,
        PAGE,
      ])
      for (const { seq, kind, id } of rows as { seq: number; kind: Change['kind']; id: string }[]) {
        if (seq !== cursor + 1) events.resync()
        cursor = seq
        events.change({ kind, id }, seq)
      }
      if (rows.length < PAGE && !again) return
    }
  }
  const catchUp = (): Promise<void> => {
    again = true
    running ??= read().finally(() => {
      running = undefined
    })
    return running
  }
  const quietly = (): void =>
    void catchUp().catch((error: unknown) => events.trouble(`Changes cannot be read: ${String(error)}`))

  const attach = async (attempt = 0): Promise<void> => {
    if (closed) return
    try {
      const fresh = await connect(url)
      client = fresh
      let gone = false
      const lost = (): void => {
        if (gone || closed) return
        gone = true
        events.trouble('The connection for changes was lost; connecting again.')
        void attach()
      }
      fresh.on('error', lost)
      fresh.on('end', lost)
      fresh.on('notification', quietly)
      await fresh.query(`LISTEN ${CHANNEL}`)
      quietly()
    } catch {
      const delay = RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)] ?? 0
      setTimeout(() => void attach(attempt + 1), delay).unref()
    }
  }
  await attach()
  const timer = setInterval(quietly, POLL_MS)
  timer.unref()

  return {
    catchUp,
    async close() {
      closed = true
      clearInterval(timer)
      await running?.catch(() => undefined)
      await client?.end().catch(() => undefined)
    },
  }
}

async function newest(pool: Pool): Promise<number> {
  const { rows } = await pool.query('SELECT COALESCE(MAX(seq), 0) AS seq FROM change')
  return (rows as { seq: number }[])[0]?.seq ?? 0
}
