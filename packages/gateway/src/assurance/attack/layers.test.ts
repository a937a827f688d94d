import { describe, expect, test } from 'vitest'
import { harmfulOf } from './harmful.ts'
import { allBut, layerOf, LAYERS, NO_LAYERS, policiesWithout } from './layers.ts'

type Policies = Parameters<typeof policiesWithout>[0]
const policy = (id: string, effect: 'permit' | 'forbid') => ({ id, est: { effect } })
const POLICIES = [
  policy('base.startup-files', 'forbid'),
  policy('flow.sink', 'forbid'),
  policy('flow.plan', 'forbid'),
  policy('balanced.read', 'permit'),
  policy('balanced.runtime', 'forbid'),
  policy('team.deploy', 'forbid'),
] as unknown as Policies
const ids = (policies: Policies): readonly string[] => policies.map(({ id }) => id)

describe('layers', () => {
  test('HB-26: a rule belongs to one layer, and what a team wrote counts with the preset', () => {
    expect(ids(POLICIES).map(layerOf)).toEqual(['base', 'flow', 'plan', 'preset', 'preset', 'preset'])
    expect(ids(policiesWithout(POLICIES, NO_LAYERS))).toEqual(ids(POLICIES))
    expect(ids(policiesWithout(POLICIES, new Set(['preset'])))).toEqual([
      'base.startup-files',
      'flow.sink',
      'flow.plan',
      'balanced.read',
    ])
    // permits stay: with every layer off, everything runs
    expect(ids(policiesWithout(POLICIES, allBut()))).toEqual(['balanced.read'])
    expect([...allBut('flow')]).toEqual(LAYERS.filter((layer) => layer !== 'flow'))
  })

  test('labels for scoring: unlabelled attacks are scored by what their tools do', () => {
    const effect = (tool: string) => (tool === 'look' ? 'read' : 'write')
    expect(harmfulOf([{ tool: 'look' }, { tool: 'send', critical: true }], effect)).toEqual([false, true])
    expect(harmfulOf([{ tool: 'send', critical: false }], effect)).toEqual([false])
    expect(harmfulOf([{ tool: 'look' }, { tool: 'send' }], effect)).toEqual([false, true])
    expect(harmfulOf([{ tool: 'look' }], effect)).toEqual([true])
  })
})
