import { describe, expect, test } from 'vitest'
import { isExpired, suppressionFor, type Suppression } from './suppression.ts'

const one: Suppression = {
  rule: 'injection.ignore-previous',
  scope: 'tool:github.get_issue',
  owner: 'ana',
  reason: 'issues of our own red team',
  expires: '2026-12-31',
}
const finding = { rule: 'injection.ignore-previous', place: { server: 'github', tool: 'github.get_issue' } }

describe('suppressions', () => {
  test('T-147: hold for their rule, in their scope, to the end of their last day', () => {
    expect(suppressionFor([one], finding, '2026-11-28')).toBe(one)
    expect(suppressionFor([one], finding, '2026-12-31')).toBe(one)
    expect(suppressionFor([one], finding, '2027-01-01')).toBeUndefined()
    expect(isExpired({ ...one, expires: 'never' }, '2026-11-28')).toBe(true)
  })

  test.each([
    ['tool:github.*', true],
    ['server:github', true],
    ['server:git', false],
    ['tool:github.get_issu', false],
    ['agent:coder', false],
    ['source:docs/*', false],
    ['tool:*', false],
    ['*', false],
  ])('%s covers the finding: %s', (scope, covers) => {
    expect(suppressionFor([{ ...one, scope }], finding, '2026-11-28') !== undefined).toBe(covers)
  })

  test.each([
    ['injection.*', true],
    ['injection.ignore-previous', true],
    ['injection.ignore', false],
    ['secret.*', false],
  ])('%s names the rule: %s', (rule, names) => {
    expect(suppressionFor([{ ...one, rule }], finding, '2026-11-28') !== undefined).toBe(names)
  })
})
