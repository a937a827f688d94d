import { describe, expect, test } from 'vitest'
import { secretsInText } from './secrets-in-text.ts'

const TOKEN = ['ghp', 'R7mQ2xVb9KtLp4WzN8sYc1HdJf6GaE3uTo5i'].join('_')
const places = (text: string): readonly string[] => secretsInText(text).map(({ path, line }) => `${path}:${line}`)

describe('secrets in a configuration', () => {
  test('HB-123: are found in values, lists, blocks and comments, each with its line', () => {
    expect(places(`a:\n  b: ${TOKEN}`)).toEqual(['a.b:2'])
    expect(places(`a:\n  - x\n  - ${TOKEN}`)).toEqual(['a:3'])
    expect(places(`a: |\n  first\n  ${TOKEN}\n`)).toEqual(['a:1'])
    expect(places(`# ${TOKEN}\na: 1`)).toEqual(['comment:1'])
    expect(places(`a: 1 # was ${TOKEN}`)).toEqual(['comment:1'])
    expect(places(`{"a": {"b": "${TOKEN}"}}`)).toEqual(['a.b:1'])
  })

  test('HB-123: a value is judged by the name of its key, too', () => {
    expect(places('password: Tr0ub4dor&3xQ9-zz')).toEqual(['password:1'])
    expect(places('title: Tr0ub4dor&3xQ9-zz')).toEqual([])
  })

  test('HB-123: what names a variable, a lease or the vault is none, nor are words, paths and hosts', () => {
    expect(
      places(
        [
          ...[
            'password: ${env:DB_PASSWORD}',
            'token: ${lease:github}',
            'secret: env:STRIPE_KEY',
            'key: /run/secrets/key',
          ],
          ...['url: https://api.example.com/v1', 'reason: for a test of the password page', 'client_secret: ""'],
        ].join('\n'),
      ),
    ).toEqual([])
  })

  test('HB-51: the value is in no part of the answer', () => {
    expect(JSON.stringify(secretsInText(`a: ${TOKEN}\n# ${TOKEN}`))).not.toContain(TOKEN.slice(4, 12))
  })

  test('a text that is no YAML, deep or cyclic is read as far as it goes', () => {
    expect(places(`a: [ ${TOKEN}`)).toEqual(['a:1'])
    expect(places('a: &a [*a]')).toEqual([])
    expect(places('['.repeat(5_000))).toEqual([])
  })
})
