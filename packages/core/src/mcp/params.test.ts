import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { joinCall, splitCall, stripOurMeta, withMeta } from './params.ts'
import { memberText } from './spans.ts'

describe('splitCall and joinCall', () => {
  const lexeme = fc.constantFrom('1.0', '1e3', '"x\\u0041"', '{ "b":1,\n"a":2.50 }', '[null , true]', '-7')
  const extra = fc.uniqueArray(fc.tuple(fc.constantFrom('zeta', 'alpha', 'task', 'x y'), lexeme), {
    selector: ([key]) => key,
  })

  it('T-075: what was decided on is what is forwarded, byte for byte', () => {
    fc.assert(
      fc.property(lexeme, extra, extra, (value, before, after) => {
        const used = new Set(before.map(([key]) => key))
        const members = [
          ...before.map(([key, one]) => `${JSON.stringify(key)} : ${one}`),
          '"name" :"t"',
          `"arguments": { "v":${value} ,"w" : 0.10}`,
          ...after.filter(([key]) => !used.has(key)).map(([key, one]) => ` ${JSON.stringify(key)}:${one}`),
        ]
        const text = `{${members.join(',')} }`
        const { tool, argsText, meta } = splitCall('tools/call', text, [])
        expect(argsText).toBe(`{ "v":${value} ,"w" : 0.10}`)
        expect(joinCall(tool, argsText, meta)).toEqual({ method: 'tools/call', paramsText: text })
      }),
    )
  })

  it('T-028: the plain form needs nothing around it', () => {
    expect(splitCall('tools/call', '{"name":"t","arguments":{"a":1}}', []).meta).toEqual({})
  })

  it('T-082: absent arguments stay absent', () => {
    const { tool, argsText, meta } = splitCall('tools/call', '{"name":"t"}', [])
    expect(argsText).toBe('{}')
    expect(joinCall(tool, argsText, meta).paramsText).toBe('{"name":"t"}')
  })

  it('T-028: refuses to forward what is not the released call', () => {
    expect(() => joinCall('other', '{}', { before: '{"name":"t"}' })).toThrow('not the call')
    expect(() => joinCall('t', '{"a":1}', { before: '{"name":"t"}' })).toThrow('not the call')
    expect(() => joinCall('t', '{}', { before: '{"name":"t","x":', after: '}' })).toThrow('not the call')
    expect(() => joinCall('t', '{},"name":"u"', { before: '{"name":"t","arguments":', after: '}' })).toThrow(
      'not the call that was released',
    )
  })

  it('T-067: the progress token stays on its hop', () => {
    const split = splitCall('tools/call', '{"_meta":{"progressToken":"p"},"name":"t","arguments":{}}', [])
    expect(split.progressToken).toBe('p')
    expect(JSON.stringify(split.meta)).not.toContain('progressToken')
  })

  it('T-069: only the keys that a server is to be told reach it, ours never', () => {
    const text =
      '{"name":"t","arguments":{},"_meta":{"dev.sallyport/decision":1,"DEV.sallyport/x":2,"traceparent":"c","vendor/a":3,"io.modelcontextprotocol/clientInfo":{}}}'
    const sent = (allow: string[]) => {
      const { tool, argsText, meta } = splitCall('tools/call', text, allow)
      return memberText(joinCall(tool, argsText, meta).paramsText, '_meta')
    }
    expect(sent([])).toBeUndefined()
    expect(sent(['vendor/a'])).toBe('{"vendor/a":3}')
    expect(sent(['*'])).toBe('{"traceparent":"c","vendor/a":3}')
    expect(sent(['dev.sallyport/decision'])).toBeUndefined()
  })

  it('T-060: other methods are pseudo tools with their parameters as arguments', () => {
    const split = splitCall('resources/read', '{ "uri":"a://b", "_meta":{"k":1} }', ['k'])
    expect(split).toMatchObject({
      tool: 'mcp:resources/read',
      argsText: '{ "uri":"a://b"}',
      meta: { _meta: '{"k":1}' },
    })
    expect(joinCall(split.tool, split.argsText, split.meta)).toEqual({
      method: 'resources/read',
      paramsText: '{ "uri":"a://b","_meta":{"k":1}}',
    })
  })

  it('T-069: strips our namespace from what a server says', () => {
    expect(stripOurMeta('{"content":[],"_meta":{"a":1.0,"dev.sallyport/decision":{}}}')).toBe(
      '{"content":[],"_meta":{"a":1.0}}',
    )
    expect(stripOurMeta('{"content":[1.0]}')).toBe('{"content":[1.0]}')
  })

  it('T-067: puts members of a hop in and leaves the rest', () => {
    expect(withMeta('{"a":1.0}', { progressToken: '"p"' })).toBe('{"a":1.0,"_meta":{"progressToken":"p"}}')
    expect(withMeta('{"_meta":{"z":2.0},"a":1}', { progressToken: '"p"' })).toBe(
      '{"_meta":{"z":2.0,"progressToken":"p"},"a":1}',
    )
  })
})
