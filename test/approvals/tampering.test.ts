import Database from 'better-sqlite3'
import { callDigest, type Json, type JsonObject } from '@sallyport/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { approve, asked, binding, held, proofFor, rig, type Rig } from './setup.ts'
import { approvalOf } from '../../packages/gateway/src/control/approvals/documents.ts'
import type { DocumentRow } from '../../packages/gateway/src/store/backend.ts'

const evidenceFor = (id: string, of = binding()) =>
  ({ kind: 'approval', approvalId: id, callDigest: callDigest(of) }) as const

describe('T-004: the store is edited behind the gateway', () => {
  let on: Rig
  let ann: string
  beforeAll(async () => {
    on = await rig()
    ann = await on.enrol('ann')
  })
  afterAll(() => on.close())

  /** Rows as another process with the file sees them. */
  const sql = <T>(work: (db: Database.Database) => T): T => {
    const db = new Database(on.path)
    try {
      return work(db)
    } finally {
      db.close()
    }
  }

  it('T-004: every column of approval, grant and operator rows: nothing is released', async () => {
    const columns = sql((db) =>
      (db.prepare('pragma table_info(document)').all() as { name: string }[]).map(({ name }) => name),
    )
    expect(columns).toContain('mac')
    let n = 0
    for (const column of columns) {
      for (const kind of ['approval', 'operator']) {
        n += 1
        const of = { argsDigest: `${n}`.padStart(64, '0'), instance: `tamper-${n}` }
        const id = await held(on, asked({}, of))
        expect((await approve(on, id, ann)).ok).toBe(true)
        const before = sql((db) => db.prepare('select * from document where kind = ?').all(kind))
        const where = kind === 'approval' ? `kind = 'approval' and id = '${id}'` : `kind = 'operator'`
        const to = (value: unknown): unknown => (typeof value === 'number' ? value + 1 : `${String(value)}x`)
        sql((db) => {
          const row = db.prepare(`select * from document where ${where}`).get() as Record<string, unknown>
          db.prepare(`update document set ${column} = ? where ${where}`).run(to(row[column]))
        })
        const verdict = await on.approvals.redeem(evidenceFor(id, binding(of)), binding(of))
        expect(verdict.ok, `${kind}.${column}`).toBe(false)
        sql((db) => {
          db.prepare(`delete from document where kind = ? or kind = ?`).run(kind, `${kind}x`)
          for (const row of before as Record<string, unknown>[]) {
            const names = Object.keys(row)
            db.prepare(`insert into document (${names.join(',')}) values (${names.map(() => '?').join(',')})`).run(
              ...Object.values(row),
            )
          }
        })
      }
    }
  })

  it('T-004: a thief of the row key still has no proof: state, votes, quorum, time and call forged with a valid MAC', async () => {
    const forgeries: readonly ((row: { state: string; body: JsonObject }) => { state: string; body: JsonObject })[] = [
      (row) => ({ ...row, state: 'approved' }),
      ({ body }) => ({
        state: 'approved',
        body: {
          ...body,
          votes: [
            {
              approver: ann,
              verdict: 'approve',
              class: 'pin',
              nonce: 'aa',
              viewDigest: 'x',
              notAfter: 9e15,
              scope: { kind: 'once' },
              proof: 'f'.repeat(64),
              at: 1,
            },
          ],
        },
      }),
      ({ body }) => ({
        state: 'approved',
        body: {
          ...body,
          votes: [
            {
              approver: 'client-of:x',
              verdict: 'approve',
              class: 'client',
              nonce: 'aa',
              viewDigest: 'x',
              notAfter: 9e15,
              scope: { kind: 'once' },
              proof: 'f'.repeat(64),
              at: 1,
            },
          ],
        },
      }),
      ({ body }) => ({
        state: 'approved',
        body: {
          ...body,
          request: {
            ...(body['request'] as JsonObject),
            demand: { ...((body['request'] as JsonObject)['demand'] as JsonObject), quorum: 0 },
          },
        },
      }),
    ]
    const forged = (): number => on.records.filter((each) => each['name'] === 'approval.forged').length
    const before = forged()
    for (const [n, forge] of forgeries.entries()) {
      const of = { argsDigest: `f${n}`.padStart(64, '0'), instance: `forge-${n}` }
      const id = await held(on, asked({}, of))
      const document = await on.store.get('approval', id)
      if (document === undefined) throw new Error('gone')
      const changed = forge({ state: document.state, body: document.body })
      expect(await on.store.put({ ...document, ...changed }, document.version)).toBe(true)
      const verdict = await on.approvals.redeem(evidenceFor(id, binding(of)), binding(of))
      expect(verdict, `forgery ${n}`).toMatchObject({ ok: false })
    }
    expect(forged() - before).toBe(forgeries.length)
  })

  it('T-004: a real approval moved to another call, a longer time or fewer people does not verify', async () => {
    const bob = await on.enrol('bob')
    const changes: readonly ((request: JsonObject) => JsonObject)[] = [
      (request) => ({ ...request, args: { to: 'eve@evil.example', subject: 'hello', body: 'text' } }),
      (request) => ({ ...request, expiresAt: (request['expiresAt'] as number) + 1 }),
      (request) => ({ ...request, demand: { ...(request['demand'] as JsonObject), quorum: 1 } }),
      (request) => ({ ...request, binding: { ...(request['binding'] as JsonObject), argsDigest: '9'.repeat(64) } }),
      (request) => ({ ...request, reason: 'Harmless.' }),
    ]
    for (const [n, change] of changes.entries()) {
      const of = { argsDigest: `e${n}`.padStart(64, '0'), instance: `move-${n}` }
      const wanted = asked({}, of)
      const id = await held(on, { ...wanted, demand: { ...wanted.demand, quorum: 2 } })
      await approve(on, id, ann)
      await approve(on, id, bob)
      const document = await on.store.get('approval', id)
      if (document === undefined) throw new Error('gone')
      const request = change(document.body['request'] as JsonObject)
      const body = { ...document.body, request }
      await on.store.put({ ...document, body, expiresAt: request['expiresAt'] as number }, document.version)
      const verdict = await on.approvals.redeem(evidenceFor(id, binding(of)), binding(of))
      expect(verdict.ok, `change ${n}`).toBe(false)
    }
  })

  it('T-004: an inserted grant is worth nothing', async () => {
    const of = { instance: 'grant-forger', argsDigest: '7'.repeat(64) }
    const id = await held(on, asked({}, of))
    const stored = approvalOf(await on.store.get('approval', id))
    if (stored === undefined) throw new Error('gone')
    const { request } = stored.approval
    const vote = {
      approver: ann,
      verdict: 'approve',
      class: 'pin',
      nonce: 'aa',
      viewDigest: 'x',
      notAfter: 9e15,
      scope: { kind: 'value' },
      proof: 'f'.repeat(64),
      at: on.clock.now(),
    }
    const body = {
      origin: { request, votes: [vote] },
      scope: { kind: 'value' },
      createdAt: on.clock.now(),
    } as unknown as JsonObject
    await on.store.put({ kind: 'grant', id: 'forged', state: 'active', expiresAt: on.clock.now() + 3_600_000, body }, 0)
    const again = binding({ ...of, argsDigest: '8'.repeat(64) })
    expect(await on.approvals.findGrant(again, request.demand, [])).toBeUndefined()
    const evidence = { kind: 'grant', grantId: 'forged', callDigest: callDigest(again) } as const
    expect((await on.approvals.redeem(evidence, again)).ok).toBe(false)
  })

  it('T-004: an older copy of a used approval put back in place is not used again', async () => {
    const of = { instance: 'rollback', argsDigest: '6'.repeat(64) }
    const id = await held(on, asked({}, of))
    await approve(on, id, ann)
    const row = sql((db) =>
      db.prepare('select * from document where kind = ? and id = ?').get('approval', id),
    ) as DocumentRow
    expect((await on.approvals.redeem(evidenceFor(id, binding(of)), binding(of))).ok).toBe(true)
    sql((db) => {
      const names = Object.keys(row)
      db.prepare(`insert or replace into document (${names.join(',')}) values (${names.map(() => '?').join(',')})`).run(
        ...(Object.values(row) as Json[]),
      )
      db.prepare('delete from spent').run()
    })
    expect((await on.approvals.redeem(evidenceFor(id, binding(of)), binding(of))).ok).toBe(false)
  })

  it('T-024: a view of A with the digest of B is refused before the PIN is looked at', async () => {
    const a = await held(on, asked({}, { instance: 'a' }))
    const b = await held(on, asked({ args: { to: 'eve@evil.example' } }, { instance: 'b', argsDigest: '5'.repeat(64) }))
    const shownA = await proofFor(on, a, ann)
    const realB = await proofFor(on, b, ann)
    expect(await on.approvals.approve(b, { ...realB, view: shownA.view }, 'test')).toMatchObject({
      code: 'SP_APPROVAL_EVIDENCE',
    })
    expect(await on.approvals.approve(b, shownA, 'test')).toMatchObject({ ok: false })
    expect(await on.approvals.show(b)).toMatchObject({ value: { approval: { state: 'pending' } } })
  })
})
