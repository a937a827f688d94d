import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createKnownSecrets, fingerprintOf, type KnownSecret } from './known.ts'
import { LONGEST_HELD } from './cutter.ts'
import { createSecretStream, type Wire } from './stream.ts'

const BODY = 'K7dQ2mX9pLz4Rt8VwY1nBc6HsJ3fGa5EuTo'
const TOKEN = ['ghp', '_', BODY].join('')
const PEM = [
  '-----BEGIN RSA PRIVATE',
  ' KEY-----\n',
  'MIIEowIBAAKCAQEAx7Zb\n'.repeat(60),
  '-----END RSA PRIVATE KEY-----',
].join('')

function send(chunks: readonly string[], wire: Wire = 'auto'): string {
  const stream = createSecretStream(wire)
  return chunks.map((chunk) => stream.push(chunk)).join('') + stream.end()
}
const openai = (content: string, index = 0): string =>
  `data: ${JSON.stringify({ id: 'c-1', object: 'chunk', choices: [{ index, delta: { content } }] })}\n\n`
const anthropic = (text: string): string =>
  `event: content_block_delta\ndata: ${JSON.stringify({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })}\n\n`
const FRAMES: readonly (readonly [name: string, frame: (text: string) => string, end: string])[] = [
  ['OpenAI', (text) => openai(text), 'data: [DONE]\n\n'],
  ['Anthropic', anthropic, 'event: message_stop\ndata: {"type":"message_stop"}\n\n'],
  [
    'Gemini',
    (text) => `data: ${JSON.stringify({ candidates: [{ content: { parts: [{ text }], role: 'model' } }] })}\r\n\r\n`,
    '',
  ],
  [
    'Responses API',
    (delta) => `data: ${JSON.stringify({ type: 'response.output_text.delta', item_id: 'msg_1', delta })}\n\n`,
    '',
  ],
  [
    'tool arguments',
    (x) =>
      `data: ${JSON.stringify({ choices: [{ delta: { tool_calls: [{ index: 0, function: { arguments: x } }] } }] })}\n\n`,
    '',
  ],
  ['NDJSON', (response) => `${JSON.stringify({ model: 'm', response, done: false })}\n`, '{"model":"m","done":true}\n'],
  ['an unknown form', (words) => `${JSON.stringify({ kind: 'x', seq: 7, inner: [{ words }] })}\n`, ''],
  ['a form with constants', (zz) => `data: ${JSON.stringify({ zz, p: '/m', o: 'append' })}\n\n`, ''],
  ['events of plain text', (text) => `data: ${text}\n\n`, ''],
]

/** Everything that a reader of the frames puts together. */
const textOf = (sent: string): string =>
  sent
    .split(/\r?\n/)
    .filter((line) => !line.startsWith('event:'))
    .map((line) => line.replace(/^data: /, ''))
    .map((body) => {
      if (!body.startsWith('{')) return body
      const strings: string[] = []
      JSON.parse(body, (name, value: unknown) => {
        if (typeof value === 'string' && !/^(?:id|object|type|role|model|kind|item_id|p|o)$/.test(name))
          strings.push(value)
        return value
      })
      return strings.join('')
    })
    .join('')

