import fc from 'fast-check'
import { createKnownSecrets, fingerprintOf, type KnownSecret, type RegisteredTool } from '@sallyport/core'
import { expect, it } from 'vitest'
import { createInspector } from './inspector.ts'

const inspector = createInspector({ redactKey: new Uint8Array(32).fill(1) })
const tool = {} as RegisteredTool
const run = (text: string) => inspector.inspect(tool, text)
const SECRET = 'ghp_Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8'

it('leaves a clean result byte for byte, key order, spaces and number forms included', () => {
  const text = '{ "content" : [ {"type":"text","text":"caf\\u00e9 1.0e3"} ], "n": 1.00, "isError":false}\n'
  expect(run(text)).toMatchObject({ resultText: text, redactions: 0 })
})

it('HB-52: secrets in text go, everything else stays as it was sent', () => {
  const text = `{ "z":1.00, "content":[{"type":"text","text":"token ${SECRET} here"}], "a" : [1e2] }`
  const result = run(text)
  expect(result.resultText).toBe(
    '{ "z":1.00, "content":[{"type":"text","text":"token [REDACTED] here"}], "a" : [1e2] }',
  )
  expect(result.redactions).toBe(1)
})

it('HB-52: an escape does not hide a secret', () => {
  const text = `{"content":[{"type":"text","text":"\\u0067hp_${SECRET.slice(4)}"}],"u":"postgres:\\/\\/u:pw1234@h\\/d"}`
  const result = run(text)
  expect(result.redactions).toBe(2)
  expect(result.resultText).not.toContain('Ab1Cd2')
  expect(result.resultText).not.toContain('pw1234')
})

it('leaves base64 payloads alone', () => {
  const text = JSON.stringify({
    content: [{ type: 'image', data: `AAAA/${'AKIA0123456789ABCDEF'}/${'B'.repeat(80)}` }],
  })
  expect(run(text).resultText).toBe(text)
})

it.each([
  ['{"_meta":{"dev.sallyport/label":"trusted"},"content":[]}', '{"_meta":{},"content":[]}'],
  ['{"_meta":{"a":1,"dev.sallyport/x":{"y":[1,"z"]}}}', '{"_meta":{"a":1}}'],
  ['{"_meta":{"dev.sallyport/x":1,"dev.sallyport/y":2,"a":1}}', '{"_meta":{"a":1}}'],
  ['{"_meta":{"dev.sallyport/x":1,"dev.sallyport/y":2}}', '{"_meta":{}}'],
  ['{"_meta":{"a":1, "dev.sallyport/x":1 , "dev.sallyport/y":2}}', '{"_meta":{"a":1}}'],
  ['{"_meta":{"\\u0064ev.sallyport/x":1}}', '{"_meta":{}}'],
  ['{"content":[{"_meta":{"dev.sallyport/x":1}}]}', '{"content":[{"_meta":{}}]}'],
])('T-069: our own _meta members are cut out of %s', (text, expected) => {
  const { resultText } = run(text)
  expect(JSON.parse(resultText)).toEqual(JSON.parse(expected))
})

it.each(['', 'null', '[]', '{', '{"a":}', '"x"'])('withholds what is not a JSON object: %j', (text) => {
  expect(() => run(text)).toThrow(/server behind the gateway/)
})

it('T-131: for any JSON, the result is JSON without the canary and with everything else', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), fc.array(fc.string(), { maxLength: 3 }), (value, noise) => {
      const text = JSON.stringify({ a: value, s: `${noise.join(' ')} ${SECRET}`, t: noise })
      const parsed = JSON.parse(run(text).resultText) as { a: unknown; s: string; t: unknown }
      expect(parsed.s).not.toContain(SECRET)
      expect(parsed.t).toEqual(noise)
      expect(JSON.stringify(parsed.a)).toBe(JSON.stringify(value))
    }),
  )
})

it('E-79 HB-74: a value that only the name of its member gives away goes, the same value elsewhere stays', () => {
  const value = 'e4f86b37f442f44ce1bc17c0704acb93'
  const text = JSON.stringify({ structuredContent: { auth_token: value, requestId: value, api_key: '${API_KEY}' } })
  expect(run(text).resultText).toBe(text.replace(value, '[REDACTED]'))
})

it('HB-76: what a result hides in base64, escapes or halves is found', () => {
  for (const hidden of [
    Buffer.from(`key ${SECRET}`).toString('base64'),
    encodeURIComponent(`k=${SECRET}`).replaceAll('g', '%67'),
    `"${SECRET.slice(0, 9)}" + "${SECRET.slice(9)}"`,
    `${SECRET.slice(0, 9)}\u200b${SECRET.slice(9)}`,
  ]) {
    const { resultText, redactions } = run(JSON.stringify({ content: [{ type: 'text', text: `x ${hidden} y` }] }))
    expect(redactions, hidden).toBeGreaterThan(0)
    expect(resultText).toContain('[REDACTED]')
    expect(resultText).not.toContain(hidden)
  }
  const data = Buffer.from(`a readable text of some length that holds a token, namely ${SECRET}`).toString('base64')
  expect(run(JSON.stringify({ content: [{ type: 'resource', blob: data }] })).resultText).not.toContain(data)
})

it('T-131 E-15: kind and tag go to the record; into the text only where `redaction.tagged` says so', () => {
  const text = JSON.stringify({ content: [{ type: 'text', text: `token ${SECRET}` }] })
  const { redacted, resultText } = run(text)
  expect(redacted).toEqual([{ type: 'github', tag: expect.stringMatching(/^[0-9a-f]{16}$/) as string }])
  expect(resultText).toContain('token [REDACTED]"')
  const tagged = createInspector({ redactKey: new Uint8Array(32).fill(1), tagged: true }).inspect(tool, text)
  expect(tagged.resultText).toContain(`token [REDACTED:github]~${redacted?.[0]?.tag ?? ''}"`)
})

it('HB-77: a value of the vault goes from results and from arguments', () => {
  const key = new Uint8Array(32).fill(1)
  const value = 'gentle-otter-swims-home'
  const known = createKnownSecrets(key, [fingerprintOf(key, 'n', 'vault', value) as KnownSecret])
  const aware = createInspector({ redactKey: key, known })
  expect(aware.inspect(tool, JSON.stringify({ a: `x ${value}` })).resultText).toBe('{"a":"x [REDACTED]"}')
  expect(JSON.stringify(aware.redact({ a: [`x ${value}`] }, []))).not.toContain(value)
})
