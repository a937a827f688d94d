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

describe('T-080: arguments cannot make a check slow', () => {
  const timed = (schema: JsonObject, value: JsonObject): { readonly ms: number; readonly answer: string } => {
    const validate = new SchemaCompiler().compile(schema)
    const started = performance.now()
    let answer: string
    try {
      answer = validate(value).join()
    } catch (thrown) {
      answer = String(thrown)
    }
    return { ms: performance.now() - started, answer }
  }
  const deep = (levels: number): JsonObject => (levels === 0 ? {} : { child: deep(levels - 1) })

  test('dependencies of older drafts are weighed like the newer ones', () => {
    const bomb = doubling(40)
    const $ref = bomb['$ref'] as string
    const $defs = bomb['$defs'] as JsonObject
    expect(() => new SchemaCompiler().compile({ dependencies: { a: { $ref } }, $defs })).toThrow(
      /SCHEMA_REFUSED|cannot be used/,
    )
    expect(() => new SchemaCompiler().compile({ dependencies: { a: { $ref: '#' } } })).toThrow(/cannot be used/)
    expect(check({ dependencies: { a: ['b'] } }, { a: 1, b: 1 })).toEqual([])
    expect(check({ dependencies: { a: { required: ['b'] } } }, { a: 1 })).toHaveLength(1)
  })

  test('uniqueItems without a type of items is linear, and right', () => {
    const items = Array.from({ length: 19_000 }, (_, n) => ({ n, pad: 'x'.repeat(20) }))
    const schema: JsonObject = { properties: { a: { type: 'array', uniqueItems: true } } }
    expect(timed(schema, { a: items })).toEqual({ ms: expect.any(Number) as number, answer: '' })
    expect(timed(schema, { a: items }).ms).toBeLessThan(1500)
    expect(
      check(schema, {
        a: [
          { x: 1, y: 2 },
          { y: 2, x: 1 },
        ],
      }),
    ).toHaveLength(1)
    expect(check({ properties: { a: { uniqueItems: false } } }, { a: [1, 1] })).toEqual([])
  })

  test('recursion that doubles with each level of the value runs out of fuel', () => {
    const schema: JsonObject = { properties: { child: { allOf: [{ $ref: '#' }, { $ref: '#' }] } } }
    const { ms, answer } = timed(schema, deep(40))
    expect(answer).toMatch(/SCHEMA_REFUSED|cannot be used|too long/)
    expect(ms).toBeLessThan(3000)
    expect(timed(schema, deep(5)).answer).toBe('')
  })

  test('many patterns over much text run out of fuel', () => {
    const allOf = Array.from({ length: 400 }, (_, n) => ({ pattern: `[a-z]{3}${n}` }))
    const { ms, answer } = timed({ properties: { a: { not: { not: { anyOf: allOf } } } } }, { a: 'x'.repeat(60_000) })
    expect(answer).toMatch(/SCHEMA_REFUSED|cannot be used|too long/)
    expect(ms).toBeLessThan(8000)
  })

  test('20,000 ordinary parts are checked', () => {
    const row: JsonObject = { type: 'object', properties: { to: { type: 'string' } }, required: ['to'] }
    const schema: JsonObject = { properties: { rows: { type: 'array', items: { anyOf: [{ type: 'null' }, row] } } } }
    expect(check(schema, { rows: Array.from({ length: 10_000 }, (_, n) => ({ to: `p${n}@example.org` })) })).toEqual([])
  })
})
