import { expect, test } from 'vitest'
import { createBoundary } from './boundary.ts'
import { bench, call, caller, verdict } from './fixtures/ports.ts'
import type { CrossingResult } from './ports.ts'

const cross = async (b = bench(), extra = {}): Promise<CrossingResult> =>
  createBoundary(b.ports).cross(caller(), call({ path: '/a' }, extra))

/** Pins: what a caller gets. No context, no token, no evidence, nothing of the control side (E-16). */
test('ND-1.1.a E-16: each answer has its members and no others', async () => {
  const denied = bench()
  denied.decide = () => verdict('deny')
  const asked = bench()
  asked.decide = () => verdict('ask')
  asked.human = async () => ({ state: 'pending', approvalId: 'a-1', expiresAt: 9 })
  const broken = bench()
  const executor = { execute: async () => Promise.reject(new Error('down')) }
  const answers = [
    await cross(),
    await cross(denied),
    await cross(asked),
    await cross(bench(), { enforcement: 'host' }),
    await createBoundary({ ...broken.ports, executor }).cross(caller(), call({ path: '/a' })),
  ]
  expect(Object.fromEntries(answers.map((answer) => [answer.outcome, Object.keys(answer).sort()]))).toEqual({
    executed: ['auditId', 'decision', 'outcome', 'resultText'],
    denied: ['auditId', 'code', 'outcome', 'reason'],
    pending: ['approvalId', 'auditId', 'expiresAt', 'outcome', 'reason'],
    delegated: ['auditId', 'decision', 'outcome'],
    failed: ['auditId', 'code', 'outcome', 'reason'],
  })
  for (const answer of answers) expect(JSON.stringify(answer)).not.toMatch(/token|evidence|binding|eyJ/i)
})

test('ND-1.1.a HB-61: what policy decides on names who, on what, in which session and for what purpose', async () => {
  const b = bench()
  await createBoundary(b.ports).cross({ ...caller(), purpose: 'weekly report' }, call({ path: '/a' }))
  expect(b.asked[0]).toMatchObject({
    principal: { type: 'Agent', id: 'coder' },
    action: 'files.read_file',
    resource: { type: 'Server', id: 'files' },
    context: { args: { path: '/a' }, session: { purpose: 'weekly report', trustLevel: 2 }, approved: false },
  })
})
