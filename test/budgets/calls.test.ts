import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, afterEach, describe, expect, it, onTestFinished } from 'vitest'
import Database from 'better-sqlite3'
import { caller } from '../../packages/gateway/src/boundary/fixtures/ports.ts'
import { budgetsSchema } from '../../packages/gateway/src/config/budgets-schema.ts'
import { LEASE } from '../../packages/gateway/src/control/budgets/account.ts'
import { callResponse } from '../../packages/gateway/src/ingress/api/call-response.ts'
import { openStore } from '../../packages/gateway/src/store/open.ts'
import type { Store } from '../../packages/gateway/src/store/ports.ts'
import { startPostgres } from '../setup/postgres.ts'
import { makeClock, makeDirectory, makeKeys } from '../store/temporary.ts'
import { boundaryWith, codesOf } from './kit.ts'
import { spendingOf, sqliteIn } from './spending.ts'

const ONE_EACH = { name: 'calls', limit: 50, costs: [{ tool: 'files.*', units: 1 }] }
const REPORTED = { name: 'tokens', limit: 1_000, costs: [{ tool: 'files.*', reserve: 100, reported: 'usage.total' }] }
const said = (total: unknown): string => `{"structuredContent":{"usage":{"total":${String(total)}}},"content":[]}`

/** One store for all that do nothing to it. */
const folder = mkdtempSync(join(tmpdir(), 'sallyport-budgets-'))
const shared = sqliteIn(folder)
afterEach(async () => {
  const store = await shared
  for (const { id, version } of await store.list('budget')) await store.remove('budget', id, version)
})
afterAll(async () => {
  await (await shared).close()
  rmSync(folder, { recursive: true, force: true })
})

async function open(config: unknown, given?: Store) {
  const store = given ?? (await shared)
  const clock = makeClock()
  const spending = spendingOf(config, store, clock)
  return { clock, store, ...spending, ...boundaryWith(spending) }
}

