import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { tgz, type Entry } from './archives.ts'
import { fetched, lead, registryDeps, registryServer, send, sha, type RegistryServer } from './registry-server.ts'

const NAME = '@acme/tools'
const AT = `npm:${NAME}@2.1.0`
const KEYS = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
const OTHERS = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
const ID = 'SHA256:of-the-test'
const spki = ({ publicKey }: { readonly publicKey: KeyObject }): string =>
  publicKey.export({ type: 'spki', format: 'der' }).toString('base64')

let server: RegistryServer
beforeAll(async () => {
  server = await registryServer()
})
afterAll(() => server.close())
beforeEach(() => {
  server.asked.length = 0
})

const PACKAGE: readonly Entry[] = [
  {
    name: 'package/package.json',
    content: JSON.stringify({ name: NAME, version: '2.1.0', scripts: { postinstall: 'node x.js' } }),
  },
  { name: 'package/SKILL.md', content: '---\nname: tools\n---\n' },
]

interface Lies {
  readonly entries?: readonly Entry[]
  readonly dist?: object
  readonly top?: object
  /** What is signed and with what, instead of what should be. */
  readonly signed?: string
  readonly key?: KeyObject
  readonly keyid?: string
  readonly archive?: Buffer
}

/** What a registry of npm answers, with a real signature. */
function routes({ entries = PACKAGE, dist = {}, top = {}, key = KEYS.privateKey, keyid = ID, ...lies }: Lies = {}) {
  const archive = tgz(entries)
  const integrity = `sha512-${sha('sha512', archive, 'base64')}`
  const sig = sign('sha256', Buffer.from(lies.signed ?? `${NAME}@2.1.0:${integrity}`), key).toString('base64')
  return {
    '/@acme%2ftools/2.1.0': {
      ...{ name: NAME, version: '2.1.0', description: 'Tools.', scripts: { postinstall: 'node x.js' } },
      dist: {
        ...{ tarball: `${server.url}/@acme/tools/-/tools-2.1.0.tgz`, integrity, shasum: sha('sha1', archive) },
        ...{ fileCount: entries.length, signatures: [{ keyid, sig }] },
        unpackedSize: entries.reduce((sum, { content = '' }) => sum + Buffer.byteLength(content as string), 0),
        ...dist,
      },
      ...top,
    },
    '/@acme/tools/-/tools-2.1.0.tgz': send(lies.archive ?? archive),
  }
}

const deps = (more: object = {}) =>
  registryDeps({ npm: { url: server.url, keys: [{ id: ID, key: spki(KEYS) }], ...more } })

