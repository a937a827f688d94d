import { describe, expect, test } from 'vitest'
import type { JsonObject } from '@sallyport/core'
import { SchemaCompiler } from './schema.ts'

const check = (schema: JsonObject, value: JsonObject): readonly string[] => new SchemaCompiler().compile(schema)(value)
const nested = (depth: number): JsonObject =>
  depth === 0 ? { type: 'object' } : { type: 'object', properties: { a: nested(depth - 1) } }
const doubling = (levels: number): JsonObject => ({
  $ref: `#/$defs/d${levels}`,
  $defs: Object.fromEntries(
    Array.from({ length: levels + 1 }, (_, level) => [
      `d${level}`,
      level === 0
        ? { type: 'object' }
        : { allOf: [{ $ref: `#/$defs/d${level - 1}` }, { $ref: `#/$defs/d${level - 1}` }] },
    ]),
  ),
})

describe('T-080: a schema as a weapon is refused, quickly', () => {
  const hostile: readonly (readonly [string, JsonObject])[] = [
    ['a remote reference', { $ref: 'http://evil.example/s.json' }],
    ['a file reference', { $ref: 'file:///etc/passwd' }],
    ['a reference to itself', { $ref: '#' }],
    ['a cycle through allOf', { allOf: [{ $ref: '#' }] }],
    [
      'a longer cycle',
      { $ref: '#/$defs/a', $defs: { a: { anyOf: [{ $ref: '#/$defs/b' }] }, b: { not: { $ref: '#/$defs/a' } } } },
    ],
    ['a dangling reference', { properties: { a: { $ref: '#/$defs/none' } } }],
    ['$dynamicRef', { $dynamicRef: '#x' }],
    ['$recursiveRef', { properties: { a: { $recursiveRef: '#' } } }],
    ['an own $id', { $id: 'https://evil.example/', type: 'object' }],
    ['an allOf bomb', doubling(40)],
    ['deep nesting', nested(200)],
    ['a megabyte of enum', { properties: { a: { enum: Array.from({ length: 60_000 }, (_, n) => `v${n}`) } } }],
  ]
  test.each(hostile)('%s', (_what, schema) => {
    expect(() => new SchemaCompiler().compile(schema)).toThrow(/SCHEMA_REFUSED|cannot be used/)
  })

  test('a pattern that only a backtracking engine accepts blocks the tool, a slow one is not slow', () => {
    expect(() => check({ properties: { a: { pattern: '(?=x)' } } }, { a: 'x' })).toThrow(/cannot be used/)
    expect(
      check({ properties: { a: { type: 'string', pattern: '^(a+)+$' } } }, { a: `${'a'.repeat(5000)}!` }),
    ).toHaveLength(1)
  })
})

test('T-080: two patterns of one schema stay two patterns', () => {
  const schema: JsonObject = { properties: { a: { pattern: '^a$' }, b: { pattern: '^b$' } } }
  expect(check(schema, { a: 'a', b: 'b' })).toEqual([])
  expect(check(schema, { a: 'a', b: 'a' })).toHaveLength(1)
})

describe('AC-1.1.4: arguments are checked against the schema', () => {
  test('recursion that descends into the value is honest', () => {
    const tree: JsonObject = { type: 'object', properties: { child: { $ref: '#' }, name: { type: 'string' } } }
    expect(check(tree, { child: { child: { name: 'x' } } })).toEqual([])
    expect(check(tree, { child: { child: { name: 1 } } })).toHaveLength(1)
  })

  test('T-082: nothing is coerced and no default is filled in', () => {
    const value = Object.freeze({ n: '5' })
    expect(check({ properties: { n: { type: 'integer', default: 3 }, m: { default: 1 } } }, value)).toHaveLength(1)
    expect(value).toEqual({ n: '5' })
  })
})
