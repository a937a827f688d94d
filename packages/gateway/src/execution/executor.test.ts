import { describe, expect, test } from 'vitest'
import { createBoundary } from '../boundary/boundary.ts'
import { ControlContext, type ControlState } from '../boundary/contexts.ts'
import { bench, call, caller, verdict, type Bench } from '../boundary/fixtures/ports.ts'
import { refuse, type ApprovalPort, type ExecutorPort } from '../boundary/ports.ts'
import { createExecutor } from './executor.ts'

interface Held {
  readonly b: Bench
  readonly state: ControlState
  /** The real executor, with the real tokens and the bench's approvals. */
  readonly executor: ExecutorPort
}

/** A call that the boundary has released, stopped before the executor had it: its token is genuine and unused. */
async function released(b = bench(), approvals: Partial<ApprovalPort> = {}): Promise<Held> {
  let state: ControlState | undefined
  const holding: ExecutorPort = {
    execute: async (control) => {
      state = ControlContext.open(control)
      return { outcome: 'success', resultText: '{}', confinement: 'none' }
    },
  }
  await createBoundary({ ...b.ports, executor: holding }).cross(caller(), call({ path: '/a' }))
  if (state === undefined) throw new Error('nothing was released')
  const executor = createExecutor({
    capability: b.ports.capability,
    approvals: { ...b.ports.approvals, ...approvals },
    upstream: {
      run: async () => {
        b.trace.push('execute')
        return { outcome: 'success', resultText: '{}', confinement: 'none' }
      },
    },
  })
  return { b, state, executor }
}

/** A call that asks, and a human who agrees to exactly it. */
function approvedBench(): Bench {
  const b = bench()
  b.decide = (request) => verdict(request.context.approved ? 'allow' : 'ask')
  const { approvals } = b.ports
  const request: ApprovalPort['request'] = async ({ binding }) => ({
    state: 'approved',
    evidence: { kind: 'approval', approvalId: 'a-1', callDigest: approvals.callDigest(binding) },
    voters: ['ana'],
  })
  return { ...b, ports: { ...b.ports, approvals: { ...approvals, request } } }
}

const ran = ({ b }: Held): number => b.trace.filter((step) => step === 'execute').length

describe('the executor believes evidence only', () => {
  test('AC-1.1.1: a released call runs, once', async () => {
    const held = await released()
    await expect(held.executor.execute(new ControlContext(held.state))).resolves.toMatchObject({ outcome: 'success' })
    await expect(held.executor.execute(new ControlContext(held.state))).rejects.toMatchObject({
      code: 'SP_CAP_REPLAYED',
    })
    expect(ran(held)).toBe(1)
  })

  test.each([
    ['no token', () => ({ token: '' })],
    ['a forged token', ({ token }: ControlState) => ({ token: `${token.slice(0, -4)}AAAA` })],
    ['the token of another session', () => ({ sessionId: 's-2' })],
    ['other arguments', () => ({ argsText: '{"path":"/etc/shadow"}' })],
    ['another tool', ({ tool }: ControlState) => ({ tool: { ...tool, id: 'files.delete' } })],
    ['another definition', ({ tool }: ControlState) => ({ tool: { ...tool, pin: 'other' } })],
    [
      'evidence that the token does not name',
      () => ({ evidence: { kind: 'approval', approvalId: 'a', callDigest: 'b' } as const }),
    ],
  ])('AC-1.1.1 ND-1.1.b HB-59: with %s nothing runs', async (_what, change) => {
    const held = await released()
    const control = new ControlContext({ ...held.state, ...change(held.state) })
    await expect(held.executor.execute(control)).rejects.toMatchObject({
      code: expect.stringMatching(/^SP_(CAP|APPROVAL)_/),
    })
    expect(ran(held)).toBe(0)
  })

  test('AC-1.1.3 E-17: a look-alike with a genuine, unused token is no context', async () => {
    const held = await released()
    for (const fake of [
      { ...held.state },
      Object.assign(Object.create(ControlContext.prototype) as object, held.state),
    ]) {
      await expect(held.executor.execute(fake as unknown as ControlContext)).rejects.toThrow(
        'Only the boundary releases calls.',
      )
    }
    expect(ran(held)).toBe(0)
  })
})

describe('approvals', () => {
  test('INV-3 T-004: with proofs that verify it runs; its status alone is worth nothing', async () => {
    const good = await released(approvedBench())
    await expect(good.executor.execute(new ControlContext(good.state))).resolves.toMatchObject({ outcome: 'success' })
    const bad = await released(approvedBench(), { redeem: async () => refuse('SP_APPROVAL_EVIDENCE', 'No proof.') })
    await expect(bad.executor.execute(new ControlContext(bad.state))).rejects.toMatchObject({
      code: 'SP_APPROVAL_EVIDENCE',
    })
    expect([ran(good), ran(bad)]).toEqual([1, 0])
  })

  test('T-004: a call that asked cannot be passed on as one that policy alone allowed', async () => {
    const held = await released(approvedBench())
    const control = new ControlContext({ ...held.state, evidence: { kind: 'policy' } })
    await expect(held.executor.execute(control)).rejects.toMatchObject({ code: 'SP_APPROVAL_EVIDENCE' })
    expect(ran(held)).toBe(0)
  })
})
