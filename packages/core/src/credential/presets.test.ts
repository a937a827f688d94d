import { describe, expect, it } from 'vitest'
import { pathMatches } from './binding.ts'
import { CREDENTIAL_PRESETS, withPreset, type CredentialPreset } from './presets.ts'

const all = Object.entries<CredentialPreset>(CREDENTIAL_PRESETS)

describe('withPreset', () => {
  it('AC-4.4.3: what is written goes before what is usual, member by member', () => {
    const given = { preset: 'openai', methods: ['GET'], env: { MY_KEY: 'lease' } }
    expect(withPreset(given)).toEqual({
      ...{ preset: 'openai', base: 'https://api.openai.com/v1', inject: { bearer: true }, paths: ['/v1/**'] },
      ...{ methods: ['GET'], env: { MY_KEY: 'lease' } },
    })
  })

  it.each([['nobody'], ['__proto__'], ['toString'], [7], [undefined]])('leaves %s to who checks it', (preset) => {
    const given = { preset }
    expect(withPreset(given)).toBe(given)
  })

  it.each([[null], ['openai'], [['openai']], [7]])('leaves what is no credential: %s', (given) => {
    expect(withPreset(given)).toBe(given)
  })

  it.each(all)('HB-88, HB-93: %s leads to one host over TLS, and its own base is among its paths', (_name, preset) => {
    if (preset.base === undefined) return expect(preset.inject).toBeUndefined()
    const { protocol, pathname, port } = new URL(preset.base)
    expect([protocol, port]).toEqual(['https:', ''])
    const below = [`${pathname.replace(/\/$/, '')}/`, `${pathname.replace(/\/$/, '')}/x`, '/v1/x', '/a/b/info/refs']
    expect(below.some((path) => preset.paths.some((pattern) => pathMatches(pattern, path)))).toBe(true)
  })

  it('HB-64: nothing is deleted or replaced unless somebody writes that it may be', () => {
    for (const [name, { methods }] of all)
      for (const method of methods) expect(['GET', 'HEAD', 'POST'], name).toContain(method)
  })
})
