import { afterEach, expect, it } from 'vitest'
import { parse } from 'yaml'
import { DEFAULT_CONFIG } from '../../packages/gateway/src/cli/init/default-config.ts'
import { openStage, type Stage, type StageOptions, type StageTool } from './stage.ts'

const IDS = { type: 'array', items: { type: 'string' } } as const
const TOOLS: Readonly<Record<string, StageTool>> = {
  list_records: {
    effect: 'read',
    groups: ['group:crm'],
    args: { query: 'param' },
    properties: { query: { type: 'string' } },
  },
  update_record: {
    effect: 'write',
    groups: ['group:crm'],
    args: { id: 'selector', name: 'content' },
    properties: { id: { type: 'string' }, name: { type: 'string' } },
    required: ['id'],
  },
  delete_records: {
    effect: 'write',
    groups: ['group:crm'],
    args: { ids: 'selector' },
    irreversible: true,
    properties: { ids: IDS },
    required: ['ids'],
  },
  send_mail: {
    effect: 'external',
    groups: ['group:messaging'],
    args: { to: 'sink', text: 'content' },
    properties: { to: IDS, text: { type: 'string' } },
    required: ['to', 'text'],
  },
}
const people = (count: number) => Array.from({ length: count }, (_, n) => `person${n}@example.com`)

let stage: Stage
afterEach(() => stage.close())

/** The configuration that `init` writes, as it is. */
const byDefault = async (more: Partial<StageOptions> = {}): Promise<Stage> => {
  const { policies } = parse(DEFAULT_CONFIG('balanced')) as { policies: string[] }
  stage = await openStage({ tools: TOOLS, policies, ...more })
  return stage
}

it('HB-4: an ordinary task that means well is held where it deletes in bulk or mails many, and the count is said', async () => {
  await byDefault()
  await stage.claim()
  expect((await stage.call('list_records', { query: 'old' })).outcome).toBe('executed')
  expect((await stage.call('update_record', { id: '7', name: 'Ana' })).outcome).toBe('executed')
  expect((await stage.call('send_mail', { to: people(2), text: 'hello' })).outcome).toBe('executed')
  const ran = stage.ran().length
  const deleted = await stage.call('delete_records', { ids: Array.from({ length: 200 }, (_, n) => `r${n}`) })
  expect(deleted).toMatchObject({ outcome: 'pending', reason: expect.stringContaining('200') })
  const mailed = await stage.call('send_mail', { to: people(50), text: 'newsletter' })
  expect(mailed).toMatchObject({ outcome: 'pending', reason: expect.stringContaining('50') })
  expect(stage.ran()).toHaveLength(ran)
})

it('HB-4: a loop of allowed calls runs into its budget', async () => {
  await byDefault({ config: { gateway: { rateLimit: { callsPerMinute: 1, burst: 20 } } } })
  const outcomes: string[] = []
  for (let n = 0; n < 25; n++) {
    const result = await stage.call('list_records', { query: `page ${n}` })
    outcomes.push(result.outcome === 'denied' ? result.code : result.outcome)
  }
  expect(outcomes.slice(0, 20)).toEqual(Array(20).fill('executed'))
  expect(outcomes.slice(20)).toEqual(Array(5).fill('SP_AUTHZ_RATE'))
  expect(stage.ran()).toHaveLength(20)
})

