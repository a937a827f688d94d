import type { ArgumentFacts, Decision, Outcome } from '@sallyport/core'
import { describe, expect, test } from 'vitest'
import { decideWritten } from './written.ts'

/** A policy that says this before and after a human's yes; a function of nothing else. */
function ask(first: Outcome, rules: readonly string[] = [], approved: Outcome = 'allow') {
  const asked: boolean[] = []
  const decide = (isApproved: boolean): Decision => {
    asked.push(isApproved)
    const outcome = isApproved ? approved : first
    return { outcome, reason: 'Because.', determining: rules, severity: 'high', bundle: 'b', version: '1' }
  }
  return { decide, asked }
}
const FACTS = {} as ArgumentFacts

describe('what a call wrote', () => {
  test('E-69: lands where policy allows it, and not where it denies, whatever was answered before', () => {
    expect(decideWritten(ask('allow').decide, FACTS, [])).toMatchObject({ ok: true })
    for (const answered of [[], ['no']]) {
      expect(decideWritten(ask('deny', ['no']).decide, FACTS, answered)).toMatchObject({ code: 'SP_POLICY_DENIED' })
    }
  })

  test('E-69, E-60: a yes covers the questions that were asked before the call and no others', () => {
    expect(decideWritten(ask('ask', ['runs']).decide, FACTS, ['runs'])).toMatchObject({ ok: true })
    expect(decideWritten(ask('ask', ['runs']).decide, FACTS, [])).toMatchObject({ code: 'SP_SANDBOX_LANDING' })
    const { decide, asked } = ask('ask', ['runs', 'writes-keys'])
    const refused = decideWritten(decide, FACTS, ['runs'])
    expect(refused).toMatchObject({ ok: false, reason: expect.stringContaining('(writes-keys)') as string })
    expect(asked).toEqual([false])
  })

  test('E-69: a policy that denies what was approved, by now, is obeyed', () => {
    expect(decideWritten(ask('ask', ['runs'], 'deny').decide, FACTS, ['runs'])).toMatchObject({ ok: false })
    expect(decideWritten(ask('ask', ['runs'], 'ask').decide, FACTS, ['runs'])).toMatchObject({ ok: false })
  })
})
