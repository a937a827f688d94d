import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { Client } from 'pg'
import { openStore } from '../../packages/gateway/src/store/open.ts'
import type { Change, StoreKeys } from '../../packages/gateway/src/store/ports.ts'
import { startPostgres } from '../setup/postgres.ts'
import { storeContract, type Place } from './contract.ts'
import { searchContract } from './search-contract.ts'
import { makeClock, makeKeys, makeRow } from './temporary.ts'

const server = await startPostgres()
afterAll(() => server?.stop())

async function run(url: string, text: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(text)
  } finally {
    await client.end()
  }
}

describe.skipIf(server === undefined)('PostgreSQL', () => {
  if (!server) return
  const place = async (): Promise<Place> => {
    const url = await server.database()
    return { config: { driver: 'postgres', url, node: 'node-a' }, sql: (text) => run(url, text) }
  }
  storeContract('PostgreSQL', place)
  searchContract('PostgreSQL', place)

  const openNode = async (url: string, node: string, keys: StoreKeys) => {
    const store = await openStore({ driver: 'postgres', url, node }, keys, makeClock())
    onTestFinished(() => store.close().catch(() => undefined))
    return store
  }
  const pair = async () => {
    const url = await server.database()
    const keys = makeKeys()
    return { url, a: await openNode(url, 'node-a', keys), b: await openNode(url, 'node-b', keys) }
  }
  const killSwitch = { kind: 'switch', id: 'all', state: 'on', expiresAt: 0, body: { why: 'test' } } as const

  it('two gateways share documents, single-use ids and changes; each has its own stream', async () => {
    const { a, b } = await pair()
    const seen: Change[] = []
    b.watch((change) => seen.push(change))
    expect(await a.put(killSwitch, 0)).toBe(true)
    await expect.poll(() => seen).toContainEqual({ kind: 'switch', id: 'all' })
    expect((await b.get('switch', 'all'))?.state).toBe('on')
    expect(await b.put({ ...killSwitch, state: 'off' }, 1)).toBe(true)
    expect((await a.get('switch', 'all'))?.state).toBe('off')
    const spent = await Promise.all([a, b, a, b].map((store) => store.spend('jti', 1e15)))
    expect(spent.filter(Boolean)).toHaveLength(1)
    await Promise.all([a.append([makeRow(1)]), b.append([makeRow(2), makeRow(3)])])
    expect(await a.readLog({ stream: 'node-b' })).toHaveLength(2)
    expect([...(await a.streams())].sort()).toEqual(['node-a', 'node-b'])
  })

  it('a document that another gateway removed and made again is no alarm', async () => {
    const { a, b } = await pair()
    const alarms: Change[] = []
    a.onTampered((row) => alarms.push(row))
    await a.put(killSwitch, 0)
    await a.put(killSwitch, 1)
    expect((await b.get('switch', 'all'))?.version).toBe(2)
    await b.remove('switch', 'all', 2)
    expect(await a.get('switch', 'all')).toBeUndefined()
    await b.put(killSwitch, 0)
    expect((await a.get('switch', 'all'))?.version).toBe(1)
    expect(alarms).toEqual([])
  })

  it('hears of changes made while its connection was broken', async () => {
    const { url, a, b } = await pair()
    const seen: Change[] = []
    b.watch((change) => seen.push(change))
    await run(
      url,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()`,
    )
    await a.put(killSwitch, 0)
    await expect.poll(() => seen, { timeout: 5000 }).toContainEqual({ kind: 'switch', id: 'all' })
    seen.length = 0
    await a.put(killSwitch, 1)
    await expect.poll(() => seen, { timeout: 5000 }).toContainEqual({ kind: 'switch', id: 'all' })
  })

  it('T-166: a broken connection denies, loses nothing that was acknowledged, and heals', async () => {
    const { url, a } = await pair()
    await a.append([makeRow(1)])
    let acknowledged = 1
    let stop = false
    const writers = Array.from({ length: 16 }, async (_, w) => {
      for (let i = 0; !stop; i++) {
        await a.append([makeRow(1000 * w + i)]).then(
          () => acknowledged++,
          (error: { code: string }) => expect(error.code).toBe('SP_AUDIT_WRITE_FAILED'),
        )
      }
    })
    for (let i = 0; i < 3; i++) {
      await new Promise((resolve) => setTimeout(resolve, 150))
      await run(
        url,
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()',
      )
    }
    await new Promise((resolve) => setTimeout(resolve, 300))
    stop = true
    await Promise.all(writers)
    await a.append([makeRow(99_999)])
    let size = 0
    let prev = '0'.repeat(64)
    for (;;) {
      const records = await a.readLog({ stream: 'node-a', afterSeq: size })
      for (const record of records) {
        expect(record.prev).toBe(prev)
        prev = record.hash
      }
      size += records.length
      if (records.length < 1000) break
    }
    expect(size).toBeGreaterThanOrEqual(acknowledged + 1)
  })

  it('T-176: a gateway with another MAC key believes nothing of the first one', async () => {
    const url = await server.database()
    const a = await openNode(url, 'node-a', makeKeys())
    const b = await openNode(url, 'node-b', makeKeys())
    await a.put(killSwitch, 0)
    expect(await b.get('switch', 'all')).toBeUndefined()
  })
})
