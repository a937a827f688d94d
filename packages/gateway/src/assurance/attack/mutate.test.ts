import { seeded } from '@sallyport/core'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { incidentSuites } from './incidents.ts'
import { mutate, mutateSuites, MUTATIONS, mutationOf } from './mutate.ts'
import { lookAlike, namesIn } from './mutate/look-alike.ts'
import { TEXT_FORMS } from './mutate/text-forms.ts'
import type { ReplaySuite, Scenario } from './scenario.ts'

const RULES = fileURLToPath(new URL('../../../../../rules/', import.meta.url))
const suites = incidentSuites({ directories: [`${RULES}incidents`, `${RULES}chains`], catalogue: `${RULES}catalogue` })
const all = mutateSuites(suites, { count: 100_000, seed: 1 }).flatMap(({ scenarios }) => scenarios)

const attackOf = (name: string): readonly [Scenario, ReplaySuite] => {
  const suite = suites.find((each) => each.name === name)
  const scenario = suite?.scenarios[0]
  if (suite === undefined || scenario === undefined) throw new Error(name)
  return [scenario, suite]
}

describe('mutations of an attack', () => {
  test('T-105: every mutation makes variants, each different from its original and with the harm in it', () => {
    const made = new Map<string, number>()
    for (const variant of all) {
      made.set(mutationOf(variant.id), (made.get(mutationOf(variant.id)) ?? 0) + 1)
      const [original] = attackOf(variant.suite)
      expect(variant.attack).not.toEqual(original.attack)
      expect(variant.harmful).toContain(true)
      expect(variant.harmful).toHaveLength(variant.attack.length)
      expect([variant.steps, variant.prompt, variant.kind]).toEqual([original.steps, original.prompt, original.kind])
    }
    // the shipped incidents have no tool with two places of a kind to move a name between
    expect(Object.keys(MUTATIONS).filter((name) => !made.has(name) && name !== 'name-moved')).toEqual([])
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
  })

  test('the same seed gives the same variants, another one others; the count is a bound', () => {
    const ids = (count: number, seed: number): readonly string[] =>
      mutateSuites(suites, { count, seed }).flatMap(({ scenarios }) => scenarios.map(({ id }) => id))
    expect(ids(40, 7)).toEqual(ids(40, 7))
    expect(ids(40, 7)).toHaveLength(40)
    expect(ids(40, 7)).not.toEqual(ids(40, 8))
    expect(new Set(ids(40, 7).map(mutationOf)).size).toBeGreaterThan(15)
    expect(mutateSuites(suites, { count: 0, seed: 1 })).toEqual([])
    expect(mutateSuites([], { count: 10, seed: 1 })).toEqual([])
  })

  test('honest work is never mutated', () => {
    const [, suite] = attackOf('echoleak')
    const clean = suite.scenarios.find(({ kind }) => kind === 'clean') as Scenario
    expect(Object.keys(MUTATIONS).flatMap((name) => mutate(clean, suite, name, 1) ?? [])).toEqual([])
    const [attack] = attackOf('echoleak')
    expect(mutate(attack, suite, 'no-such-mutation', 1)).toBeUndefined()
  })

  test('T-105: content in many pieces is whole again, and does harm only as a whole', () => {
    const [attack, suite] = attackOf('github-mcp-private-repository')
    const variant = mutate(attack, suite, 'content-in-many', 1)
    const pieces = variant?.attack.slice(1).map(({ args }) => args['body'] as string)
    expect(pieces?.join('')).toBe(attack.attack[1]?.args['body'])
    expect(pieces?.length).toBeGreaterThan(8)
    expect(variant?.together).toBe(true)
  })

  test('T-090: what is stored comes back word for word before it is used', () => {
    const [attack, suite] = attackOf('windsurf-persistent-memory')
    const [openclaw, openclawSuite] = attackOf('openclaw-backdoor-channel')
    const variants = [
      mutate(attack, suite, 'store-and-reload', 1),
      mutate(openclaw, openclawSuite, 'store-and-reload', 1),
    ]
    const stored = variants.find((each) => each !== undefined)
    const [kept, back] = stored?.attack.slice(-3) ?? []
    expect(JSON.stringify(kept?.args)).toContain(JSON.stringify(back?.output).slice(1, -1))
    expect(stored?.harmful.slice(-3)).toEqual([false, false, true])
  })

  test('T-101: a look-alike differs from the name that it apes, letter case aside', () => {
    for (let seed = 0; seed < 200; seed++) {
      for (const name of ['billing@globex.example', 'hooks.acme.io', 'DE89370400440532013000', 'https://a.example/x']) {
        const other = lookAlike(name, seeded(seed))
        expect(other?.toLowerCase()).not.toBe(name.toLowerCase())
        expect(other).toBeDefined()
      }
    }
    expect(namesIn('Pay DE89370400440532013000 or ask bob@corp.example at www.corp.example.')).toEqual([
      'DE89370400440532013000',
      'bob@corp.example',
      'www.corp.example',
    ])
  })

  test.each([
    ['base64', 'QXogOQ=='],
    ['base64url', 'QXogOQ'],
    ['hex', '417a2039'],
    ['percent', '%41%7a%20%39'],
    ['unicode-escapes', '\\u0041\\u007a\\u0020\\u0039'],
    ['reversed', '9 zA'],
    ['rot13', 'Nm 9'],
    ['morse', '.- --.. / ----.'],
    ['zero-width', 'A\u200bz\u200b \u200b9'],
    ['homoglyphs', 'Аz 9'],
    ['full-width', 'Ａｚ ９'],
    ['upper-case', 'AZ 9'],
    ['spaced', 'A z   9'],
    ['reworded', 'Az  nine '],
  ])('T-105: %s', (name, wanted) => {
    expect(TEXT_FORMS[name]?.('Az 9')).toBe(wanted)
  })
})
