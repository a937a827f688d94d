import { spawnSync } from 'node:child_process'
import { generateKeyPairSync, sign } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RegistryDeps } from '../../packages/gateway/src/assurance/registry/deps.ts'
import { parseConfig } from '../../packages/gateway/src/config/load.ts'
import { registriesSchema } from '../../packages/gateway/src/config/registries-schema.ts'
import { readTrustedRoot } from '../../packages/gateway/src/config/trusted-root.ts'
import { openRegistries } from '../../packages/gateway/src/registries.ts'
import { zip } from './archives.ts'
import { fetched, sha } from './registry-server.ts'
import { newAuthority, newCa, newLog, SIGNED, WORKFLOW, type Authority, type Lies } from './sigstore-authority.ts'

const directory = mkdtempSync(join(tmpdir(), 'sigstore-archives-'))
const file = (name: string, content: string | object): string => {
  const path = join(directory, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}
let authority: Authority
let trust: RegistryDeps['trust']
beforeAll(async () => {
  authority = await newAuthority()
  trust = readTrustedRoot(file('trusted_root.json', authority.root))
})
afterAll(() => rmSync(directory, { recursive: true }))

describe('archives by URL', () => {
  const ARCHIVE = zip([{ name: 'SKILL.md', content: '---\nname: pdf\n---\n' }])
  const URL_OF = 'https://files.example/acme/pdf.zip'
  const AT = `${URL_OF}#sha256=${sha('sha256', ARCHIVE)}`
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const publishers = {
    acme: {
      key: publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64'),
      of: ['https://files.example/acme/'],
    },
  }
  const RELEASES = { issuer: WORKFLOW.issuer, subject: WORKFLOW.subject, of: ['https://files.example/acme/'] }

  /** A host with the archive, and what lies beside it. */
  const way = (
    files: Readonly<Record<string, Buffer | object>>,
    {
      identities = { releases: RELEASES } as object,
      more = {} as object,
      signatures = 'checked',
      isTrusting = true,
    } = {},
  ): RegistryDeps & { readonly asked: string[] } => {
    const asked: string[] = []
    const all = new Map<string, Buffer | object>([[URL_OF, ARCHIVE], ...Object.entries(files)])
    return {
      asked,
      config: registriesSchema.parse({
        ...{ archives: { hosts: ['files.example'], signatures }, sigstore: { identities } },
        ...more,
      }),
      now: () => SIGNED,
      trust: isTrusting ? trust : undefined,
      fetch: (url) => {
        asked.push(url)
        const found = all.get(url)
        const bytes = Buffer.isBuffer(found) ? found : Buffer.from(JSON.stringify(found ?? ''))
        return Promise.resolve({
          status: found === undefined ? 404 : 200,
          header: () => undefined,
          body: (async function* () {
            yield await Promise.resolve(bytes)
          })(),
          discard: () => undefined,
        })
      },
    }
  }
  const BUNDLE = `${URL_OF}.sigstore.json`
  const SIG = `${URL_OF}.sig`

  it('HB-36 SYS-9: a bundle beside an archive, by an identity of the configuration, is a signature', async () => {
    const deps = way({ [BUNDLE]: await authority.sign(ARCHIVE) }, { signatures: 'required' })
    const { bundle } = await fetched(AT, deps)
    expect(bundle?.provenance).toMatchObject({ source: 'archive', signature: 'verified', signedBy: 'releases' })
    for (const one of Object.values(WORKFLOW)) expect(bundle?.provenance.notes.join(' ')).toContain(one)
    expect(deps.asked).toEqual([URL_OF, BUNDLE])
    const second = await authority.sign(ARCHIVE, { isSecond: true })
    expect((await fetched(AT, way({ [BUNDLE]: second }))).bundle?.provenance.signature).toBe('verified')
  })

  it('HB-36: nothing is looked for where nobody may sign', async () => {
    const files = { [BUNDLE]: await authority.sign(ARCHIVE) }
    for (const of of ['https://files.example/other/', 'https://files.example.evil.example/', 'npm:pdf']) {
      const deps = way(files, { identities: { releases: { ...RELEASES, of: [of] } } })
      expect((await fetched(AT, deps)).bundle?.provenance.signature).toBe('absent')
      expect(deps.asked).toEqual([URL_OF])
    }
  })

  it('HB-36: who may sign is a matter of where an archive lies, and not of how its URL is written', async () => {
    const lies = 'https://files.example/other/pdf.zip'
    for (const written of ['acme/../other/pdf.zip', 'acme/%2e%2e/other/pdf.zip', 'acme/x/../../other/pdf.zip']) {
      const deps = way({ [lies]: ARCHIVE, [`${lies}.sigstore.json`]: await authority.sign(ARCHIVE) })
      const outcome = await fetched(`https://files.example/${written}#sha256=${sha('sha256', ARCHIVE)}`, deps)
      expect([written, outcome.bundle?.provenance.signature ?? 'refused']).toEqual([written, 'absent'])
    }
  })

  it('HB-36: none is said; one by somebody else, or without a trusted root, is said to be unverified', async () => {
    const right = { [BUNDLE]: await authority.sign(ARCHIVE) }
    const theirs = { [BUNDLE]: await authority.sign(ARCHIVE, { who: { subject: 'https://github.com/evil/x/' } }) }
    const issuer = { [BUNDLE]: await authority.sign(ARCHIVE, { who: { issuer: 'https://accounts.example' } }) }
    for (const [files, state, said, isTrusting] of [
      [{}, 'absent', 'no .sigstore.json', true],
      [theirs, 'unverified', 'no identity under registries.sigstore.identities', true],
      [issuer, 'unverified', 'no identity under registries.sigstore.identities', true],
      [right, 'unverified', 'registries.sigstore.trustedRoot', false],
    ] as const) {
      const { bundle } = await fetched(AT, way(files, { isTrusting }))
      expect([bundle?.provenance.signature, bundle?.provenance.signedBy]).toEqual([state, undefined])
      expect(bundle?.provenance.notes[0]).toContain(said)
      expect((await fetched(AT, way(files, { isTrusting, signatures: 'required' }))).code).toBe('SP_REGISTRY_SIGNATURE')
    }
  })

  it('HB-36: beside a signature of a publisher either is enough, and neither may be broken', async () => {
    const sig = sign(null, ARCHIVE, privateKey)
    const right = await authority.sign(ARCHIVE)
    const wrong = await authority.sign(Buffer.from('another archive'))
    const code = async (files: Readonly<Record<string, Buffer | object>>) => {
      const outcome = await fetched(AT, way(files, { more: { publishers } }))
      return outcome.code ?? outcome.bundle.provenance.signedBy
    }
    expect(await code({ [SIG]: sig })).toBe('acme')
    expect(await code({ [BUNDLE]: right })).toBe('releases')
    expect(await code({ [SIG]: sig, [BUNDLE]: right })).toBe('releases')
    expect(await code({ [SIG]: sig, [BUNDLE]: wrong })).toBe('SP_REGISTRY_SIGNATURE')
    const theirs = await authority.sign(ARCHIVE, { who: { subject: 'https://github.com/evil/x' } })
    const { bundle } = await fetched(AT, way({ [SIG]: sig, [BUNDLE]: theirs }, { more: { publishers } }))
    expect(bundle?.provenance).toMatchObject({ signature: 'verified', signedBy: 'acme' })
    expect(bundle?.provenance.notes[0]).toContain(
      'Not verified: The signature holds and is by https://github.com/evil/x',
    )
    expect(await code({ [SIG]: Buffer.alloc(64), [BUNDLE]: right })).toBe('SP_REGISTRY_SIGNATURE')
  })

  const lie = async (lies: Lies): Promise<object> => authority.sign(ARCHIVE, lies)
  it.each<[string, string, () => Promise<Buffer | object>]>([
    ['another archive', 'over another archive', async () => authority.sign(Buffer.from('another archive'))],
    [
      'another archive, under the hash of this one',
      'digest mismatch',
      async () => {
        const made = await authority.sign(Buffer.from('another archive'))
        made.messageSignature.messageDigest.digest = sha('sha256', ARCHIVE, 'base64')
        return made
      },
    ],
    [
      'another archive, under the hash of this one in the log, too',
      'signature verification failed',
      async () => {
        const made = await authority.sign(Buffer.from('another archive'), {
          entry: { hash: sha('sha256', ARCHIVE) },
        })
        made.messageSignature.messageDigest.digest = sha('sha256', ARCHIVE, 'base64')
        return made
      },
    ],
    ['an attestation', 'an attestation where a signature is due', async () => authority.attest({})],
    ['another authority', 'verify certificate chain', async () => lie({ ca: await newCa() })],
    ['no log of certificates', 'expected 1 SCTs', async () => lie({ ct: null })],
    ['another log', 'inclusion promise could not be verified', async () => lie({ rekor: newLog() })],
    ['a proof for another entry', 'root hash does not match', async () => lie({ proven: Buffer.from('x') })],
    ['a certificate that was over', 'verify certificate chain', async () => lie({ logged: SIGNED + 3_600_000 })],
    [
      'JSON that was cut',
      'it cannot be read',
      async () => Buffer.from(JSON.stringify(await authority.sign(ARCHIVE)).slice(0, -9)),
    ],
    [
      'JSON that says two things',
      'it cannot be read',
      async () => Buffer.from(JSON.stringify(await authority.sign(ARCHIVE)).replace('{', '{"mediaType":"x",')),
    ],
    ['a page', 'it cannot be read', async () => Promise.resolve(Buffer.from('<html>'))],
    ['bytes that are no text', 'it cannot be read', async () => Promise.resolve(Buffer.from([0xff, 0xfe]))],
  ])('T-146 T-177 HB-36: a bundle of %s is refused, whoever may sign', async (_name, why, made) => {
    const files = { [BUNDLE]: await made() }
    const refused = { code: 'SP_REGISTRY_SIGNATURE', said: expect.stringContaining(why) as string }
    expect(await fetched(AT, way(files))).toMatchObject(refused)
    const identities = { somebody: { ...RELEASES, subject: 'somebody@acme.example' } }
    expect(await fetched(AT, way(files, { identities }))).toMatchObject(refused)
  })

  it('SYS-9: a bundle of 5 MB is not read', async () => {
    expect((await fetched(AT, way({ [BUNDLE]: Buffer.alloc(5_000_000, 0x20) }))).code).toBe('SP_REGISTRY_TOO_LARGE')
  })
})

describe('the trusted root', () => {
  it.each<[string, () => string, string]>([
    ['is missing', () => join(directory, 'none.json'), 'cannot be read'],
    [
      'leads nowhere',
      () => {
        symlinkSync(join(directory, 'nowhere.json'), join(directory, 'link.json'))
        return join(directory, 'link.json')
      },
      'cannot be read',
    ],
    [
      'is a folder',
      () => {
        mkdirSync(join(directory, 'folder.json'))
        return join(directory, 'folder.json')
      },
      'cannot be read',
    ],
    ['never ends', () => '/dev/zero', 'cannot be read'],
    ['is too large', () => file('large.json', ' '.repeat(1_100_000)), 'cannot be read'],
    [
      'was cut',
      () => {
        const path = file('cut.json', authority.root)
        truncateSync(path, 500)
        return path
      },
      'or was cut',
    ],
    ['is empty', () => file('empty.json', ''), 'or was cut'],
    ['is something else', () => file('bundle.json', { mediaType: 'application/json' }), 'or was cut'],
    [
      'has a key that is none',
      () => {
        const root = structuredClone(authority.root) as {
          readonly tlogs: { readonly publicKey: { rawBytes: string } }[]
        }
        for (const { publicKey } of root.tlogs) publicKey.rawBytes = 'AAAA'
        return file('key.json', root)
      },
      'or was cut',
    ],
    ['has no authority', () => file('ca.json', { ...authority.root, certificateAuthorities: [] }), 'at least'],
    ['has no log of certificates', () => file('ct.json', { ...authority.root, ctlogs: [] }), 'at least'],
    ['has no log of signatures', () => file('log.json', { ...authority.root, tlogs: [] }), 'at least'],
  ])('HB-36 T-177: one that %s is an error of the configuration, not a pass', (_name, path, said) => {
    expect(() => readTrustedRoot(path())).toThrow(
      expect.objectContaining({ code: 'SP_CONFIG_INVALID', message: expect.stringContaining(said) as string }) as Error,
    )
  })

  it('HB-36: it is read from beside the configuration, before anything is fetched', () => {
    const open = (trustedRoot: string) =>
      openRegistries({
        loaded: parseConfig(
          `version: 1\nregistries: { sigstore: { trustedRoot: ${trustedRoot} } }\n`,
          join(directory, 'sallyport.yaml'),
          { env: {}, stateDir: directory, now: SIGNED },
        ),
        ...{ now: () => SIGNED, attempted: () => Promise.resolve() },
      })
    expect(open('trusted_root.json').trust?.tlogs).toHaveLength(1)
    expect(() => open('none.json')).toThrow(expect.objectContaining({ code: 'SP_CONFIG_INVALID' }) as Error)
  })
})

it('HB-36 T-177: a gateway does not start with a trusted root that is none', () => {
  const program = fileURLToPath(new URL('../../packages/gateway/bin/sallyport.js', import.meta.url))
  const config = file('bad.yaml', 'version: 1\nregistries: { sigstore: { trustedRoot: none.json } }\n')
  const { status, stderr } = spawnSync(
    process.execPath,
    [program, '--state', join(directory, 'state'), '--config', config, 'up'],
    { encoding: 'utf8', timeout: 60_000 },
  )
  expect(status).not.toBe(0)
  expect(stderr).toMatch(/SP_CONFIG_INVALID[^]*registries\.sigstore\.trustedRoot: \S+none\.json cannot be read\./)
})

describe('identities of the configuration', () => {
  it.each(['https://Files.example/acme/', 'https://files.example:443/acme/', 'https://files.example/x/../acme/'])(
    'HB-36: a publisher of %s would never be asked about, and is not taken',
    (of) => {
      const key = Buffer.alloc(32).toString('base64')
      const publishers = (url: string) =>
        registriesSchema.safeParse({ publishers: { acme: { key, of: [url] } } }).success
      expect([publishers('https://files.example/acme/'), publishers(of)]).toEqual([true, false])
    },
  )

  const isTaken = (more: object): boolean =>
    registriesSchema.safeParse({
      sigstore: {
        identities: { acme: { issuer: WORKFLOW.issuer, subject: WORKFLOW.subject, of: ['npm:tools'], ...more } },
      },
    }).success

  it.each([
    { subject: 'https://github.com/acme/tools/' },
    { subject: 'https://github.com/acme/tools/.github/workflows/release.yml@' },
    { subject: 'releases@acme.example' },
    { of: ['npm:@acme/', 'npm:@acme/tools', 'npm:JSONStream', 'https://files.example/', 'https://files.example/a/'] },
  ])('HB-36: %o is taken', (more) => expect(isTaken(more)).toBe(true))

  it.each([
    { subject: 'https://github.com/' },
    { subject: 'https://github.com//' },
    { subject: 'releases@' },
    { subject: 'https://' },
    { subject: '/' },
    { subject: '' },
    { subject: 'https://github.com/acme tools/' },
    { issuer: 'http://token.example' },
    { issuer: 'token.example' },
    { of: [] },
    { of: ['npm:'] },
    { of: ['npm:@acme'] },
    { of: ['npm:*'] },
    { of: ['npm:@/'] },
    { of: ['npm:@acme/tools/'] },
    { of: ['https://files.example'] },
    { of: ['https://files.example/a'] },
    { of: ['http://files.example/'] },
    { of: ['*'] },
    { of: ['https://Files.example/'] },
    { of: ['https://files.example:443/'] },
    { of: ['https://files.example/a/../'] },
    { issuers: [] },
  ])('HB-36: %o is not taken: a beginning ends, and is somebody’s', (more) => expect(isTaken(more)).toBe(false))
})
