import { describe, expect, it } from 'vitest'
import type { PolicySource } from './compile.ts'
import type { EstPolicy, EstScope } from './est.ts'
import { lintPolicies } from './lint.ts'

const ALL: EstScope = { op: 'All' }
const on = (id: string): EstScope => ({ op: '==', entity: { type: 'Action', id } })
const among = (id: string): EstScope => ({ op: 'in', entity: { type: 'Action', id } })
const WHEN = [{ kind: 'when', body: { Value: true } }] as const
const rule = (id: string, est: Partial<EstPolicy>): PolicySource => ({
  ...{ id, text: '', file: 'own.cedar', line: 3 },
  est: { effect: 'permit', principal: ALL, action: ALL, resource: ALL, conditions: [], ...est },
})
const rules = (...policies: readonly PolicySource[]) =>
  lintPolicies(policies, undefined).map((f) => `${f.rule} ${f.id}`)

describe('lint of policies', () => {
  it('names a permit without any limit, and not one that a condition or a scope limits', () => {
    expect(rules(rule('all', {}))).toEqual(['too-broad all'])
    expect(rules(rule('some', { conditions: WHEN }), rule('one', { action: on('a.b') }))).toEqual([])
    expect(rules(rule('no', { effect: 'forbid', conditions: WHEN }))).toEqual([])
  })

  it('names rules that a denial without conditions covers', () => {
    const wall = rule('wall', { effect: 'forbid', action: on('a.b') })
    expect(rules(wall, rule('in', { action: on('a.b'), conditions: WHEN }))).toEqual(['unreachable in'])
    expect(rules(wall, rule('other', { action: on('a.c') }), rule('wide', { action: among('a.b') }))).toEqual([])
    expect(rules(rule('soft', { effect: 'forbid', conditions: WHEN }), rule('x', { action: on('a') }))).toEqual([])
  })

  it('names what is said twice, and rules of one’s own that no test is decided by', () => {
    expect(rules(rule('a', { action: on('a.b') }), rule('b', { action: on('a.b') }))).toEqual(['duplicate b'])
    const shipped = { ...rule('base', { action: on('a') }), file: 'preset:base.cedar' }
    const own = [rule('tested', { action: on('b') }), rule('bare', { action: on('c') }), shipped]
    expect(lintPolicies(own, new Set(['tested'])).map(({ id, rule: what }) => `${what} ${id}`)).toEqual([
      'untested bare',
    ])
  })
})
