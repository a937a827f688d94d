import { generateText, jsonSchema, stepCountIs, tool } from 'ai'
import { MockLanguageModelV3 } from 'ai/test'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { protectTools } from '../../packages/sdk/src/ai-sdk.ts'
import { connect, type Sallyport } from '../../packages/sdk/src/index.ts'
import { ScriptedBoundary, startKit, type Kit } from '../api/kit.ts'

let kit: Kit
let sp: Sallyport
const standard = new ScriptedBoundary().script

beforeAll(async () => {
  kit = await startKit()
  const { key } = await kit.agent('writer')
  sp = connect({ socket: kit.agentSocket, agent: 'writer', key })
})
afterAll(async () => {
  await sp.close()
  await kit.close()
})
beforeEach(() => {
  kit.boundary.script = standard
  kit.boundary.crossed.length = 0
  kit.boundary.reports.length = 0
})

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 1, text: 1, reasoning: undefined },
}

/** A model that calls one tool and then says what it got. */
function model(toolName: string, input: object) {
  const prompts: unknown[] = []
  const mock = new MockLanguageModelV3({
    doGenerate: ({ prompt }) => {
      prompts.push(prompt)
      const first = prompts.length === 1
      return Promise.resolve({
        content: first
          ? [{ type: 'tool-call', toolCallId: 'call-1', toolName, input: JSON.stringify(input) }]
          : [{ type: 'text', text: 'done' }],
        finishReason: { unified: first ? 'tool-calls' : 'stop', raw: undefined },
        usage,
        warnings: [],
      })
    },
  })
  return { mock, prompts }
}

const ask = (mock: MockLanguageModelV3, tools: Parameters<typeof protectTools>[1]) =>
  generateText({ model: mock, tools: tools as never, prompt: 'go', stopWhen: stepCountIs(3) as never })

describe('protectTools with the real AI SDK', () => {
  it('an allowed tool runs with its arguments and options, and the model gets its result', async () => {
    const execute = vi.fn<
      (input: { city: string }, options: { toolCallId: string; abortSignal?: AbortSignal }) => Promise<object>
    >((input, options) => {
      expect(options.toolCallId).toBe('call-1')
      expect(options.abortSignal).toBeInstanceOf(AbortSignal)
      return Promise.resolve({ weather: `sun in ${input.city}` })
    })
    const tools = {
      weather: tool({ description: 'Weather', inputSchema: z.object({ city: z.string() }), execute: execute as never }),
    }
    const { mock, prompts } = model('weather', { city: 'Bern' })
    const result = await ask(mock, protectTools(sp, tools, { weather: { effect: 'read', args: { city: 'param' } } }))
    expect(result.text).toBe('done')
    expect(execute).toHaveBeenCalledTimes(1)
    expect(JSON.stringify(prompts[1])).toContain('sun in Bern')
    expect(kit.boundary.crossed[0]?.call).toMatchObject({
      server: 'sdk-writer',
      tool: 'weather',
      argsText: '{"city":"Bern"}',
    })
    const registered = kit.registered[0]?.tools[0]
    expect(registered?.definition.inputSchema).toMatchObject({ type: 'object', required: ['city'] })
    expect(registered?.claims).toMatchObject({ effect: 'read', args: { city: 'param' } })
  })

  it('a denied tool does not run; the model reads the reason and the event id', async () => {
    kit.boundary.script = () =>
      Promise.resolve({ outcome: 'denied', auditId: 'event-7', code: 'SP_POLICY_DENIED', reason: 'Not to strangers.' })
    const execute = vi.fn<() => unknown>()
    const tools = {
      send: tool({ inputSchema: jsonSchema<{ to: string }>({ type: 'object' }), execute: execute as never }),
    }
    const { mock, prompts } = model('send', { to: 'eve@evil.example' })
    await ask(mock, protectTools(sp, tools))
    expect(execute).not.toHaveBeenCalled()
    const seen = JSON.stringify(prompts[1])
    expect(seen).toContain('Not to strangers.')
    expect(seen).toContain('event-7')
    expect(seen).toContain('SP_POLICY_DENIED')
  })

  it('secrets are redacted before the model sees the result', async () => {
    const tools = {
      read: tool({
        inputSchema: jsonSchema({ type: 'object' }),
        execute: () => Promise.resolve({ password: 'hunter2' }),
      }),
    }
    const { mock, prompts } = model('read', {})
    await ask(mock, protectTools(sp, tools, { read: { effect: 'read' } }))
    expect(JSON.stringify(prompts[1])).not.toContain('hunter2')
    expect(JSON.stringify(prompts[1])).toContain('[redacted]')
  })

  it('of a tool that streams, the last part is inspected, reported and given to the model', async () => {
    const stream = {
      inputSchema: jsonSchema({ type: 'object' }),
      async *execute() {
        yield 'part'
        await Promise.resolve()
        yield 'whole'
      },
    }
    const { mock, prompts } = model('stream', {})
    await ask(mock, protectTools(sp, { stream }, { stream: { effect: 'read' } }))
    expect(JSON.stringify(prompts[1])).toContain('whole')
    expect(kit.boundary.reports[0]?.resultText).toBe('"whole"')
  })

  it('T-047: tools that the provider or somebody else runs are refused when they are wrapped', () => {
    const provider = { type: 'provider', id: 'openai.web_search', args: {}, inputSchema: {} }
    expect(() => protectTools(sp, { search: provider })).toThrow(/provider/)
    expect(() => protectTools(sp, { search: { ...provider, execute: () => 1 } })).toThrow(/provider/)
    expect(() => protectTools(sp, { client: { inputSchema: {} } })).toThrow(/no execute/)
    expect(() => protectTools(sp, { a: { execute: () => 1 } }, { b: { effect: 'read' } } as never)).toThrow(/no tool b/)
    expect(() =>
      protectTools(sp, { w: { execute: () => 1 } }, { w: { effect: 'write', onUnavailable: 'allow' } }),
    ).toThrow(/read/)
  })
})