describe('budgets of calls', () => {
  it('HB-135 T-161 TM-IMPACT-002: of 200 calls at the same time exactly the 50 run that the budget has', async () => {
    const { cross, stand, left, charged, alerts, records } = await open([ONE_EACH])
    const results = await Promise.all(Array.from({ length: 200 }, () => cross()))
    expect(codesOf(results)).toEqual({ executed: 50, SP_BUDGET_SPENT: 150 })
    expect(stand.ran).toHaveLength(50)
    await expect.poll(left).toEqual({ spent: 50, reserved: 0 })
    expect(charged()).toBe(50)
    // each of them under the audit id of its call
    const ids = new Set(results.flatMap((one) => (one.outcome === 'executed' ? [one.auditId] : [])))
    expect(records.every(({ auditId, event }) => ids.has(auditId) && event === 'budget.spent')).toBe(true)
    expect(alerts.map((one) => one.split(':')[0]).sort()).toEqual(['budget-near', 'budget-spent'])
    // who has nothing left looks for no way round
    const refusals = stand.records.filter(({ code }) => code === 'SP_BUDGET_SPENT')
    expect(refusals.map(({ kind }) => kind)).toEqual(Array(150).fill('decision'))
  })

  it('HB-135: a call that finds no room says which budget, until when, and asks neither policy nor a person', async () => {
    const { cross, stand, clock } = await open([{ ...ONE_EACH, limit: 1 }])
    await cross()
    const policy = stand.asked.length
    const denied = await cross()
    expect(denied).toMatchObject({ outcome: 'denied', code: 'SP_BUDGET_SPENT', retryAfterSeconds: 14 * 3_600 })
    expect(denied).toMatchObject({ reason: expect.stringMatching(/Budget calls .*2026-11-21T00:00:00\.000Z/) })
    expect(stand.asked).toHaveLength(policy)
    expect(stand.records.at(-1)).toMatchObject({ kind: 'decision', policyDecision: 'denied', code: 'SP_BUDGET_SPENT' })
    const answer = callResponse({ id: 'c', state: 'done', result: denied } as never)
    expect(answer).toMatchObject({ status: 429, headers: { 'retry-after': '50400' } })
    clock.advance(14 * 3_600_000 - 1)
    expect(await cross()).toMatchObject({ outcome: 'denied', retryAfterSeconds: 1 })
    clock.advance(1)
    expect(await cross()).toMatchObject({ outcome: 'executed' })
  })

  it('HB-135: hooks are counted as other calls are; what a host says can make a call dearer and never cheaper', async () => {
    const { cross, boundary, left } = await open([REPORTED])
    const first = await cross({ enforcement: 'host' })
    expect(first.outcome).toBe('delegated')
    await expect.poll(left).toEqual({ spent: 100, reserved: 0 })
    await boundary.report(caller(), first.auditId, 'success', said(1))
    expect(await left()).toMatchObject({ spent: 100 })
    const second = await cross({ enforcement: 'host' })
    await boundary.report(caller(), second.auditId, 'success', '{"usage":{"total":850}}')
    await expect.poll(left).toMatchObject({ spent: 950 })
    expect(codesOf([await cross({ enforcement: 'host' })])).toEqual({ SP_BUDGET_SPENT: 1 })
  })

  it('HB-135 T-161: a result is charged what it says, in full; what is no amount costs what was set aside', async () => {
    const cases = [
      [40, 40, []],
      [0, 0, []],
      [100, 100, []],
      [400, 400, ['budget-over']],
      [1_700, 1_700, ['budget-near', 'budget-over']],
      ['1e400', 2 ** 50, ['budget-near', 'budget-over']],
      [-100, 100, []],
      ['"40"', 100, []],
      ['null', 100, []],
      ['[40]', 100, []],
      ['NaN', 100, []],
    ] as const
    for (const [n, [total, units, expected]] of cases.entries()) {
      const { cross, stand, left, alerts } = await open([{ ...REPORTED, name: `tokens-${n}` }])
      stand.result = said(total)
      expect(codesOf([await cross()])).toEqual({ executed: 1 })
      await expect.poll(left).toEqual({ spent: units, reserved: 0 })
      expect(alerts.map((one) => one.split(':')[0]).sort()).toEqual(expected)
      expect(codesOf([await cross()])).toEqual(units > 900 ? { SP_BUDGET_SPENT: 1 } : { executed: 1 })
    }
  })

  it('HB-135: what did not run costs nothing: denied, refused by a person, left waiting, with bad arguments, not released', async () => {
    const { cross, stand, left } = await open([{ ...ONE_EACH, limit: 1 }])
    await cross({ argsText: '{"path":' })
    await cross({ argsText: '{}' })
    await cross({ tool: 'no_such_tool' })
    const allow = stand.decide
    stand.decide = () => ({ ...allow({} as never), outcome: 'deny', code: 'SP_POLICY_DENIED' })
    await cross()
    const demand = { approvers: [], quorum: 1, ttlSeconds: 300, severity: 'medium', remember: true } as const
    stand.decide = () => ({ ...allow({} as never), outcome: 'ask', code: 'SP_APPROVAL_REQUIRED', demand })
    await cross()
    stand.human = async () => ({ state: 'pending', approvalId: 'a', expiresAt: 9 })
    await cross()
    stand.decide = () => {
      throw new Error('broken')
    }
    await cross()
    stand.decide = allow
    stand.failAppend = true
    await cross()
    stand.failAppend = false
    expect(stand.ran).toHaveLength(0)
    await expect.poll(left).toEqual({ spent: 0, reserved: 0 })
    expect(await cross()).toMatchObject({ outcome: 'executed' })
  })

  it('HB-135: while somebody is asked the units are set aside', async () => {
    const { cross, stand, left } = await open([{ ...ONE_EACH, limit: 1 }])
    const allow = stand.decide
    const demand = { approvers: [], quorum: 1, ttlSeconds: 300, severity: 'medium', remember: true } as const
    stand.decide = () => ({ ...allow({} as never), outcome: 'ask', code: 'SP_APPROVAL_REQUIRED', demand })
    let answer: () => void = () => undefined
    const asked = new Promise<void>((resolve) => {
      stand.human = async () => {
        resolve()
        await new Promise<void>((done) => (answer = done))
        return { state: 'refused', code: 'SP_APPROVAL_DENIED', reason: 'no' }
      }
    })
    const waiting = cross()
    await asked
    expect(await left()).toEqual({ spent: 0, reserved: 1 })
    expect(codesOf([await cross()])).toEqual({ SP_BUDGET_SPENT: 1 })
    answer()
    await waiting
    await expect.poll(left).toEqual({ spent: 0, reserved: 0 })
  })

  it('HB-135: each agent has its own, or all of them share one; others and other tools are free', async () => {
    const own = await open([{ ...ONE_EACH, name: 'own', limit: 1, agents: ['coder', 'crew-*'] }])
    const codes = async (of: typeof own, agent: string) => codesOf([await of.cross({}, agent)])
    expect(await codes(own, 'coder')).toEqual({ executed: 1 })
    expect(await codes(own, 'crew-1')).toEqual({ executed: 1 })
    expect(await codes(own, 'coder')).toEqual({ SP_BUDGET_SPENT: 1 })
    expect(await codes(own, 'other')).toEqual({ executed: 1 })
    await expect
      .poll(async () => (await own.budgets.list()).map(({ who, spent }) => `${who} ${spent}`).sort())
      .toEqual(['coder 1', 'crew-1 1'])
    const all = await open([{ ...ONE_EACH, limit: 1, agents: ['coder', 'crew-*'], shared: true }])
    expect(await codes(all, 'crew-2')).toEqual({ executed: 1 })
    expect(await codes(all, 'coder')).toEqual({ SP_BUDGET_SPENT: 1 })
    await expect.poll(() => all.budgets.list()).toMatchObject([{ who: 'coder crew-*', agent: 'all', spent: 1 }])
    const free = await open([{ ...ONE_EACH, costs: [{ tool: 'llm.*', units: 1 }] }])
    expect(free.budgets.calls?.reserve(caller(), { server: 'files', tool: 'read_file' } as never, 'a')).toBeUndefined()
  })

  it('HB-135: a call that two budgets count needs room in both, and takes nothing where one has none', async () => {
    const { cross, budgets } = await open([
      { ...ONE_EACH, name: 'wide', limit: 10 },
      { ...ONE_EACH, name: 'narrow', limit: 2, cycle: 'hour' },
    ])
    expect(codesOf(await Promise.all(Array.from({ length: 9 }, () => cross())))).toEqual({
      executed: 2,
      SP_BUDGET_SPENT: 7,
    })
    await expect
      .poll(async () => (await budgets.list()).map(({ name, spent, reserved }) => [name, spent, reserved]))
      .toEqual([
        ['wide', 2, 0],
        ['narrow', 2, 0],
      ])
  })

  it('HB-135 T-088: a session is an agent instance: other names that an agent gives itself make no new budget', async () => {
    const { boundary, budgets } = await open([{ ...ONE_EACH, limit: 1, cycle: 'session' }])
    const from = (instance: string, sessionHint: string) => {
      const one = caller()
      return { ...one, sessionHint, principal: { ...one.principal, instance } }
    }
    const ask = async (instance: string, hint: string) => {
      const call = { requestId: 'r', server: 'files', tool: 'read_file', argsText: '{"path":"/a"}', meta: {} }
      return boundary.cross(from(instance, hint), { ...call, enforcement: 'gateway', approvalWaitMs: 0 })
    }
    expect(codesOf([await ask('i-1', 'a'), await ask('i-1', 'b')])).toEqual({ executed: 1, SP_BUDGET_SPENT: 1 })
    expect(await ask('i-1', 'c')).not.toHaveProperty('retryAfterSeconds')
    expect(codesOf([await ask('i-2', 'a')])).toEqual({ executed: 1 })
    expect(await budgets.list()).toMatchObject([
      { who: 'i-1', agent: 'coder', resetsAt: null },
      { who: 'i-2', agent: 'coder', resetsAt: null },
    ])
  })

  it('HB-135: a call that ends behind a border is charged where it began, and takes nothing from the next cycle', async () => {
    const { clock, budgets, cross, store, left } = await open([{ ...ONE_EACH, limit: 1, cycle: 'hour' }])
    clock.advance(3_599_999)
    const reserved = await budgets.calls?.reserve(caller(), { server: 'files', tool: 'read_file' } as never, 'a')
    if (reserved?.ok !== true) throw new Error('There was room.')
    reserved.value.began()
    expect(codesOf([await cross()])).toEqual({ SP_BUDGET_SPENT: 1 })
    clock.advance(1)
    expect(codesOf([await cross()])).toEqual({ executed: 1 })
    await reserved.value.close()
    await budgets.tick()
    expect(await left()).toEqual({ spent: 1, reserved: 0 })
    const rows = await store.list('budget')
    expect(rows.map(({ body }) => [body['turn'], body['spent']])).toEqual([
      ['hour:2026-11-20T10', 1],
      ['hour:2026-11-20T11', 1],
    ])
  })

  it('T-165: a clock that is set back gives nothing again', async () => {
    const { cross, clock } = await open([{ ...ONE_EACH, limit: 1 }])
    await cross()
    clock.setBack(3_600_000)
    expect(codesOf([await cross()])).toEqual({ SP_BUDGET_SPENT: 1 })
  })

  it('HB-135: an operator gives it again before its time; what is under way stays set aside', async () => {
    const { cross, budgets, left } = await open([{ ...ONE_EACH, limit: 2 }])
    await Promise.all([cross(), cross()])
    await expect.poll(left).toMatchObject({ spent: 2 })
    expect(await budgets.reset('calls')).toBe(1)
    expect(await left()).toEqual({ spent: 0, reserved: 0 })
    expect(codesOf([await cross()])).toEqual({ executed: 1 })
    await expect(budgets.reset('none')).rejects.toMatchObject({ code: 'SP_BUDGET_UNKNOWN' })
  })
})

