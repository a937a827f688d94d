import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { callDigest } from '@sallyport/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApprovals, type ApprovalService } from '../../packages/gateway/src/control/approvals/approvals.ts'
import { createPasskeys } from '../../packages/gateway/src/control/presence/passkeys.ts'
import { createPresence } from '../../packages/gateway/src/control/presence/presence.ts'
import { systemRandom } from '../../packages/gateway/src/random.ts'
import { openStore } from '../../packages/gateway/src/store/open.ts'
import { startPostgres, type TestPostgres } from '../setup/postgres.ts'
import { approve, asked, binding, held, rig, SITE, type Rig } from './setup.ts'

const HUMAN = { kind: 'human', id: 'operator:local', chain: [], scopes: [], trustLevel: 0, instance: '' } as const
const postgres: TestPostgres | undefined = await startPostgres()

describe.skipIf(postgres === undefined)('two gateways on one PostgreSQL', () => {
  const nodes: Rig[] = []
  let ann = ''
  beforeAll(async () => {
    const url = (await postgres?.database()) ?? ''
    const base = await rig()
    const checkpointKey = generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' })
    const mac = randomBytes(32)
    const keys = { ...base.keys, mac }
    for (const node of ['a', 'b']) {
      const store = await openStore(
        { driver: 'postgres', url, node },
        { mac, checkpointKey, origin: 'test' },
        base.clock,
      )
      const evidence = { append: async () => undefined, enqueue: () => undefined }
      const deps = { store, evidence, clock: base.clock, random: systemRandom, keys }
      const passkeys = createPasskeys({
        ...{ ...deps, mac, site: SITE, isOwnAddress: () => true },
        identityRecords: async () => [],
      })
      const presence = createPresence({ ...deps, passkeys })
      const approvals: ApprovalService = createApprovals({ ...deps, presence })
      nodes.push({
        ...base,
        keys,
        store,
        presence,
        passkeys,
        approvals,
        close: async () => (approvals.close(), store.close()),
      })
    }
    const [first] = nodes
    const claim = await first!.presence.claimChallenge('ab'.repeat(32))
    if (!claim.ok) throw new Error(claim.reason)
    const { nonce, notAfter, operators } = claim.value
    const key = randomBytes(32)
    const done = await first!.presence.claim(
      { name: 'ann', salt: operators[0]?.salt ?? '', verifier: key.toString('hex'), nonce, notAfter },
      'test',
    )
    if (!done.ok) throw new Error(done.reason)
    ann = done.value.operator
    for (const node of nodes) node.pins.set(ann, key)
    await base.close()
  }, 60_000)
  afterAll(async () => {
    for (const node of nodes) await node.close()
    await postgres?.stop()
  })

  it('T-009: a caller waits on one node, a human approves on the other, 1 000 redemptions on both: exactly one', async () => {
    const [a, b] = nodes as [Rig, Rig]
    const waiting = a.approvals.request(asked(), 20_000)
    await expect.poll(async () => (await b.approvals.list({ state: 'pending' })).length, { timeout: 10_000 }).toBe(1)
    const [request] = await b.approvals.list({ state: 'pending' })
    const id = request?.request.id ?? ''
    expect(await held(b)).toBe(id)
    expect(await approve(b, id, ann)).toMatchObject({ ok: true })
    expect(await waiting).toMatchObject({ state: 'approved' })
    const evidence = { kind: 'approval', approvalId: id, callDigest: callDigest(binding()) } as const
    const verdicts = await Promise.all(
      Array.from({ length: 1000 }, (_, n) => nodes[n % 2]!.approvals.redeem(evidence, binding())),
    )
    expect(verdicts.filter(({ ok }) => ok)).toHaveLength(1)
  }, 60_000)

  it('T-031: opened on both nodes at once it is one request; approved here and denied there at once, deny wins', async () => {
    const [a, b] = nodes as [Rig, Rig]
    for (let round = 0; round < 10; round++) {
      const of = { instance: `pg-${round}`, argsDigest: `${round}`.padStart(64, '0') }
      const ids = await Promise.all([held(a, asked({}, of)), held(b, asked({}, of))])
      expect(new Set(ids).size).toBe(1)
      const [id] = ids
      await Promise.all([approve(a, id, ann).catch(() => undefined), b.approvals.deny(id, HUMAN, '')])
      const evidence = { kind: 'approval', approvalId: id, callDigest: callDigest(binding(of)) } as const
      expect((await a.approvals.redeem(evidence, binding(of))).ok).toBe(false)
    }
  }, 60_000)

  it('T-048 T-114: the cap counts both nodes, and a grant made here is found and revoked there', async () => {
    const [a, b] = nodes as [Rig, Rig]
    const noisy = (n: number) => asked({}, { instance: 'pg-noisy', argsDigest: `${n}`.padStart(64, '1') })
    for (let n = 0; n < 5; n++) await held(nodes[n % 2]!, noisy(n))
    expect(await a.approvals.request(noisy(5), 0)).toMatchObject({ code: 'SP_APPROVAL_FLOOD' })
    const of = { instance: 'pg-grant' }
    const id = await held(a, asked({}, of))
    expect(await approve(a, id, ann, { kind: 'value' })).toMatchObject({ ok: true })
    const bound = binding({ ...of, argsDigest: 'f'.repeat(64) })
    await expect
      .poll(() => b.approvals.findGrant(bound, asked().demand, bound.sinks), { timeout: 10_000 })
      .toBeDefined()
    const evidence = await b.approvals.findGrant(bound, asked().demand, bound.sinks)
    if (evidence?.kind !== 'grant') throw new Error('no grant')
    await b.approvals.revokeGrant(evidence.grantId, HUMAN)
    expect((await a.approvals.redeem(evidence, bound)).ok).toBe(false)
  }, 60_000)
})
