import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '@sallyport/core'
import { run as ls } from '../../packages/gateway/src/cli/budgets/ls.ts'
import { run as reset } from '../../packages/gateway/src/cli/budgets/reset.ts'
import type { GatewayClient } from '../../packages/gateway/src/cli/command.ts'
import { budgetsRoutes } from '../../packages/gateway/src/ingress/api/budgets-routes.ts'
import { readGauges, type MeteredParts } from '../../packages/gateway/src/metrics/gauges.ts'
import { Metrics } from '../../packages/gateway/src/metrics/registry.ts'
import { cliFrame } from '../cli/frame.ts'
import { openStage, type Stage } from '../requirements/stage.ts'

const READ = { effect: 'read', properties: { path: { type: 'string' } }, args: { path: 'param' } } as const
const POLICY = '// version: 1.0\n@id("all") permit (principal, action, resource);\n'

describe('budgets of a gateway', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage({
      tools: { look: READ, peek: READ },
      policies: ['./team.cedar'],
      files: { 'team.cedar': POLICY },
      config: {
        budgets: [
          { name: 'looks', limit: 2, cycle: 'month', costs: [{ tool: 'box.look', units: 1 }] },
          { name: 'host', limit: 1, costs: [{ tool: 'box.peek', units: 1 }] },
        ],
      },
    })
  }, 30_000)
  afterAll(() => stage.close())

  /** The routes of this gateway, as the command line asks them. */
  const clientOf = (claimed: boolean): GatewayClient => {
    const budgets = stage.gateway.budgets
    const notes: JsonObject[] = []
    const presence = {
      claimed: async () => claimed,
      verify: async () => ({ ok: false, code: 'SP_AUTHN_PRESENCE', reason: 'no' }) as never,
    }
    const routes = budgetsRoutes({
      budgets,
      presence,
      note: async (event, body) => void notes.push({ event, ...body }),
    })
    return {
      alive: async () => true,
      stream: () => {
        throw new Error('nothing is streamed')
      },
      request: async (method, path, body) => {
        if (path === '/api/v1/presence') return { claimed: false }
        const route = routes.find((one) => one.method === method && one.path === path)
        const answer = await route?.handle({ body } as never)
        return (answer?.body ?? null) as Json
      },
    }
  }

  it('HB-135: a call over the budget is denied by the gateway that was put together, and the log proves what was spent', async () => {
    const results = await Promise.all(Array.from({ length: 6 }, () => stage.call('look', { path: 'a' })))
    expect(results.map((one) => ('code' in one ? one.code : one.outcome)).sort()).toEqual([
      ...Array<string>(4).fill('SP_BUDGET_SPENT'),
      ...['executed', 'executed'],
    ])
    const ran = results.flatMap(({ outcome, auditId }) => (outcome === 'executed' ? [auditId] : []))
    await expect
      .poll(async () => {
        const records = await stage.records()
        return records.filter(({ event }) => event === 'budget.spent').map(({ auditId, units }) => [auditId, units])
      })
      .toEqual(expect.arrayContaining(ran.map((id) => [id, 1])))
    const alerts = async () => {
      const found = (await stage.records()).map(({ name, severity }) => `${name as string} ${severity as string}`)
      return found.filter((one) => one.startsWith('budget-')).sort()
    }
    await expect.poll(alerts).toEqual(['budget-near medium', 'budget-spent high'])
  })

  it('HB-135: a call by a hook of a host is counted before the host may run it', async () => {
    const codes = async () => {
      const one = await stage.call('peek', { path: 'a' }, { enforcement: 'host' }, stage.caller({ ingress: 'hook' }))
      return 'code' in one ? one.code : one.outcome
    }
    expect([await codes(), await codes()]).toEqual(['delegated', 'SP_BUDGET_SPENT'])
  })

  it('HB-135: the command line lists and resets; that needs a person, and a reason', async () => {
    const { io, said } = cliFrame({ gateway: clientOf(false) })
    expect(await ls(io, [], {})).toBe(1)
    expect(said.out).toMatch(/looks +coder +month +2 +0 +2 +\d{4}-\d\d-01T00:00:00\.000Z/)
    const json = cliFrame({ gateway: clientOf(false), json: true })
    expect(await ls(json.io, [], {})).toBe(1)
    expect(JSON.parse(json.said.out)).toMatchObject({
      budgets: [{ name: 'looks', who: 'coder', spent: 2, limit: 2 }, {}],
    })
    await expect(reset(io, ['looks'], {})).rejects.toMatchObject({ code: 'SP_CLI_USAGE' })
    // nobody is an operator of this gateway yet
    await expect(reset(io, ['looks'], { reason: 'a test' })).rejects.toMatchObject({ code: 'SP_AUTHN_UNCLAIMED' })
    const claimed = cliFrame({ gateway: clientOf(true) })
    await expect(reset(claimed.io, ['looks'], { reason: 'a test' })).rejects.toMatchObject({
      code: 'SP_AUTHN_PRESENCE',
    })
    await expect(reset(io, ['none'], { reason: 'a test' })).rejects.toMatchObject({ code: 'SP_BUDGET_UNKNOWN' })
    expect(await stage.gateway.budgets.reset('looks')).toBe(1)
    expect(await stage.call('look', { path: 'a' })).toMatchObject({ outcome: 'executed' })
  })

  it('HB-135: metrics tell what was spent, of how much, by budget and agent', async () => {
    const metrics = new Metrics((text) => text)
    const none = async () => []
    const parts: MeteredParts = {
      ...{
        version: '0',
        clock: { now: () => 0, monotonic: () => 0 },
        waiting: async () => 0,
        isLogHealthy: () => true,
      },
      ...{ agents: () => [], sessions: none, servers: () => [], confined: () => 0, secrets: none, alerts: none },
      limits: () => [],
      budgets: async () => [
        { name: 'a', agent: 'coder', spent: 5, reserved: 1, limit: 10 },
        { name: 'a', agent: 'coder', spent: 7, reserved: 0, limit: 10 },
        { name: 'b', agent: 'all', spent: 0, reserved: 0, limit: 3 },
      ],
    }
    readGauges(metrics, parts)
    const text = await metrics.text('all')
    expect(text).toContain('sallyport_budget_spent{budget="a",agent="coder"} 7')
    expect(text).toContain('sallyport_budget_limit{budget="b",agent="all"} 3')
  })
})
