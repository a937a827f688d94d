import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { checkDetached, publishersOf } from '../../packages/gateway/src/assurance/registry/signature.ts'
import { registriesSchema } from '../../packages/gateway/src/config/registries-schema.ts'
import { commitArchive, pax, tgz, zip, type Entry } from './archives.ts'
import { fetched, lead, registryDeps, registryServer, send, sha, type RegistryServer } from './registry-server.ts'

const COMMIT = '0123456789abcdef0123456789abcdef01234567'
const AT = `github:acme/skills@${COMMIT}`
const FILES: readonly Entry[] = [
  { name: `skills-${COMMIT}/`, type: '5' },
  { name: `skills-${COMMIT}/README.md`, content: 'All skills.' },
  { name: `skills-${COMMIT}/skills/pdf/SKILL.md`, content: '---\nname: pdf\n---\n' },
  { name: `skills-${COMMIT}/skills/pdf/run.py`, content: 'print(1)', mode: 0o755 },
  { name: `skills-${COMMIT}/skills/pdf2/SKILL.md`, content: '---\nname: pdf2\n---\n' },
]

let server: RegistryServer
beforeAll(async () => {
  server = await registryServer()
})
afterAll(() => server.close())
beforeEach(() => {
  server.asked.length = 0
  server.routes = { [`/acme/skills/tar.gz/${COMMIT}`]: send(commitArchive(COMMIT, FILES)) }
})

const deps = (more: object = {}) => registryDeps({ github: { url: server.url, api: server.url, ...more } })

describe('commits of GitHub', () => {
  it('HB-36 SYS-9: all files of a commit, or those of one folder', async () => {
    const all = await fetched(AT, deps())
    expect(all.bundle).toMatchObject({
      name: 'skills',
      version: COMMIT,
      provenance: { source: 'github', signature: 'absent' },
    })
    expect(all.bundle?.files).toHaveLength(4)
    const one = await fetched(`${AT}#skills/pdf`, deps())
    expect(one.bundle?.name).toBe('pdf')
    expect(one.bundle?.files.map(({ path, mode }) => [path, mode])).toEqual([
      ['SKILL.md', 0o644],
      ['run.py', 0o755],
    ])
    expect(one.bundle?.provenance.notes.join(' ')).toContain('the word of the host')
    expect((await fetched(`${AT}#skills/none`, deps())).code).toBe('SP_REGISTRY_UNKNOWN')
  })

  it.each([
    ['of another commit', commitArchive('f'.repeat(40), FILES)],
    ['that does not say of which commit it is', tgz(FILES)],
    ['with its commit said by a file only', tgz([{ name: 'x/comment', content: COMMIT }])],
    ['whose comment comes later', tgz([...FILES, { name: 'x', type: 'g', content: pax({ comment: COMMIT }) }])],
  ])('T-146 HB-36: an archive %s is refused', async (_name, archive) => {
    server.routes = { [`/acme/skills/tar.gz/${COMMIT}`]: send(archive) }
    expect((await fetched(AT, deps())).code).toBe('SP_REGISTRY_MISMATCH')
  })

  it.each(['main', 'HEAD', 'v1.0.0', COMMIT.slice(0, 12), COMMIT.toUpperCase(), 'refs/heads/main'])(
    'HB-36: %s is no commit, and nothing is asked',
    async (wanted) => {
      expect((await fetched(`github:acme/skills@${wanted}`, deps())).code).toBe('SP_REGISTRY_UNPINNED')
      expect(server.asked).toEqual([])
    },
  )

  it('T-146: the same commit with another archive than the lock has is refused', async () => {
    const { bundle } = await fetched(AT, deps())
    const expected = bundle?.provenance.integrity ?? ''
    server.routes = {
      [`/acme/skills/tar.gz/${COMMIT}`]: send(
        commitArchive(COMMIT, [...FILES, { name: `skills-${COMMIT}/x`, content: 'x' }]),
      ),
    }
    expect((await fetched(AT, deps(), { expected })).code).toBe('SP_REGISTRY_CHANGED')
  })

  it('SYS-9: links of a repository are left out, and that is said', async () => {
    server.routes = {
      [`/acme/skills/tar.gz/${COMMIT}`]: send(
        commitArchive(COMMIT, [...FILES, { name: `skills-${COMMIT}/link`, type: '2', target: 'README.md' }]),
      ),
    }
    const { bundle } = await fetched(AT, deps())
    expect(bundle?.files).toHaveLength(4)
    expect(bundle?.provenance.notes).toContain('1 links in the archive were left out.')
  })
})

