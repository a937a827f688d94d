import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { advisoryFindings } from '../../packages/gateway/src/assurance/advisories/advisory-findings.ts'
import { cvssBase } from '../../packages/gateway/src/assurance/advisories/cvss.ts'
import { readAdvisories } from '../../packages/gateway/src/assurance/advisories/import.ts'
import { npmAuditFindings } from '../../packages/gateway/src/assurance/advisories/npm-audit.ts'
import { readOsv } from '../../packages/gateway/src/assurance/advisories/osv.ts'
import { snapshotOf } from '../../packages/gateway/src/assurance/advisories/snapshot.ts'
import type { Ecosystem } from '../../packages/gateway/src/assurance/sbom/component.ts'
import { run as checkCommand } from '../../packages/gateway/src/cli/advisories/check.ts'
import { run as importCommand } from '../../packages/gateway/src/cli/advisories/import.ts'
import { run as statusCommand } from '../../packages/gateway/src/cli/advisories/status.ts'
import type { CliIo, CliOptions, CommandRun } from '../../packages/gateway/src/cli/command.ts'

const RECORDS = join(import.meta.dirname, '../fixtures/osv')
/** One day after the newest record of the fixtures. */
const NOW = Date.parse('2024-06-18T19:09:12Z')
const all = readAdvisories(RECORDS)

const found = (ecosystem: Ecosystem, name: string, version: string): readonly string[] =>
  advisoryFindings(
    { components: [{ kind: 'package', ecosystem, name, version, hashes: [], from: ['lock'] }], notes: [] },
    snapshotOf(all, NOW),
    NOW,
  ).map(({ severity, detail }) => `${severity} ${/\((\S+?)[,)]/.exec(detail)?.[1] ?? detail}`)

let root: string
beforeAll(() => (root = mkdtempSync(join(tmpdir(), 'sallyport-advisories-'))))
afterAll(() => rmSync(root, { recursive: true, force: true }))
beforeEach(() => rmSync(join(root, 'state'), { recursive: true, force: true }))

async function call(run: CommandRun, args: readonly string[], options: CliOptions = {}) {
  const [said, told]: [string[], string[]] = [[], []]
  const io = {
    out: (text: string) => said.push(text),
    err: (text: string) => told.push(text),
    json: true,
    cwd: root,
    stateDir: join(root, 'state'),
  }
  const code = await run(io as unknown as CliIo, args, options)
  return { code, text: said.join('\n'), told: told.join('\n') }
}
const put = (path: string, text: string): void => {
  mkdirSync(join(root, path, '..'), { recursive: true })
  writeFileSync(join(root, path), text)
}
const lock = (name: string, version: string): string =>
  JSON.stringify({ lockfileVersion: 3, packages: { [`node_modules/${name}`]: { version } } })

