import { generateKeyPairSync, sign } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { RegistryDeps } from '../../packages/gateway/src/assurance/registry/deps.ts'
import { readTrustedRoot } from '../../packages/gateway/src/config/trusted-root.ts'
import { tgz } from './archives.ts'
import { fetched, registryDeps, registryServer, send, sha, type RegistryServer, type Route } from './registry-server.ts'
import {
  newAuthority,
  newCa,
  newLog,
  SIGNED,
  WORKFLOW,
  type Attestation,
  type Authority,
  type Lies,
  type LogEntry,
} from './sigstore-authority.ts'

const NAME = '@acme/tools'
const AT = `npm:${NAME}@2.1.0`
const PURL = 'pkg:npm/%40acme/tools@2.1.0'
const PROVENANCE = 'https://slsa.dev/provenance/v1'
const PUBLISH = 'https://github.com/npm/attestation/tree/main/specs/publish/v0.1'
const HOUR = 3_600_000

const ARCHIVE = tgz([
  { name: 'package/package.json', content: JSON.stringify({ name: NAME, version: '2.1.0' }) },
  { name: 'package/SKILL.md', content: '---\nname: tools\n---\n' },
])
const DIGEST = sha('sha512', ARCHIVE)
const INTEGRITY = `sha512-${sha('sha512', ARCHIVE, 'base64')}`
const KEYS = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
const KEY = {
  id: 'SHA256:of-the-registry',
  key: KEYS.publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
}

const directory = mkdtempSync(join(tmpdir(), 'sigstore-'))
let server: RegistryServer
let authority: Authority
let trust: RegistryDeps['trust']
beforeAll(async () => {
  server = await registryServer()
  authority = await newAuthority()
  const path = join(directory, 'trusted_root.json')
  writeFileSync(path, JSON.stringify(authority.root))
  trust = readTrustedRoot(path)
})
afterAll(() => {
  server.close()
  rmSync(directory, { recursive: true })
})
beforeEach(() => {
  server.asked.length = 0
})

const statement = (more: object = {}): object => ({
  ...{ _type: 'https://in-toto.io/Statement/v1', subject: [{ name: PURL, digest: { sha512: DIGEST } }] },
  ...{ predicateType: PROVENANCE, predicate: { buildDefinition: {}, runDetails: {} } },
  ...more,
})
const provenance = async (more: object = {}, lies: Lies = {}): Promise<object> => ({
  predicateType: PROVENANCE,
  bundle: await authority.attest(statement(more), lies),
})
const publication = async (lies: Lies = {}): Promise<object> => ({
  predicateType: PUBLISH,
  bundle: await authority.attest(statement({ predicateType: PUBLISH }), {
    key: { hint: KEY.id, ...KEYS },
    ...lies,
  }),
})

/** What a registry answers: the package, and a list of attestations or what is in its place. */
function serve(list: readonly object[] | Route, { dist = {} as object, isSigned = false } = {}): void {
  const sig = sign('sha256', Buffer.from(`${NAME}@2.1.0:${INTEGRITY}`), KEYS.privateKey).toString('base64')
  const url = `${server.url}/-/npm/v1/attestations/@acme%2ftools@2.1.0`
  server.routes = {
    '/@acme%2ftools/2.1.0': {
      ...{ name: NAME, version: '2.1.0' },
      dist: {
        ...{ tarball: `${server.url}/tools.tgz`, integrity: INTEGRITY, attestations: { url } },
        signatures: isSigned ? [{ keyid: KEY.id, sig }] : [],
        ...dist,
      },
    },
    '/tools.tgz': send(ARCHIVE),
    '/-/npm/v1/attestations/@acme%2ftools@2.1.0': typeof list === 'function' ? list : { attestations: list },
  }
}

const RELEASES = { issuer: WORKFLOW.issuer, subject: WORKFLOW.subject, of: [`npm:${NAME}`] }
const way = ({ identities = { releases: RELEASES } as object, npm = {} as object, isTrusting = true } = {}) =>
  registryDeps({ npm: { url: server.url, keys: [KEY], ...npm }, sigstore: { identities } }, isTrusting ? { trust } : {})

