import { describe, expect, test } from 'vitest'
import { readCargoLock } from '../../packages/gateway/src/assurance/sbom/lockfiles/cargo.ts'
import { readGemfileLock } from '../../packages/gateway/src/assurance/sbom/lockfiles/gemfile.ts'
import { readGoSum } from '../../packages/gateway/src/assurance/sbom/lockfiles/go-sum.ts'
import type { ReadLockfile } from '../../packages/gateway/src/assurance/sbom/lockfiles/lockfile.ts'
import { readNpmLock } from '../../packages/gateway/src/assurance/sbom/lockfiles/npm.ts'
import { readPnpmLock } from '../../packages/gateway/src/assurance/sbom/lockfiles/pnpm.ts'
import { readPipfileLock, readPythonLock } from '../../packages/gateway/src/assurance/sbom/lockfiles/python.ts'
import { readRequirements } from '../../packages/gateway/src/assurance/sbom/lockfiles/requirements.ts'
import { readYarnLock } from '../../packages/gateway/src/assurance/sbom/lockfiles/yarn.ts'

const hex = (digit: string): string => digit.repeat(64)
const sri = `sha512-${Buffer.alloc(64, 1).toString('base64')}`

/** Lock file, what is listed (`+` with a digest), what is a gap. */
const CASES: readonly (readonly [string, ReadLockfile, string, readonly string[], readonly string[]])[] = [
  [
    'package-lock 3: nested, scoped, aliased; links and the project itself are not packages',
    readNpmLock,
    JSON.stringify({
      lockfileVersion: 3,
      packages: {
        '': { name: 'me', version: '1.0.0' },
        'packages/a': { version: '1.0.0' },
        'node_modules/a': { link: true, resolved: 'packages/a' },
        'node_modules/@s/b': { version: '2.0.0', integrity: sri, dev: true },
        'node_modules/@s/b/node_modules/c': { version: '3.0.0-rc.1' },
        'node_modules/alias': { name: 'real', version: '4.0.0' },
        'node_modules/d': {},
      },
    }),
    ['@s/b 2.0.0 + dev', 'c 3.0.0-rc.1', 'real 4.0.0'],
    ['d'],
  ],
  [
    'package-lock 1',
    readNpmLock,
    JSON.stringify({
      lockfileVersion: 1,
      dependencies: {
        a: { version: '1.0.0', integrity: sri, dependencies: { b: { version: '2.0.0' } } },
        g: { version: 'git+ssh://x' },
      },
    }),
    ['a 1.0.0 +', 'b 2.0.0'],
    ['g'],
  ],
  [
    'yarn 1',
    readYarnLock,
    `# yarn lockfile v1\n\n\n"@s/a@^1.0.0", "@s/a@^1.1.0":\n  version "1.1.0"\n  resolved "https://x.test/a.tgz#0"\n  integrity ${sri}\n\nb@1:\n  version "1.0.0"\n  dependencies:\n    c "^1"\n`,
    ['@s/a 1.1.0 +', 'b 1.0.0'],
    [],
  ],
  [
    'yarn 4',
    readYarnLock,
    '__metadata:\n  version: 8\n\n"@s/a@npm:^1.0.0":\n  version: 1.1.0\n  resolution: "@s/a@npm:1.1.0"\n  checksum: 10c0/00\n\n"me@workspace:.":\n  version: 0.0.0-use.local\n  resolution: "me@workspace:."\n',
    ['@s/a 1.1.0'],
    [],
  ],
  [
    'pnpm 9, 6 and 5',
    readPnpmLock,
    `lockfileVersion: '9.0'\npackages:\n  '@s/a@1.0.0':\n    resolution: {integrity: ${sri}}\n  /b@2.0.0(a@1.0.0):\n    resolution: {integrity: ${sri}}\n    dev: true\n  /c/3.0.0_a@1.0.0:\n    resolution: {}\n  https://x.test/d.tgz:\n    resolution: {}\n`,
    ['@s/a 1.0.0 +', 'b 2.0.0 + dev', 'c 3.0.0'],
    ['https://x.test/d.tgz'],
  ],
  [
    'requirements',
    readRequirements,
    `# comment\nRequests[socks]==2.31.0 ; python_version >= "3.8" \\\n    --hash=sha256:${hex('a')} \\\n    --hash=sha256:${hex('b')}\nflask>=1\n-r other.txt\n--index-url https://x.test\nsix==1.*\n`,
    ['Requests 2.31.0 ++'],
    ['flask>=1', '-r other.txt', 'six==1.*'],
  ],
  [
    'poetry and uv',
    readPythonLock,
    `[[package]]\nname = "a"\nversion = "1.0"\nfiles = [{file = "a.whl", hash = "sha256:${hex('a')}"}]\n[[package]]\nname = "me"\nversion = "0.1"\nsource = { editable = "." }\n[[package]]\nname = "b"\nversion = "2"\nsdist = { url = "x", hash = "sha256:${hex('b')}" }\nwheels = [{ url = "y", hash = "sha256:${hex('c')}" }]\n`,
    ['a 1.0 +', 'b 2 ++'],
    [],
  ],
  [
    'Pipfile.lock',
    readPipfileLock,
    JSON.stringify({
      default: { a: { version: '==1.0', hashes: [`sha256:${hex('a')}`] }, g: { git: 'x' } },
      develop: { t: { version: '==2' } },
    }),
    ['a 1.0 +', 't 2 dev'],
    ['g'],
  ],
  [
    'go.sum',
    readGoSum,
    'golang.org/x/text v0.3.0 h1:AAA=\ngolang.org/x/text v0.3.0/go.mod h1:BBB=\n',
    ['golang.org/x/text v0.3.0'],
    [],
  ],
  [
    'Cargo.lock',
    readCargoLock,
    `version = 3\n[[package]]\nname = "me"\nversion = "0.1.0"\n[[package]]\nname = "serde"\nversion = "1.0.1"\nsource = "registry+x"\nchecksum = "${hex('a')}"\n`,
    ['serde 1.0.1 +'],
    [],
  ],
  [
    'Gemfile.lock',
    readGemfileLock,
    `GIT\n  remote: x\n  specs:\n    own (0.1)\n\nGEM\n  remote: y\n  specs:\n    rails (7.0.1)\n      rack (>= 1)\n    rack (3.0)\n\nCHECKSUMS\n  rack (3.0) sha256=${hex('a')}\n`,
    ['rails 7.0.1', 'rack 3.0 +'],
    ['own'],
  ],
]

