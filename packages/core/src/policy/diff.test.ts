import { describe, expect, it } from 'vitest'
import { diffPolicies, wideningReasons, type DiffPolicy } from './diff.ts'
import type { EstPolicy } from './est.ts'

const policy = (
  id: string,
  effect: 'permit' | 'forbid',
  annotations: Record<string, string> = {},
  context = 'a',
): DiffPolicy => {
  const ask = annotations['decision'] === 'approve'
  const approved = { kind: 'unless' as const, body: { '.': { left: { Var: 'context' }, attr: 'approved' } } }
  const est: EstPolicy = {
    effect,
    principal: { op: 'All' },
    action: { op: 'All' },
    resource: { op: 'All' },
    conditions: [
      { kind: 'when', body: { '.': { left: { Var: 'context' }, attr: context } } },
      ...(ask ? [approved] : []),
    ],
    annotations: { id, ...annotations },
  }
  return { id, est, text: `${effect} ${context}` }
}

describe('changes of policy', () => {
  it('AC-5.4.1: name the rule and the field', () => {
    const diff = diffPolicies(
      [policy('a', 'permit'), policy('b', 'permit')],
      [policy('b', 'permit', { severity: 'high' }), policy('c', 'forbid')],
    )
    expect(diff).toEqual({
      rulesAdded: ['c'],
      rulesRemoved: ['a'],
      rulesModified: ['b'],
      detailedChanges: [{ rule: 'b', field: '@severity', old: '', new: 'high' }],
    })
  })

  it.each([
    ['a new permit', [], [policy('p', 'permit')]],
    ['a changed permit', [policy('p', 'permit')], [policy('p', 'permit', {}, 'b')]],
    ['a lost forbid', [policy('f', 'forbid')], []],
    ['a changed forbid', [policy('f', 'forbid')], [policy('f', 'forbid', {}, 'b')]],
    ['a forbid made advisory', [policy('f', 'forbid')], [policy('f', 'forbid', { enforcement: 'advisory' })]],
    [
      'a smaller quorum',
      [policy('f', 'forbid', { decision: 'approve', quorum: '2' })],
      [policy('f', 'forbid', { decision: 'approve' })],
    ],
    [
      'a longer time',
      [policy('f', 'forbid', { decision: 'approve' })],
      [policy('f', 'forbid', { decision: 'approve', ttl: '900' })],
    ],
    [
      'other approvers',
      [policy('f', 'forbid', { decision: 'approve', approvers: 'ana' })],
      [policy('f', 'forbid', { decision: 'approve' })],
    ],
    [
      'grants allowed',
      [policy('f', 'forbid', { decision: 'approve', remember: 'never' })],
      [policy('f', 'forbid', { decision: 'approve' })],
    ],
  ])('T-049: %s is widening', (_, before, after) => {
    expect(wideningReasons(before, after)).not.toEqual([])
  })

  it.each([
    ['a new forbid', [], [policy('f', 'forbid')]],
    ['a lost permit', [policy('p', 'permit')], []],
    ['a renamed rule', [policy('f', 'forbid')], [policy('g', 'forbid')]],
    [
      'a larger quorum',
      [policy('f', 'forbid', { decision: 'approve' })],
      [policy('f', 'forbid', { decision: 'approve', quorum: '2' })],
    ],
    ['other words', [policy('f', 'forbid', { advice: 'a' })], [policy('f', 'forbid', { advice: 'b' })]],
  ])('T-049: %s only narrows or changes nothing', (_, before, after) => {
    expect(wideningReasons(before, after)).toEqual([])
  })
})
