import { callDigest, type CallBinding, type GrantScope } from '@sallyport/core'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { approve, asked, binding, DEMAND, held, proofFor, rig, type Rig } from './setup.ts'

const HUMAN = { kind: 'human', id: 'operator:local', chain: [], scopes: [], trustLevel: 0, instance: '' } as const

describe('T-114: remembered decisions', () => {
  let on: Rig
  let ann: string
  let n = 0
  beforeAll(async () => {
    on = await rig()
    ann = await on.enrol('ann')
  })
  afterAll(() => on.close())

  /** A grant made by a real decision; gives the call it was made for. */
  async function granted(
    scope: GrantScope = { kind: 'tool', until: on.clock.now() + 3_600_000 },
    demand = DEMAND,
  ): Promise<Partial<CallBinding>> {
    n += 1
    const of = { instance: `grant-${n}`, argsDigest: `${n}`.padStart(64, '0') }
    const id = await held(on, asked({ demand }, of))
    const done = await approve(on, id, ann, scope)
    if (!done.ok) throw new Error(`${done.code} ${done.reason}`)
    return of
  }
  const find = (of: Partial<CallBinding>, demand = DEMAND) => {
    const bound = binding({ ...of, argsDigest: 'f'.repeat(64) })
    return on.approvals.findGrant(bound, demand, bound.sinks)
  }

  it('T-114: covers the same destinations with other content, in the same session only, and the executor checks it again', async () => {
    const of = await granted()
    const evidence = await find(of)
    expect(evidence).toMatchObject({ kind: 'grant' })
    if (evidence === undefined) return
    const bound = binding({ ...of, argsDigest: 'f'.repeat(64) })
    expect(await on.approvals.redeem(evidence, bound)).toMatchObject({ ok: true })
    expect(await on.approvals.redeem(evidence, binding({ ...of, argsDigest: 'e'.repeat(64) }))).toMatchObject({
      code: 'SP_APPROVAL_EVIDENCE',
    })
  })

  it.each<readonly [string, Partial<CallBinding>]>([
    ['another agent', { principal: 'agent:other' }],
    ['another instance of the same agent', { instance: 'other' }],
    ['another delegation', { chain: ['agent:boss'] }],
    ['another definition of the tool', { pin: 'q'.repeat(64) }],
    ['another policy, e.g. after a deny rule was added', { bundle: 'c'.repeat(64) }],
    ['higher confidentiality', { labels: { integrity: 3, confidentiality: 1, sources: [] } }],
    ['lower integrity', { labels: { integrity: 1, confidentiality: 0, sources: [] } }],
    ['labels nobody knows', { labels: {} }],
    ['another destination', { sinks: [{ path: 'to', role: 'sink', value: 'eve@corp.com' }] }],
    ['one destination more', { sinks: [...binding().sinks, { path: 'bcc', role: 'sink', value: 'eve@evil.example' }] }],
    ['the destination in another place', { sinks: [{ path: 'cc', role: 'sink', value: 'bob@corp.com' }] }],
    ['another object', { sinks: [...binding().sinks, { path: 'thread', role: 'selector', value: '7' }] }],
    ['an undeclared argument', { facts: { undeclared: ['bcc'], omitted: [] } }],
    ['an argument left out', { facts: { undeclared: [], omitted: ['channel'] } }],
    ['another tool', { tool: 'mail.forward' }],
    ['another gateway', { gateway: 'gw2' }],
  ])('T-114: not for %s', async (_, change) => {
    const of = await granted()
    expect(await find(of)).toBeDefined()
    expect(await find({ ...of, ...change })).toBeUndefined()
  })

  it('T-114: never where policy wants a decision each time, more people, more severity or other people', async () => {
    const of = await granted({ kind: 'value' })
    expect(await find(of, { ...DEMAND, remember: false })).toBeUndefined()
    expect(await find(of, { ...DEMAND, quorum: 2 })).toBeUndefined()
    expect(await find(of, { ...DEMAND, severity: 'critical' })).toBeUndefined()
    expect(await find(of, { ...DEMAND, approvers: ['operator:cfo'] })).toBeUndefined()
    const id = await held(on, asked({ demand: { ...DEMAND, remember: false } }, { instance: 'never' }))
    expect(await approve(on, id, ann, { kind: 'value' })).toMatchObject({ ok: false, code: 'SP_API_INVALID' })
  })

  it('T-114: at most 24 hours, whatever is asked, and it ends', async () => {
    const id = await held(on, asked({}, { instance: 'long' }))
    expect(await approve(on, id, ann, { kind: 'tool', until: on.clock.now() + 25 * 3_600_000 })).toMatchObject({
      code: 'SP_API_INVALID',
    })
    const of = await granted({ kind: 'tool', until: on.clock.now() + 60_000 })
    on.clock.advance(60_000)
    expect(await find(of)).toBeUndefined()
  })

  it('T-100: a single approval makes nothing known', async () => {
    const of = await granted({ kind: 'once' })
    expect(await find(of)).toBeUndefined()
  })

  it('T-114: listed and revoked in one place, on all restarts', async () => {
    const of = await granted()
    const evidence = await find(of)
    if (evidence?.kind !== 'grant') throw new Error('no grant')
    expect((await on.approvals.grants()).map(({ id }) => id)).toContain(evidence.grantId)
    expect(await on.approvals.revokeGrant(evidence.grantId, HUMAN)).toMatchObject({ ok: true })
    expect(await find(of)).toBeUndefined()
    const bound = binding({ ...of, argsDigest: 'f'.repeat(64) })
    expect((await on.approvals.redeem(evidence, bound)).ok).toBe(false)
    await on.restart()
    expect(await find(of)).toBeUndefined()
  })

  it('T-004: every column of a grant row changed: the grant is gone', async () => {
    const db = (): Database.Database => new Database(on.path)
    const columns = (db().prepare('pragma table_info(document)').all() as { name: string }[]).map(({ name }) => name)
    for (const column of columns) {
      const of = await granted()
      const evidence = await find(of)
      if (evidence?.kind !== 'grant') throw new Error('no grant')
      const row = db()
        .prepare('select * from document where kind = ? and id = ?')
        .get('grant', evidence.grantId) as Record<string, unknown>
      const value = typeof row[column] === 'number' ? (row[column] as number) + 1 : `${String(row[column])}x`
      db().prepare(`update document set ${column} = ? where kind = 'grant' and id = ?`).run(value, evidence.grantId)
      const bound = binding({ ...of, argsDigest: 'f'.repeat(64) })
      expect((await on.approvals.redeem(evidence, bound)).ok, column).toBe(false)
    }
  })

  it('a proof for once cannot be turned into one that is remembered', async () => {
    const id = await held(on, asked({}, { instance: 'widen' }))
    const once = await proofFor(on, id, ann, { kind: 'once' })
    expect(await on.approvals.approve(id, { ...once, scope: { kind: 'value' } }, 'test')).toMatchObject({
      code: 'SP_AUTHN_PRESENCE',
    })
    expect(callDigest(binding())).toHaveLength(64)
  })
})
