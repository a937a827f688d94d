import { expect, test } from 'vitest'
import { createCapability } from '../execution/capability.ts'
import { createExecutor } from '../execution/executor.ts'
import { argsDigest } from './binding.ts'
import { createBoundary } from './boundary.ts'
import { bench, call, caller, verdict, type Bench } from './fixtures/ports.ts'
import type { TokenClaims } from '@sallyport/core'
import type { ApprovalPort } from './ports.ts'

/** The bench and the tokens that were issued on it. */
function watched(): { readonly b: Bench; readonly ports: Bench['ports']; readonly issued: TokenClaims[] } {
  const b = bench()
  const issued: TokenClaims[] = []
  const issue: typeof b.ports.capability.issue = (wanted) => {
    const made = b.ports.capability.issue(wanted)
    issued.push(made.claims)
    return made
  }
  const capability = { redeem: b.ports.capability.redeem.bind(b.ports.capability), issue }
  return { b, ports: { ...b.ports, capability }, issued }
}

test('E-50 HB-62: a token is for one use, one tool, these bytes and this session; purpose and trust stand with it in the log', async () => {
  const { b, ports, issued } = watched()
  const boundary = createBoundary(ports)
  const as = { ...caller(), purpose: 'weekly report' }
  await boundary.cross(as, call({ path: '/a' }))
  await boundary.cross(as, call({ path: '/a' }))
  expect(new Set(issued.map(({ jti }) => jti)).size).toBe(2)
  const pin = b.registry.list('files')[0]?.pin
  expect(issued[0]).toMatchObject({
    aud: `files.read_file@${pin}`,
    act: argsDigest('{"path":"/a"}'),
    sid: 's-1',
    sub: 'coder',
    pol: 'b1',
    evidence: 'policy',
  })
  const decision = b.records.find(({ tokenId }) => tokenId === issued[0]?.jti)
  expect(decision).toMatchObject({ kind: 'decision', purpose: 'weekly report', trust: 'trusted', sessionId: 's-1' })
})

test('E-50: nothing that waits for a human, and nothing that was refused, has a token', async () => {
  const { b, ports, issued } = watched()
  b.decide = () => verdict('deny')
  await createBoundary(ports).cross(caller(), call({ path: '/a' }))
  b.decide = (request) => verdict(request.context.approved ? 'allow' : 'ask')
  b.human = async () => ({ state: 'pending', approvalId: 'a-1', expiresAt: 9 })
  await createBoundary(ports).cross(caller(), call({ path: '/a' }))
  b.human = async () => ({ state: 'refused', code: 'SP_APPROVAL_DENIED', reason: 'no' })
  await createBoundary(ports).cross(caller(), call({ path: '/a' }))
  expect(issued).toEqual([])
  const request: ApprovalPort['request'] = async ({ binding }) => {
    expect(issued).toEqual([])
    const digest = ports.approvals.callDigest(binding)
    return { state: 'approved', evidence: { kind: 'approval', approvalId: 'a-2', callDigest: digest }, voters: ['ana'] }
  }
  const approving = { ...ports, approvals: { ...ports.approvals, request } }
  expect((await createBoundary(approving).cross(caller(), call({ path: '/a' }))).outcome).toBe('executed')
  expect(issued).toHaveLength(1)
  expect(issued[0]?.evidence).toMatch(/^[0-9a-f]{64}$/)
})

test('E-50: a call may run longer than its token lives, and the token is worth nothing afterwards', async () => {
  const b = bench()
  let later = 0
  const base = b.ports.clock
  const clock = { now: () => base.now() + later, monotonic: () => base.monotonic() + later }
  const made = createCapability({ clock, random: b.ports.random })
  const shown: { token: string; expected: Parameters<typeof made.redeem>[1] }[] = []
  const capability: typeof made = {
    issue: (wanted) => made.issue(wanted),
    redeem: (token, expected) => {
      shown.push({ token, expected })
      return made.redeem(token, expected)
    },
  }
  const executor = createExecutor({
    capability,
    approvals: b.ports.approvals,
    upstream: {
      run: async () => {
        later += 3_600_000
        return { outcome: 'success', resultText: '{"content":[]}', confinement: 'unsandboxed' }
      },
    },
  })
  const boundary = createBoundary({ ...b.ports, clock, capability, executor })
  expect((await boundary.cross(caller(), call({ path: '/a' }))).outcome).toBe('executed')
  const [used] = shown
  expect(used && (await made.redeem(used.token, used.expected)).ok).toBe(false)
})