describe('HB-2, AC-7.5.2: what is known against a package', () => {
  test('at least 20 real records of three ecosystems are kept with their source', () => {
    expect(all.length).toBeGreaterThanOrEqual(20)
    expect(readdirSync(RECORDS).filter((name) => name.endsWith('.json')).length).toBe(all.length)
    expect(readFileSync(join(RECORDS, 'README.md'), 'utf8')).toContain('CC-BY-4.0')
  })

  test.each<[Ecosystem, string, string, readonly string[]]>([
    ['npm', 'lodash', '4.17.20', ['high GHSA-35jh-r3h4-6jhm']],
    ['npm', 'lodash', '4.17.21', []],
    ['npm', 'lodash', '4.17.21-rc.1', ['high GHSA-35jh-r3h4-6jhm']],
    ['npm', 'Lodash', '4.17.20', []],
    ['npm', 'minimist', '0.2.3', ['critical GHSA-xvch-5gv4-984h']],
    ['npm', 'minimist', '0.2.4', []],
    ['npm', 'minimist', '1.2.5', ['critical GHSA-xvch-5gv4-984h']],
    ['npm', 'semver', '6.3.0', ['medium GHSA-c2qf-rxjj-qqgw']],
    ['npm', 'semver', '6.3.1', []],
    ['npm', 'semver', '7.5.1', ['medium GHSA-c2qf-rxjj-qqgw']],
    ['npm', 'ua-parser-js', '0.7.29', ['critical GHSA-pjwm-rvh2-c87w']],
    ['npm', 'ua-parser-js', '0.7.28', []],
    ['npm', 'ua-parser-js', '1.0.1', []],
    ['npm', 'ws', '8.17.0', ['high GHSA-3h5v-q93c-6h6q']],
    ['npm', 'ws', '2.0.3', []],
    ['npm', 'axios', '0.8.0', []],
    ['npm', 'axios', '1.5.1', ['medium GHSA-wf5p-g6vw-rhxx']],
    ['PyPI', 'pyyaml', '5.3.1', ['critical GHSA-8q59-q68h-6hv4']],
    ['PyPI', 'PyYAML', '5.4b1', ['critical GHSA-8q59-q68h-6hv4']],
    ['PyPI', 'PyYAML', '5.4', []],
    ['PyPI', 'Jinja2', '3.1.2.post1', ['medium GHSA-h5c8-rqwp-cp95']],
    ['PyPI', 'requests', '2.30.0', ['medium GHSA-9wx4-h78v-vm56', 'medium GHSA-j8r2-6x86-q33q']],
    ['PyPI', 'urllib3', '2.0.5', ['medium GHSA-v845-jxx5-vc9f']],
    ['PyPI', 'urllib3', '1.26.17', []],
    ['Go', 'golang.org/x/text', 'v0.3.2', ['high GO-2020-0015', 'high GO-2021-0113']],
    ['Go', 'golang.org/x/text', 'v0.3.7', []],
    ['Go', 'golang.org/x/net', 'v0.0.0-20220101000000-000000000000', ['high GO-2022-0969']],
    ['Go', 'github.com/dgrijalva/jwt-go', 'v3.2.0+incompatible', ['high GO-2020-0017']],
    ['Go', 'github.com/dgrijalva/jwt-go/v4', 'v4.0.0-preview1', []],
    ['Go', 'stdlib', '1.19.0', ['high GO-2022-0969']],
    ['Go', 'stdlib', '1.18.6', []],
    ['npm', 'lodash', 'latest', ['medium Not verified: its version cannot be compared with GHSA-35jh-r3h4-6jhm.']],
    ['RubyGems', 'rails', '2.3.0', ['medium Not verified: its version cannot be compared with GHSA-24fg-p96v-hxh8.']],
  ])('%s %s %s', (ecosystem, name, version, expected) => {
    expect([...found(ecosystem, name, version)].toSorted()).toEqual(expected)
  })

  const osv = (changes: object): string =>
    JSON.stringify({
      id: 'X-2024-1',
      modified: '2024-06-18T00:00:00Z',
      affected: [{ package: { ecosystem: 'npm', name: 'a' }, ...changes }],
    })
  const events = (...list: readonly object[]): object => ({ ranges: [{ type: 'SEMVER', events: list }] })
  test.each([
    ['1.0.0', events({ introduced: '0' }, { last_affected: '1.0.0' }), 1],
    ['1.0.1', events({ introduced: '0' }, { last_affected: '1.0.0' }), 0],
    ['1.0.0', events({ fixed: '0.9.0' }, { introduced: '0' }, { introduced: '1.0.0' }), 1],
    ['0.9.5', events({ introduced: '1.0.0' }, { fixed: '0.9.0' }, { introduced: '0' }), 0],
    ['2.0.0', events({ introduced: '0' }, { limit: '2.0.0' }), 0],
    ['1.9.9', events({ introduced: '0' }, { limit: '2.0.0' }, { limit: '1.0.0' }), 1],
    ['3.0.0', { versions: ['3.0.0'] }, 1],
    ['3.0.1', { versions: ['3.0.0'] }, 0],
    ['3.0.0', events({ introduced: 'one' }), 1],
    ['3.0.0', { ranges: [{ type: 'GIT', repo: 'x', events: [{ introduced: '0' }] }] }, 1],
  ])('%s in %j: %i', (version, changes, count) => {
    const inventory = {
      components: [{ kind: 'package', ecosystem: 'npm', name: 'a', version, hashes: [], from: [] }],
      notes: [],
    } as const
    expect(advisoryFindings(inventory, snapshotOf(readOsv(osv(changes), 'x'), NOW), NOW).length).toBe(count)
  })

  test('two databases about one hole are one finding, of the worse rating', () => {
    const record = (id: string, aliases: readonly string[], severity: string): string =>
      JSON.stringify({
        id,
        aliases,
        modified: '2024-06-18T00:00:00Z',
        database_specific: { severity },
        affected: [{ package: { ecosystem: 'npm', name: 'a' }, ...events({ introduced: '0' }) }],
      })
    const text = `[${record('GHSA-1', ['CVE-1'], 'LOW')},${record('OTHER-1', ['CVE-1'], 'CRITICAL')}]`
    const inventory = {
      components: [{ kind: 'package', ecosystem: 'npm', name: 'a', version: '1.0.0', hashes: [], from: [] }],
      notes: [],
    } as const
    expect(
      advisoryFindings(inventory, snapshotOf(readOsv(text, 'x'), NOW), NOW).map(({ severity }) => severity),
    ).toEqual(['critical'])
  })

  test('a finding names the version to update to', () => {
    const inventory = {
      components: [{ kind: 'package', ecosystem: 'npm', name: 'ws', version: '7.0.0', hashes: [], from: [] }],
      notes: [],
    } as const
    expect(advisoryFindings(inventory, snapshotOf(all, NOW), NOW)[0]?.remediation).toBe('Update ws to 7.5.10 or later.')
  })

  test.each([
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', 9.8],
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N', 6.1],
    ['CVSS:3.0/AV:N/AC:L/PR:H/UI:N/S:U/C:H/I:H/A:H', 7.2],
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N', 0],
    ['CVSS:3.1/AV:X', undefined],
    ['CVSS:4.0/AV:N', undefined],
  ])('%s is %s', (vector, score) => expect(cvssBase(vector)).toBe(score))
})