describe('attestations of npm', () => {
  it('HB-36 SYS-9: provenance that holds, by an identity of the configuration, is a signature', async () => {
    serve([await provenance(), await publication()])
    const { bundle } = await fetched(AT, way({ npm: { signatures: 'required' } }))
    expect(bundle?.provenance).toMatchObject({ signature: 'verified', signedBy: 'releases' })
    const notes = bundle?.provenance.notes.join('\n')
    for (const one of Object.values(WORKFLOW)) expect(notes).toContain(one)
    expect(notes).toContain(`vouches for it with its key ${KEY.id}`)
    expect(server.asked.map(({ path }) => path)).toHaveLength(3)
  })

  it('HB-36: entries of the second version of the log are read, too, and are about a key', async () => {
    serve([await provenance({}, { isSecond: true })])
    expect((await fetched(AT, way())).bundle?.provenance.signedBy).toBe('releases')
    serve([await provenance({}, { isSecond: true, entry: { verifier: KEY.key } })])
    expect(await fetched(AT, way())).toMatchObject({
      code: 'SP_REGISTRY_SIGNATURE',
      said: expect.stringContaining('for another key than it is by') as string,
    })
  })

  it.each([
    ['a repository', { subject: 'https://github.com/acme/tools/' }],
    ['an owner', { subject: 'https://github.com/acme/' }],
    ['a workflow at any tag', { subject: WORKFLOW.subject.replace(/@.*$/, '@') }],
    ['a scope', { of: ['npm:@acme/'] }],
  ])('HB-36: an identity can be of %s', async (_name, more) => {
    serve([await provenance()])
    const { bundle } = await fetched(AT, way({ identities: { releases: { ...RELEASES, ...more } } }))
    expect(bundle?.provenance).toMatchObject({ signature: 'verified', signedBy: 'releases' })
  })

  it.each<[string, () => Promise<object>]>([
    ['another workflow', async () => provenance({}, { who: { subject: `${WORKFLOW.repository}/evil.yml@x` } })],
    [
      'the same workflow of a fork',
      async () => provenance({}, { who: { subject: WORKFLOW.subject.replace('acme', 'acme2') } }),
    ],
    ['a name that only begins like it', async () => provenance({}, { who: { subject: `${WORKFLOW.subject}-evil` } })],
    [
      'the same name, known to somebody else',
      async () => provenance({}, { who: { issuer: 'https://accounts.evil.example' } }),
    ],
    ['an address', async () => provenance({}, { who: { subject: 'ana@acme.example' } })],
  ])('HB-36 T-177: provenance that holds and is by %s proves nothing', async (_name, made) => {
    serve([await made()], { isSigned: true })
    const { bundle } = await fetched(AT, way())
    expect(bundle?.provenance).toMatchObject({ signature: 'unverified' })
    expect(bundle?.provenance.signedBy).toBeUndefined()
    expect(bundle?.provenance.notes[0]).toContain('no identity under registries.sigstore.identities')
    expect((await fetched(AT, way({ npm: { signatures: 'required' } }))).code).toBe('SP_REGISTRY_SIGNATURE')
  })

  it('HB-36 T-177: an identity signs for what it is of, and the first that comes is not taken', async () => {
    serve([await provenance()], { isSigned: true })
    for (const of of ['npm:tools', 'npm:@acme/tool', 'npm:@acme/tools2', 'npm:@acme2/', 'https://files.example/']) {
      const { bundle } = await fetched(AT, way({ identities: { releases: { ...RELEASES, of: [of] } } }))
      // nobody is named for this package, and so its registry's own signature is what there is
      expect([of, bundle?.provenance.signedBy]).toEqual([of, KEY.id])
      expect(bundle?.provenance.notes.join(' ')).toContain('Not verified: Its provenance holds and is by')
    }
  })

  it('T-146 T-177: where an identity is named, no signature of the registry stands in for it', async () => {
    serve([await publication()], { isSigned: true })
    expect((await fetched(AT, way())).bundle?.provenance.signature).toBe('absent')
    expect((await fetched(AT, way({ npm: { signatures: 'required' } }))).code).toBe('SP_REGISTRY_SIGNATURE')
    serve([], { isSigned: true, dist: { attestations: null } })
    expect((await fetched(AT, way())).bundle?.provenance.signature).toBe('absent')
    serve((_, response) => response.writeHead(404).end(), { isSigned: true })
    expect((await fetched(AT, way({ npm: { signatures: 'required' } }))).code).toBe('SP_REGISTRY_SIGNATURE')
  })

  it('HB-36: what the registry published counts by a key of the configuration, at the time in the log', async () => {
    const at = async (keys: readonly object[]) => (await fetched(AT, way({ identities: {}, npm: { keys } }))).bundle
    serve([await publication()])
    expect((await at([KEY]))?.provenance).toMatchObject({ signature: 'verified', signedBy: KEY.id })
    expect((await at([{ ...KEY, expires: '2026-11-20' }]))?.provenance.signature).toBe('verified')
    expect((await at([{ ...KEY, id: 'SHA256:another' }]))?.provenance.signature).toBe('unverified')
    expect((await fetched(AT, way({ npm: { keys: [{ ...KEY, expires: '2026-11-19' }] } }))).code).toBe(
      'SP_REGISTRY_SIGNATURE',
    )
  })

  it('HB-36: text of a certificate is shown as text', async () => {
    const repository = 'https://github.com/acme/tools\n\u001b[31m\u202eevil'
    serve([await provenance({}, { who: { repository } })])
    const notes = (await fetched(AT, way())).bundle?.provenance.notes.join(' ') ?? ''
    // eslint-disable-next-line no-control-regex
    expect(notes).not.toMatch(/[\u0000-\u001f\u202e]/)
    expect(notes).toContain('evil')
  })

  it('HB-36: without a trusted root nothing is fetched, and the next step is said', async () => {
    serve([await provenance()])
    const { bundle } = await fetched(AT, way({ isTrusting: false }))
    expect(bundle?.provenance.signature).toBe('unverified')
    expect(bundle?.provenance.notes[0]).toContain('registries.sigstore.trustedRoot')
    expect(server.asked).toHaveLength(2)
  })
})

