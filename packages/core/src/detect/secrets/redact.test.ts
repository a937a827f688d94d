import { describe, expect, it } from 'vitest'
import type { Json } from '../../json/types.ts'
import { judgeKey } from './key-names.ts'
import { redact, redactText } from './redact.ts'

const tagKey = new Uint8Array(32).fill(7)
const clean = (value: Json, sensitive: readonly string[] = []): Json => redact(value, { sensitive, tagKey })

describe('redaction', () => {
  it.each([
    'password',
    'token',
    'key',
    'secret',
    'credential',
    'auth',
    'apiKey',
    'private_key',
    'X-Api-Key',
    'access_key',
    'db.passwd',
    'Authorization',
    'Set-Cookie',
    'clientSecret',
    'APIKey',
    'APIKEY',
    'ａｐｉＫｅｙ',
    'oauth2_token',
  ])('E-15: the value of %s goes', (name) =>
    expect(JSON.stringify(clean({ [name]: 'hunter2-canary' }))).not.toContain('canary'),
  )

  it.each(['keyboard', 'author', 'tokenizer', 'monkey', 'authority', 'passenger', 'secretary', 'public_key', 'turkey'])(
    'AC-1.2.3: the value of %s survives',
    (name) => expect(clean({ [name]: 'plain words' })).toEqual({ [name]: 'plain words' }),
  )

  it('AC-1.2.3: numbers under max_tokens survive, a numeric password does not', () => {
    expect(clean({ max_tokens: 4096, password: 1234 })).toEqual({
      max_tokens: 4096,
      password: expect.stringMatching(/^\[REDACTED\]~[0-9a-f]{16}$/) as string,
    })
  })

  it('E-15: the same secret gives the same tag, another install another one', () => {
    const one = clean({ password: 'hunter2' }) as Record<string, string>
    const two = clean({ deep: [{ token: 'hunter2' }] }) as unknown as { deep: { token: string }[] }
    expect(one['password']).toBe(two.deep[0]?.token)
    const other = redact({ password: 'hunter2' }, { sensitive: [], tagKey: new Uint8Array(32).fill(8) })
    expect(other).not.toEqual(one)
  })

  it('AC-1.2.3: a schema can mark fields, also in arrays', () => {
    const value = { pin: '1234', files: [{ body: 'abc', name: 'x' }], list: ['a', 'b'] }
    const result = clean(value, ['pin', 'files[].body', 'list[]'])
    expect(JSON.stringify(result)).not.toMatch(/1234|abc|"a"|"b"/)
    expect(JSON.stringify(result)).toContain('"x"')
  })

  it('AC-1.2.3: no canary survives in strings, URLs, headers, commands or keys', () => {
    const canary = 'ghp_CANARYcanary0123456789CANARYcanary'
    const values: Json[] = [
      `text before ${canary} after`,
      { url: `https://user:${canary}@host/` },
      { headers: [['Authorization', `Bearer ${canary}`]] },
      { headers: [{ name: 'X-Auth-Token', value: canary }] },
      { cmd: `curl -H 'Authorization: token ${canary}' https://x` },
      { [canary]: 1 },
      { nested: { auth: { user: 'bob', pw: canary } } },
      { json: JSON.stringify({ api_key: canary }) },
    ]
    for (const value of values) expect(JSON.stringify(clean(value))).not.toContain('CANARY')
  })

  it('leaves a clean value alone, as the same object', () => {
    const value = { path: '/tmp/a', n: 1, deep: { list: ['a', 'b', null, true] } }
    expect(clean(value)).toBe(value)
  })

  it('T-169: values deeper than the limit are replaced', () => {
    let value: Json = { password: 'hunter2' }
    for (let i = 0; i < 200; i++) value = { a: value }
    expect(JSON.stringify(clean(value))).not.toContain('hunter2')
  })

  it('T-131: text for the agent carries no tags', () => {
    const { text, redactions } = redactText('use ghp_Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8 now', 'result')
    expect(text).toBe('use [REDACTED] now')
    expect(redactions).toBe(1)
  })

  it('names are cut into segments', () => {
    expect(judgeKey('sshKeyPath')).toBe('secret')
    expect(judgeKey('tokens')).toBe('secret-text')
    expect(judgeKey('path')).toBe('plain')
  })
})
