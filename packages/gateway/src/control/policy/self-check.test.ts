import { expect, test } from 'vitest'
import { actionModel } from '@sallyport/core'
import { loadCedar } from './cedar.ts'
import { parsedOrNothing } from './parse-ahead.ts'
import { runSelfCheck } from './self-check.ts'

const cedar = await loadCedar()

test('SEC-5.1: told that it is enough, a self-check has still asked about every policy', () => {
  const ids = ['a', 'b', 'c']
  const policies = ids.map((id) => {
    const text = `@id("${id}") permit (principal, action == Action::"s.${id}", resource);`
    return { id, text, est: parsedOrNothing(text, cedar) as never, file: 'a.cedar', line: 1 }
  })
  const annotation = { effect: 'read', groups: ['read'], args: {}, irreversible: false, persist: false } as const
  const actions = ids.map((id) => actionModel({ id: `s.${id}`, server: 's', annotation, annotated: true }))
  const check = { budgetMs: 60_000, requests: 4, every: 'policy' } as const
  const job = { policies, actions, stubs: [], principals: ['Agent'], blocked: {}, check, seed: 1 } as const
  const asked = (enough: Int32Array) => runSelfCheck({ ...job, enough }, cedar, () => performance.now())
  expect(asked(Int32Array.of(0))).toMatchObject({ requests: 12, policies: 3, skipped: [], disagreements: [] })
  expect(asked(Int32Array.of(1))).toMatchObject({ requests: 3, policies: 3, skipped: [], disagreements: [] })
})
