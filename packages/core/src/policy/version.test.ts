import { describe, expect, it } from 'vitest'
import { comparePolicyVersions, parsePolicyVersion } from './version.ts'

describe('policy versions', () => {
  it('E-54: are compared number by number: 1.9 is below 1.10', () => {
    expect(comparePolicyVersions('1.9', '1.10')).toBeLessThan(0)
    expect(comparePolicyVersions('2.0', '1.10')).toBeGreaterThan(0)
    expect(comparePolicyVersions('1.10', '1.10')).toBe(0)
    expect(comparePolicyVersions('nonsense', '0.0')).toBeLessThan(0)
  })

  it('E-54: are two numbers with a dot and nothing else', () => {
    for (const text of ['1', '1.2.3', 'v1.0', '1.-1', ' 1.0', '1.0 ', '1e3.0', ''])
      expect(parsePolicyVersion(text)).toBeUndefined()
    expect(parsePolicyVersion('10.02')).toEqual([10, 2])
  })
})