describe('archives by URL and hash', () => {
  const ARCHIVE = zip([{ name: 'pdf/SKILL.md', content: '---\nname: pdf\n---\n' }])
  const HASH = sha('sha256', ARCHIVE)
  // a name that leads to the server of the test, over plain HTTP: references are of HTTPS only, so the way out is looked at instead
  const refused = async (reference: string, archives: object = { hosts: ['files.example'] }, names = {}) => {
    const way = registryDeps({ archives }, { names })
    return { ...(await fetched(reference, way)), attempts: way.attempts }
  }

  it('HB-36: without its hash it is not pinned; with another algorithm it is no reference', async () => {
    expect((await refused('https://files.example/pdf.zip')).code).toBe('SP_REGISTRY_UNPINNED')
    for (const wrong of [
      '#sha1=da39a3ee5e6b4b0d3255bfef95601890afd80709',
      '#sha256=abc',
      `#sha256=${HASH.toUpperCase()}`,
      `#md5=${HASH}`,
      `#sha256=${HASH}&sha256=${HASH}`,
    ])
      expect((await refused(`https://files.example/pdf.zip${wrong}`)).code).toBe('SP_REGISTRY_REFERENCE')
  })

  it('SYS-9 T-120: hosts that are not named, that lead inside, or are inside, are not asked', async () => {
    const names = { 'files.example': ['10.0.0.1'] }
    expect((await refused(`https://other.example/x.zip#sha256=${HASH}`)).code).toBe('SP_REGISTRY_NOT_CONFIGURED')
    expect((await refused(`https://files.example:8443/x.zip#sha256=${HASH}`)).code).toBe('SP_REGISTRY_NOT_CONFIGURED')
    expect(
      await refused(`https://files.example/x.zip#sha256=${HASH}`, { hosts: ['files.example'] }, names),
    ).toMatchObject({
      code: 'SP_EGRESS_REFUSED',
      attempts: [{ verdict: 'refused' }],
    })
    for (const host of ['127.0.0.1', 'localhost', '169.254.169.254', '[::1]', '2130706433'])
      expect((await refused(`https://${host}/x.zip#sha256=${HASH}`)).code).toBe('SP_REGISTRY_NOT_CONFIGURED')
  })

  it.each([
    'ftp://files.example/x.zip',
    'http://files.example/x.zip',
    'file:///etc/passwd',
    'https://user@files.example/x.zip',
    'https://files.example\\@evil.example/x.zip',
    'https://files.example/x y.zip',
    'https://files.example/\u202egpj.zip',
    'npm:../../etc/passwd@1.0.0',
    'npm:@acme/../x@1.0.0',
    'npm:%2e%2e@1.0.0',
    'npm:a?b@1.0.0',
    'npm:lodash@1.0.0\n',
    'npm:lod\u200bash@1.0.0',
    'npm:l\u043edash@1.0.0',
    'clawhub:a/b/c@1.0.0',
    'clawhub:..@1.0.0',
    'clawhub:a&owner=b@1.0.0',
    'clawhub:a@1.0.0#x',
    `github:acme/skills/x@${COMMIT}`,
    `github:acme/skills@${COMMIT}#../x`,
    `github:acme/skills@${COMMIT}#/etc`,
    `github:acme/skills@${COMMIT}#a/../b`,
    `github:../x@${COMMIT}`,
    'clawhub:',
    'npm:',
    '',
    'gifgrep',
    `clawhub:${'a'.repeat(3_000)}@1.0.0`,
  ])('HB-36 T-086: "%s" is no reference', async (reference) => {
    const outcome = await refused(reference)
    expect(outcome.code).toBe('SP_REGISTRY_REFERENCE')
    expect(outcome.attempts).toEqual([])
    // eslint-disable-next-line no-control-regex
    expect(outcome.said).not.toMatch(/[\u0000-\u001f\u200b\u202e]/)
  })
})