const BROKEN: readonly (readonly [string, ReadLockfile, string])[] = [
  ['package-lock cut short', readNpmLock, '{"packages": {'],
  ['package-lock that is a list', readNpmLock, '[]'],
  ['package-lock with a merge conflict', readNpmLock, '<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> x'],
  ['yarn.lock with a merge conflict', readYarnLock, '<<<<<<< HEAD\na@1:\n  version "1"\n'],
  ['pnpm-lock without a version', readPnpmLock, 'packages: {}'],
  ['pnpm-lock with aliases', readPnpmLock, 'lockfileVersion: 9\npackages: &a\n  b@1.0.0: {resolution: {}}\nc: *a\n'],
  ['poetry.lock that is none', readPythonLock, 'package = 3'],
  ['Cargo.lock without a name', readCargoLock, '[[package]]\nversion = "1"'],
  ['go.sum with a conflict', readGoSum, '<<<<<<< HEAD\n'],
  ['an empty Gemfile.lock', readGemfileLock, ''],
]

describe('HB-2: lock files', () => {
  test.each(CASES)('%s', (_name, read, text, packages, gaps) => {
    const listed = read(text)
    expect(
      listed.packages.map(({ name, version, hashes, development }) =>
        [`${name} ${version}`, '+'.repeat(hashes.length), development ? 'dev' : '']
          .filter((one) => one !== '')
          .join(' '),
      ),
    ).toEqual(packages)
    expect(listed.gaps).toEqual(gaps)
  })

  test.each(BROKEN)('%s is an error, never an empty list', (_name, read, text) => {
    expect(() => read(text)).toThrow(/\S/)
  })
})
