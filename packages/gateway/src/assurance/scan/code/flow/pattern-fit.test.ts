import { describe, expect, it } from 'vitest'
import { patternFit } from './pattern-fit.ts'
import { FIT } from './value.ts'

describe('what a pattern shows of a text that it matches', () => {
  it.each([
    ['^[a-z0-9_-]+$', 'javascript', FIT.all],
    ['^\\w+\\.txt$', 'python', FIT.all],
    ['\\A[a-z]+\\z', 'ruby', FIT.all],
    ['^(?:start|stop)$', 'javascript', FIT.all],
    ['^https://(api|cdn)\\.example\\.com/', 'javascript', FIT.host],
    ['^https:\\/\\/[a-z0-9-]+\\.example\\.com\\/', 'javascript', FIT.host],
  ] as const)('%s in %s is enough', (pattern, language, fit) => {
    expect(patternFit(pattern, language)).toBe(fit)
  })

  it.each([
    ['[a-z]+', 'javascript'],
    ['^[a-z]+', 'javascript'],
    ['^.*$', 'javascript'],
    ['^[^;]+$', 'python'],
    // lines, not texts
    ['^[a-z]+$', 'ruby'],
    ['^https?://', 'javascript'],
    ['^https?://[\\w.]+/', 'javascript'],
    ['^https://.*\\.example\\.com/', 'javascript'],
    ['example\\.com', 'javascript'],
  ] as const)('%s in %s is not', (pattern, language) => {
    expect(patternFit(pattern, language)).toBe(FIT.nothing)
  })
})
