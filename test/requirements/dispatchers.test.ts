import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CrossingResult } from '../../packages/gateway/src/boundary/ports.ts'
import { openStage, type Stage, type StageTool } from './stage.ts'

const anything = { type: 'object', additionalProperties: true } as const
const list = { type: 'array', items: anything } as const

/** A tool that calls others by name, as its server has it; the operator says that it only reads. */
const dispatcher = (properties: StageTool['properties']): StageTool => ({
  effect: 'read',
  groups: ['group:fs'],
  properties,
})
const simple = (more: Partial<StageTool> = {}): StageTool => ({
  effect: 'read',
  groups: ['group:fs'],
  args: { path: 'selector' },
  properties: { path: { type: 'string' } },
  required: ['path'],
  ...more,
})

const POLICY = `// version: 1.0
@id("all") permit (principal, action, resource);
@id("no-wipe") forbid (principal, action == Action::"box.wipe", resource);
@id("no-secrets") forbid (principal, action == Action::"box.read", resource) when { context.args.path == "/secret" };
@id("pay") @decision("approve") @quorum("1") forbid (principal, action == Action::"box.pay", resource) unless { context.approved };
`

describe('tools that call other tools', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage({
      tools: {
        read: simple(),
        wipe: simple({ effect: 'write' }),
        pay: simple({ effect: 'external' }),
        retired: simple({ off: true }),
        call_tool: dispatcher({ name: { type: 'string' }, arguments: anything }),
      },
      more: {
        hub: {
          call_tool: dispatcher({ name: { type: 'string' }, arguments: anything, id: { type: 'string' } }),
          useMcpTool: dispatcher({ tool_name: { type: 'string' }, input: { type: 'string' } }),
          run_tools: dispatcher({ calls: list }),
          request: dispatcher({ method: { type: 'string' }, params: anything }),
          send: dispatcher({ message: { type: 'string' } }),
          flat: dispatcher({ tool: { type: 'string' }, path: { type: 'string' } }),
          create: dispatcher({ name: { type: 'string' }, options: anything }),
        },
      },
      policies: ['./own.cedar'],
      files: { 'own.cedar': POLICY },
    })
    await stage.claim()
  }, 60_000)
  afterAll(() => stage?.close())

  const via = (tool: string, args: object, server = 'hub'): Promise<CrossingResult> =>
    stage.call(tool, args, { server })
  const path = '/x'
  const nested = JSON.stringify({ jsonrpc: '2.0', method: 'tools/call', params: { name: 'wipe', arguments: { path } } })

  it.each<[string, string, object, string?]>([
    ['by its name', 'call_tool', { name: 'wipe', arguments: { path } }],
    ['on its own server', 'call_tool', { name: 'wipe', arguments: { path } }, 'box'],
    ['by its id', 'call_tool', { name: 'box.wipe', arguments: { path } }],
    ['by the name of the one endpoint', 'call_tool', { name: 'box__wipe', arguments: { path } }],
    ['by the name that hosts have', 'call_tool', { name: 'mcp__box__wipe', arguments: { path } }],
    ['by the name of a name space', 'call_tool', { name: 'functions.wipe', arguments: { path } }],
    ['in capitals, with blanks', 'call_tool', { name: ' WIPE\u200b', arguments: { path } }],
    ['with a letter that looks alike', 'call_tool', { name: 'w\u0456pe', arguments: { path } }],
    ['with arguments that it does not take', 'call_tool', { name: 'wipe', arguments: { other: 1 } }],
    ['without arguments', 'call_tool', { name: 'wipe' }],
    ['inside of itself', 'call_tool', { name: 'call_tool', arguments: { name: 'wipe', arguments: { path } } }],
    ['with arguments as text', 'useMcpTool', { tool_name: 'wipe', input: JSON.stringify({ path }) }],
    ['as text inside of text', 'useMcpTool', { tool_name: 'read', input: JSON.stringify({ path: nested }) }],
    [
      'as the last of many',
      'run_tools',
      {
        calls: [
          { name: 'read', arguments: { path } },
          { name: 'wipe', arguments: { path } },
        ],
      },
    ],
    ['as a method', 'request', { method: 'wipe', params: { path } }],
    [
      'as a request of the protocol',
      'request',
      { method: 'tools/call', params: { name: 'wipe', arguments: { path } } },
    ],
    ['in a message', 'send', { message: nested }],
    ['with its arguments beside its name', 'flat', { tool: 'wipe', path }],
  ])('T-079: a denied tool stays denied %s', async (_how, tool, args, server) => {
    const before = stage.ran().length
    const result = await via(tool, args, server)
    expect(result).toMatchObject({ outcome: 'denied', code: 'SP_POLICY_DENIED' })
    expect((result as { reason: string }).reason).toContain('box.wipe')
    expect(stage.ran()).toHaveLength(before)
  })

  it('T-079: policy judges the arguments of the inner call, not those of the outer', async () => {
    expect(await via('call_tool', { name: 'read', arguments: { path: '/secret' } })).toMatchObject({
      outcome: 'denied',
      code: 'SP_POLICY_DENIED',
    })
    expect(await via('call_tool', { name: 'read', arguments: { path: '/open' } })).toMatchObject({
      outcome: 'executed',
    })
    expect(stage.ran().at(-1)).toEqual({ name: 'call_tool', args: { name: 'read', arguments: { path: '/open' } } })
  })

  it('T-079: a tool that the operator switched off stays off', async () => {
    expect(await via('call_tool', { name: 'retired', arguments: { path } })).toMatchObject({
      outcome: 'denied',
      code: 'SP_MCP_TOOL_DISABLED',
    })
  })

  it('T-079: what policy asks about is asked about, and runs once for one yes', async () => {
    const args = { name: 'pay', arguments: { path } }
    const asked = await via('call_tool', args)
    expect(asked).toMatchObject({ outcome: 'pending', reason: expect.stringContaining('box.pay') })
    const before = stage.ran().length
    await stage.approve(asked.outcome === 'pending' ? asked.approvalId : '')
    expect(await via('call_tool', args)).toMatchObject({ outcome: 'executed' })
    expect(await via('call_tool', args)).toMatchObject({ outcome: 'pending' })
    expect(stage.ran()).toHaveLength(before + 1)
  })

  it.each<[string, string, object]>([
    ['nobody knows', 'call_tool', { name: 'format_disk', arguments: {} }],
    [
      'is beside one that is known',
      'run_tools',
      {
        calls: [
          { name: 'read', arguments: { path } },
          { name: 'other', arguments: {} },
        ],
      },
    ],
    ['is not said', 'call_tool', { arguments: { path } }],
    [
      'hides behind a name that is given twice',
      'useMcpTool',
      { input: '{"tool_name":"read","tool_name":"wipe","input":{}}' },
    ],
    [
      'is one of a hundred',
      'run_tools',
      { calls: Array.from({ length: 100 }, () => ({ name: 'read', arguments: { path } })) },
    ],
  ])('T-079: a person is asked where the inner tool %s', async (_what, tool, args) => {
    const before = stage.ran().length
    const asked = await via(tool, args)
    expect(asked).toMatchObject({ outcome: 'pending', reason: expect.stringContaining('calls other tools') })
    expect(stage.ran()).toHaveLength(before)
    await stage.approve(asked.outcome === 'pending' ? asked.approvalId : '')
    expect(await via(tool, args)).toMatchObject({ outcome: 'executed' })
  })

  it('T-079: what only looks a little like a call is none', async () => {
    expect(await via('create', { name: 'format_disk', options: { path } })).toMatchObject({ outcome: 'executed' })
    expect(await via('send', { message: 'wipe the table, please' })).toMatchObject({ outcome: 'executed' })
  })
})