describe('text', () => {
  const text = `Your token is ${TOKEN} - keep it safe.`

  it('HB-76: a canary is cut out at every split point', () => {
    for (let split = 0; split <= text.length; split++) {
      expect(send([text.slice(0, split), text.slice(split)])).toBe('Your token is [REDACTED] - keep it safe.')
    }
  })

  it('HB-76: and at every two split points', () => {
    for (let one = 10; one < text.length - 16; one++) {
      for (let two = one; two < text.length - 16; two += 3) {
        expect(send([text.slice(0, one), text.slice(one, two), text.slice(two)])).not.toContain(BODY.slice(0, 8))
      }
    }
  })

  it.each([
    ['one character at a time', text, 1],
    ['a private key', `cat key\n${PEM}\ndone`, 7],
    ['a long private key in large chunks', `x ${PEM} y`, 400],
    ['a token longer than what is held', `a ${TOKEN}${BODY.repeat(80)} b`, 90],
    ['a password in a URL', 'see postgres://app:s3cr#t9Zq@db.example:5432/x now', 3],
    ['a setting', 'DB_PASSWORD=Zk9#qLw2vT\nNEXT=1\n', 2],
    ['a header', `Authorization: Bearer ${BODY}${BODY}\nAccept: x\n`, 5],
    ['base64', `blob ${Buffer.from(TOKEN).toString('base64')} end`, 4],
  ])('HB-76: %s', (_, whole, size) => {
    const sent = send(whole.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? [])
    expect(sent).toContain('[REDACTED]')
    for (const part of [
      BODY.slice(4, 16),
      'MIIEowIB',
      's3cr#t9',
      'Zk9#q',
      Buffer.from(TOKEN).toString('base64').slice(8, 24),
    ]) {
      expect(sent).not.toContain(part)
    }
    expect(sent.slice(0, 1)).toBe(whole.slice(0, 1))
    expect(sent.slice(-1)).toBe(whole.slice(-1))
  })

  it('HB-76: a clean stream comes out byte for byte, however it is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 40 }), { maxLength: 30 }), (chunks) => {
        expect(send(chunks, 'text')).toBe(chunks.join(''))
      }),
    )
  })

  it('HB-76: no more than the bound is held back', () => {
    const stream = createSecretStream('text')
    let [pushed, sent] = [0, 0]
    for (let i = 0; i < 400; i++) {
      const chunk = `word${i}`.repeat(i % 37)
      pushed += chunk.length
      sent += stream.push(chunk).length
      expect(pushed - sent).toBeLessThanOrEqual(LONGEST_HELD + chunk.length)
    }
  })

  it('HB-77: a value of the vault, without any pattern, at every split point', () => {
    const key = new Uint8Array(32).fill(1)
    const value = 'gentle-otter-swims-home'
    const known = createKnownSecrets(key, [fingerprintOf(key, 'n', 'vault', value) as KnownSecret])
    const whole = `say ${value} twice`
    for (let split = 0; split <= whole.length; split++) {
      const stream = createSecretStream('text', known)
      const sent = stream.push(whole.slice(0, split)) + stream.push(whole.slice(split)) + stream.end()
      expect(sent).toBe('say [REDACTED] twice')
    }
  })
})

describe.each(FRAMES)('frames of %s', (_, frame, end) => {
  const pieces = (size: number): readonly string[] =>
    `Your token is ${TOKEN} - keep it safe.`.match(new RegExp(`.{1,${size}}`, 'g')) ?? []

  it.each([1, 3, 5, 11, 60])(
    'HB-76: a secret spread over pieces of %i is cut out of the text, and the frames stay valid',
    (size) => {
      const frames = pieces(size).map(frame)
      const sent = send([...frames, end])
      expect(textOf(sent).replace('[DONE]', '')).toBe('Your token is [REDACTED] - keep it safe.')
      expect(sent.split('\n').length).toBe([...frames, end].join('').split('\n').length)
    },
  )

  it('HB-76: the chunks of the transport need not be the frames', () => {
    const whole = [...pieces(4).map(frame), end].join('')
    for (const size of [1, 7, 33, 250]) {
      const sent = send(whole.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? [])
      expect(textOf(sent)).not.toContain(BODY.slice(0, 8))
    }
  })

  it('HB-76: clean frames come out byte for byte', () => {
    const frames = ['Set', ' the', ' API_KEY from your vault', ', never', ' paste it. 4e1f1c4bd', '4546090b06e'].map(
      frame,
    )
    expect(send([...frames, end])).toBe([...frames, end].join(''))
  })
})

it('HB-76: texts that run side by side are not mixed up', () => {
  const [one, two] = [TOKEN.slice(0, 20), TOKEN.slice(20)]
  const frames = [openai(one, 0), openai('hello ', 1), openai(two, 0), openai('world', 1), openai(' end', 0)]
  const sent = send(frames)
  expect(sent).not.toContain(one)
  expect(sent).toContain('hello ')
  expect(sent).toContain('world')
})

it('HB-76: a secret outside of the text of a frame goes too', () => {
  const sent = send([openai('a'), `data: {"error":{"code":"x ${TOKEN}"},"content":"b "}\n\n`, 'data: [DONE]\n\n'])
  expect(sent).not.toContain(BODY)
})
