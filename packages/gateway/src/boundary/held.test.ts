import type { Decision } from '@sallyport/core'
import { expect, it } from 'vitest'
import { held } from './held.ts'

const decision = (outcome: Decision['outcome'], extra: Partial<Decision> = {}): Decision => ({
  ...{ outcome, reason: outcome, determining: [`test.${outcome}`], severity: 'info', bundle: 'b', version: '1' },
  ...extra,
})
const HOLD = { reason: 'a.py, line 2.', severity: 'high', rules: ['code.dangerous_execution.shell'] } as const

it('HB-107: what policy allows waits for a person; no grant stands in for the look', () => {
  expect(held(decision('allow'), false, HOLD)).toMatchObject({
    outcome: 'ask',
    code: 'SP_APPROVAL_REQUIRED',
    reason: 'a.py, line 2.',
    determining: ['code.dangerous_execution.shell'],
    demand: { severity: 'high', remember: false, quorum: 1 },
  })
})

it('HB-107: a question of policy keeps its terms, and its severity where that is worse', () => {
  const demand = { approvers: ['ana'], quorum: 2, ttlSeconds: 60, severity: 'critical', remember: true } as const
  expect(held(decision('ask', { demand }), false, HOLD)).toMatchObject({
    outcome: 'ask',
    reason: 'ask a.py, line 2.',
    determining: ['test.ask', 'code.dangerous_execution.shell'],
    demand: { approvers: ['ana'], quorum: 2, ttlSeconds: 60, severity: 'critical', remember: false },
  })
})

it('HB-107: a denial stays one, an answer answers, and without a finding nothing changes', () => {
  for (const outcome of ['allow', 'deny', 'ask'] as const) {
    const one = decision(outcome)
    expect(held(one, false, undefined)).toBe(one)
    expect(held(one, true, HOLD)).toBe(one)
  }
  const denied = decision('deny')
  expect(held(denied, false, HOLD)).toBe(denied)
})
