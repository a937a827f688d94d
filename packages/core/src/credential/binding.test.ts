import { describe, expect, test } from 'vitest'
import { parseHostRule } from '../egress/hosts.ts'
import { judgeUse, pathMatches, type CredentialBinding, type CredentialUse } from './binding.ts'

const binding: CredentialBinding = {
  name: 'github',
  agents: ['coder'],
  hosts: [parseHostRule('api.github.com')],
  methods: ['GET'],
  paths: ['/repos/acme/**', '/user'],
}
const use: CredentialUse = {
  agent: 'coder',
  host: 'api.github.com',
  port: 443,
  method: 'GET',
  path: '/repos/acme/shop',
}

describe('bindings', () => {
  test('HB-88: a request that fits in everything gets the credential', () => {
    expect(judgeUse(binding, use)).toEqual({ ok: true })
  })

  test.each([
    ['agents', { agent: 'other' }, 'the agent other'],
    ['hosts', { host: 'api.github.com.evil.example' }, 'evil.example'],
    ['hosts', { host: 'uploads.github.com' }, 'uploads.github.com:443'],
    ['hosts', { port: 8443 }, ':8443'],
    ['methods', { method: 'DELETE' }, 'DELETE'],
    ['methods', { method: 'get' }, 'get'],
    ['paths', { path: '/repos/other/shop' }, '/repos/other/shop'],
    ['paths', { path: '/user/keys' }, '/user/keys'],
  ] as const)('HB-93, AC-4.4.3: %s violated alone is refused, naming both sides (%j)', (member, change, said) => {
    const verdict = judgeUse(binding, { ...use, ...change })
    expect(verdict).toMatchObject({ ok: false, member })
    if (!verdict.ok) expect(verdict.reason).toContain(said)
  })

  test.each([
    ['/repos/acme/**', '/repos/acme/a/b', true],
    ['/repos/acme/**', '/repos/acme', false],
    ['/repos/acme/**', '/repos/acme/', true],
    ['/repos/*/issues', '/repos/acme/issues', true],
    ['/repos/*/issues', '/repos/a/b/issues', false],
    ['/repos/*/issues', '/repos//issues', false],
    ['/**/issues', '/a/b/issues', true],
    ['/**', '/', true],
    ['/a/**/b', '/a/b', true],
    ['/a/**/b/**/c', '/a/x/b/y/z/c', true],
    ['/a/**/b/**/c', '/a/x/y/c', false],
    ['/files/*', '/files/a%20b', true],
    ['/user', '/user/', false],
  ])('pattern %s and path %s: %s', (pattern, path, is) => {
    expect(pathMatches(pattern, path)).toBe(is)
  })

  test.each([
    '/repos/acme/../other',
    '/repos/acme/%2e%2e/other',
    '/repos/acme/..%2fother',
    '/repos/acme/.%2e/other',
    '/repos/acme/x%2f..%2f..',
    '/repos/acme/..;/other',
    '/repos/acme\\..\\other',
    '/repos/acme/%252e%252e/other',
    '/repos/acme/%c0%ae%c0%ae/other',
    '/repos/acme/x%C0%AFother',
    '/repos/acme/%u002e%u002e/other',
    '/repos/acme//other',
    'repos/acme/x',
    '/repos/acme/x#/labels',
    '/repos/acme/..#x',
    '/repos/acme/x%23/labels',
    '/repos/acme/..%20/other',
    '/repos/acme/..%09/other',
    '/repos/acme/..%3b/other',
    '/repos/acme/..%0d/other',
    '/repos/acme/x?y',
    '/repos/acme/\u00e9',
    '/repos/acme/a b',
    `/repos/acme${'/x'.repeat(300)}`,
  ])('T-116: %s is of no pattern', (path) => {
    expect(pathMatches('/repos/acme/**', path)).toBe(false)
    expect(pathMatches('/**', path)).toBe(false)
  })

  test('T-160: no pattern takes longer than its length and that of the path', () => {
    for (const pattern of ['/v1/**/x/**/y', '/**/x/**/x/**/x/**/y', '/*/**/**/**/**/z'])
      expect(pathMatches(pattern, `/v1${'/x'.repeat(250)}`)).toBe(false)
  })
})
