import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { GROUP_ALL, TOOL_GROUPS, type Effect } from '@sallyport/core'
import { openStage, type Stage, type StageTool } from './stage.ts'
import { unelevated } from '../unconfined.ts'

/** Every group of the specification with its tools, and the one that holds all of them and what nobody classified. */
const GROUPS: readonly (readonly [group: string, tools: readonly string[]])[] = [
  ...Object.entries(TOOL_GROUPS).map(([group, { tools }]) => [group, Object.keys(tools)] as const),
  [GROUP_ALL, [...Object.values(TOOL_GROUPS).flatMap(({ tools }) => Object.keys(tools)), 'image']],
]
const ALL = GROUPS.at(-1)?.[1] ?? []

const toolOf = (group: string, effect: Effect): StageTool => ({
  effect,
  groups: [group],
  args: { text: 'content', count: 'param' },
  properties: { text: { type: 'string', maxLength: 100 }, count: { type: 'integer' } },
  required: ['text'],
})
const TOOLS = {
  ...Object.fromEntries(
    Object.entries(TOOL_GROUPS).flatMap(([group, { tools }]) =>
      Object.entries(tools).map(([name, effect]) => [name, toolOf(group, effect)]),
    ),
  ),
  image: { ...toolOf('', 'external'), unannotated: true },
}

/** One policy; the channel of the session says which of its rules is looked at. */
const RULES = GROUPS.flatMap(([group]) => {
  const name = group.slice('group:'.length)
  return [
    { name: `may-${name}`, match: { channel: `may-${name}` }, allow: [group] },
    { name: `not-${name}`, match: { channel: `not-${name}` }, allow: [GROUP_ALL], deny: [group], severity: 'low' },
    { name: `ask-${name}`, match: { channel: `ask-${name}` }, allow: [GROUP_ALL], requireApproval: [group] },
  ]
})
const POLICY = { schemaVersion: 1, version: '1.0', enforcement: 'mandatory', profiles: { none: [] }, default: 'none' }

/** Names that are not the tool's, however they look; none is a tool of another group either. */
const spoofs = (name: string): readonly string[] => [
  name.toUpperCase(),
  ` ${name}`,
  `${name} `,
  `${name}\u200B`,
  `${name}\n`,
  `box.${name}`,
  [...name].map((letter) => String.fromCodePoint((letter.codePointAt(0) ?? 0) + 0xfee0)).join(''),
]

let stage: Stage
beforeAll(async () => {
  stage = await openStage({
    tools: TOOLS,
    policies: ['./groups.yaml'],
    files: { 'groups.yaml': JSON.stringify({ ...POLICY, rules: RULES }) },
    config: { ...unelevated, approvals: { maxPending: 20 } },
  })
  await stage.claim()
})
afterAll(() => stage.close())

/** Calls a tool in a channel and says what the log has of it, first to last, and whether the server ran it. */
async function played(channel: string, tool: string, args: unknown = { text: `${channel} ${tool}` }) {
  const before = stage.ran().length
  const result = await stage.call(tool, args, {}, stage.caller({ channel }))
  await stage.gateway.store.checkpoint()
  const records = await stage.records({ auditId: result.auditId })
  return { result, records, ran: stage.ran().slice(before) }
}

describe.each(GROUPS)('AC-1.3.1 E-04: %s', (group, tools) => {
  const name = group.slice('group:'.length)

  it('AC-1.3.1 INV-9: allow: each tool runs once with its own arguments, decided by the rule of the group and logged before', async () => {
    for (const tool of tools) {
      const { result, records, ran } = await played(`may-${name}`, tool)
      expect(result.outcome).toBe('executed')
      expect(ran).toEqual([{ name: tool, args: { text: `may-${name} ${tool}` } }])
      expect(records.map(({ kind }) => kind)).toEqual(['decision', 'outcome'])
      expect(records[0]).toMatchObject({
        toolName: `box.${tool}`,
        policyDecision: 'allowed',
        policyRule: [`may-${name}.allow`],
        agentId: 'coder',
        parameters: { text: `may-${name} ${tool}` },
      })
      expect(records[1]).toMatchObject({ outcome: 'success' })
    }
  })

  it('AC-1.3.1 AC-5.1.2: deny: no tool of the group runs, and the log names the rule', async () => {
    for (const tool of tools) {
      const { result, records, ran } = await played(`not-${name}`, tool)
      expect(result).toMatchObject({ outcome: 'denied', code: 'SP_POLICY_DENIED' })
      expect(ran).toEqual([])
      expect(records[0]).toMatchObject({
        policyDecision: 'denied',
        policyRule: [`not-${name}.deny`],
        outcome: 'not_executed',
      })
    }
  })

  it('AC-1.3.1 AC-5.3.1: edge: a tool that needs a human is held and runs once one agreed, and no more than once', async () => {
    const tool = tools[0] ?? ''
    const channel = `ask-${name}`
    const held = await played(channel, tool)
    expect(held.result.outcome).toBe('pending')
    expect(held.ran).toEqual([])
    if (held.result.outcome === 'pending') await stage.approve(held.result.approvalId)
    const released = await played(channel, tool)
    expect([released.result.outcome, released.ran.length]).toEqual(['executed', 1])
    const again = await played(channel, tool)
    expect([again.result.outcome, again.ran.length]).toEqual(['pending', 0])
  })

  it('AC-1.3.1 AC-1.1.4 T-078: edge: a name or arguments that are not the tool’s are refused before policy is asked', async () => {
    for (const tool of tools) {
      for (const spoof of spoofs(tool)) {
        const { result, records, ran } = await played(`may-${name}`, spoof)
        expect([spoof, result]).toEqual([spoof, expect.objectContaining({ code: 'SP_MCP_UNKNOWN_TOOL' })])
        expect(ran).toEqual([])
        expect(records[0]).toMatchObject({ policyDecision: 'denied', bundle: '' })
      }
      const broken = [
        { text: 1 },
        {},
        { text: 'a', more: 1 },
        { text: 'a', count: 1.5 },
        { text: 'x'.repeat(101) },
        [],
        '{"text":"a","text":"b"}',
        '{"text":"a","__proto__":{}}',
      ]
      for (const args of broken) {
        const { result, records, ran } = await played(`may-${name}`, tool, args)
        expect(result.outcome).toBe('denied')
        expect(ran).toEqual([])
        expect(records[0]).toMatchObject({ policyDecision: 'denied', bundle: '' })
      }
    }
  })

  it('AC-1.3.1 E-53: edge: without a rule for the session nothing of the group runs', async () => {
    for (const tool of tools) {
      const { result, ran } = await played('', tool)
      expect([result.outcome, ran.length]).toEqual(['denied', 0])
    }
  })
})

it.each(GROUPS.slice(0, -1))(
  'AC-1.3.1 E-18: edge: %s ends where it ends: what is allowed or denied in it says nothing of the others',
  async (group, tools) => {
    const name = group.slice('group:'.length)
    for (const tool of ALL.filter((one) => !tools.includes(one))) {
      const outside = await played(`may-${name}`, tool)
      expect([outside.result.outcome, outside.ran.length]).toEqual(['denied', 0])
      expect(outside.records[0]).toMatchObject({ policyDecision: 'denied', policyRule: [] })
      const beside = await played(`not-${name}`, tool)
      expect([beside.result.outcome, beside.ran.length]).toEqual(['executed', 1])
    }
  },
)