describe('AC-7.5.2: import, age and thresholds', () => {
  test('without advisories nothing is clean; with them a known hole fails at its threshold', async () => {
    put('app/package-lock.json', lock('lodash', '4.17.20'))
    put('fine/package-lock.json', lock('lodash', '4.17.21'))
    expect((await call(statusCommand, [])).code).toBe(3)
    expect((await call(checkCommand, ['fine'])).code).toBe(3)
    expect((await call(importCommand, [RECORDS])).code).toBe(0)
    expect((await call(checkCommand, ['app'])).code).toBe(1)
    // the newest record is of 2024: nothing newer is known, so that nothing else is verified
    expect((await call(checkCommand, ['app'], { failOn: 'critical' })).code).toBe(3)
    expect((await call(statusCommand, [])).code).toBe(1)
    await expect(call(checkCommand, ['app'], { failOn: 'x' })).rejects.toMatchObject({ code: 'SP_CLI_USAGE' })
  })

  test('a fresh snapshot and a repaired package: exit 0', async () => {
    put('new/x.json', JSON.stringify({ id: 'X-1', modified: new Date(Date.now() - 1000).toISOString() }))
    put('fine/package-lock.json', lock('lodash', '4.17.21'))
    await call(importCommand, ['new'])
    expect((await call(statusCommand, [])).code).toBe(0)
    expect((await call(checkCommand, ['fine'])).code).toBe(0)
    put('unlisted/package-lock.json', '<<<<<<<')
    expect((await call(checkCommand, ['unlisted'])).code).toBe(3)
  })

  test('the newest date of a record after the import does not keep a snapshot young', () => {
    const text = JSON.stringify({ id: 'X-1', modified: '2099-01-01T00:00:00Z' })
    const ids = (now: number): readonly string[] =>
      advisoryFindings({ components: [], notes: [] }, snapshotOf(readOsv(text, 'x'), NOW), now).map(({ id }) => id)
    expect(ids(NOW)).toEqual(['supply.advisories_old'])
    expect(ids(NOW - 1)).toEqual(['supply.advisories_old'])
  })

  test.each([
    ['7 days', 7 * 86_400_000, []],
    ['a moment more', 7 * 86_400_000 + 1, ['supply.advisories_old']],
  ])('age of %s', (_name, age, ids) => {
    const snapshot = snapshotOf(readOsv(JSON.stringify({ id: 'X-1', modified: new Date(NOW).toISOString() }), 'x'), NOW)
    expect(advisoryFindings({ components: [], notes: [] }, snapshot, NOW + age).map(({ id }) => id)).toEqual(ids)
  })

  const GOOD = readFileSync(join(RECORDS, 'GHSA-35jh-r3h4-6jhm.json'), 'utf8')
  test.each([
    ['text', 'hello'],
    ['an empty list', '[]'],
    ['a list with one bad record', `[${GOOD}, {"id": 3}]`],
    ['an unknown event', GOOD.replace('"introduced"', '"intruded"')],
    ['an id that draws', GOOD.replace('GHSA-35jh-r3h4-6jhm', '\\u001b[31m')],
    ['no date', GOOD.replace('2022-02-08T21:35:09Z', 'yesterday')],
    ['not UTF-8', 'BINARY'],
  ])('%s is refused whole, and the snapshot before stays', async (_name, text) => {
    await call(importCommand, [RECORDS])
    const before = readFileSync(join(root, 'state/advisories/snapshot.json'), 'utf8')
    rmSync(join(root, 'bad'), { recursive: true, force: true })
    mkdirSync(join(root, 'bad'))
    copyFileSync(join(RECORDS, 'GO-2020-0015.json'), join(root, 'bad/a.json'))
    writeFileSync(join(root, 'bad/b.json'), text === 'BINARY' ? Uint8Array.of(0x22, 0xff, 0x22) : text)
    await expect(call(importCommand, ['bad'])).rejects.toMatchObject({ code: 'SP_ADVISORY_INVALID' })
    expect(readFileSync(join(root, 'state/advisories/snapshot.json'), 'utf8')).toBe(before)
  })

  test('sizes, numbers and depth have limits, and links are not followed', () => {
    const limits = { file: 1e6, total: 1e6, files: 100, depth: 4 }
    for (const [name, value] of [
      ['file', 100],
      ['total', 3000],
      ['files', 3],
    ] as const)
      expect(() => readAdvisories(RECORDS, { ...limits, [name]: value })).toThrow(/bytes|more than/)
    mkdirSync(join(root, 'deep/a/b/c/d/e'), { recursive: true })
    expect(() => readAdvisories(join(root, 'deep'), limits)).toThrow(/too deep/)
    mkdirSync(join(root, 'linked'))
    symlinkSync(RECORDS, join(root, 'linked/records'))
    expect(() => readAdvisories(join(root, 'linked'), limits)).toThrow(/no record/)
  })

  test('a snapshot that was cut or changed is an error, never an empty one', async () => {
    await call(importCommand, [RECORDS])
    for (const text of ['', '{"version":1}', '{"version":2,"imported":"2024-01-01T00:00:00Z","advisories":[]}']) {
      writeFileSync(join(root, 'state/advisories/snapshot.json'), text)
      await expect(call(checkCommand, ['.'])).rejects.toMatchObject({ code: 'SP_ADVISORY_SNAPSHOT' })
    }
  })

  test('withdrawn records are left out; malicious packages are critical', () => {
    const text = (more: object): string =>
      JSON.stringify({
        id: 'MAL-2024-1',
        modified: '2024-06-18T00:00:00Z',
        affected: [{ package: { ecosystem: 'npm', name: 'a' }, versions: ['1.0.0'] }],
        ...more,
      })
    expect(readOsv(text({ withdrawn: '2024-06-18T00:00:00Z' }), 'x')).toEqual([])
    expect(readOsv(text({}), 'x')[0]?.severity).toBe('critical')
  })
})

