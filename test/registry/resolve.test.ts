import { toSallyportError } from '@sallyport/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { checkUpdates } from '../../packages/gateway/src/assurance/registry/check-updates.ts'
import { describeReference } from '../../packages/gateway/src/assurance/registry/reference.ts'
import { resolveReference } from '../../packages/gateway/src/assurance/registry/resolve-reference.ts'
import {
  refuse,
  registryDeps,
  registryServer,
  send,
  skillRoutes,
  type RegistryServer,
  type Routes,
} from './registry-server.ts'

const [OLD, NEW] = ['1'.repeat(40), '2'.repeat(40)]
const text = (body: string) => send(Buffer.from(body), { 'content-type': 'text/plain' })

let server: RegistryServer
beforeAll(async () => {
  server = await registryServer()
})
afterAll(() => server.close())
beforeEach(() => {
  server.asked.length = 0
  server.routes = {
    ...skillRoutes({ skill: { tags: { latest: '1.2.3', beta: '2.0.0-beta.1' } } }),
    '/-/package/@acme%2ftools/dist-tags': { latest: '2.1.0', next: '3.0.0-rc.1' },
    '/of-all': { name: 'of-all', versions: {}, 'dist-tags': { latest: '1.0.0' } },
    '/repos/acme/skills/commits/HEAD': text(NEW),
    '/repos/acme/skills/commits/main': text(NEW),
  }
})

const deps = () =>
  registryDeps({ clawhub: { url: server.url }, npm: { url: server.url }, github: { url: server.url, api: server.url } })
const resolved = async (reference: string): Promise<string> => {
  try {
    return await resolveReference(reference, deps())
  } catch (thrown) {
    return toSallyportError(thrown).code
  }
}

describe('references that are made exact', () => {
  it.each([
    ['clawhub:gifgrep', 'clawhub:steipete/gifgrep@1.2.3'],
    ['clawhub:@steipete/gifgrep@latest', 'clawhub:steipete/gifgrep@1.2.3'],
    ['clawhub:gifgrep@beta', 'clawhub:steipete/gifgrep@2.0.0-beta.1'],
    ['npm:@acme/tools', 'npm:@acme/tools@2.1.0'],
    ['npm:@acme/tools@next', 'npm:@acme/tools@3.0.0-rc.1'],
    ['github:acme/skills', `github:acme/skills@${NEW}`],
    ['github:acme/skills@main#skills/pdf', `github:acme/skills@${NEW}#skills/pdf`],
    ['npm:of-all', 'npm:of-all@1.0.0'],
    ['npm:left-pad@1.3.0', 'npm:left-pad@1.3.0'],
    ['npm:@acme/tools@^2.0.0', 'SP_REGISTRY_UNKNOWN'],
    ['clawhub:gifgrep@__proto__', 'SP_REGISTRY_UNKNOWN'],
    ['npm:@acme/tools@constructor', 'SP_REGISTRY_UNKNOWN'],
    ['clawhub:stelpete/gifgrep', 'SP_REGISTRY_MISMATCH'],
  ])('HB-36: %s is %s', async (reference, exact) => {
    expect(await resolved(reference)).toBe(exact)
    // it says which one; it fetches none
    expect(server.asked.some(({ path }) => path.includes('download') || path.includes('tar.gz'))).toBe(false)
  })

  it.each<[string, string, Routes[string]]>([
    [
      'clawhub:gifgrep',
      '/api/v1/skills/gifgrep',
      skillRoutes({ skill: { tags: { latest: '1.2.3#sha256=x' } } })['/api/v1/skills/gifgrep'],
    ],
    ['npm:@acme/tools', '/-/package/@acme%2ftools/dist-tags', { latest: '../../evil' }],
    ['npm:@acme/tools', '/-/package/@acme%2ftools/dist-tags', { latest: '^2.0.0' }],
    ['github:acme/skills', '/repos/acme/skills/commits/HEAD', text('main')],
    ['github:acme/skills', '/repos/acme/skills/commits/HEAD', text(`${NEW}#../../x`)],
  ])(
    'T-146: what a registry says is the version of %s is part of a reference only when it is one',
    async (reference, path, route) => {
      server.routes[path] = route
      expect(await resolved(reference)).toMatch(/^SP_REGISTRY_(?:ANSWER|REFERENCE)$/)
    },
  )

  it('HB-36: what a reference says, without asking anybody', () => {
    expect(describeReference(`github:acme/skills@${OLD}#a/b`)).toEqual({
      kind: 'github',
      name: 'acme/skills',
      version: OLD,
      pinned: true,
      text: `github:acme/skills@${OLD}#a/b`,
    })
    expect(describeReference('clawhub:@a/b')).toEqual({
      kind: 'clawhub',
      name: 'a/b',
      pinned: false,
      text: 'clawhub:a/b@VERSION',
    })
    expect(describeReference('https://a.example/dir/pdf-1.0.tar.gz')).toMatchObject({ name: 'pdf-1.0', pinned: false })
    expect(() => describeReference('x')).toThrow(expect.objectContaining({ code: 'SP_REGISTRY_REFERENCE' }) as Error)
  })
})

describe('updates', () => {
  it('SYS-9 TM-PERSIST-002: says what there would be, and installs nothing', async () => {
    server.routes['/-/package/older/dist-tags'] = { latest: '1.9.9' }
    server.routes['/-/package/gone/dist-tags'] = refuse(410)
    const hash = `https://a.example/x.zip#sha256=${'0'.repeat(64)}`
    const found = await checkUpdates(
      [
        'clawhub:steipete/gifgrep@1.2.3',
        'clawhub:gifgrep@1.0.0',
        'npm:older@2.0.0',
        'npm:gone@1.0.0',
        `github:acme/skills@${OLD}#a`,
        hash,
        'npm:@acme/tools',
        'nonsense',
      ],
      deps(),
    )
    expect(found).toEqual([
      { reference: 'clawhub:steipete/gifgrep@1.2.3', state: 'same' },
      { reference: 'clawhub:gifgrep@1.0.0', state: 'other', offered: 'clawhub:steipete/gifgrep@1.2.3', isOlder: false },
      { reference: 'npm:older@2.0.0', state: 'other', offered: 'npm:older@1.9.9', isOlder: true },
      {
        reference: 'npm:gone@1.0.0',
        state: 'unknown',
        code: 'SP_REGISTRY_MODERATED',
        why: expect.any(String) as string,
      },
      {
        reference: `github:acme/skills@${OLD}#a`,
        state: 'other',
        offered: `github:acme/skills@${NEW}#a`,
        isOlder: false,
      },
      { reference: hash, state: 'none' },
      { reference: 'npm:@acme/tools', state: 'none' },
      { reference: 'nonsense', state: 'unknown', code: 'SP_REGISTRY_REFERENCE', why: expect.any(String) as string },
    ])
    expect(server.asked.some(({ path }) => path.includes('download') || path.endsWith('.tgz'))).toBe(false)
  })
})
