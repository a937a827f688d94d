import { describe, expect, it, onTestFinished } from 'vitest'
import { EVERYTHING, parseLogSearch, type StoredRecord } from '@sallyport/core'
import { openStore } from '../../packages/gateway/src/store/open.ts'
import type { LogRow } from '../../packages/gateway/src/store/ports.ts'
import type { PageQuery } from '../../packages/gateway/src/store/search/ports.ts'
import type { Place } from './contract.ts'
import { makeClock, makeKeys, makeRow } from './temporary.ts'

const START = Date.parse('2026-11-20T10:00:00.000Z')
const DAY = 86_400_000

/** Every seventh is denied by a rule of its own, every fifth asked; three agents, two tools. */
function row(i: number): LogRow {
  const policyDecision = i % 7 === 0 ? 'denied' : i % 5 === 0 ? 'approval_required' : 'allowed'
  return makeRow(i, {
    policyDecision,
    agentId: `agent-${i % 3}`,
    policyRule: policyDecision === 'denied' ? ['net.private', 'flow.sink'] : ['base'],
    labels: { integrity: i % 2 === 0 ? 1 : 3, confidentiality: 0 },
    note: i === 33 ? 'needle “Straße”' : 'hay',
  })
}

const numbers = (records: readonly StoredRecord[]): readonly number[] =>
  records.map(({ body }) => (JSON.parse(body) as { n: number }).n)
const upTo = (n: number, fits: (i: number) => boolean): readonly number[] =>
  Array.from({ length: n }, (_, i) => n - 1 - i).filter(fits)

const SEARCHES = [
  ['decision:denied', (i: number) => i % 7 === 0],
  ['decision:asked', (i: number) => i % 7 !== 0 && i % 5 === 0],
  ['agent:agent-1', (i: number) => i % 3 === 1],
  ['agent:agent-1,agent-2', (i: number) => i % 3 !== 0],
  ['agent:agent*', () => true],
  ['tool:fs.tool1', (i: number) => i % 2 === 1],
  ['server:fs', () => true],
  ['tool:none', () => false],
  ['session:session-2', (i: number) => i % 3 === 2],
  ['rule:flow.sink', (i: number) => i % 7 === 0],
  ['integrity:untrusted', (i: number) => i % 2 === 0],
  ['confidentiality:public', () => true],
  ['kind:call', () => true],
  ['kind:outcome', () => false],
  ['id:audit-17', (i: number) => i === 17],
  ['kind:call not decision:allowed agent:agent-0', (i: number) => (i % 7 === 0 || i % 5 === 0) && i % 3 === 0],
  ['-tool:fs.tool1 decision:denied', (i: number) => i % 14 === 0],
  ['"needle"', (i: number) => i === 33],
  ['STRASSE', () => false],
  ['straße', (i: number) => i === 33],
  ['not hay', (i: number) => i === 33],
  ['', () => true],
] as const

