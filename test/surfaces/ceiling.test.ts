import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EVERY_TOOL, FOR_STRANGERS, openHouse, type House } from './house.ts'

let house: House
beforeAll(async () => {
  house = await openHouse()
}, 120_000)
afterAll(() => house.close())

const call = (agent: string, tool: string, args: object = { text: 'hello' }) =>
  house.ask('/v1/calls', { tool, arguments: args }, house.credential(agent))
const mcpNames = (body: { result?: { tools: readonly { name: string }[] } }) =>
  (body.result?.tools ?? []).map(({ name }) => name.replace('__', '.')).sort()
const payload = (text: string) => JSON.parse(/\{.*\}/s.exec(text)?.[0] ?? '{}') as never
const HOME = EVERY_TOOL.filter((id) => id === 'kb.search' || !FOR_STRANGERS.includes(id))

describe('HB-7: a surface is a ceiling that policy cannot lift', () => {
  test('HB-80: over MCP and the API strangers see the list of the configuration, and nothing else', async () => {
    const listed = await house.mcp(house.credential('visitor'), 'tools/list')
    expect(mcpNames(payload(listed.text))).toEqual([...FOR_STRANGERS].sort())
    const { body } = await house.ask('/v1/tools', undefined, house.credential('visitor'))
    expect(body.tools.map(({ id }: { id: string }) => id).sort()).toEqual([...FOR_STRANGERS].sort())
  })

  test.each(['desk', 'coder'])('HB-81: %s sees everything but what is for strangers alone', async (agent) => {
    const listed = await house.mcp(house.credential(agent), 'tools/list')
    expect(mcpNames(payload(listed.text))).toEqual([...HOME].sort())
  })

  test.each(FOR_STRANGERS)('HB-80: strangers reach %s', async (tool) => {
    const { status, text } = await call('visitor', tool)
    expect([status, text]).toEqual([200, expect.stringContaining('executed')])
    expect(house.ran().map((one) => one.tool)).toContain(tool)
  })

  test.each(HOME.filter((id) => id !== 'kb.search'))('HB-83: %s called directly by strangers: 403', async (tool) => {
    const before = house.ran().length
    const answer = await call('visitor', tool)
    expect([answer.status, answer.body.code]).toEqual([403, 'SP_SURFACE_SCOPE'])
    expect(house.ran()).toHaveLength(before)
  })

  test('HB-83: such a call is recorded with its surface, and raises an alert', async () => {
    await call('visitor', 'office.send_newsletter', { to: 'everybody' })
    const records = await house.records()
    const denied = records.filter((one) => one['code'] === 'SP_SURFACE_SCOPE' && one.kind === 'decision').at(-1)
    expect(denied).toMatchObject({
      ...{ toolName: 'office.send_newsletter', agentId: 'visitor', surface: 'public', outcome: 'not_executed' },
      ...{ policyRule: [], parameters: { to: 'everybody' } },
    })
    await expect
      .poll(async () =>
        (await house.records()).find((one) => one.kind === 'alert' && one['name'] === 'surface.crossed'),
      )
      .toMatchObject({ severity: 'critical', agentId: 'visitor' })
  })

  test.each(FOR_STRANGERS.filter((id) => id !== 'kb.search'))(
    'SYS-2: %s is not for the house: an admin session has other ways',
    async (tool) => {
      const answer = await call('desk', tool)
      expect([answer.status, answer.body.code]).toEqual([403, 'SP_SURFACE_SCOPE'])
    },
  )

  test('T-173: what is not theirs and what is not there sound the same to strangers', async () => {
    const words = async (tool: string) => {
      const { status, body } = await call('visitor', tool)
      return { status, code: body.code, detail: body.detail }
    }
    const hidden = await words('office.read_payroll')
    for (const tool of ['office.no_such_tool', 'no-such-server.read_payroll', 'kb.mcp:resources/read'])
      expect(await words(tool)).toEqual(hidden)
    const over = async (name: string) => {
      const answer = await house.mcp(house.credential('visitor'), 'tools/call', { name, arguments: {} })
      return answer.text.replaceAll(/[0-9a-f-]{36}/g, 'ID')
    }
    expect(await over('office__read_payroll')).toContain('SP_SURFACE_SCOPE')
    expect(await over('nowhere__read_payroll')).toBe(await over('office__read_payroll'))
  })

  test('T-173: strangers are offered tools, and no other method of MCP', async () => {
    const hello = await house.mcp(house.credential('visitor'), 'initialize')
    expect((payload(hello.text) as { result: { capabilities: object } }).result.capabilities).toEqual({
      tools: { listChanged: true },
    })
    for (const method of ['resources/list', 'resources/read', 'prompts/list', 'prompts/get', 'logging/setLevel']) {
      const answer = await house.mcp(house.credential('visitor'), method, {
        uri: 'x:/y',
        name: 'office__p',
        level: 'debug',
      })
      expect([method, answer.text]).toEqual([method, expect.stringContaining('SP_MCP_METHOD_REFUSED')])
    }
  })
})

describe('HB-23: strangers leave no trust behind', () => {
  test('the words of strangers count as read before the first call', async () => {
    const agent = house.gateway.identity.agents.get('visitor')
    const { flow } = house.gateway.ports
    expect(flow.snapshot(agent?.instance.id ?? '')).toMatchObject({
      integrity: 1,
      sources: expect.arrayContaining(['visitors']),
    })
    const home = house.gateway.identity.agents.get('coder')
    expect(flow.snapshot(home?.instance.id ?? '').integrity).toBe(3)
  })

  test('policy is told: the surface is public and the content is not to be trusted', async () => {
    const { policy } = house.gateway.ports
    const asked: unknown[] = []
    const ports = house.gateway.ports as { policy: typeof policy }
    ports.policy = {
      ...policy,
      possible: (head) => policy.possible(head),
      current: () => policy.current(),
      evaluate: (request) => (asked.push(request.context), policy.evaluate(request)),
    }
    try {
      await call('visitor', 'kb.search', { query: 'opening hours' })
      await call('coder', 'kb.search', { query: 'opening hours' })
    } finally {
      ports.policy = policy
    }
    expect(asked).toMatchObject([
      { session: { surface: 'public', contentTrust: 'untrusted' }, labels: { tainted: true, integrity: 1 } },
      { session: { surface: 'local', contentTrust: 'semi-trusted' }, labels: { tainted: false } },
    ])
  })
})
