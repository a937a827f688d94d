import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkHeaders, checkParamHeaders, decodeHeaderValue, encodeHeaderValue, headersFor } from './headers.ts'

const VERSION = '2026-07-28'
const SCHEMA = {
  type: 'object',
  properties: {
    region: { type: 'string', 'x-mcp-header': 'Region' },
    deep: { type: 'object', properties: { count: { type: 'integer', 'x-mcp-header': 'Count' } } },
    list: { type: 'array', 'x-mcp-header': 'List' },
  },
}

describe('headers that repeat the body', () => {
  it('T-076: what headersFor writes, checkHeaders accepts', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.integer(), (name, region, count) => {
        const params = { name, arguments: { region, deep: { count } } }
        const headers = headersFor(VERSION, 'tools/call', params, SCHEMA)
        const lookup = (key: string) => headers[key]
        expect(checkHeaders(lookup, VERSION, 'tools/call', params).ok).toBe(true)
        expect(checkParamHeaders(lookup, SCHEMA, params).ok).toBe(true)
      }),
    )
  })

  const params = { name: 'echo', arguments: { region: 'eu', deep: { count: 42 } } }
  const good = headersFor(VERSION, 'tools/call', params, SCHEMA)

  it.each([
    ['another version', { 'mcp-protocol-version': '2025-11-25' }],
    ['another method', { 'mcp-method': 'tools/list' }],
    ['method in another case', { 'mcp-method': 'Tools/Call' }],
    ['another name', { 'mcp-name': 'rm' }],
    ['broken base64', { 'mcp-name': '=?base64?x?=' }],
    ['base64 of another name', { 'mcp-name': encodeHeaderValue('ré') }],
    ['no version', { 'mcp-protocol-version': undefined }],
    ['no method', { 'mcp-method': undefined }],
    ['no name', { 'mcp-name': undefined }],
  ])('T-076: refuses %s', (_name, change) => {
    const headers: Record<string, string | undefined> = { ...good, ...change }
    expect(checkHeaders((key) => headers[key], VERSION, 'tools/call', params)).toMatchObject({
      ok: false,
      code: -32020,
    })
  })

  it.each([
    ['another value', { 'mcp-param-region': 'us' }],
    ['a missing value', { 'mcp-param-region': undefined }],
    ['another number', { 'mcp-param-count': '43' }],
  ])('T-076: refuses %s of a parameter header', (_name, change) => {
    const headers: Record<string, string | undefined> = { ...good, ...change }
    expect(checkParamHeaders((key) => headers[key], SCHEMA, params)).toMatchObject({ ok: false, code: -32020 })
  })

  it('T-076: compares integers as numbers', () => {
    const headers: Record<string, string> = { ...good, 'mcp-param-count': '42.0' }
    expect(checkParamHeaders((key) => headers[key], SCHEMA, params).ok).toBe(true)
  })

  it('T-076: a value that is not plain ASCII travels as base64', () => {
    expect(encodeHeaderValue('é')).toBe('=?base64?w6k=?=')
    expect(decodeHeaderValue('=?base64?w6k=?=')).toBe('é')
    expect(decodeHeaderValue('=?base64?/w==?=')).toBeUndefined()
  })
})
