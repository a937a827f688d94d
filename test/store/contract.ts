import { describe, expect, it, onTestFinished } from 'vitest'
import { verifyStream } from '@sallyport/core'
import { openStore, type StoreConfig } from '../../packages/gateway/src/store/open.ts'
import type { Change } from '../../packages/gateway/src/store/ports.ts'
import { makeClock, makeKeys, makeRow } from './temporary.ts'

/** A place where stores can be opened, twice if need be, and their tables changed behind their back. */
export interface Place {
  readonly config: StoreConfig
  /** Runs one statement past the store. */
  sql(text: string): Promise<void>
}

type Settings = Pick<StoreConfig, 'checkpoint' | 'logRetentionMs' | 'queueLimit'>

/** What every store does, whatever is below it (E-12, T-004, T-046, T-162). */
export function storeContract(name: string, place: () => Promise<Place>): void {
  const setup = async (settings: Settings = {}) => {
    const at = await place()
    const keys = makeKeys()
    const clock = makeClock()
    const config = { ...at.config, ...settings }
    const open = async () => {
      const store = await openStore(config, keys, clock)
      onTestFinished(() => store.close().catch(() => undefined))
      return store
    }
    return { at, keys, clock, open, store: await open() }
  }
  const doc = (id: string, body: Record<string, string> = { a: 'b' }, state = 'open', expiresAt = 0) =>
    ({ kind: 'approval', id, state, expiresAt, body }) as const

  describe(`${name}: documents`, () => {
    it('change only by compare-and-set', async () => {
      const { store } = await setup()
      expect(await store.put(doc('x'), 0)).toBe(true)
      expect(await store.put(doc('x'), 0)).toBe(false)
      expect(await store.put(doc('x', { a: 'c' }), 2)).toBe(false)
      expect(await store.put(doc('x', { a: 'c' }, 'done'), 1)).toBe(true)
      expect(await store.get('approval', 'x')).toMatchObject({ version: 2, state: 'done', body: { a: 'c' } })
      expect(await store.remove('approval', 'x', 1)).toBe(false)
      expect(await store.remove('approval', 'x', 2)).toBe(true)
      expect(await store.get('approval', 'x')).toBeUndefined()
      expect(await store.put(doc('x'), 0)).toBe(true)
    })

    it('of 64 who change the same version, exactly one wins', async () => {
      const { store } = await setup()
      await store.put(doc('race'), 0)
      const won = await Promise.all(Array.from({ length: 64 }, (_, i) => store.put(doc('race', { by: String(i) }), 1)))
      expect(won.filter(Boolean)).toHaveLength(1)
    })

    it('are listed by state and id, in order', async () => {
      const { store } = await setup()
      for (const id of ['c', 'a', 'b', 'ä']) await store.put(doc(id, {}, id === 'b' ? 'done' : 'open'), 0)
      expect((await store.list('approval')).map((d) => d.id)).toEqual(['a', 'b', 'c', 'ä'])
      expect((await store.list('approval', { state: 'open', after: 'a', limit: 1 })).map((d) => d.id)).toEqual(['c'])
      expect((await store.list('approval', { newest: true, limit: 2 })).map((d) => d.id)).toEqual(['ä', 'c'])
      expect(await store.list('grant')).toEqual([])
    })

    it('survive a restart', async () => {
      const { store, open } = await setup()
      await store.put(doc('x', { text: 'Grüße \u0001 "quoted" \\ 🦊' }), 0)
      await store.close()
      const again = await open()
      expect((await again.get('approval', 'x'))?.body).toEqual({ text: 'Grüße \u0001 "quoted" \\ 🦊' })
    })

    it('tell watchers on this node', async () => {
      const { store } = await setup()
      const seen: Change[] = []
      const stop = store.watch((change) => seen.push(change))
      await store.put(doc('x'), 0)
      await expect.poll(() => seen).toContainEqual({ kind: 'approval', id: 'x' })
      stop()
      const before = seen.length
      await store.put(doc('x'), 1)
      await store.get('approval', 'x')
      expect(seen).toHaveLength(before)
    })

    it.each([
      ["kind = 'grant'", 'grant', 'x'],
      ["id = 'y'", 'approval', 'y'],
      ['version = 7', 'approval', 'x'],
      ["state = 'approved'", 'approval', 'x'],
      ['expires_at = 99999999999999', 'approval', 'x'],
      ['updated_at = 1', 'approval', 'x'],
      ['keep = 1', 'approval', 'x'],
      [`body = '{"a":"forged"}'`, 'approval', 'x'],
      [`mac = '${'ab'.repeat(32)}'`, 'approval', 'x'],
      [`mac = ''`, 'approval', 'x'],
    ] as const)('T-004: after SET %s the row is absent and its alarm names it', async (assignment, kind, id) => {
      const { store, at, open } = await setup()
      await store.put(doc('x', { a: 'b' }, 'pending'), 0)
      await at.sql(`UPDATE document SET ${assignment} WHERE id = 'x'`)
      const alarms: Change[] = []
      store.onTampered((row) => alarms.push(row))
      expect(await store.get(kind, id)).toBeUndefined()
      expect((await store.list(kind)).map((d) => d.id)).not.toContain(id)
      expect(alarms).toContainEqual({ kind, id })
      expect(alarms.filter((row) => row.kind === kind && row.id === id)).toHaveLength(1)
      await store.close()
      const again = await open()
      const later: Change[] = []
      again.onTampered((row) => later.push(row))
      await expect.poll(() => later).toContainEqual({ kind, id })
    })

    it('T-004: a deleted row is missed, and a forged one does not keep the real one out', async () => {
      const { store, at } = await setup()
      await store.put(doc('x'), 0)
      await at.sql(`DELETE FROM document WHERE id = 'x'`)
      const alarms: Change[] = []
      store.onTampered((row) => alarms.push(row))
      expect(await store.get('approval', 'x')).toBeUndefined()
      expect(alarms).toContainEqual({ kind: 'approval', id: 'x' })
      await at.sql(
        `INSERT INTO document (kind, id, version, state, expires_at, updated_at, keep, body, mac)
         VALUES ('approval', 'z', 1, 'approved', 0, 0, 0, '{}', 'forged')`,
      )
      expect(await store.get('approval', 'z')).toBeUndefined()
      expect(await store.put(doc('z', { real: 'yes' }), 0)).toBe(true)
      expect((await store.get('approval', 'z'))?.body).toEqual({ real: 'yes' })
    })

    it('T-163: an older version of a row, put back with its own MAC, does not count', async () => {
      const { store, at } = await setup()
      await store.put(doc('x', { a: 'first' }), 0)
      await at.sql('CREATE TABLE copy AS SELECT * FROM document')
      await store.put(doc('x', { a: 'second' }), 1)
      if (store.driver === 'postgres') await store.get('approval', 'x')
      await at.sql(`DELETE FROM document WHERE id = 'x'`)
      await at.sql(`INSERT INTO document SELECT * FROM copy WHERE id = 'x'`)
      const alarms: Change[] = []
      store.onTampered((row) => alarms.push(row))
      await expect
        .poll(async () => {
          expect((await store.get('approval', 'x'))?.body['a']).not.toBe('second')
          return alarms
        })
        .toContainEqual({ kind: 'approval', id: 'x' })
    })

    it('refuse ids that no store keeps', async () => {
      const { store } = await setup()
      await expect(store.put(doc('a\u0000b'), 0)).rejects.toThrow(/characters that no store keeps/)
      await expect(store.put(doc('x'.repeat(600)), 0)).rejects.toThrow(/too long/)
    })
  })

  describe(`${name}: single use`, () => {
    it('an id is spent by exactly one of 64 callers, also after a restart', async () => {
      const { store, open, clock } = await setup()
      const won = await Promise.all(Array.from({ length: 64 }, () => store.spend('jti-1', clock.now() + 30_000)))
      expect(won.filter(Boolean)).toHaveLength(1)
      await store.close()
      expect(await (await open()).spend('jti-1', clock.now() + 30_000)).toBe(false)
    })

    it('T-004: deleting the row does not make an id usable again', async () => {
      const { store, at, clock } = await setup()
      expect(await store.spend('jti-2', clock.now() + 30_000)).toBe(true)
      await at.sql('DELETE FROM spent')
      expect(await store.spend('jti-2', clock.now() + 30_000)).toBe(false)
    })
  })

  describe(`${name}: log`, () => {
    it('keeps order, chain and columns', async () => {
      const { store } = await setup()
      await Promise.all(Array.from({ length: 300 }, (_, i) => store.append([makeRow(2 * i), makeRow(2 * i + 1)])))
      const records = await store.readLog({ stream: store.stream })
      expect(records).toHaveLength(600)
      expect(records.map((r) => r.seq)).toEqual(Array.from({ length: 600 }, (_, i) => i + 1))
      expect(records.map((r) => (JSON.parse(r.body) as { n: number }).n)).toEqual(
        Array.from({ length: 600 }, (_, i) => i),
      )
      for (let i = 1; i < records.length; i++) expect(records[i]?.prev).toBe(records[i - 1]?.hash)
    })

    it('AC-1.2.4: is queried by session, tool, agent, decision and time; the newest come in order', async () => {
      const { store } = await setup()
      const rows = Array.from({ length: 30 }, (_, i) => makeRow(i, i % 5 === 0 ? { policyDecision: 'denied' } : {}))
      await store.append(rows)
      const n = async (query: Parameters<typeof store.readLog>[0]) =>
        (await store.readLog(query)).map((r) => (JSON.parse(r.body) as { n: number }).n)
      expect(await n({ session: 'session-1' })).toEqual(rows.flatMap((r, i) => (r.session === 'session-1' ? [i] : [])))
      expect(await n({ tool: 'fs.tool0', limit: 3 })).toEqual([0, 2, 4])
      expect(await n({ decision: 'denied' })).toEqual([0, 5, 10, 15, 20, 25])
      expect(await n({ from: rows[10]?.ts ?? 0, to: rows[12]?.ts ?? 0 })).toEqual([10, 11, 12])
      expect(await n({ newest: true, limit: 3 })).toEqual([27, 28, 29])
      expect(await n({ afterSeq: 28 })).toEqual([28, 29])
      expect(await n({ auditId: 'audit-7' })).toEqual([7])
      expect(await n({ session: `x' OR '1'='1` })).toEqual([])
    })

    it('goes on after a restart, and all of it verifies', async () => {
      const { store, open, keys } = await setup({ checkpoint: { records: 100 } })
      for (let i = 0; i < 700; i += 70) await store.append(Array.from({ length: 70 }, (_, j) => makeRow(i + j)))
      await store.close()
      const again = await open()
      await again.append(Array.from({ length: 50 }, (_, i) => makeRow(700 + i)))
      await again.checkpoint()
      const report = await verifyStream({
        ...{ stream: again.stream, origin: `${keys.origin}/${again.stream}`, publicKey: keys.publicKey },
        records: await again.readLog({ stream: again.stream }),
        checkpoints: (await again.checkpoints(again.stream, 1000)).map((c) => c.note),
      })
      expect(report).toMatchObject({ ok: true, size: 750, covered: { size: 750, boot: 2 } })
    })

    it('proves each record', async () => {
      const { store } = await setup({ checkpoint: { records: 100_000 } })
      await store.append(Array.from({ length: 520 }, (_, i) => makeRow(i)))
      for (const seq of [1, 256, 257, 520]) {
        const proof = await store.prove(store.stream, seq)
        expect(proof.record.seq).toBe(seq)
        expect(proof.path.length).toBeGreaterThanOrEqual(3)
      }
      await expect(store.prove(store.stream, 521)).rejects.toMatchObject({ code: 'SP_AUDIT_UNKNOWN' })
    })

    it('T-162: signs by itself after so many records', async () => {
      const { store } = await setup({ checkpoint: { everyMs: 600_000, records: 50 } })
      await store.append(Array.from({ length: 120 }, (_, i) => makeRow(i)))
      await expect.poll(async () => (await store.checkpoints(store.stream)).at(-1)?.size).toBe(120)
      expect(await store.checkpoint()).toBeUndefined()
    })

    it('refuses more than its queue holds, and keeps what it took', async () => {
      const { store } = await setup({ queueLimit: 100 })
      const asked = Array.from({ length: 400 }, (_, i) => store.append([makeRow(i)]))
      const results = await Promise.allSettled(asked)
      const kept = results.filter((r) => r.status === 'fulfilled').length
      const full = results.filter((r) => r.status === 'rejected')
      expect(full.length).toBeGreaterThan(0)
      for (const r of full) expect((r.reason as { code: string }).code).toBe('SP_AUDIT_QUEUE_FULL')
      expect(await store.readLog({ stream: store.stream })).toHaveLength(kept)
    })

    it('rejects everything once it is closed', async () => {
      const { store } = await setup()
      await store.close()
      await expect(store.append([makeRow(1)])).rejects.toMatchObject({ code: 'SP_STORE_UNAVAILABLE' })
      await expect(store.get('approval', 'x')).rejects.toMatchObject({ code: 'SP_STORE_UNAVAILABLE' })
    })

    it('a second gateway on the same store is refused', async () => {
      const { open } = await setup()
      await expect(open()).rejects.toMatchObject({ code: 'SP_STORE_BUSY' })
    })

    it('T-040: a store of a newer version is refused', async () => {
      const { store, at, open } = await setup()
      await store.close()
      await at.sql(`UPDATE store_meta SET value = '99' WHERE key = 'schema'`)
      await expect(open()).rejects.toMatchObject({ code: 'SP_STORE_NEWER' })
    })

    it('E-61: old records go in whole tiles, the rest still verifies', async () => {
      const { store, clock, keys, open } = await setup({ logRetentionMs: 3_600_000, checkpoint: { records: 100 } })
      await store.append(Array.from({ length: 600 }, (_, i) => makeRow(i)))
      await store.checkpoint()
      await store.close()
      clock.advance(2 * 3_600_000)
      const again = await open()
      await again.append([makeRow(600)])
      await again.reap()
      const left = await again.readLog({ stream: again.stream })
      expect(left[0]?.seq).toBe(513)
      await again.checkpoint()
      const proof = await again.prove(again.stream, 600)
      expect(proof.record.seq).toBe(600)
      await again.close()
      const third = await open()
      await third.append([makeRow(601)])
      expect((await third.readLog({ newest: true, limit: 1 })).at(-1)?.seq).toBe(602)
      expect(keys.publicKey).toHaveLength(32)
    })

    it('of old checkpoints one an hour stays, and the log still verifies', async () => {
      const { store, clock, keys } = await setup({ checkpoint: { everyMs: 3_600_000 } })
      for (let i = 0; i < 12; i++) {
        await store.append([makeRow(i)])
        await store.checkpoint()
        clock.advance(900_000)
      }
      expect(await store.checkpoints(store.stream, 100)).toHaveLength(12)
      clock.advance(2 * 86_400_000)
      await store.reap()
      const left = await store.checkpoints(store.stream, 100)
      expect(left.map((c) => c.size)).toEqual([4, 8, 12])
      const report = await verifyStream({
        ...{ stream: store.stream, origin: `${keys.origin}/${store.stream}`, publicKey: keys.publicKey },
        records: await store.readLog({ stream: store.stream }),
        checkpoints: left.map((c) => c.note),
      })
      expect(report).toMatchObject({ ok: true, covered: { size: 12 } })
    })

    it('expired documents go a day later, kept and undated ones stay', async () => {
      const { store, clock } = await setup()
      await store.put(doc('gone', {}, '', clock.now() + 1000), 0)
      await store.put({ ...doc('kept', {}, '', clock.now() + 1000), body: { keep: true } }, 0)
      await store.put(doc('undated'), 0)
      clock.advance(2000)
      await store.reap()
      expect((await store.list('approval')).map((d) => d.id)).toEqual(['gone', 'kept', 'undated'])
      clock.advance(86_400_000)
      await store.reap()
      expect((await store.list('approval')).map((d) => d.id)).toEqual(['kept', 'undated'])
    })
  })
}