it('HB-9 E-14: what cannot be taken back waits for a human; actor, parameters and outcome of every call are in the log', async () => {
  await byDefault()
  await stage.claim()
  const one = { ids: ['r1'] }
  const held = await stage.call('delete_records', one)
  if (held.outcome !== 'pending') throw new Error(held.outcome)
  expect(stage.ran()).toEqual([])
  await stage.approve(held.approvalId)
  expect((await stage.call('delete_records', { ids: ['r2'] })).outcome).toBe('pending')
  expect(stage.ran()).toEqual([])
  const done = await stage.call('delete_records', one)
  expect(done.outcome).toBe('executed')
  expect(stage.ran()).toEqual([{ name: 'delete_records', args: one }])

  await stage.call('list_records', { query: 'x' })
  await stage.call('update_record', { wrong: 1 })
  await stage.call('nowhere', {})
  await stage.gateway.store.checkpoint()
  const records = await stage.records()
  const decisions = records.filter(({ kind }) => kind === 'decision')
  expect(decisions).toHaveLength(6)
  for (const decision of decisions) {
    expect(decision['actor']).toMatch(/coder$/)
    expect(decision).toHaveProperty('parameters')
    const ends = records.filter(({ kind, auditId }) => kind === 'outcome' && auditId === decision.auditId)
    const waiting = decision['policyDecision'] === 'approval_required' && ends.length === 0
    const said = [decision['outcome'], ...ends.map((end) => end['outcome'])].filter((end) => end !== undefined)
    expect([decision['toolName'], said.length]).toEqual([decision['toolName'], waiting ? 0 : 1])
  }
  expect(records.find(({ kind, auditId }) => kind === 'release' && auditId === done.auditId)).toMatchObject({
    actor: expect.stringMatching(/coder$/),
    parameters: one,
    approvalId: held.approvalId,
  })
})

it('HB-143: out of the box scopes, approvals, log and least privilege are on', async () => {
  await byDefault({ trust: 0 })
  const { gateway } = stage
  // least privilege: a new agent reads; it changes nothing alone, and it is told which scopes it has
  expect((await stage.call('list_records', { query: 'x' })).outcome).toBe('executed')
  expect(gateway.identity.agents.get('coder')).toMatchObject({ trustLevel: 0, scopes: ['read', 'execute'] })
  // approvals: nobody to ask is a no, somebody to ask is a wait
  expect(await stage.call('update_record', { id: '7' })).toMatchObject({ outcome: 'denied' })
  await stage.claim()
  expect(await stage.call('update_record', { id: '7' })).toMatchObject({ outcome: 'pending' })
  expect(stage.ran()).toHaveLength(1)
  // scope isolation: what an agent holds opens nothing of the operator's
  const { scopes } = stage.caller().principal
  for (const scope of ['approve', 'policy', 'admin'] as const) expect(scopes).not.toContain(scope)
  // log: every one of these calls, and no way to run without it
  await gateway.store.checkpoint()
  const decided = (await stage.records()).filter(({ kind }) => kind === 'decision')
  expect(decided.map((record) => record['policyDecision'])).toEqual([
    'allowed',
    'approval_required',
    'approval_required',
  ])
  gateway.store.append = () => Promise.reject(new Error('disk full'))
  expect((await stage.call('list_records', { query: 'y' })).outcome).toBe('denied')
  expect(stage.ran()).toHaveLength(1)
})

it('HB-143 E-52: with no policy chosen at all nothing but a look at the own session is allowed', async () => {
  stage = await openStage({
    tools: { ...TOOLS, session_status: { effect: 'read', groups: ['group:sessions'], properties: {} } },
  })
  expect((await stage.call('session_status', {})).outcome).toBe('executed')
  for (const [tool, args] of [
    ['list_records', {}],
    ['update_record', { id: '1' }],
    ['send_mail', { to: people(1), text: 'a' }],
  ] as const) {
    expect(await stage.call(tool, args)).toMatchObject({ outcome: 'denied', code: 'SP_POLICY_DENIED' })
  }
  expect(stage.ran()).toHaveLength(1)
})

it('E-12 T-166: allow-low-risk lets reads that policy allowed go on without the log, and nothing else', async () => {
  await byDefault({ config: { audit: { onWriteFailure: 'allow-low-risk' } } })
  stage.gateway.store.append = () => Promise.reject(new Error('disk full'))
  expect((await stage.call('list_records', { query: 'x' })).outcome).toBe('executed')
  expect((await stage.call('update_record', { id: '7' })).outcome).toBe('denied')
  expect((await stage.call('send_mail', { to: people(1), text: 'a' })).outcome).toBe('denied')
  expect(stage.ran().map(({ name }) => name)).toEqual(['list_records'])
})
