import { describe, expect, it } from 'vitest'
import { argumentShape, cedarType, compileCut } from './shape.ts'

const cut = (schema: Parameters<typeof argumentShape>[0]) => compileCut(argumentShape(schema))
const SCHEMA = {
  type: 'object',
  required: ['path'],
  properties: {
    path: { type: 'string' },
    n: { type: 'integer' },
    ratio: { type: 'number' },
    kind: { enum: ['a', 'b'] },
    either: { type: ['string', 'null'] },
    maybe: { type: 'string', nullable: true },
    ref: { $ref: '#/$defs/x' },
    list: { type: 'array', items: { type: 'string' } },
    free: { type: 'object' },
    nested: { type: 'object', properties: { 'x y': { type: 'boolean' }, __proto__x: { type: 'string' } } },
    __entity: { type: 'string' },
  },
}

describe('argument shapes', () => {
  it('T-081: what a schema does not pin to one type is left out, reserved names as well', () => {
    expect(Object.keys((cedarType(argumentShape(SCHEMA)) as { attributes: object }).attributes)).toEqual([
      'path',
      'n',
      'kind',
      'list',
      'nested',
    ])
  })

  it('T-081: values are cut to the shape; undeclared members are not seen', () => {
    expect(cut(SCHEMA)({ path: '/a', bcc: 'eve', nested: { 'x y': true, more: 1 } })).toEqual({
      path: '/a',
      nested: { 'x y': true },
    })
  })

  it('T-082: nothing is coerced and nothing is filled in', () => {
    for (const args of [
      { path: 1 },
      { path: '/a', n: '1' },
      { path: '/a', n: 1.5 },
      { path: '/a', list: 'x' },
      { path: '/a', list: [1] },
      {},
    ]) {
      expect(() => cut(SCHEMA)(args)).toThrow(/argument/)
    }
  })

  it('T-160: a value that fits is passed on without a copy', () => {
    const args = { path: '/a', list: ['x'], nested: { 'x y': true } }
    expect(cut(SCHEMA)(args)).toBe(args)
  })
})
