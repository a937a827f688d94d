import { expect, test } from 'vitest'
import { sha256 } from '@sallyport/core'
import { loadCedar } from './cedar.ts'
import { parseAhead, parsedOrNothing } from './parse-ahead.ts'
import type { EstCache } from './read-policies.ts'
import type { SourceFile } from './sources.ts'

const cedar = await loadCedar()
const policy = (n: number): string => `@id("p${n}") permit (principal, action, resource) when { context.n == ${n} };`
const fileOf = (text: string): SourceFile => {
  return { path: 'a.cedar', origin: 'file', language: 'cedar', text, digest: sha256(text), real: '', owned: true }
}
const many = Array.from({ length: 150 }, (_, n) => policy(n))

/** Parses ahead and tells what the other thread was asked. */
async function ahead(text: string, cache: EstCache): Promise<readonly string[]> {
  const asked: string[] = []
  await parseAhead([fileOf(text)], cedar, cache, async (texts) => {
    asked.push(...texts)
    return texts.map((each) => parsedOrNothing(each, cedar))
  })
  return asked
}

test('both threads parse a half, every text ends up under its own name', async () => {
  const cache: EstCache = new Map()
  expect(await ahead(many.join('\n'), cache)).toEqual(many.slice(75))
  expect([...cache.keys()].sort()).toEqual([...many].sort())
  for (const [text, est] of cache) expect(est).toEqual(parsedOrNothing(text, cedar))
  expect(await ahead(many.join('\n'), cache)).toEqual([])
})

test('AC-5.1.1: what does not parse is left to the reader, which says why', async () => {
  const cache: EstCache = new Map()
  await ahead([...many, 'permit (principal, action resource);'].join('\n'), cache)
  expect([...cache.keys()].sort()).toEqual([...many].sort())
})

test('T-160: a file that weighs too much is not tried', async () => {
  const cache: EstCache = new Map()
  const deep = `permit (principal, action, resource) when { ${'('.repeat(100)}true${')'.repeat(100)} };`
  expect(await ahead([...many, deep].join('\n'), cache)).toEqual([])
  expect(cache.size).toBe(0)
})
