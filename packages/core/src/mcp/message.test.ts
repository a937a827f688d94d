import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { idKey, readMessage, readMessageBytes } from './message.ts'

const request = (members: string) => `{"jsonrpc":"2.0","id":1,"method":"tools/call",${members}}`

describe('readMessage', () => {
  it('T-074: keeps the exact text of id and params', () => {
    const text = '{ "x":1, "params" : {"b":1.0 , "a":[ ]}, "method":"m","id" : "a\\u0062" ,"jsonrpc":"2.0"}'
    expect(readMessage(text)).toMatchObject({
      kind: 'request',
      id: 'ab',
      idText: '"a\\u0062"',
      method: 'm',
      paramsText: '{"b":1.0 , "a":[ ]}',
    })
  })

  it('T-074: an extra top-level key is no reason to stay silent', () => {
    expect(readMessage('{"jsonrpc":"2.0","id":1,"method":"ping","extra":{}}').kind).toBe('request')
  })

  it.each([
    ['duplicate key', '{"jsonrpc":"2.0","id":6,"id":7,"method":"m"}', 'SP_JSON_DUPLICATE_KEY'],
    ['duplicate after unescape', request('"params":{"name":"a","n\\u0061me":"b"}'), 'SP_JSON_DUPLICATE_KEY'],
    ['case variant of the envelope', '{"jsonrpc":"2.0","id":1,"method":"m","Method":"n"}', 'SP_MCP_INVALID_REQUEST'],
    ['case variant of a parameter', request('"params":{"name":"a","Name":"b"}'), 'SP_MCP_INVALID_REQUEST'],
    ['compatibility variant', '{"jsonrpc":"2.0","id":1,"method":"m","paramſ":{}}', 'SP_MCP_INVALID_REQUEST'],
    ['full-width variant', request('"params":{"name":"a","ｎame":"b"}'), 'SP_MCP_INVALID_REQUEST'],
    ['NUL suffix', request('"params":{"name":"a","name\\u0000":"b"}'), 'SP_MCP_INVALID_REQUEST'],
    ['zero-width variant', request('"params":{"name":"a","na\\u200bme":"b"}'), 'SP_MCP_INVALID_REQUEST'],
    ['white-space variant', request('"params":{"arguments":{},"arguments ":{}}'), 'SP_MCP_INVALID_REQUEST'],
    ['__proto__', request('"params":{"__proto__":{}}'), 'SP_JSON_FORBIDDEN_KEY'],
    ['byte order mark', '\ufeff{"jsonrpc":"2.0","id":1,"method":"m"}', 'SP_JSON_INVALID'],
    ['trailing text', '{"jsonrpc":"2.0","id":1,"method":"m"} x', 'SP_JSON_INVALID'],
    ['two values', '{"jsonrpc":"2.0","id":1,"method":"m"}{}', 'SP_JSON_INVALID'],
    ['comment', '{"jsonrpc":"2.0",/**/"id":1,"method":"m"}', 'SP_JSON_INVALID'],
    ['no version', '{"id":1,"method":"m"}', 'SP_MCP_INVALID_REQUEST'],
    ['version 1', '{"jsonrpc":"1.0","id":1,"method":"m"}', 'SP_MCP_INVALID_REQUEST'],
    ['array params', '{"jsonrpc":"2.0","id":1,"method":"m","params":[]}', 'SP_MCP_INVALID_REQUEST'],
    ['request and response', '{"jsonrpc":"2.0","id":1,"method":"m","result":{}}', 'SP_MCP_INVALID_REQUEST'],
    [
      'result and error',
      '{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}}',
      'SP_MCP_INVALID_REQUEST',
    ],
    ['neither', '{"jsonrpc":"2.0","id":1}', 'SP_MCP_INVALID_REQUEST'],
    ['error without code', '{"jsonrpc":"2.0","id":1,"error":{"message":"m"}}', 'SP_MCP_INVALID_REQUEST'],
  ])('T-074: refuses %s and says so', (_name, text, code) => {
    expect(readMessage(text)).toMatchObject({ kind: 'invalid', code })
  })

  it.each(['null', '1.5', '1.0', '1e2', '{}', '[]', 'true', '9007199254740993', `"${'x'.repeat(257)}"`])(
    'T-077: refuses the id %s with an answer',
    (id) => {
      const message = readMessage(`{"jsonrpc":"2.0","id":${id},"method":"ping"}`)
      expect(message.kind).toBe('invalid')
      expect(message).toHaveProperty('idTexts')
    },
  )

  it('T-077: 1 and "1" are two ids', () => {
    expect(idKey(1)).not.toBe(idKey('1'))
  })

  it('T-075: names the message it refuses, so that its sender does not wait for ever', () => {
    expect(readMessage(request('"params":{"n":1e400}'))).toMatchObject({
      code: 'SP_JSON_UNSAFE_NUMBER',
      idTexts: ['1'],
    })
  })

  it('T-072: answers every entry of a batch by its id', () => {
    const text =
      '[{"jsonrpc":"2.0","id":1,"method":"a"},{"jsonrpc":"2.0","method":"n"},{"jsonrpc":"2.0","id":"x","method":"b"}]'
    expect(readMessage(text)).toMatchObject({ code: 'SP_MCP_INVALID_REQUEST', idTexts: ['1', '"x"'] })
    expect(readMessage('[]')).toMatchObject({ kind: 'invalid', idTexts: ['null'] })
    const huge = `[${Array.from({ length: 100_000 }, (_, id) => `{"id":${id},"method":"a"}`).join(',')}]`
    expect(readMessage(huge)).toMatchObject({ kind: 'invalid', idTexts: ['null'] })
  })

  it('T-074: never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), fc.uint8Array(), (text, bytes) => {
        expect(readMessage(text)).toHaveProperty('kind')
        expect(readMessageBytes(bytes)).toHaveProperty('kind')
      }),
    )
  })
})