describe('what happens to a gateway', () => {
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  const program = fileURLToPath(new URL('./spender-child.ts', import.meta.url))

  it('HB-135 T-161: killed between setting aside and settling, what was set aside is spent and never free', async () => {
    const [directory, keys, clock] = [makeDirectory(), makeKeys(), makeClock()]
    const order = join(directory, 'order.json')
    const { mac, checkpointKey, origin } = keys
    const hex = {
      mac: Buffer.from(mac).toString('hex'),
      checkpointKey: Buffer.from(checkpointKey).toString('hex'),
      origin,
    }
    writeFileSync(order, JSON.stringify({ directory, now: clock.now(), keys: hex, config: [REPORTED] }))
    const child = spawn(process.execPath, ['--conditions=source', '--import', loader, program, order], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    child.kill('SIGKILL')
    await once(child, 'close')

    const again = await sqliteIn(directory, keys, clock)
    onTestFinished(() => again.close())
    const spending = spendingOf([REPORTED], again, clock)
    const after = boundaryWith(spending)
    expect(await spending.left()).toEqual({ spent: 0, reserved: 900 })
    after.stand.result = said(1)
    expect(codesOf(await Promise.all([after.cross(), after.cross()]))).toEqual({ executed: 1, SP_BUDGET_SPENT: 1 })
    clock.advance(LEASE)
    expect(codesOf([await after.cross()])).toEqual({ SP_BUDGET_SPENT: 1 })
    await expect.poll(spending.left).toEqual({ spent: 901, reserved: 0 })
    expect(spending.records.find(({ event }) => event === 'budget.forfeited')).toMatchObject({ units: 900, spent: 901 })
  }, 20_000)

  it('T-161: a call that runs for long keeps what it set aside, and settles it', async () => {
    const { clock, budgets, left, store } = await open([{ ...REPORTED, limit: 100 }])
    const reserved = await budgets.calls?.reserve(caller(), { server: 'files', tool: 'read_file' } as never, 'a')
    if (reserved?.ok !== true) throw new Error('There was room.')
    reserved.value.began()
    for (let passed = 0; passed < 5; passed++) {
      clock.advance(LEASE - 1_000)
      await budgets.tick()
    }
    // another gateway on this store
    const other = spendingOf([{ ...REPORTED, limit: 100 }], store, clock)
    expect(codesOf([await boundaryWith(other).cross()])).toEqual({ SP_BUDGET_SPENT: 1 })
    expect(await left()).toEqual({ spent: 0, reserved: 100 })
    reserved.value.answered(said(30))
    await reserved.value.close()
    await expect.poll(left).toEqual({ spent: 30, reserved: 0 })
  })

  it('HB-135: a store that cannot be written lets nothing run; a settlement that could not be written is written later', async () => {
    const { store, clock } = await open([ONE_EACH])
    let isDown = false
    const shaky: Store = {
      ...store,
      put: async (...given) => (isDown ? Promise.reject(new Error('disk')) : store.put(...given)),
    }
    const spending = spendingOf([REPORTED], shaky, clock)
    const { cross, stand } = boundaryWith(spending)
    isDown = true
    expect(await cross()).toMatchObject({ outcome: 'denied', code: 'SP_BUDGET_UNAVAILABLE' })
    expect(stand.ran).toHaveLength(0)
    isDown = false
    const reserved = await spending.budgets.calls?.reserve(caller(), { server: 'files', tool: 'a' } as never, 'a')
    if (reserved?.ok !== true) throw new Error('There was room.')
    reserved.value.began()
    reserved.value.answered(said(300))
    isDown = true
    await reserved.value.close()
    expect((await spending.left()).reserved).toBe(100)
    isDown = false
    await spending.budgets.tick()
    expect(await spending.left()).toEqual({ spent: 300, reserved: 0 })
  })

  it('T-004: a row that no gateway wrote, or that is gone, is not a budget that nobody has used', async () => {
    const directory = makeDirectory()
    const own = await sqliteIn(directory)
    onTestFinished(() => own.close())
    const { cross, budgets, left } = await open([{ ...ONE_EACH, limit: 2 }], own)
    await cross()
    await expect.poll(left).toEqual({ spent: 1, reserved: 0 })
    const database = new Database(join(directory, 'state.db'))
    const body = `replace(body, '"spent":1', '"spent":0')`
    expect(database.prepare(`UPDATE document SET body = ${body} WHERE kind = 'budget'`).run().changes).toBe(1)
    expect(codesOf([await cross(), await cross()])).toEqual({ SP_BUDGET_UNAVAILABLE: 2 })
    expect(await budgets.reset('calls')).toBe(1)
    expect(codesOf([await cross()])).toEqual({ executed: 1 })
    await expect.poll(left).toEqual({ spent: 1, reserved: 0 })
    database.prepare(`DELETE FROM document WHERE kind = 'budget'`).run()
    database.close()
    expect(codesOf([await cross()])).toEqual({ SP_BUDGET_UNAVAILABLE: 1 })
  })
})

const postgres = await startPostgres()
afterAll(() => postgres?.stop())

describe.skipIf(postgres === undefined)('two gateways on one PostgreSQL (not verified without it)', () => {
  it('HB-135 T-161: of 200 calls at the same time exactly the 50 run that the budget has', async () => {
    const url = (await postgres?.database()) ?? ''
    const [keys, clock] = [makeKeys(), makeClock()]
    const nodes = await Promise.all(
      ['a', 'b'].map(async (node) => {
        const store = await openStore({ driver: 'postgres', url, node }, keys, clock)
        onTestFinished(() => store.close().catch(() => undefined))
        const spending = spendingOf([ONE_EACH], store, clock)
        return { ...spending, ...boundaryWith(spending) }
      }),
    )
    const results = await Promise.all(Array.from({ length: 200 }, async (_, n) => nodes[n % 2]?.cross()))
    expect(codesOf(results.flatMap((one) => (one === undefined ? [] : [one])))).toEqual({
      executed: 50,
      SP_BUDGET_SPENT: 150,
    })
    expect(nodes.reduce((sum, { stand }) => sum + stand.ran.length, 0)).toBe(50)
    for (const { left } of nodes) await expect.poll(left).toEqual({ spent: 50, reserved: 0 })
    // each is said once, by one of them
    expect(nodes.flatMap(({ alerts }) => alerts.map((one) => one.split(':')[0])).sort()).toEqual([
      'budget-near',
      'budget-spent',
    ])
  })
})

describe('the configuration of budgets', () => {
  it.each([
    [[{ ...ONE_EACH, extra: 1 }]],
    [[{ name: 'nothing', limit: 1 }]],
    [[ONE_EACH, ONE_EACH]],
    [[{ ...ONE_EACH, limit: 0 }]],
    [[{ ...ONE_EACH, limit: -1 }]],
    [[{ ...ONE_EACH, limit: 1.5 }]],
    [[{ ...ONE_EACH, limit: 1e15 }]],
    [[{ ...ONE_EACH, alertAt: 80 }]],
    [[{ ...ONE_EACH, shared: true, cycle: 'session' }]],
    [[{ ...ONE_EACH, cycle: 'year' }]],
    [[{ ...ONE_EACH, name: 'a|b' }]],
    [[{ ...ONE_EACH, costs: [{ tool: 'a.b', units: -1 }] }]],
    [[{ ...ONE_EACH, costs: [{ tool: 'a.b', reserve: 1 }] }]],
    [[{ ...ONE_EACH, costs: [{ tool: 'a.b', reserve: 1, reported: 'a..b' }] }]],
    [[{ name: 'm', limit: 1, models: [{ host: 'not a host', reserve: 1 }] }]],
  ])('HB-135: %j is refused', (config) => {
    expect(budgetsSchema.safeParse(config).success).toBe(false)
  })
})
