import { generateKeyPairSync, sign } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RequestListener } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { run as showConfig } from '../../packages/gateway/src/cli/config/show.ts'
import { parseConfig } from '../../packages/gateway/src/config/load.ts'
import type { EgressAttempt } from '../../packages/gateway/src/execution/egress/proxy.ts'
import { openRegistries } from '../../packages/gateway/src/registries.ts'
import { certificate, Servers } from '../web/stage.ts'
import { zip } from './archives.ts'
import { fetched, sha } from './registry-server.ts'

const ARCHIVE = zip([{ name: 'pdf/SKILL.md', content: '---\nname: pdf\n---\n' }])
const HASH = sha('sha256', ARCHIVE)
const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const key = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64')
const servers = new Servers()
const folder = mkdtempSync(join(tmpdir(), 'registry-'))
let port = 0
let tls: ReturnType<typeof certificate>
let answers: Record<
  string,
  { readonly status?: number; readonly headers?: Record<string, string>; readonly body?: Uint8Array } | undefined
> = {}
const asked: string[] = []

beforeAll(async () => {
  tls = certificate(folder, ['files.example'])
  const listener: RequestListener = ({ url = '', headers }, response) => {
    asked.push(`${headers.host ?? ''}${url}`)
    const { status = 404, headers: said = {}, body } = answers[url] ?? {}
    response.writeHead(status, said).end(body)
  }
  port = await servers.https(listener, tls)
})
afterAll(() => {
  servers.close()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(() => {
  asked.length = 0
  answers = {
    '/acme/pdf.zip': { status: 200, body: ARCHIVE },
    '/acme/pdf.zip.sig': { status: 200, body: sign(null, ARCHIVE, privateKey) },
  }
})

/** As an operator writes it; the name leads to this machine, which only `exceptions` allows. */
function way({ signatures = 'required', exceptions = true, blocked = '[]', hosts = 'files.example' } = {}) {
  const attempts: EgressAttempt[] = []
  const loaded = parseConfig(
    `version: 1
registries:
  archives: { hosts: ["${hosts}:${port}"], signatures: ${signatures} }
  publishers:
    acme: { key: "${key}", of: ["https://files.example:${port}/acme/"] }
egress:
  blocked: ${blocked}
  authorities: ["${tls.cert}"]
${exceptions ? `  exceptions: { "${hosts}:${port}": { addresses: ["127.0.0.0/8"], reason: the test, by: me, expires: 2999-01-01 } }` : ''}
`,
    join(folder, 'sallyport.yaml'),
    { env: {}, stateDir: folder, now: Date.now() },
  )
  const deps = openRegistries({
    loaded,
    now: () => Date.now(),
    attempted: async (attempt) => void attempts.push(attempt),
    resolve: async () => Promise.resolve(['127.0.0.1']),
  })
  return { ...deps, attempts }
}
const at = (path = '/acme/pdf.zip', hash = HASH): string => `https://files.example:${port}${path}#sha256=${hash}`

describe('archives over HTTPS, as a configuration has it', () => {
  it('SYS-9 HB-36: comes through the checked way out, with the signature of its publisher', async () => {
    const deps = way()
    const { bundle } = await fetched(at(), deps)
    expect(bundle).toMatchObject({
      name: 'pdf',
      provenance: { source: 'archive', signature: 'verified', signedBy: 'acme' },
    })
    expect(bundle?.files.map(({ path }) => path)).toEqual(['SKILL.md'])
    expect(deps.attempts).toMatchObject([{ verdict: 'allowed' }, { verdict: 'allowed' }])
    // nothing was written beside what the test itself wrote
    expect(readdirSync(folder).toSorted()).toEqual(['cert.pem', 'key.pem'])
  })

  it('HB-36: another hash, another archive, a bad signature, none, or one for another place', async () => {
    expect((await fetched(at('/acme/pdf.zip', '0'.repeat(64)), way())).code).toBe('SP_REGISTRY_INTEGRITY')
    answers['/acme/pdf.zip.sig'] = { status: 200, body: sign(null, Buffer.from('another'), privateKey) }
    expect((await fetched(at(), way({ signatures: 'checked' }))).code).toBe('SP_REGISTRY_SIGNATURE')
    answers['/acme/pdf.zip.sig'] = { status: 200, body: Buffer.alloc(2_000) }
    expect((await fetched(at(), way())).code).toBe('SP_REGISTRY_TOO_LARGE')
    answers['/acme/pdf.zip.sig'] = undefined
    expect((await fetched(at(), way())).code).toBe('SP_REGISTRY_SIGNATURE')
    expect((await fetched(at(), way({ signatures: 'checked' }))).bundle?.provenance.signature).toBe('absent')
    answers['/acme/pdf.zip.sig'] = { status: 500 }
    expect((await fetched(at(), way({ signatures: 'checked' }))).code).toBe('SP_REGISTRY_UNAVAILABLE')
    answers['/other/pdf.zip'] = { status: 200, body: ARCHIVE }
    answers['/other/pdf.zip.sig'] = { status: 200, body: sign(null, ARCHIVE, privateKey) }
    expect((await fetched(at('/other/pdf.zip'), way())).code).toBe('SP_REGISTRY_SIGNATURE')
    expect(asked.some((url) => url.endsWith('/other/pdf.zip.sig'))).toBe(false)
  })

  it('SYS-9 HB-69 T-120: without the exception of an operator a name that leads inside is refused; a blocked one always', async () => {
    expect((await fetched(at(), way({ exceptions: false }))).code).toBe('SP_EGRESS_REFUSED')
    expect((await fetched(at(), way({ blocked: `["files.example:${port}"]` }))).code).toBe('SP_EGRESS_REFUSED')
    expect(asked).toEqual([])
  })

  it('SYS-9: a certificate of another name is none', async () => {
    answers['/x'] = { status: 200, body: ARCHIVE }
    const outcome = await fetched(`https://other.example:${port}/x#sha256=${HASH}`, way({ hosts: 'other.example' }))
    expect(outcome.code).toBe('SP_EGRESS_UNREACHABLE')
    expect(asked).toEqual([])
  })

  it.each([`http://files.example/acme/pdf.zip`, 'https://evil.example/pdf.zip', 'https://127.0.0.1/x'])(
    'SYS-9 HB-70: to %s it is not followed',
    async (location) => {
      answers['/acme/pdf.zip'] = { status: 302, headers: { location } }
      expect((await fetched(at(), way())).code).toBe('SP_REGISTRY_REDIRECT')
      expect(asked).toHaveLength(1)
    },
  )
})

it('SYS-9: the token of a registry is not shown with the configuration', async () => {
  const file = join(folder, 'shown.yaml')
  writeFileSync(file, 'version: 1\nregistries: { npm: { url: https://npm.example, token: npm_secret } }\n')
  const lines: string[] = []
  const io = { configPath: file, stateDir: folder, json: true, out: (line: string) => void lines.push(line) }
  await showConfig(io as never, {} as never, {} as never)
  rmSync(file)
  expect(lines.join()).toContain('registries.npm.token')
  expect(lines.join()).not.toContain('npm_secret')
})
