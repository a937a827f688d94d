import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { digest, type JsonObject } from '@sallyport/core'
import { createBoundary } from './boundary.ts'
import { ControlContext, ReasoningContext } from './contexts.ts'
import { bench, call, caller, tool, verdict } from './fixtures/ports.ts'
import { pass, type ApprovalResult } from './ports.ts'

const approved = (binding: { callDigest: string }): ApprovalResult => ({
  state: 'approved',
  evidence: { kind: 'approval', approvalId: 'a-1', callDigest: binding.callDigest },
  voters: ['ana'],
})

describe('order', () => {
  test('E-20 AC-1.3.2 INV-2 INV-5 ND-1.1.b: decide, record, execute, settle, record — in this order and once each', async () => {
    const b = bench()
    const result = await createBoundary(b.ports).cross(caller(), call({ path: '/w/a.txt' }))
    expect(result).toMatchObject({ outcome: 'executed', resultText: b.result })
    expect(b.trace).toEqual(['admit', 'policy', 'record:decision', 'begin', 'execute', 'settle', 'record:outcome'])
    expect(b.asked[0]).toMatchObject({ action: 'files.read_file', context: { args: { path: '/w/a.txt' } } })
    expect(b.ran).toEqual([{ path: '/w/a.txt' }])
    expect(b.records.map((record) => record.auditId)).toEqual([result.auditId, result.auditId])
  })

  test('AC-1.1.2 AC-1.2.2 ND-1.2.a ND-7.3.a INV-9: a decision record has every required member; allowed is info, denied is warn and runs nothing', async () => {
    const b = bench()
    const boundary = createBoundary(b.ports)
    await boundary.cross(caller(), call({ path: '/w/a.txt' }))
    b.decide = () => verdict('deny')
    await boundary.cross(caller(), call({ path: '/w/b.txt' }))
    const [allowed, , denied] = b.records
    for (const record of [allowed, denied]) {
      expect(record).toMatchObject({
        toolName: 'files.read_file',
        sessionId: 's-1',
        requestId: 'r-1',
        agentId: 'coder',
      })
      expect(record?.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
      expect(record?.['parameterHash']).toMatch(/^[0-9a-f]{64}$/)
    }
    expect(allowed).toMatchObject({ level: 'info', policyDecision: 'allowed', tokenId: expect.any(String) })
    expect(denied).toMatchObject({ level: 'warn', policyDecision: 'denied', outcome: 'not_executed' })
    expect(b.ran).toEqual([{ path: '/w/a.txt' }])
  })

  test('E-12 T-166: when the intent cannot be recorded nothing runs', async () => {
    const b = bench()
    b.failAppend = true
    const result = await createBoundary(b.ports).cross(caller(), call({ path: '/w/a.txt' }))
    expect(result.outcome).toBe('denied')
    expect(b.trace).not.toContain('execute')
  })
})

describe('refusals before policy', () => {
  const malformed: readonly (readonly [string, string, string])[] = [
    ['not JSON', '{"path":', 'SP_JSON_INVALID'],
    ['an array', '[1]', 'SP_MCP_INVALID_ARGUMENTS'],
    ['a duplicate key', '{"path":"/a","path":"/b"}', 'SP_JSON_DUPLICATE_KEY'],
    ['a key that unescapes to another', '{"path":"/a","\\u0070ath":"/b"}', 'SP_JSON_DUPLICATE_KEY'],
    ['__proto__', '{"path":"/a","__proto__":{"x":1}}', 'SP_JSON_FORBIDDEN_KEY'],
    ['a rounded integer', '{"path":12345678901234567890}', 'SP_JSON_UNSAFE_NUMBER'],
    ['a missing member', '{}', 'SP_MCP_INVALID_ARGUMENTS'],
    ['a wrong type', '{"path":1}', 'SP_MCP_INVALID_ARGUMENTS'],
    ['an undeclared member of a closed schema', '{"path":"/a","bcc":"x"}', 'SP_MCP_INVALID_ARGUMENTS'],
    ['a line break in a selector', '{"path":"/a\\nb"}', 'SP_CONTENT_REFUSED'],
    ['a control character', '{"path":"/a\\u0000"}', 'SP_CONTENT_REFUSED'],
    ['an oversized argument', JSON.stringify({ path: 'x'.repeat(2_000_000) }), 'SP_JSON_TOO_LARGE'],
  ]
  test.each(malformed)('AC-1.1.4 AC-1.3.3 T-074 T-075: %s never reaches policy', async (_what, argsText, code) => {
    const b = bench()
    const result = await createBoundary(b.ports).cross(caller(), call(argsText))
    expect(result).toMatchObject({ outcome: 'denied', code })
    expect(b.trace.filter((step) => step === 'policy' || step === 'execute')).toEqual([])
    expect(b.records).toHaveLength(1)
    expect(b.records[0]).toMatchObject({ kind: 'decision', policyDecision: 'denied', outcome: 'not_executed', code })
  })

  const spoofs = [
    'Read_File',
    'read_file ',
    ' read_file',
    'rеad_file',
    'read_file\u200b',
    'ｒead_file',
    'read_file.',
    'files.read_file',
    'read%5ffile',
    '',
  ]
  test.each(spoofs)('T-078 AC-1.3.3: the name %j is unknown, whatever it looks like', async (name) => {
    const b = bench()
    const result = await createBoundary(b.ports).cross(caller(), call({ path: '/a' }, { tool: name }))
    expect(result).toMatchObject({ outcome: 'denied', code: 'SP_MCP_UNKNOWN_TOOL' })
    expect(b.trace).not.toContain('policy')
  })

  test('T-083 E-18: unreviewed, drifted and disabled tools do not reach policy', async () => {
    const b = bench()
    const cases = {
      unreviewed: 'SP_MCP_TOOL_UNPINNED',
      drifted: 'SP_MCP_TOOL_DRIFT',
      disabled: 'SP_MCP_TOOL_DISABLED',
    } as const
    for (const [state, code] of Object.entries(cases)) {
      b.registry.set({ tool: tool('read_file'), state: state as keyof typeof cases, note: 'why' })
      const result = await createBoundary(b.ports).cross(caller(), call({ path: '/a' }))
      expect(result).toMatchObject({ outcome: 'denied', code })
    }
    expect(b.trace).not.toContain('policy')
  })

  test('HB-145: a killed agent is refused before anything else is looked at', async () => {
    const b = bench()
    const result = await createBoundary(b.ports).cross(caller('killed'), call({ path: '/a' }))
    expect(result).toMatchObject({ outcome: 'denied', code: 'SP_AUTHZ_KILLED' })
    expect(b.trace).toEqual(['admit', 'record:decision'])
  })
})

describe('fail closed', () => {
  test('AC-1.3.3 INV-2: a policy engine that throws is a deny, and the deny is recorded', async () => {
    const b = bench()
    b.decide = () => {
      throw new Error('boom')
    }
    const result = await createBoundary(b.ports).cross(caller(), call({ path: '/a' }))
    expect(result).toMatchObject({ outcome: 'denied', code: 'SP_INTERNAL' })
    expect(b.trace).toEqual(['admit', 'policy', 'record:decision'])
  })

  test('AC-1.4.2: a boundary without a part or without a policy does not come to be', () => {
    const b = bench()
    expect(() => createBoundary({ ...b.ports, executor: undefined as never })).toThrow(/not in the dispatch path/)
    b.bundle = ''
    expect(() => createBoundary(b.ports)).toThrow(/policy engine is not ready/)
  })

  test('an inspector that fails withholds the result', async () => {
    const b = bench()
    const inspect = () => {
      throw new Error('cannot read it')
    }
    const result = await createBoundary({ ...b.ports, inspector: { ...b.ports.inspector, inspect } }).cross(
      caller(),
      call({ path: '/a' }),
    )
    expect(result.outcome).toBe('failed')
    expect(JSON.stringify(result)).not.toContain('hello')
  })
})

describe('approvals', () => {
  const asking = (b: ReturnType<typeof bench>) => {
    b.decide = (request) => (request.context.approved ? verdict('allow') : verdict('ask'))
  }

  test('AC-5.3.1 INV-3 E-07: an ask that a human approves is evaluated again, released and recorded as such', async () => {
    const b = bench()
    asking(b)
    b.human = async () => approved({ callDigest: b.ports.approvals.callDigest(lastBinding) })
    let lastBinding: never
    const request: typeof b.ports.approvals.request = (...args) => b.ports.approvals.request(...args)
    const approvals = {
      ...b.ports.approvals,
      request: async (...args: Parameters<typeof request>) => {
        lastBinding = args[0].binding as never
        return request(...args)
      },
    }
    const result = await createBoundary({ ...b.ports, approvals }).cross(caller(), call({ path: '/a' }))
    expect(result.outcome).toBe('executed')
    expect(b.trace).toEqual([
      'admit',
      'policy',
      'record:decision',
      'admit',
      'policy:approved',
      'record:release',
      'begin',
      'execute',
      'settle',
      'record:outcome',
    ])
    expect(b.records[0]).toMatchObject({ policyDecision: 'approval_required' })
    expect(b.records[1]).toMatchObject({ kind: 'release', approvalId: 'a-1', evidence: 'approval' })
  })

  test('T-004: an approval for another call releases nothing', async () => {
    const b = bench()
    asking(b)
    b.human = async () => approved({ callDigest: digest('sallyport/call/1', { other: true }) })
    const result = await createBoundary(b.ports).cross(caller(), call({ path: '/a' }))
    expect(result.outcome).not.toBe('executed')
    expect(b.trace).not.toContain('execute')
  })

  test.each([
    ['the policy', (b: ReturnType<typeof bench>) => void (b.bundle = 'b2')],
    [
      'the tool',
      (b: ReturnType<typeof bench>) =>
        b.registry.set({ tool: { ...tool('read_file'), pin: 'other' }, state: 'pinned', note: '' }),
    ],
    [
      'the label',
      (b: ReturnType<typeof bench>) => void (b.label = { integrity: 1, confidentiality: 0, sources: ['mail'] }),
    ],
  ])('T-030: %s changes while the human looks, and the approval is void', async (_what, change) => {
    const b = bench()
    asking(b)
    b.human = async () => {
      change(b)
      return approved({ callDigest: 'any' })
    }
    const result = await createBoundary(b.ports).cross(caller(), call({ path: '/a' }))
    expect(result).toMatchObject({ outcome: 'denied', code: 'SP_APPROVAL_SUPERSEDED' })
    expect(b.trace).not.toContain('execute')
    expect(b.trace.some((step) => step.startsWith('supersede'))).toBe(true)
  })

  test('AC-5.3.3: pending is an answer, not an execution', async () => {
    const b = bench()
    asking(b)
    b.human = async () => ({ state: 'pending', approvalId: 'a-9', expiresAt: 1 })
    const result = await createBoundary(b.ports).cross(caller(), call({ path: '/a' }))
    expect(result).toMatchObject({ outcome: 'pending', approvalId: 'a-9' })
    expect(b.trace).not.toContain('execute')
  })
})

describe('once', () => {
  test('T-009 HB-62: the same call with one idempotency key runs once, however often and however parallel', async () => {
    const b = bench()
    const boundary = createBoundary(b.ports)
    const same = () => boundary.cross(caller(), call({ path: '/a' }, { idempotencyKey: 'k' }))
    const results = await Promise.all([same(), same(), same(), same()])
    results.push(await same())
    expect(b.ran).toHaveLength(1)
    expect(new Set(results.map(({ auditId }) => auditId)).size).toBe(1)
  })

  test('T-028: the key with other arguments is refused', async () => {
    const b = bench()
    const boundary = createBoundary(b.ports)
    await boundary.cross(caller(), call({ path: '/a' }, { idempotencyKey: 'k' }))
    const other = await boundary.cross(caller(), call({ path: '/b' }, { idempotencyKey: 'k' }))
    expect(other).toMatchObject({ outcome: 'denied', code: 'SP_CAP_MISMATCH' })
    expect(b.ran).toEqual([{ path: '/a' }])
  })

  test('E-12: after a restart, when the answer is gone, a keyed call does not run again', async () => {
    const b = bench()
    await createBoundary(b.ports).cross(caller(), call({ path: '/a' }, { idempotencyKey: 'k' }))
    const again = await createBoundary(b.ports).cross(caller(), call({ path: '/a' }, { idempotencyKey: 'k' }))
    expect(again).toMatchObject({ outcome: 'denied', code: 'SP_CAP_REPLAYED' })
    expect(b.ran).toHaveLength(1)
  })
})

describe('contexts', () => {
  test('AC-1.1.3 E-17: a reasoning context, a look-alike or a copy is not a control context, at compile time or run time', async () => {
    const b = bench()
    const reasoning = new ReasoningContext({ conversation: 'c', purpose: 'p' })
    // @ts-expect-error a reasoning context is not a control context
    const typed: ControlContext = reasoning
    // @ts-expect-error nor is a control context a reasoning context
    const untyped: ReasoningContext = {} as ControlContext
    expect(untyped).toBeDefined()
    for (const fake of [typed, {}, null, Object.create(ControlContext.prototype), structuredClone(reasoning)]) {
      await expect(b.ports.executor.execute(fake as ControlContext)).rejects.toThrow(TypeError)
    }
    expect(b.trace).not.toContain('execute')
  })

  test('AC-1.1.1 T-009: an executor given a real context without a valid token refuses', async () => {
    const b = bench()
    const binding = { argsDigest: 'x' } as never
    const state = {
      tool: tool('read_file'),
      argsText: '{"path":"/a"}',
      meta: {},
      binding,
      evidence: { kind: 'policy' } as const,
      token: 'forged',
      sessionId: 's-1',
      enforcement: 'gateway' as const,
      caller: caller(),
      signal: undefined,
      onProgress: undefined,
      decideWritten: () => pass(null),
    }
    await expect(b.ports.executor.execute(new ControlContext(state))).rejects.toThrow(/another call/)
    expect(b.trace).not.toContain('execute')
  })
})

test('T-028 ND-1.1.b: what runs is byte for byte what was decided on, for any arguments', async () => {
  const b = bench()
  b.registry.set({
    tool: { ...tool('read_file'), definition: { name: 'read_file', inputSchema: { type: 'object' } as JsonObject } },
    state: 'pinned',
    note: '',
  })
  const boundary = createBoundary(b.ports)
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue()), async (members) => {
      b.asked.length = 0
      b.ran.length = 0
      const argsText = JSON.stringify({ ...members, path: '/a' })
      const result = await boundary.cross(caller(), call(argsText))
      if (result.outcome !== 'executed') return
      expect(b.asked).toHaveLength(1)
      expect(JSON.stringify(b.asked[0]?.context.args)).toBe(JSON.stringify(JSON.parse(argsText)))
      expect(JSON.stringify(b.ran[0])).toBe(JSON.stringify(JSON.parse(argsText)))
    }),
    { numRuns: 200 },
  )
})