describe('packages of npm', () => {
  it('HB-36 SYS-9: a package comes with its hash and a signature that was verified', async () => {
    server.routes = routes()
    const { bundle } = await fetched(AT, deps({ signatures: 'required' }))
    expect(bundle).toMatchObject({ name: NAME, version: '2.1.0' })
    expect(bundle?.files.map(({ path }) => path)).toEqual(['SKILL.md', 'package.json'])
    expect(bundle?.provenance).toMatchObject({ source: 'npm', signature: 'verified', signedBy: ID })
    expect(bundle?.provenance.notes.join(' ')).toContain('Installers would run its scripts postinstall')
    expect(server.asked).toHaveLength(2)
  })

  it('HB-36: versions, tags and ranges that are not exact are refused', async () => {
    for (const wanted of ['', '@latest', '@^2.0.0', '@~2', '@2', '@*', '@>=1', '@1.0.0 || 2.0.0', '@v2.1.0', '@02.1.0'])
      expect([wanted, (await fetched(`npm:${NAME}${wanted}`, deps())).code]).toEqual([
        wanted,
        wanted === '@02.1.0' ? 'SP_REGISTRY_UNPINNED' : 'SP_REGISTRY_UNPINNED',
      ])
    expect(server.asked).toEqual([])
  })

  it.each<[string, () => Lies, string]>([
    [
      'another hash',
      () => ({ dist: { integrity: `sha512-${Buffer.alloc(64).toString('base64')}`, signatures: [] } }),
      'SP_REGISTRY_INTEGRITY',
    ],
    ['another SHA-1 beside it', () => ({ dist: { shasum: '0'.repeat(40) } }), 'SP_REGISTRY_INTEGRITY'],
    ['only SHA-1', () => ({ dist: { integrity: null, signatures: [] } }), 'SP_REGISTRY_WEAK_INTEGRITY'],
    [
      'SHA-1 as integrity',
      () => ({ dist: { integrity: `sha1-${Buffer.alloc(20).toString('base64')}`, signatures: [] } }),
      'SP_REGISTRY_WEAK_INTEGRITY',
    ],
    [
      'MD5 as integrity',
      () => ({ dist: { integrity: `md5-${Buffer.alloc(16).toString('base64')}`, signatures: [] } }),
      'SP_REGISTRY_WEAK_INTEGRITY',
    ],
    [
      'a hash that is cut',
      () => ({ dist: { integrity: 'sha512-AAAA', signatures: [] } }),
      'SP_REGISTRY_WEAK_INTEGRITY',
    ],
    [
      'a weaker hash that fits beside a strong one that does not',
      () => {
        const own = `sha256-${sha('sha256', tgz(PACKAGE), 'base64')}`
        return { dist: { integrity: `${own} sha512-${Buffer.alloc(64).toString('base64')}`, signatures: [] } }
      },
      'SP_REGISTRY_INTEGRITY',
    ],
    [
      'another package',
      () => ({ archive: tgz([{ name: 'package/package.json', content: '{}' }]) }),
      'SP_REGISTRY_INTEGRITY',
    ],
    ['another name', () => ({ top: { name: '@acme/tool' } }), 'SP_REGISTRY_MISMATCH'],
    ['another version', () => ({ top: { version: '2.1.1' } }), 'SP_REGISTRY_MISMATCH'],
    [
      'another name in the package',
      () => ({
        entries: [{ name: 'package/package.json', content: JSON.stringify({ name: 'tools', version: '2.1.0' }) }],
      }),
      'SP_REGISTRY_MISMATCH',
    ],
    [
      'an older version in the package',
      () => ({
        entries: [{ name: 'package/package.json', content: JSON.stringify({ name: NAME, version: '2.0.0' }) }],
      }),
      'SP_REGISTRY_MISMATCH',
    ],
    ['no package.json', () => ({ entries: [{ name: 'package/x.js', content: '' }] }), 'SP_REGISTRY_ARCHIVE'],
    [
      'a package.json that is none',
      () => ({ entries: [{ name: 'package/package.json', content: '[' }] }),
      'SP_REGISTRY_ARCHIVE',
    ],
    ['files at the top', () => ({ entries: [...PACKAGE, { name: 'x', content: '' }] }), 'SP_REGISTRY_ARCHIVE'],
    ['more files', () => ({ dist: { fileCount: 3 } }), 'SP_REGISTRY_MISMATCH'],
    ['another size', () => ({ dist: { unpackedSize: 3 } }), 'SP_REGISTRY_MISMATCH'],
    ['a package somewhere else', () => ({ dist: { tarball: 'https://files.example/x.tgz' } }), 'SP_REGISTRY_REDIRECT'],
    ['a package inside', () => ({ dist: { tarball: 'http://127.0.0.1:1/x.tgz' } }), 'SP_REGISTRY_REDIRECT'],
    ['a package that is a file', () => ({ dist: { tarball: 'file:///etc/passwd' } }), 'SP_REGISTRY_ANSWER'],
    ['a package on a path', () => ({ dist: { tarball: '/@acme/tools/-/tools-2.1.0.tgz' } }), 'SP_REGISTRY_ANSWER'],
    [
      'a package behind a user name',
      () => ({ dist: { tarball: `http://x@127.0.0.1:${server.port}/x.tgz` } }),
      'SP_REGISTRY_REDIRECT',
    ],
  ])('T-146 HB-36: a lie, %s: refused, and nothing is kept', async (_name, lies, code) => {
    server.routes = routes(lies())
    expect((await fetched(AT, deps())).code).toBe(code)
  })

  it('HB-36: with the hash of a lock, what has only a weak one announced can be fetched', async () => {
    server.routes = routes({ dist: { integrity: null, signatures: [] } })
    const expected = `sha512-${sha('sha512', tgz(PACKAGE), 'base64')}`
    expect((await fetched(AT, deps(), { expected })).bundle).toBeDefined()
    expect((await fetched(AT, deps(), { expected: `sha512-${Buffer.alloc(64).toString('base64')}` })).code).toBe(
      'SP_REGISTRY_CHANGED',
    )
    expect((await fetched(AT, deps(), { expected: `sha1-${Buffer.alloc(20).toString('base64')}` })).code).toBe(
      'SP_REGISTRY_WEAK_INTEGRITY',
    )
  })

  it('T-146: what the registry shows and the package has may differ; that is said', async () => {
    server.routes = routes({ top: { scripts: {}, dependencies: { 'left-pad': '1.3.0' }, deprecated: 'use another' } })
    const { bundle } = await fetched(AT, deps())
    const notes = bundle?.provenance.notes.join(' ')
    expect(notes).toContain('shows other scripts and dependencies')
    expect(notes).toContain('deprecated it: "use another"')
  })

  it('SYS-9: a registry that describes all versions at once, such as the one of ClawHub for plugins', async () => {
    const { '/@acme%2ftools/2.1.0': one, ...rest } = routes()
    server.routes = { ...rest, '/@acme%2ftools': { name: NAME, versions: { '2.1.0': one, '2.1.1': {} } } }
    expect((await fetched(AT, deps())).bundle?.provenance.signature).toBe('verified')
    expect((await fetched(`npm:${NAME}@2.1.1`, deps())).code).toBe('SP_REGISTRY_ANSWER')
    expect((await fetched(`npm:${NAME}@3.0.0`, deps())).code).toBe('SP_REGISTRY_UNKNOWN')
    server.routes = { ...rest, '/@acme%2ftools': { name: NAME, versions: { '2.1.0': { ...one, version: '2.0.0' } } } }
    expect((await fetched(AT, deps())).code).toBe('SP_REGISTRY_MISMATCH')
    server.routes = { ...rest, '/@acme%2ftools': { name: 'tools', versions: { '2.1.0': one } } }
    expect((await fetched(AT, deps())).code).toBe('SP_REGISTRY_MISMATCH')
  })

  it('SYS-9: a token stays with the registry when it says that files are elsewhere', async () => {
    const other = await registryServer()
    try {
      other.routes = { '/x.tgz': send(tgz(PACKAGE)) }
      server.routes = routes({ dist: { tarball: `${other.url}/x.tgz` } })
      const { bundle } = await fetched(AT, deps({ token: 'npm_secret', downloads: [`127.0.0.1:${other.port}`] }))
      expect(bundle).toBeDefined()
      expect(server.asked[0]?.authorization).toBe('Bearer npm_secret')
      expect(other.asked[0]?.authorization).toBeUndefined()
    } finally {
      other.close()
    }
  })

  it('SYS-9: a description that leads elsewhere is not followed there', async () => {
    server.routes = { '/@acme%2ftools/2.1.0': lead('https://evil.example/@acme%2ftools/2.1.0') }
    expect((await fetched(AT, deps())).code).toBe('SP_REGISTRY_REDIRECT')
  })
})

