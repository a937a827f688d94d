import { describe, expect, test } from 'vitest'
import { parseConfig } from './load.ts'

const HOLDS = {
  rule: 'injection.*',
  scope: 'tool:github.get_issue',
  owner: 'ana',
  reason: 'issues of our own red team',
  expires: '2026-12-31',
}
const read = (suppression: object, keys: readonly string[] = []) =>
  parseConfig(JSON.stringify({ version: 1, suppressions: [suppression], rules: { keys } }), 'sallyport.yaml', {
    env: {},
    stateDir: 'state',
    now: 0,
  }).config

describe('suppressions and keys of rule packs in the configuration', () => {
  test('are taken as they are', () => {
    const key = Buffer.alloc(32, 7).toString('base64')
    const { suppressions, rules } = read(HOLDS, [key])
    expect(suppressions).toEqual([HOLDS])
    expect(rules.keys).toEqual([key])
  })

  test.each([
    ['everything', { scope: '*' }],
    ['every tool', { scope: 'tool:*' }],
    ['no scope that is known', { scope: 'host:a' }],
    ['every rule', { rule: '*' }],
    ['nobody', { owner: '' }],
    ['no reason', { reason: '' }],
    ['no end', { expires: undefined }],
    ['an end that is no day', { expires: 'soon' }],
    ['more than is known', { until: 'x' }],
  ])('E-71: a suppression with %s is refused', (_, change) => {
    expect(() => read({ ...HOLDS, ...change })).toThrow(expect.objectContaining({ code: 'SP_CONFIG_INVALID' }))
  })

  test('HB-19: a key that is none is refused', () => {
    expect(() => read(HOLDS, ['abc'])).toThrow(expect.objectContaining({ code: 'SP_CONFIG_INVALID' }))
  })
})