describe('attestations that do not hold', () => {
  const other = newLog()
  const flipped = (bytes: Buffer, at = bytes.length - 1): Buffer => {
    const copy = Buffer.from(bytes)
    copy[at] = (copy[at] ?? 0) ^ 1
    return copy
  }
  /** A bundle that is right, and then is changed. */
  const changed = async (change: (bundle: Attestation, entry: LogEntry) => unknown): Promise<object> => {
    const bundle = await authority.attest(statement())
    const [entry] = bundle.verificationMaterial.tlogEntries
    if (entry !== undefined) change(bundle, entry)
    return { predicateType: PROVENANCE, bundle }
  }
  const OTHER_PEM = Buffer.from(KEYS.publicKey.export({ type: 'spki', format: 'pem' })).toString('base64')

  it.each<[string, string, () => Promise<object>]>([
    [
      'a signature with another bit',
      'signature verification failed',
      async () => provenance({}, { signature: flipped }),
    ],
    [
      'another signature than in the log',
      'tlog entry signature mismatch',
      async () => changed(({ dsseEnvelope }) => dsseEnvelope?.signatures.splice(0, 1, { sig: 'AAAA', keyid: '' })),
    ],
    ['a proof by another log', 'invalid checkpoint signature', async () => provenance({}, { prover: other })],
    [
      'a statement that says it is something else',
      'no attestation',
      async () => changed(({ dsseEnvelope }) => Object.assign(dsseEnvelope ?? {}, { payloadType: 'text/plain' })),
    ],
    [
      'something else than was signed',
      'DSSE payload hash mismatch',
      async () => provenance({}, { payload: Buffer.from(JSON.stringify(statement({ predicate: {} }))) }),
    ],
    [
      'another archive',
      'about another archive',
      async () => provenance({ subject: [{ name: PURL, digest: { sha512: sha('sha512', Buffer.from('x')) } }] }),
    ],
    [
      'a hash that is weaker',
      'about another archive',
      async () => provenance({ subject: [{ name: PURL, digest: { sha256: sha('sha256', ARCHIVE) } }] }),
    ],
    [
      'another package',
      'about "pkg:npm/tools@2.1.0"',
      async () => provenance({ subject: [{ name: 'pkg:npm/tools@2.1.0', digest: { sha512: DIGEST } }] }),
    ],
    [
      'another version',
      'about "pkg:npm/%40acme/tools@2.1.1"',
      async () => provenance({ subject: [{ name: 'pkg:npm/%40acme/tools@2.1.1', digest: { sha512: DIGEST } }] }),
    ],
    [
      'two packages',
      'cannot be read',
      async () =>
        provenance({
          subject: [
            { name: PURL, digest: { sha512: DIGEST } },
            { name: 'pkg:npm/x@1.0.0', digest: { sha512: DIGEST } },
          ],
        }),
    ],
    ['no package', 'cannot be read', async () => provenance({ subject: [] })],
    [
      'a statement of another type',
      'cannot be read',
      async () => provenance({ _type: 'https://in-toto.io/Statement/v9' }),
    ],
    [
      'another predicate than the list says',
      'of another kind than the registry says',
      async () => provenance({ predicateType: 'https://example/review' }),
    ],
    [
      'a certificate of another authority',
      'verify certificate chain',
      async () => provenance({}, { ca: await newCa() }),
    ],
    ['a certificate that is in no log', 'expected 1 SCTs, got 0', async () => provenance({}, { ct: null })],
    ['a certificate in another log', 'SCT verification failed', async () => provenance({}, { ct: other })],
    [
      'a certificate for web servers',
      'not for signing code',
      async () => provenance({}, { purpose: '1.3.6.1.5.5.7.3.1' }),
    ],
    ['a certificate that was over', 'verify certificate chain', async () => provenance({}, { logged: SIGNED + HOUR })],
    [
      'a certificate that was not yet',
      'verify certificate chain',
      async () => provenance({}, { logged: SIGNED - HOUR }),
    ],
    [
      'a certificate without a time that anybody signed',
      'expected 1 timestamps, got 0',
      async () => provenance({}, { promise: false }),
    ],
    [
      'an entry signed by another log',
      'inclusion promise could not be verified',
      async () => provenance({}, { rekor: other }),
    ],
    [
      'an entry about another signature',
      'tlog entry signature mismatch',
      async () => provenance({}, { entry: { signature: 'AAAA' } }),
    ],
    [
      'an entry about another statement',
      'DSSE payload hash mismatch',
      async () => provenance({}, { entry: { hash: '00'.repeat(32) } }),
    ],
    [
      'an entry about another key',
      'for another key than it is by',
      async () => provenance({}, { entry: { verifier: OTHER_PEM } }),
    ],
    [
      'an entry about no key',
      'for another key than it is by',
      async () => provenance({}, { entry: { verifier: null } }),
    ],
    [
      'a proof for another entry',
      'root hash does not match inclusion proof',
      async () => provenance({}, { proven: Buffer.from('another entry') }),
    ],
    [
      'no entry',
      'expected 1 timestamps, got 0',
      async () => changed(({ verificationMaterial }) => (verificationMaterial.tlogEntries = [])),
    ],
    ['no proof', 'invalid bundle', async () => provenance({}, { proof: false })],
    [
      'a proof that was cut',
      'invalid hash count',
      async () => changed((_, { inclusionProof }) => inclusionProof?.hashes.pop()),
    ],
    [
      'a time that was changed',
      'inclusion promise could not be verified',
      async () => changed((_, entry) => (entry.integratedTime = String(SIGNED / 1000 + 60))),
    ],
    [
      'entries without end',
      'more entries than bundles have',
      async () =>
        changed(
          ({ verificationMaterial }, entry) => (verificationMaterial.tlogEntries = Array<LogEntry>(500).fill(entry)),
        ),
    ],
    [
      'a proof without end',
      'a longer proof than logs give',
      async () =>
        changed((_, { inclusionProof }) => inclusionProof?.hashes.push(...Array<string>(10_000).fill('AAAA'))),
    ],
    [
      'a log whose name is a pattern',
      'a log of a name that is none',
      async () => provenance({}, { checkpointName: '(.+)+x$' }),
    ],
    [
      'a signature over an archive',
      'no attestation',
      async () => ({
        predicateType: PROVENANCE,
        bundle: await authority.sign(ARCHIVE),
      }),
    ],
    [
      'provenance by a key',
      'where one with a certificate is due',
      async () => provenance({}, { key: { hint: KEY.id, ...KEYS } }),
    ],
    ['a bundle that is cut', 'invalid bundle', async () => changed((bundle) => delete bundle.dsseEnvelope)],
    [
      'a bundle that is none',
      'invalid bundle',
      async () => Promise.resolve({ predicateType: PROVENANCE, bundle: 'x' }),
    ],
    ['no bundle', 'it cannot be read', async () => Promise.resolve({ predicateType: PROVENANCE, bundle: null })],
    [
      'a publication by another key of that name',
      'signature verification failed',
      async () => publication({ key: { hint: KEY.id, ...generateKeyPairSync('ec', { namedCurve: 'prime256v1' }) } }),
    ],
  ])('T-146 T-177 HB-36: %s: refused, beside what holds too, and whoever may sign', async (_name, why, made) => {
    const bad = await made()
    const refused = { code: 'SP_REGISTRY_SIGNATURE', said: expect.stringContaining(why) as string }
    for (const list of [[bad], [await provenance(), bad], [bad, await provenance()]]) {
      serve(list, { isSigned: true })
      for (const identities of [{ releases: RELEASES }, {}])
        expect(await fetched(AT, way({ identities }))).toMatchObject(refused)
    }
  })

  it('T-146: one that holds for another package, beside the right one, is refused', async () => {
    const of = await provenance({ subject: [{ name: 'pkg:npm/left-pad@1.3.0', digest: { sha512: DIGEST } }] })
    serve([await provenance(), of])
    expect(await fetched(AT, way())).toMatchObject({
      code: 'SP_REGISTRY_SIGNATURE',
      said: expect.stringContaining('about "pkg:npm/left-pad@1.3.0"') as string,
    })
  })

  it.each<[string, Route, string]>([
    [
      'JSON that ends too early',
      (_, response) =>
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"attestations":[{"predicateType":"x"'),
      'SP_REGISTRY_ANSWER',
    ],
    [
      '5 MB of JSON',
      (_, response) =>
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(`{"attestations":[],"x":"${'x'.repeat(5_000_000)}"}`),
      'SP_REGISTRY_TOO_LARGE',
    ],
    [
      'a page',
      (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
      'SP_REGISTRY_ANSWER',
    ],
    ['an error', (_, response) => response.writeHead(500).end(), 'SP_REGISTRY_UNAVAILABLE'],
    [
      'another host',
      (_, response) => response.writeHead(302, { location: 'https://evil.example/x' }).end(),
      'SP_REGISTRY_REDIRECT',
    ],
    [
      'a list without end',
      (_, response) =>
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ attestations: Array(17).fill({ predicateType: 'x' }) })),
      'SP_REGISTRY_ANSWER',
    ],
  ])('SYS-9: in place of attestations comes %s: nothing is kept', async (_name, route, code) => {
    serve(route)
    expect((await fetched(AT, way())).code).toBe(code)
  })

  it.each([
    ['https://evil.example/attestations', 'SP_REGISTRY_REDIRECT'],
    ['http://127.0.0.1:1/attestations', 'SP_REGISTRY_REDIRECT'],
    ['file:///etc/passwd', 'SP_REGISTRY_ANSWER'],
    ['/-/npm/v1/attestations/x', 'SP_REGISTRY_ANSWER'],
  ])('SYS-9 T-120: attestations at %s are not fetched', async (url, code) => {
    serve([], { dist: { attestations: { url } } })
    expect((await fetched(AT, way())).code).toBe(code)
  })
})