describe('detached signatures', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const raw = (key: KeyObject): string => key.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64')
  const publishers = registriesSchema.parse({
    publishers: {
      acme: { key: raw(publicKey), of: ['https://files.example/acme/'] },
      other: { key: raw(generateKeyPairSync('ed25519').publicKey), of: ['https://files.example/'] },
    },
  }).publishers
  const bytes = Buffer.from('an archive')
  const sig = sign(null, bytes, privateKey)

  it('HB-36: a publisher signs for its own place and for no other', () => {
    const own = publishersOf('https://files.example/acme/x.zip', publishers)
    expect(checkDetached(bytes, sig, own)).toEqual({ state: 'verified', by: 'acme' })
    expect(checkDetached(bytes, Buffer.from(`${sig.toString('base64')}\n`), own)).toEqual({
      state: 'verified',
      by: 'acme',
    })
    for (const url of [
      'https://files.example/acme2/x.zip',
      'https://files.example/x.zip',
      'https://files.example/other/acme/x.zip',
    ])
      expect(() => checkDetached(bytes, sig, publishersOf(url, publishers))).toThrow(
        expect.objectContaining({ code: 'SP_REGISTRY_SIGNATURE' }) as Error,
      )
    expect(publishersOf('https://files.example.evil.example/acme/x.zip', publishers)).toEqual([])
  })

  it('HB-36: of other bytes, cut, longer, of zeros, or no signature at all: refused', () => {
    const own = publishersOf('https://files.example/acme/x.zip', publishers)
    const bad = [
      sig.subarray(1),
      Buffer.concat([sig, sig]),
      Buffer.alloc(64),
      Buffer.alloc(0),
      Buffer.from('<html>'),
      sign(null, Buffer.from('x'), privateKey),
    ]
    for (const one of bad)
      expect(() => checkDetached(bytes, one, own)).toThrow(
        expect.objectContaining({ code: 'SP_REGISTRY_SIGNATURE' }) as Error,
      )
    expect(() => checkDetached(Buffer.from('another archive'), sig, own)).toThrow(/does not hold/)
  })

  it('HB-36: the configuration takes only places that end, and keys that are keys', () => {
    for (const of of [
      [],
      ['https://files.example'],
      ['https://files.example/acme'],
      ['http://files.example/'],
      ['https://'],
      ['*'],
    ])
      expect(registriesSchema.safeParse({ publishers: { acme: { key: raw(publicKey), of } } }).success).toBe(false)
    expect(
      registriesSchema.safeParse({ publishers: { acme: { key: 'AAAA', of: ['https://a.example/'] } } }).success,
    ).toBe(false)
  })
})

describe('what a registry must be called in the configuration', () => {
  it('SYS-9: nothing is fetched from anywhere by default, and limits can only be lowered', () => {
    expect(registriesSchema.parse({})).toMatchObject({ publishers: {}, archives: { hosts: [] } })
    expect(registriesSchema.parse(undefined).clawhub).toBeUndefined()
    expect(registriesSchema.parse({}).limits.bytes).toBe(50 * 1024 * 1024)
    for (const url of [
      'http://registry.example',
      'https://u:p@registry.example',
      'https://registry.example/?x',
      'ftp://registry.example',
      'http://127.0.0.1.evil.example',
      'http://localhost.evil.example',
    ])
      expect([url, registriesSchema.safeParse({ clawhub: { url } }).success]).toEqual([url, false])
  })
})

// keeps the helper honest: what leads elsewhere is what the tests above believe it is
it('SYS-9: an archive of a commit may lie where the configuration says, and nowhere else', async () => {
  const other = await registryServer({ '/x': send(commitArchive(COMMIT, FILES)) })
  try {
    server.routes = { [`/acme/skills/tar.gz/${COMMIT}`]: lead(`${other.url}/x`) }
    expect((await fetched(AT, deps())).code).toBe('SP_REGISTRY_REDIRECT')
    expect((await fetched(AT, deps({ downloads: [`127.0.0.1:${other.port}`] }))).bundle).toBeDefined()
  } finally {
    other.close()
  }
})
