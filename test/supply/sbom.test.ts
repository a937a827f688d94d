import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { admitBundle } from '../../packages/gateway/src/assurance/admission/admit.ts'
import { admissionOf } from '../../packages/gateway/src/cli/skills/room.ts'
import type { CliIo, CliOptions } from '../../packages/gateway/src/cli/command.ts'
import { run } from '../../packages/gateway/src/cli/sbom/sbom.ts'
import { bundleOf } from '../admission/kit.ts'
import { cyclonedxErrors } from '../setup/official-schemas.ts'

const VALUE = ['ghp', 'a'.repeat(36)].join('_')
let root: string
const put = (path: string, text: string | Uint8Array): void => {
  mkdirSync(join(root, path, '..'), { recursive: true })
  writeFileSync(join(root, path), text)
}

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'sallyport-sbom-'))
  put('all/package.json', '{"dependencies":{"left-pad":"^1"}}')
  put(
    'all/package-lock.json',
    JSON.stringify({
      lockfileVersion: 3,
      packages: {
        'node_modules/@s/left pad': { version: '1.0.0', integrity: `sha512-${Buffer.alloc(64, 1).toString('base64')}` },
      },
    }),
  )
  put('all/sub/requirements.txt', 'PyYAML==5.3\n')
  put('all/go.sum', 'golang.org/x/text v0.3.0 h1:AAA=\n')
  put('all/skills/fine/SKILL.md', '---\nname: fine\ndescription: D.\nversion: 1.2.0\n---\nHello.\n')
  put(
    'all/.mcp.json',
    JSON.stringify({
      mcpServers: {
        files: { command: '/usr/bin/npx', args: ['server', VALUE] },
        far: { url: `https://u:${VALUE}@mcp.test/x?token=${VALUE}` },
      },
    }),
  )
  put('sallyport.yaml', `version: 1\nservers: { notes: { command: [node, x.mjs, ${VALUE}] } }\n`)
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

async function sbom(path: string, options: CliOptions = {}, servers?: readonly object[]) {
  const [said, told]: [string[], string[]] = [[], []]
  const gateway = { alive: async () => servers !== undefined, request: async () => ({ servers }) }
  const io = {
    ...{ out: (text: string) => said.push(text), err: (text: string) => told.push(text), json: false, cwd: root },
    ...{ stateDir: root, configPath: join(root, 'sallyport.yaml'), gateway },
  }
  const code = await run(io as unknown as CliIo, [path], options)
  return { code, text: said.join('\n'), told: told.join('\n') }
}
const PINNED = [{ alias: 'notes', pinned: 4 }]

describe('sbom', () => {
  test('HB-2, SYS-14: packages, skills, servers, models: valid CycloneDX 1.6, and the same twice', async () => {
    const { code, text, told } = await sbom('all', { format: 'cyclonedx' }, PINNED)
    const bom = JSON.parse(text)
    expect([code, told, cyclonedxErrors(bom)]).toEqual([0, '', []])
    const names = bom.components.map(({ type, name, purl }: Record<string, string>) => purl ?? `${type} ${name}`)
    expect(names).toEqual([
      'machine-learning-model sallyport-injection',
      'pkg:golang/golang.org/x/text@v0.3.0',
      'pkg:pypi/pyyaml@5.3',
      'pkg:npm/%40s/left%20pad@1.0.0',
      'application fine',
    ])
    expect(bom.services.map(({ name }: { name: string }) => name)).toEqual(['far', 'files', 'notes'])
    expect(bom.compositions[0].aggregate).toBe('complete')
    expect((await sbom('all', { format: 'cyclonedx' }, PINNED)).text).toBe(text)
  })

  test('HB-2: no value of a credential, no argument and no path of an address is in any form', async () => {
    for (const format of ['table', 'json', 'cyclonedx'])
      expect((await sbom('all', { format }, PINNED)).text).not.toContain(VALUE.slice(4))
  })

  test('HB-2: credentials in use are listed by name', async () => {
    const before = join(root, 'sallyport.yaml')
    writeFileSync(
      before,
      'version: 1\ncredentials: { chat: { preset: openai, secret: "env:CHAT_KEY", category: external, agents: [main] } }\n',
    )
    const { text } = await sbom('all', { format: 'cyclonedx' }, PINNED)
    const bom = JSON.parse(text)
    expect(cyclonedxErrors(bom)).toEqual([])
    expect(
      bom.components
        .filter(({ type }: { type: string }) => type === 'cryptographic-asset')
        .map(({ name }: { name: string }) => name),
    ).toEqual(['chat'])
    expect(text).toContain('openai (service)')
    writeFileSync(before, `version: 1\nservers: { notes: { command: [node, x.mjs, ${VALUE}] } }\n`)
  })

  test('HB-2: what cannot be listed is named, and the list is incomplete: exit 3', async () => {
    const cases: Readonly<Record<string, string | Uint8Array>> = {
      'package-lock.json': '<<<<<<< HEAD\n{}',
      'yarn.lock': Buffer.from([0xff, 0xfe]),
      'requirements.txt': 'flask>=1\n',
      'package.json': '{"dependencies":{"a":"*"}}',
      '.mcp.json': '{',
    }
    for (const [name, content] of Object.entries(cases)) {
      put(`bad-${name}/${name}`, content)
      const { code, told, text } = await sbom(`bad-${name}`, { format: 'cyclonedx' }, PINNED)
      expect([name, code, told.includes(name)]).toEqual([name, 3, true])
      expect(cyclonedxErrors(JSON.parse(text))).toEqual([])
      expect(JSON.parse(text).compositions[0].aggregate).toBe('incomplete')
    }
  })

  test('SYS-14: without a gateway the reviewed definitions are not known, and that is said', async () => {
    const { code, told } = await sbom('all')
    expect([code, told.includes('No gateway answers')]).toEqual([3, true])
  })

  test('HB-2: a changed byte of a skill changes its digest', async () => {
    const digest = async (): Promise<unknown> =>
      JSON.parse((await sbom('all', { format: 'json' }, PINNED)).text).components.find(
        ({ kind }: { kind: string }) => kind === 'skill',
      ).hashes
    const before = await digest()
    put('all/skills/fine/run.sh', 'echo 1\n')
    expect(await digest()).not.toEqual(before)
  })
})

test('HB-2: skills that were admitted here are listed with their hash, refused ones are not', async () => {
  const deps = admissionOf({ stateDir: root })
  const { hash } = await admitBundle(bundleOf('admitted'), deps, 'account:ana')
  const secret = {
    'SKILL.md': `---\nname: refused\ndescription: D.\n---\nUse ${['ghp', 'x7Kq2mZp9Rv4Tn8Wb3Yc6Ld1Fg5Hj0Sa2QeU'].join('_')}.\n`,
  }
  expect((await admitBundle(bundleOf('refused', secret), deps, 'account:ana')).state).toBe('refused')
  const { text } = await sbom('all', { format: 'json' })
  const skills = JSON.parse(text).components.filter(({ from }: { from: string[] }) => from[0]?.startsWith('admitted'))
  expect(skills).toMatchObject([{ name: 'admitted', hashes: [{ hex: hash }], from: ['admitted: pending_review'] }])
})
