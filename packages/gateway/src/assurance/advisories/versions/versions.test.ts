import { describe, expect, test } from 'vitest'
import { comparePep440 } from './pep440.ts'
import { compareSemver } from './semver.ts'

const CHAINS: readonly (readonly [string, typeof compareSemver, string])[] = [
  // semver.org §11
  [
    'semver',
    compareSemver,
    '1.0.0-alpha < 1.0.0-alpha.1 < 1.0.0-alpha.beta < 1.0.0-beta < 1.0.0-beta.2 < 1.0.0-beta.11 < 1.0.0-rc.1 < 1.0.0 < 1.0.1 < 1.9.0 < 1.10.0 < 2.0.0',
  ],
  ['semver of any length', compareSemver, '1.0.9007199254740993 < 1.0.9007199254740994 < 1.0.10000000000000000000000'],
  // PEP 440, “Summary of permitted suffixes and relative ordering”
  [
    'PEP 440',
    comparePep440,
    '1.0.dev456 < 1.0a1 < 1.0a2.dev456 < 1.0a12.dev456 < 1.0a12 < 1.0b1.dev456 < 1.0b2 < 1.0b2.post345.dev456 < 1.0b2.post345 < 1.0rc1.dev456 < 1.0rc1 < 1.0 < 1.0+abc.5 < 1.0+abc.7 < 1.0+5 < 1.0.post456.dev34 < 1.0.post456 < 1.0.15 < 1.1.dev1 < 1!0.1',
  ],
]
const SAME: readonly (readonly [typeof compareSemver, string, string])[] = [
  [compareSemver, 'v1.2.3', '1.2.3+build.5'],
  [compareSemver, '1', '1.0.0'],
  [comparePep440, '1.0', '1.0.0'],
  [comparePep440, '1.0alpha1', '1.0.a.1'],
  [comparePep440, 'V1.0-1', '1.0.post1'],
  [comparePep440, '1.0c1', '1.0-preview_1'],
  [comparePep440, '1.0+ubuntu-1', '1.0+ubuntu.1'],
]

describe('AC-7.5.2: order of versions', () => {
  test.each(CHAINS)('%s', (_name, compare, chain) => {
    const versions = chain.split(' < ')
    for (const [i, one] of versions.entries())
      for (const [j, other] of versions.entries())
        expect(Math.sign(compare(one, other) ?? Number.NaN), `${one} and ${other}`).toBe(Math.sign(i - j))
  })

  test.each(SAME)('the same in two spellings', (compare, one, other) => {
    expect([compare(one, other), compare(other, one)]).toEqual([0, 0])
  })

  test.each(['', 'latest', '1.0.0.0', '^1.0.0', '1.x', '1.0.0 || 2'])('%j is no version of npm', (text) =>
    expect(compareSemver(text, '1.0.0')).toBeUndefined(),
  )
  test.each(['', 'latest', '1.0-', '>=1', '1.0+'])('%j is no version of Python', (text) =>
    expect(comparePep440('1.0', text)).toBeUndefined(),
  )
})