test('T-029 TM-EXEC-004: the same words in another directory are another call', async () => {
  const b = bench()
  b.decide = () => verdict('ask')
  const digests: string[] = []
  const approvals: typeof b.ports.approvals = {
    ...b.ports.approvals,
    request: async (request) => {
      digests.push(request.callDigest)
      return { state: 'pending', approvalId: 'a', expiresAt: 1 }
    },
  }
  const boundary = createBoundary({ ...b.ports, approvals })
  for (const cwd of ['/work/safe', '/home/ana', '/work/safe'])
    await boundary.cross(caller(), call({ path: 'build' }, { cwd }))
  expect(digests[0]).toBe(digests[2])
  expect(digests[0]).not.toBe(digests[1])
})

describe('results', () => {
  test('T-041 T-093: what a host runs by itself counts into the label before the host is answered', async () => {
    const b = bench()
    const result = await createBoundary(b.ports).cross(caller(), call({ path: '/a' }, { enforcement: 'host' }))
    expect(result.outcome).toBe('delegated')
    expect(b.trace).toEqual(['admit', 'policy', 'record:decision', 'begin', 'settle'])
  })

  test('AC-1.2.1: an outcome says how much the agent got and its digest, and nothing of its text', async () => {
    const b = bench()
    const result = await createBoundary(b.ports).cross(caller(), call({ path: '/w/a.txt' }))
    const text = result.outcome === 'executed' ? result.resultText : ''
    const outcome = b.records.find(({ kind }) => kind === 'outcome')
    expect(text.length).toBeGreaterThan(0)
    expect(outcome).toMatchObject({ resultSize: text.length, resultDigest: expect.any(String) })
    expect(JSON.stringify(b.records)).not.toContain(JSON.stringify(text).slice(1, -1))
  })

  test('AC-3.5.1 T-066: errors and progress of a server are inspected like results', async () => {
    const b = bench()
    const inspect: typeof b.ports.inspector.inspect = (_tool, result) => ({
      resultText: result.reveal().replaceAll('hunter2', 'X'),
      redactions: 1,
      digest: '',
      findings: [],
      suspicious: false,
      wrapped: 0,
    })
    const seen: unknown[] = []
    const ports = {
      ...b.ports,
      inspector: { ...b.ports.inspector, inspect },
      executor: {
        execute: async (control: ControlContext) => {
          ControlContext.open(control).onProgress?.({ message: 'at hunter2' })
          return { outcome: 'failure' as const, rpcError: { code: -1, message: 'hunter2' }, confinement: 'none' }
        },
      },
    }
    const incoming = call({ path: '/a' }, { onProgress: (progress) => void seen.push(progress) })
    const result = await createBoundary(ports).cross(caller(), incoming)
    expect(JSON.stringify([result, seen])).not.toContain('hunter2')
    expect(seen).toEqual([{ message: 'at X' }])
  })
})
