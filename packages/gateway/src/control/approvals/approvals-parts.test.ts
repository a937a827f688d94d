import { createHmac, randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { callDigest, type Approval, type ApprovalState } from '@sallyport/core'
import {
  approve,
  asked,
  binding,
  DEMAND,
  held,
  proofFor,
  rig,
  testClock,
  type Rig,
} from '../../../../../test/approvals/setup.ts'
import { assertionFor, enrolled } from '../../../../../test/presence/kit.ts'
import { contended } from '../../../../../test/store/contended.ts'
import { pass } from '../../boundary/ports.ts'
import { systemRandom } from '../../random.ts'
import type { Store } from '../../store/ports.ts'
import { createApprovals, type ApprovalService } from './approvals.ts'
import { approvalOf, grantOf, grantRow } from './documents.ts'
import { follow } from './follow.ts'
import { HeldPresence } from './held.ts'
import { OpenRequests } from './open-requests.ts'
import { createOutbox } from './outbox.ts'
import { createRedeem } from './redeem.ts'
import { createSlackInbox } from './slack.ts'
import { APPROVE, slackMessage } from './slack-message.ts'
import { createWebhookInbox, createWebhookOutbox } from './webhook.ts'

const ANA = 'operator:ana'
const HUMAN = { kind: 'human', id: ANA, chain: [], scopes: [], trustLevel: 0, instance: '' } as const
let on: Rig
let more: ApprovalService[]
const onStore = (): void => {
  beforeEach(async () => {
    more = []
    on = await rig()
  })
  afterEach(async () => {
    for (const each of more) each.close()
    await on.close()
  })
}

const evidence = {
  append: async (added: readonly object[]) => void on.records.push(...(added as typeof on.records)),
  enqueue: (added: readonly object[]) => void on.records.push(...(added as typeof on.records)),
}
function approvalsOn(store: Store): ApprovalService {
  const made = createApprovals({
    ...{ store, evidence, clock: on.clock, random: systemRandom, presence: on.presence, keys: on.keys },
  })
  more.push(made)
  return made
}
const approvalIn = (state: ApprovalState, id = 'a1'): Approval => ({
  ...{ state, votes: [] },
  request: { ...asked(), id, createdAt: 0, expiresAt: 4e12 },
})
const alerts = (name: string) => on.records.filter((each) => each.kind === 'alert' && each['name'] === name)

describe('T-031: requests that others change too', () => {
  onStore()

  test('an id that is not there, for everything that can be done with it', async () => {
    await on.enrol('ana')
    const id = await held(on)
    const vote = await proofFor(on, id, ANA)
    const unknown = { ok: false, code: 'SP_APPROVAL_UNKNOWN' }
    expect(await on.approvals.show('none')).toMatchObject(unknown)
    expect(await on.approvals.challenge('none', 'cd'.repeat(32))).toMatchObject(unknown)
    expect(await on.approvals.approve('none', vote, 'test')).toMatchObject(unknown)
    expect(await on.approvals.deny('none', HUMAN, '')).toMatchObject(unknown)
    expect(await on.approvals.cancel('none', '')).toMatchObject(unknown)
    expect(await on.approvals.clientAsserted('none', true, { instance: 'x' })).toMatchObject(unknown)
    const none = { verdict: 'deny', approver: ANA, nonce: '', view: '', notAfter: 0, proof: '', reason: '' } as const
    expect(await on.approvals.webhookDecided('none', none)).toMatchObject(unknown)
    expect(await on.approvals.revokeGrant('none', HUMAN)).toMatchObject(unknown)
    expect(await on.approvals.holds('none', ANA, 'c')).toBe(false)
  })

  test('a request that is decided gives out no challenge, and says what it is', async () => {
    await on.enrol('ana')
    const id = await held(on)
    expect((await on.approvals.cancel(id, 'over')).ok).toBe(true)
    expect(await on.approvals.challenge(id, 'cd'.repeat(32))).toMatchObject({ ok: false, reason: 'It is cancelled.' })
    expect(await on.approvals.cancel(id, 'again')).toMatchObject({ ok: false })
  })

  test('T-010: a request whose digest is another one is not opened', async () => {
    await on.enrol('ana')
    const wanted = { ...asked(), callDigest: 'f'.repeat(64) }
    expect(await on.approvals.request(wanted, 0)).toMatchObject({ state: 'refused', code: 'SP_APPROVAL_EVIDENCE' })
  })

  test('a row that never stands still is not decided; one that does at last is', async () => {
    await on.enrol('ana')
    const id = await held(on)
    const busy = approvalsOn(contended(on.store, 'approval'))
    expect(await busy.deny(id, HUMAN, 'no')).toMatchObject({ ok: false, reason: 'Too many decisions at once.' })
    const faster = approvalsOn(contended(on.store, 'approval', 3))
    expect(await faster.deny(id, HUMAN, 'no')).toMatchObject({ ok: true, value: { state: 'denied' } })
  })

  test('a decision that was recorded and then overtaken is said', async () => {
    await on.enrol('ana')
    const id = await held(on)
    const late = approvalsOn(contended(on.store, 'approval', 1, (row) => ({ ...row, state: 'cancelled' })))
    expect((await late.deny(id, HUMAN, 'no')).ok).toBe(false)
    expect(alerts('approval.overtaken')).toMatchObject([{ approvalId: id, resolution: 'deny' }])
  })

  test('a request whose id is taken is refused', async () => {
    await on.enrol('ana')
    const result = await approvalsOn(contended(on.store, 'approval')).request(asked(), 0)
    expect(result).toMatchObject({ state: 'refused', code: 'SP_APPROVAL_STATE' })
  })

  test('T-004: whoever waits for a request that is taken out of the store is refused', async () => {
    await on.enrol('ana')
    const waiting = on.approvals.request(asked(), 5_000, undefined, (id) => {
      void on.store.get('approval', id).then((row) => on.store.remove('approval', id, row?.version ?? 0))
    })
    expect(await waiting).toMatchObject({ state: 'refused', code: 'SP_APPROVAL_EVIDENCE' })
  })

  test('whoever stops waiting is told that it is still pending', async () => {
    await on.enrol('ana')
    expect(await on.approvals.request(asked(), 5_000, AbortSignal.abort())).toMatchObject({ state: 'pending' })
  })

  test('T-009 T-163: after a restart what the log says was released is not released again', async () => {
    await on.enrol('ana')
    const id = await held(on)
    expect((await approve(on, id, ANA)).ok).toBe(true)
    const row = {
      ts: on.clock.now(),
      kind: 'release',
      auditId: 'x',
      session: '',
      agent: 'agent:claude',
      tool: 'mail.send',
      decision: '',
    }
    await on.store.append([{ ...row, body: JSON.stringify({ ...row, approvalId: id }) }])
    await on.restart()
    const shown = { kind: 'approval', approvalId: id, callDigest: asked().callDigest } as const
    expect((await on.approvals.redeem(shown, binding())).ok).toBe(false)
    expect(await on.approvals.show(id)).toMatchObject({ value: { approval: { state: 'superseded' } } })
  })

  test('T-004: rows that are not whole are no requests and no grants, at the start too', async () => {
    await on.enrol('ana')
    const id = await held(on)
    const row = await on.store.get('approval', id)
    if (row === undefined) throw new Error('no row')
    expect(approvalOf(row)?.approval.request.id).toBe(id)
    expect(approvalOf({ ...row, id: 'other' })).toBeUndefined()
    expect(approvalOf({ ...row, expiresAt: 1 })).toBeUndefined()
    expect(approvalOf({ ...row, body: {} })).toBeUndefined()
    for (const body of [{}, { origin: {} }, { origin: {}, scope: {}, createdAt: 'x' }]) {
      expect(grantOf({ ...row, kind: 'grant', state: 'active', body })).toBeUndefined()
    }
    await on.store.put({ kind: 'approval', id: 'odd', state: 'pending', expiresAt: 9e15, body: {} }, 0)
    await on.store.put({ kind: 'grant', id: 'odd', state: 'active', expiresAt: 9e15, body: {} }, 0)
    await on.restart()
    expect((await on.approvals.list()).map(({ request }) => request.id)).toEqual([id])
    expect(await on.approvals.grants()).toEqual([])
  })
})

describe('T-114: grants that others change too', () => {
  onStore()

  async function granted(): Promise<string> {
    await on.enrol('ana')
    const id = await held(on)
    const done = await approve(on, id, ANA, { kind: 'tool', until: on.clock.now() + 3_600_000 })
    if (!done.ok) throw new Error(done.reason)
    return (await on.approvals.grants())[0]?.id ?? ''
  }

  test('one that never stands still is not revoked; one that does at last is', async () => {
    const id = await granted()
    expect(await approvalsOn(contended(on.store, 'grant')).revokeGrant(id, HUMAN)).toMatchObject({ ok: false })
    expect(await approvalsOn(contended(on.store, 'grant', 2)).revokeGrant(id, HUMAN)).toMatchObject({ ok: true })
    expect(await on.approvals.grants()).toEqual([])
  })

  test('one that another gateway makes and takes away counts here as long as it is there; its time ends it', async () => {
    const id = await granted()
    const here = approvalsOn(on.store)
    const find = () => here.findGrant(binding(), DEMAND, [])
    expect(await find()).toMatchObject({ grantId: id })
    const [grant] = await on.approvals.grants()
    const row = await on.store.get('grant', id)
    if (grant === undefined || row === undefined) throw new Error('no grant')
    await on.store.put(grantRow(grant, 'revoked'), row.version)
    await expect.poll(find).toBeUndefined()
    await on.store.put(grantRow(grant, 'active'), row.version + 1)
    await expect.poll(find).toMatchObject({ grantId: id })
    on.clock.advance(3_600_001)
    await here.sweep()
    expect(await find()).toBeUndefined()
    expect(await on.approvals.grants()).toEqual([])
  })

  test('T-004: a grant that is longer than what a person agreed to is a forgery, and one that is not there is none', async () => {
    const id = await granted()
    const row = await on.store.get('grant', id)
    const [grant] = await on.approvals.grants()
    if (grant === undefined || row === undefined) throw new Error('no grant')
    await on.store.put(grantRow({ ...grant, until: grant.until + 1_000 }, 'active'), row.version)
    const shown = { kind: 'grant', grantId: id, callDigest: callDigest(binding()) } as const
    expect(await on.approvals.redeem(shown, binding())).toMatchObject({
      ok: false,
      reason: 'Nobody agreed to a grant this long.',
    })
    expect(alerts('approval.forged')).toMatchObject([{ reason: 'Nobody agreed to a grant this long.' }])
    expect((await on.approvals.redeem({ ...shown, grantId: 'none' }, binding())).ok).toBe(false)
  })
})

describe('T-009: redeeming', () => {
  onStore()

  test('policy needs no evidence; evidence for another call counts for none; the oldest ids are forgotten in time', async () => {
    await on.enrol('ana')
    const ids = [
      await held(on, asked({}, { argsDigest: '1'.repeat(64) })),
      await held(on, asked({}, { argsDigest: '2'.repeat(64) })),
    ]
    for (const id of ids) expect((await approve(on, id, ANA)).ok).toBe(true)
    const { redeem } = createRedeem({
      ...{ store: on.store, clock: on.clock, consume: async () => pass(null), forged: () => undefined },
      checker: async () => ({ mac: on.keys.mac, whyUnfit: () => undefined }) as never,
    })
    expect(await redeem({ kind: 'policy' } as never, binding())).toEqual(pass(null))
    const [first, second] = ['1', '2'].map((digit) => binding({ argsDigest: digit.repeat(64) }))
    const shown = (of: typeof first, at: number) =>
      ({ kind: 'approval', approvalId: ids[at] ?? '', callDigest: callDigest(of ?? binding()) }) as const
    expect(await redeem(shown(first, 1), first ?? binding())).toMatchObject({
      ok: false,
      reason: 'The approval is for another call.',
    })
    expect(await redeem(shown(first, 0), second ?? binding())).toMatchObject({ ok: false })
  })

  test('T-022: a passkey that was made after the question does not answer it', async () => {
    await enrolled(on, 'operator:ben')
    const id = await held(on, asked({ demand: { ...DEMAND, quorum: 2 } }))
    on.clock.advance(1_000)
    const { authenticator } = await enrolled(on, ANA, { first: false })
    const vote = await assertionFor(on, id, ANA, authenticator)
    expect((await on.approvals.approve(id, vote, 'test')).ok).toBe(false)
  })
})

describe('what this process keeps in mind', () => {
  test('held presence: no connection holds nothing, time ends it, and the oldest gives way', () => {
    const clock = testClock()
    const kept = new HeldPresence(clock)
    kept.note(ANA, '', 'i')
    expect(kept.holds(ANA, '', 'i')).toBe(false)
    for (let count = 0; count <= 1_000; count++) kept.note(ANA, `c${count}`, 'i')
    expect([kept.holds(ANA, 'c0', 'i'), kept.holds(ANA, 'c1', 'i'), kept.holds(ANA, 'c1', 'j')]).toEqual([
      false,
      true,
      false,
    ])
    clock.advance(300_000)
    expect(kept.holds(ANA, 'c1', 'i')).toBe(false)
  })

  test('waiting for a request: two wait, one stops, the change wakes the other', async () => {
    const open = new OpenRequests()
    await open.changed('a1', 9e15, AbortSignal.abort())
    const stop = new AbortController()
    const woken: string[] = []
    const first = open.changed('a1', 60_000, stop.signal).then(() => woken.push('first'))
    const second = open.changed('a1', 60_000).then(() => woken.push('second'))
    stop.abort()
    await first
    expect(woken).toEqual(['first'])
    open.note(approvalIn('pending'))
    await second
    open.note(approvalIn('approved'))
    expect([open.pending('instance-1'), open.hasCall(asked().callDigest), open.due(9e15)]).toEqual([0, true, ['a1']])
    open.note(approvalIn('denied'))
    expect([open.hasCall(asked().callDigest), open.of('instance-1')]).toEqual([false, []])
  })

  test('a watcher that is slow loses the oldest, and none after it stops', async () => {
    const watchers = new Set<(approval: Approval) => void>()
    const stop = new AbortController()
    const seen: string[] = []
    const reading = (async () => {
      for await (const { request } of follow(watchers, stop.signal)) {
        seen.push(request.id)
        if (request.id === 'a299') stop.abort()
      }
    })()
    await expect.poll(() => watchers.size).toBe(1)
    for (let count = 0; count < 300; count++) for (const tell of watchers) tell(approvalIn('pending', `a${count}`))
    await reading
    expect([seen.length, seen[0], seen.at(-1), watchers.size]).toEqual([256, 'a44', 'a299', 0])
    const idle = follow(watchers, stop.signal)[Symbol.asyncIterator]()
    expect(await idle.next()).toMatchObject({ done: true })
  })

  test('a message that nobody takes is tried again; one of no interest is not sent', async () => {
    const sent: string[] = []
    const outbox = createOutbox({
      message: ({ state }) => (state === 'pending' ? { state } : undefined),
      send: async (body) => {
        sent.push(body)
        if (sent.length === 1) throw new Error('down')
        return true
      },
    })
    outbox.notify(approvalIn('denied'))
    outbox.notify(approvalIn('pending'))
    await expect.poll(() => sent.length, { timeout: 5_000 }).toBe(2)
    outbox.close()
    expect(outbox.dropped).toBe(0)
  })
})

describe('T-064: messages of channels that are not whole', () => {
  onStore()

  const secret = randomBytes(32)
  const headers = (body: string, at: string, nonce: string) => ({
    'x-sallyport-timestamp': at,
    'x-sallyport-nonce': nonce,
    'x-sallyport-signature': createHmac('sha256', secret)
      .update(`sallyport/webhook/1\n${at}\n${nonce}\n${body}`)
      .digest('hex'),
  })
  const slackSigned = (body: string, at: string) => ({
    'x-slack-request-timestamp': at,
    'x-slack-signature': `v0=${createHmac('sha256', 'slack').update(`v0:${at}:${body}`).digest('hex')}`,
  })

  test('of a webhook: nothing signed, or a time that is none', async () => {
    const inbox = createWebhookInbox({ secret, store: on.store, clock: on.clock, service: on.approvals })
    expect(await inbox.receive({}, '')).toMatchObject({ ok: false, code: 'SP_AUTHN_INVALID' })
    expect((await inbox.receive(headers('{}', 'soon', 'ab'.repeat(16)), '{}')).ok).toBe(false)
  })

  test('of Slack: nothing signed, a time that is none, a press of nothing, and one for a request that is gone', async () => {
    const people = new Map([['U1', ANA]])
    const inbox = createSlackInbox({
      ...{ secret: 'slack', people, mac: on.keys.mac, store: on.store, clock: on.clock, service: on.approvals },
    } as never)
    const now = String(Math.floor(on.clock.now() / 1000))
    const pressed = (value: object) =>
      new URLSearchParams({
        payload: JSON.stringify({
          type: 'block_actions',
          user: { id: 'U1' },
          actions: [{ action_id: APPROVE, value: JSON.stringify(value) }],
        }),
      }).toString()
    expect(await inbox.receive({}, '')).toMatchObject({ ok: false, code: 'SP_AUTHN_INVALID' })
    expect(await inbox.receive(slackSigned('', 'soon'), '')).toMatchObject({
      ok: false,
      reason: 'The message is too old.',
    })
    expect(await inbox.receive(slackSigned('a=b', now), 'a=b')).toMatchObject({ ok: false, code: 'SP_API_INVALID' })
    const gone = pressed({ id: 'none', call: 'a'.repeat(64), view: 'b'.repeat(64) })
    expect(await inbox.receive(slackSigned(gone, now), gone)).toMatchObject({ ok: false, code: 'SP_APPROVAL_UNKNOWN' })
  })

  test('a line that is longer than a section is cut, and nothing of it is left out', () => {
    const long = 'x'.repeat(7_000)
    const message = JSON.stringify(
      slackMessage(
        { ...approvalIn('pending'), request: { ...approvalIn('pending').request, reason: long } },
        undefined,
      ),
    )
    expect(message.match(/x/g)?.length).toBeGreaterThan(2_000)
  })

  test('what is told of a request that is over, or that no channel may approve, offers no button that counts for nothing', async () => {
    const bodies: { state: string; verdicts: readonly string[] }[] = []
    const outbox = createWebhookOutbox({
      ...{
        config: { url: 'https://a.example/', secret, approvers: [ANA] } as never,
        clock: on.clock,
        random: systemRandom,
      },
      post: async (_url, _headers, body) => {
        bodies.push(JSON.parse(body) as (typeof bodies)[number])
        return 204
      },
    })
    const low = approvalIn('pending')
    outbox.notify(approvalIn('denied'))
    outbox.notify(approvalIn('pending'))
    outbox.notify({ ...low, request: { ...low.request, demand: { ...DEMAND, severity: 'low' } } })
    await expect.poll(() => bodies.map(({ verdicts }) => verdicts)).toEqual([[], ['deny'], ['deny', 'approve']])
    outbox.close()
  })
})