/** Searching, whatever is below it (O2, SEC-5.3: what happened can be found). */
export function searchContract(name: string, place: () => Promise<Place>): void {
  const setup = async (count: number, settings: { readonly logRetentionMs?: number } = {}) => {
    const at = await place()
    const clock = makeClock()
    const store = await openStore({ ...at.config, ...settings }, makeKeys(), clock)
    onTestFinished(() => store.close().catch(() => undefined))
    await store.append(Array.from({ length: count }, (_, i) => row(i)))
    const page = (text: string, more: Partial<PageQuery> = {}) =>
      store.search.page({ search: parseLogSearch(text), ...more })
    return { at, store, page, clock }
  }

  describe(`${name}: search`, () => {
    it('O2: finds what a search asks for, before and after it is in the index', async () => {
      const { store, page } = await setup(150)
      const compare = async () => {
        for (const [text, fits] of SEARCHES) {
          const found = await page(text)
          expect(numbers(found.records), text).toEqual(upTo(150, fits))
          expect(found.unindexed).toBe(0)
        }
      }
      await compare()
      // more than a page that is not in the index yet
      expect(numbers((await page('kind:call', { limit: 5 })).records)).toEqual([149, 148, 147, 146, 145])
      await store.checkpoint()
      await compare()
      // kept to a time, both ends included
      const within = { from: START + 10, to: START + 20 }
      expect(numbers((await page('', within)).records)).toEqual(upTo(100, (i) => i >= 10 && i <= 20))
      expect(numbers((await page('decision:denied', within)).records)).toEqual([14])
      // completed, the most frequent first
      expect(await store.search.values('decision', '', 10)).toEqual(['allowed', 'asked', 'denied'])
      expect(await store.search.values('agent', 'agent-2', 10)).toEqual(['agent-2'])
    })

    it('AC-1.2.2: an export misses nothing of a log that has run ahead of its index', async () => {
      const { page } = await setup(9_000)
      const denied = upTo(9_000, (i) => i % 7 === 0)
      const some = await page('decision:denied', { limit: 1_000 })
      expect(some.unindexed).toBeGreaterThan(0)
      const found: number[] = []
      for (let at: Partial<PageQuery> | undefined = {}; at !== undefined;) {
        const part = await page('decision:denied', { ...at, limit: 500, whole: true })
        expect(part.unindexed).toBe(0)
        found.push(...numbers(part.records))
        at = part.next === undefined ? undefined : { before: part.next }
      }
      expect(found).toEqual(denied)
    })

    it('O2: pages by cursor, newest first, without a gap or a repetition, while records come in', async () => {
      const { store, page } = await setup(700)
      await store.checkpoint()
      const seen: number[] = []
      for (let before: PageQuery['before']; ;) {
        const { records, next } = await page('agent:agent-1', { limit: 50, ...(before ? { before } : {}) })
        seen.push(...numbers(records))
        if (!next) break
        before = next
        await store.append([row(701)])
      }
      expect(seen).toEqual(upTo(700, (i) => i % 3 === 1))
    })

    it('O2: counts exactly what it finds, by value and by time', async () => {
      const { store } = await setup(140)
      await store.checkpoint()
      const counted = await store.search.survey({
        ...{ search: parseLogSearch('agent:agent-0'), from: START, to: START + 139, buckets: 14 },
      })
      const all = upTo(140, (i) => i % 3 === 0)
      expect(counted.total).toEqual({ n: all.length, estimated: false })
      const denied = all.filter((i) => i % 7 === 0).length
      expect(counted.facets.decision?.find(({ value }) => value === 'denied')).toMatchObject({ n: denied })
      expect(counted.histogram).toHaveLength(14)
      expect(counted.histogram.reduce((n, { denied: each }) => n + each, 0)).toBe(denied)
      expect(counted.histogram[0]).toMatchObject({ from: START, allowed: 3, asked: 0, denied: 1 })
    })

    it('O2: counts of more than 10 000 say that they are estimates and are near; what is rare is exact', async () => {
      const { store } = await setup(0)
      const many = Array.from({ length: 24_000 }, (_, i) => ({
        ...row(i % 7 === 0 && i > 700 ? i + 1 : i),
        ts: START + i,
      }))
      for (let i = 0; i < many.length; i += 1000) await store.append(many.slice(i, i + 1000))
      for (let i = 0; i < 14; i++) await store.checkpoint()
      const { total, facets, estimated } = await store.search.survey({
        ...{ search: EVERYTHING, from: START, to: START + DAY, buckets: 72 },
      })
      expect(estimated).toBe(true)
      expect(Math.abs(total.n - 24_000)).toBeLessThan(600)
      const denied = many.filter(({ body }) => body.includes('"denied"')).length
      expect(facets.decision?.find(({ value }) => value === 'denied')).toEqual({
        ...{ value: 'denied', n: denied, estimated: false },
      })
      const first = facets.agent?.[0]
      expect(Math.abs((first?.n ?? 0) - 8_000)).toBeLessThan(1_000)
    }, 60_000)

    it('O2: lists sessions by their last record, before, half and wholly in the index', async () => {
      const { store } = await setup(150)
      const shape = async () =>
        (await store.search.sessions({})).sessions.map((each) => [each.session, each.records, each.denied, each.lastTs])
      const wanted = [2, 1, 0].map((k) => {
        const own = upTo(150, (i) => i % 3 === k)
        return [`session-${k}`, own.length, own.filter((i) => i % 7 === 0).length, START + (own[0] ?? 0)]
      })
      expect(await shape()).toEqual(wanted)
      await store.checkpoint()
      expect(await shape()).toEqual(wanted)
      await store.append([row(151)])
      const { sessions, next } = await store.search.sessions({ limit: 1 })
      expect(sessions).toMatchObject([{ session: 'session-1', records: 51, integrity: 1 }])
      const rest = await store.search.sessions({ limit: 5, ...(next ? { before: next } : {}) })
      expect(rest.sessions.map(({ session }) => session)).toEqual(['session-2', 'session-0'])
      expect((await store.search.sessions({ agent: 'agent-2', deniedAtLeast: 1 })).sessions).toHaveLength(1)
      expect((await store.search.sessions({ confidentialityAtLeast: 1 })).sessions).toEqual([])
    })

    it('T-168: what the index holds is only a hint: an entry that points to the wrong record finds nothing', async () => {
      const { at, store, page } = await setup(100)
      await store.checkpoint()
      await at.sql(
        `UPDATE audit_term SET seq = 3 WHERE seq = 8 AND word IN (SELECT word FROM audit_word WHERE value = 'denied')`,
      )
      expect(numbers((await page('decision:denied')).records)).not.toContain(2)
    })

    it('E-61: what is removed with its time leaves the index too', async () => {
      const { store, page, clock } = await setup(600, { logRetentionMs: 1_000 })
      await store.checkpoint()
      clock.advance(60_000)
      await store.reap()
      const left = numbers((await page('agent:agent*', { limit: 1000 })).records)
      expect(left).toEqual(upTo(600, (i) => i >= 512))
    })
  })
}
