import { describe, expect, it } from 'vitest'
import { boundCredentials } from '../../packages/gateway/src/config/credentials.ts'
import { parseConfig } from '../../packages/gateway/src/index.ts'

const read = (members: string) =>
  parseConfig(`version: 1\ncredentials:\n  one: { agents: [a], category: read, ${members} }\n`, '/etc/sallyport.yaml', {
    ...{ env: {}, stateDir: '/var/lib/sallyport', now: 0 },
  })

describe('presets of credentials', () => {
  it('HB-88, E-87: one word says where it goes, how it is put there and by what clients find it', () => {
    const { config, set } = read('preset: anthropic')
    const one = boundCredentials(config.credentials).get('one')
    expect(one).toMatchObject({
      ...{ methods: ['GET', 'HEAD', 'POST'], paths: expect.arrayContaining(['/v1/messages']) as string[] },
      form: { kind: 'header', name: 'x-api-key', prefix: '' },
      hosts: [{ host: 'api.anthropic.com', port: 443 }],
      env: {
        ANTHROPIC_API_KEY: 'sallyport-lease-one',
        ANTHROPIC_BASE_URL: 'http://127.0.0.1:3128/sallyport/one',
      },
    })
    expect([...set].filter((path) => path.startsWith('credentials.'))).toEqual([
      ...['credentials.one.agents', 'credentials.one.category', 'credentials.one.preset'],
    ])
  })

  it('HB-93: what is written goes before it', () => {
    const { config } = read('preset: github, base: "https://github.example/api/v3", paths: [/api/v3/user], env: {}')
    expect(boundCredentials(config.credentials).get('one')).toMatchObject({
      ...{ base: new URL('https://github.example/api/v3'), paths: ['/api/v3/user'], methods: ['GET', 'HEAD'], env: {} },
    })
  })

  it.each([
    ['a preset that there is not', 'preset: githob, base: "https://a.example"', /credentials\.one\.preset/],
    ['a preset without a place and none given', 'preset: aws', /credentials\.one\.base/],
    ['AWS without a signature', 'preset: aws, base: "https://sts.example"', /credentials\.one\.inject.*sigv4/],
    ['no preset and no base', 'methods: [GET]', /credentials\.one\.base/],
    ['a base without TLS', 'preset: openai, base: "http://a.example"', /credentials\.one\.base/],
  ])('AC-5.1.1: %s is refused by its place', (_what, members, said) => {
    expect(() => read(members)).toThrow(said)
  })
})

describe('where a name of a value belongs', () => {
  const key = 'A1b2C3d4E5f6G7h8I9j0'
  it.each([
    ['a token of GitHub', `ghp_${key.repeat(2).slice(0, 36)}`],
    ['the same behind a place', `env:ghp_${key.repeat(2).slice(0, 36)}`],
    ['a key of Anthropic', `sk-ant-api03-${key.toLowerCase().repeat(5)}`.slice(0, 64)],
    ['any key', '9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a39281706f5e4d3c2b1a0'],
    ['a password', 'hunter2 and more'],
  ])('HB-51, T-130: %s is refused, and not repeated', (_what, value) => {
    let said = ''
    try {
      read(`preset: github, secret: "${value}"`)
    } catch (thrown) {
      said = String(thrown)
    }
    expect(said).toMatch(/credentials\.one\.secret/)
    expect(said).not.toContain(value.slice(-20))
  })

  it.each([
    'github-token-of-the-team',
    'prod.github.2026',
    'env:GITHUB_TOKEN',
    'hashicorp:apps/github#token',
    'aws:prod/github#token',
    'oauth:crm',
  ])('HB-51: %s is a name', (name) => {
    expect(boundCredentials(read(`preset: github, secret: "${name}"`).config.credentials).get('one')?.secret).toBe(name)
  })
})
