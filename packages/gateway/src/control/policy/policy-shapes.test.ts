import { expect, test } from 'vitest'
import { loadCedar } from './cedar.ts'
import { oneOfEachShape } from './policy-shapes.ts'
import type { LocatedPolicy } from './read-policies.ts'

const cedar = await loadCedar()

function policies(...conditions: readonly string[]): readonly LocatedPolicy[] {
  return conditions.map((condition, n) => {
    const text = `@id("p${n}") permit (principal, action == Action::"fs.read", resource) when { ${condition} };`
    const parsed = cedar.parse(text)
    if (!parsed.ok) throw new Error(condition)
    return { id: `p${n}`, est: parsed.value, text, file: 'x.cedar', line: n, col: 1, at: () => ({ line: n, col: 1 }) }
  })
}
const kept = (...conditions: readonly string[]): number => oneOfEachShape(policies(...conditions)).length

test.each([
  ['numbers', 'context.args.size > 1', 'context.args.size > 2'],
  ['strings', 'context.args.path == "a"', 'context.args.path == "b"'],
  ['patterns', 'context.args.path like "/a/*"', 'context.args.path like "*b"'],
  ['members of sets', '["a", "b"].contains(context.args.path)', '["c", "d"].contains(context.args.path)'],
])('SEC-5.1: policies that differ in %s only are one shape', (_what, first, second) => {
  expect(kept(first, second)).toBe(1)
})

test.each([
  ['types of literals', 'context.args.size == 1', 'context.args.size == "1"'],
  ['attributes', 'context.args.size > 1', 'context.args.sise > 1'],
  ['operators', 'context.args.size > 1', 'context.args.size < 1'],
  ['truth values', 'context.approved == true', 'context.approved == false'],
  ['entities', 'principal == Agent::"a"', 'principal == Agent::"b"'],
  ['arguments of extension functions', 'ip("10.0.0.1").isLoopback()', 'ip("10.0.0.x").isLoopback()'],
  ['lengths of sets', '["a"].contains(context.args.path)', '["a", "b"].contains(context.args.path)'],
  ['letters that may look like others', 'context.args.path == "a"', 'context.args.path == "\u0430"'],
])('SEC-5.1: policies that differ in %s are checked each', (_what, first, second) => {
  expect(kept(first, second)).toBe(2)
})
