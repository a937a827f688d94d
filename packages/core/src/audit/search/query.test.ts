import { describe, expect, it } from 'vitest'
import { facetsOf } from './facets.ts'
import { parseLogSearch } from './parse.ts'
import { formatLogSearch, matchesLogSearch } from './query.ts'

describe('O2: the language of searches', () => {
  it.each([
    ['kind:call not tool:fs.list agent:x "two words"', 'kind:call not tool:fs.list agent:x "two words"'],
    ['-decision:denied', 'not decision:denied'],
    ['decision:deny,ask', 'decision:denied,asked'],
    ['AGENT:a,b', 'agent:a,b'],
    ['agent:"a b",c', 'agent:"a b",c'],
    ['server:fs', 'tool:fs.*'],
    ['event:019a', 'id:019a'],
    ['not -agent:x', 'agent:x'],
    ['word -other', '"word" not "other"'],
    ['https://evil.example/x', '"https://evil.example/x"'],
    ['', ''],
  ])('reads %s', (text, canonical) => {
    expect(formatLogSearch(parseLogSearch(text))).toBe(canonical)
    expect(parseLogSearch(canonical)).toEqual(parseLogSearch(text))
  })

  it.each([
    ['tool:fs toool:x', 8, 5, 'Did you mean tool?'],
    ['agent:', 0, 6, 'Write agent:value'],
    ['agent:a,,b', 6, 4, 'missing'],
    ['kind:call "open', 10, 5, 'not closed'],
    ['kind:call not', 10, 3, 'Nothing follows'],
    ['x '.repeat(60), 100, 1, 'at most 50'],
    ['x'.repeat(2_001), 2_000, 1, 'at most 2000'],
  ])('points at what is wrong in %s', (text, at, length, says) => {
    const thrown = (() => {
      try {
        return parseLogSearch(text)
      } catch (error) {
        return error
      }
    })()
    expect(thrown).toMatchObject({ code: 'SP_AUDIT_QUERY', details: { at, length } })
    expect(String((thrown as Error).message)).toContain(says)
  })

  it('T-168: what an agent wrote can be searched for and never changes the search', () => {
    const evil = 'x" not kind:decision "'
    const record = { kind: 'decision', agentId: evil, toolName: evil, parameters: { text: evil } }
    const search = parseLogSearch(`agent:"${evil.replaceAll('"', '')}"`)
    expect(search.terms).toHaveLength(1)
    expect(matchesLogSearch(search, facetsOf({ ...record, agentId: evil.replaceAll('"', '') }), '')).toBe(true)
  })
})
