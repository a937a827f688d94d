import { approvalView, callDigest, viewDigest, type ApprovalRequest, type JsonObject } from '@sallyport/core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { approve, asked, binding, held, rig, type Rig } from './setup.ts'

let on: Rig
let ann: string
beforeAll(async () => {
  on = await rig()
  ann = await on.enrol('ann')
})
afterAll(() => on.close())

const redeem = (id: string, of: ReturnType<typeof binding>) =>
  on.approvals.redeem({ kind: 'approval', approvalId: id, callDigest: callDigest(of) }, of)

/** Puts a row in place with a valid seal, as a thief of the row key can. */
async function rewrite(id: string, edit: (body: JsonObject) => JsonObject): Promise<void> {
  const document = await on.store.get('approval', id)
  if (document === undefined) throw new Error('gone')
  expect(await on.store.put({ ...document, state: 'approved', body: edit(document.body) }, document.version)).toBe(true)
}

/** A vote in which everything is as it has to be, but for the proof. */
const voteFor = (request: ApprovalRequest): JsonObject => ({
  approver: ann,
  verdict: 'approve',
  class: 'pin',
  nonce: 'ab'.repeat(16),
  viewDigest: viewDigest(approvalView({ request })),
  notAfter: request.expiresAt,
  scope: { kind: 'once' },
  proof: 'f'.repeat(64),
  at: request.createdAt,
})

it('T-004 E-55: a vote that is right in everything but its proof releases nothing', async () => {
  const of = binding({ instance: 'all-but-the-proof', argsDigest: '1'.repeat(64) })
  const id = await held(on, asked({}, of))
  await rewrite(id, (body) => ({ ...body, votes: [voteFor(body['request'] as unknown as ApprovalRequest)] }))
  expect(await redeem(id, of)).toMatchObject({ ok: false, code: 'SP_APPROVAL_EVIDENCE' })
})

it('T-004 T-009: the genuine proof of one approval proves nothing for another', async () => {
  const first = binding({ instance: 'genuine', argsDigest: '2'.repeat(64) })
  const given = await held(on, asked({}, first))
  await approve(on, given, ann)
  const votes = (await on.store.get('approval', given))?.body['votes'] as readonly JsonObject[]
  const of = binding({ instance: 'genuine', argsDigest: '3'.repeat(64) })
  const id = await held(on, asked({}, of))
  await rewrite(id, (body) => {
    const { viewDigest: shown, notAfter } = voteFor(body['request'] as unknown as ApprovalRequest)
    return { ...body, votes: votes.map((vote) => ({ ...vote, viewDigest: shown, notAfter }) as JsonObject) }
  })
  expect(await redeem(id, of)).toMatchObject({ ok: false, code: 'SP_APPROVAL_EVIDENCE' })
})
