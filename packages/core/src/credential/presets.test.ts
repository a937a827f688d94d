import { describe, expect, it } from 'vitest'
import { pathMatches } from './binding.ts'
import { MODEL_PATHS } from '../egress/model-apis.ts'
import { CREDENTIAL_PRESETS, withPreset, type CredentialPreset } from './presets.ts'

const all = Object.entries<CredentialPreset>(CREDENTIAL_PRESETS)

describe('withPreset', () => {
  it('AC-4.4.3: what is written goes before what is usual, member by member', () => {
    const given = { preset: 'openai', methods: ['GET'], env: { MY_KEY: 'lease' } }
    expect(withPreset(given)).toEqual({
      ...{ preset: 'openai', base: 'https://api.openai.com/v1', inject: { bearer: true }, paths: MODEL_PATHS.openai },
      ...{ methods: ['GET'], env: { MY_KEY: 'lease' } },
    })
  })

  it.each([['nobody'], ['__proto__'], ['toString'], [7], [undefined]])('leaves %s to who checks it', (preset) => {
    const given = { preset }
    expect(withPreset(given)).toBe(given)
  })

  it.each([[null], ['openai'], [['openai']], [7]])('leaves what is no credential: %s', (given) => {
    expect(withPreset(given)).toBe(given)
  })

  it.each(all)('HB-88, HB-93: %s leads to one host over TLS, and its own base is among its paths', (_name, preset) => {
    if (preset.base === undefined) return expect(preset.inject).toBeUndefined()
    const { protocol, pathname, port } = new URL(preset.base)
    expect([protocol, port]).toEqual(['https:', ''])
    const below = [
      ...preset.paths,
      `${pathname.replace(/\/$/, '')}/`,
      `${pathname.replace(/\/$/, '')}/x`,
      '/v1/x',
      '/a/b/info/refs',
    ]
    expect(below.some((path) => preset.paths.some((pattern) => pathMatches(pattern, path)))).toBe(true)
  })

  it.each([
    ['anthropic', 'POST', '/v1/organizations/api_keys/x'],
    ['anthropic', 'POST', '/v1/organizations/invites'],
    ['anthropic', 'POST', '/v1/files'],
    ['openai', 'POST', '/v1/organization/admin_api_keys'],
    ['openai', 'POST', '/v1/organization/projects/p/service_accounts'],
    ['openai', 'POST', '/v1/realtime/client_secrets'],
    ['openai', 'POST', '/v1/realtime/sessions'],
    ['openai', 'POST', '/v1/files'],
    ['gemini', 'POST', '/v1alpha/auth_tokens'],
    ['gemini', 'POST', '/upload/v1beta/files'],
    ['github', 'POST', '/user/keys'],
    ['github', 'POST', '/repos/o/r/keys'],
    ['github', 'PUT', '/repos/o/r/collaborators/eve'],
    ['github', 'POST', '/app/installations/1/access_tokens'],
    ['github-git', 'POST', '/o/r/git-receive-pack'],
    ['gitlab', 'POST', '/api/v4/personal_access_tokens'],
    ['npm', 'POST', '/-/npm/v1/tokens'],
    ['npm', 'PUT', '/-/user/org.couchdb.user:eve'],
    ['slack', 'POST', '/api/admin.users.invite'],
    ['slack', 'POST', '/api/tooling.tokens.rotate'],
    ['slack', 'POST', '/api/files.completeUploadExternal'],
    ['stripe', 'POST', '/v1/ephemeral_keys'],
    ['stripe', 'POST', '/v1/webhook_endpoints'],
  ] as const)('T-127: a key of %s makes no key, and lets nobody in: %s %s', (name, method, path) => {
    const { methods, paths }: CredentialPreset = CREDENTIAL_PRESETS[name]
    expect(methods.includes(method) && paths.some((pattern) => pathMatches(pattern, path))).toBe(false)
  })

  it.each([
    ['anthropic', '/v1/messages'],
    ['anthropic', '/v1/messages/count_tokens'],
    ['openai', '/v1/chat/completions'],
    ['openai', '/v1/responses/r1/cancel'],
    ['gemini', '/v1beta/models/gemini-2.5-pro:generateContent'],
    ['slack', '/api/chat.postMessage'],
  ] as const)('E-88: %s may be asked at %s', (name, path) => {
    expect(CREDENTIAL_PRESETS[name].paths.some((pattern) => pathMatches(pattern, path))).toBe(true)
  })

  it('HB-64: nothing is deleted or replaced unless somebody writes that it may be', () => {
    for (const [name, { methods }] of all)
      for (const method of methods) expect(['GET', 'HEAD', 'POST'], name).toContain(method)
  })
})