describe('signatures of npm', () => {
  it.each<[string, () => Lies]>([
    ['of another package', () => ({ signed: `@acme/other@2.1.0:sha512-x` })],
    ['of another version of it', () => ({ signed: `${NAME}@2.0.0:sha512-${sha('sha512', tgz(PACKAGE), 'base64')}` })],
    ['by somebody else under the name of the key', () => ({ key: OTHERS.privateKey })],
    ['that is none', () => ({ dist: { signatures: [{ keyid: ID, sig: 'AAAA' }] } })],
    [
      'beside one that holds',
      () => {
        const { dist } = routes()['/@acme%2ftools/2.1.0'] as {
          readonly dist: { readonly signatures: readonly object[] }
        }
        return { dist: { signatures: [...dist.signatures, { keyid: ID, sig: 'AAAA' }] } }
      },
    ],
  ])('HB-36 SYS-9: a signature %s is refused, whether one is required or not', async (_name, lies) => {
    server.routes = routes(lies())
    expect((await fetched(AT, deps())).code).toBe('SP_REGISTRY_SIGNATURE')
  })

  it('HB-36: one by a key that nobody configured is said to be unverified; the registry cannot vouch for itself', async () => {
    server.routes = routes({ key: OTHERS.privateKey, keyid: 'SHA256:unknown' })
    const { bundle } = await fetched(AT, deps())
    expect(bundle?.provenance.signature).toBe('unverified')
    expect(bundle?.provenance.signedBy).toBeUndefined()
    expect((await fetched(AT, deps({ signatures: 'required' }))).code).toBe('SP_REGISTRY_SIGNATURE')
    expect(server.asked.some(({ path }) => path.includes('keys'))).toBe(false)
  })

  it('HB-36: none at all is said, and refused where one is required', async () => {
    server.routes = routes({ dist: { signatures: [] } })
    expect((await fetched(AT, deps())).bundle?.provenance.signature).toBe('absent')
    expect((await fetched(AT, deps({ signatures: 'required' }))).code).toBe('SP_REGISTRY_SIGNATURE')
  })

  it('HB-36: a key whose last day is over verifies nothing', async () => {
    server.routes = routes()
    const way = (expires: string) => deps({ keys: [{ id: ID, key: spki(KEYS), expires }] })
    expect((await fetched(AT, way('2026-11-28'))).bundle?.provenance.signature).toBe('unverified')
    expect((await fetched(AT, way('2026-11-29'))).bundle?.provenance.signature).toBe('verified')
  })

  it('HB-36: a key of another kind is an error of the configuration, not a pass', async () => {
    server.routes = routes()
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    expect((await fetched(AT, deps({ keys: [{ id: ID, key: spki({ publicKey }) }] }))).code).toBe('SP_CONFIG_INVALID')
  })

  it('HB-36: attestations of sigstore are said to be unverified', async () => {
    server.routes = routes({ dist: { attestations: { url: `${server.url}/x` } } })
    expect((await fetched(AT, deps())).bundle?.provenance.notes.join(' ')).toContain(
      'Not verified: It has attestations of sigstore, and registries.sigstore.trustedRoot',
    )
  })
})