describe('AC-7.5.2 SYS-16: npm audit --json', () => {
  const REPORT = {
    auditReportVersion: 2,
    vulnerabilities: {
      lodash: {
        name: 'lodash',
        severity: 'high',
        via: [
          {
            source: 1,
            name: 'lodash',
            title: 'Command Injection in lodash',
            url: 'https://github.com/advisories/GHSA-35jh-r3h4-6jhm',
            severity: 'high',
            range: '<4.17.21',
          },
        ],
        fixAvailable: true,
      },
      grunt: { name: 'grunt', severity: 'high', via: ['lodash'], fixAvailable: false },
    },
  }
  test('each hole once, at its severity', () => {
    const [first, ...rest] = npmAuditFindings(JSON.stringify(REPORT), 'audit.json')
    expect([first?.severity, first?.subject, rest]).toEqual(['high', 'npm lodash@<4.17.21', []])
  })

  test.each(['', '{"error":{"code":"ENOAUDIT"}}', '{"message":"request failed"}', '{}', '{"auditReportVersion":1}'])(
    'no answer of a registry is “not verified”: %s',
    async (text) => {
      put('audit.json', text)
      put('fine/package-lock.json', lock('lodash', '4.17.21'))
      expect(npmAuditFindings(text, 'audit.json')[0]?.detail).toMatch(/^Not verified/)
      expect((await call(checkCommand, ['fine'], { npmAudit: 'audit.json' })).code).toBe(3)
    },
  )

  test('a report with a hole fails the check', async () => {
    put('audit.json', JSON.stringify(REPORT))
    put('fine/package-lock.json', lock('lodash', '4.17.21'))
    expect((await call(checkCommand, ['fine'], { npmAudit: 'audit.json' })).code).toBe(1)
  })
})
