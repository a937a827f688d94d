import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { toSallyportError } from '@sallyport/core'
import { afterAll, describe, expect, it } from 'vitest'
import { openArchive, type Opened, type Top } from '../../packages/gateway/src/assurance/registry/open-archive.ts'
import { registriesSchema } from '../../packages/gateway/src/config/registries-schema.ts'
import { pax, tar, tarMember, tgz, zip, type Entry } from './archives.ts'

const { limits } = registriesSchema.parse({})

async function opened(bytes: Uint8Array, top: Top = 'never'): Promise<Opened | string> {
  try {
    return await openArchive(bytes, limits, top)
  } catch (thrown) {
    const { code, details } = toSallyportError(thrown)
    return `${code} ${typeof details['reason'] === 'string' ? details['reason'] : ''}`.trim()
  }
}
const paths = async (bytes: Uint8Array, top?: Top) => {
  const read = await opened(bytes, top)
  return typeof read === 'string' ? read : read.files.map(({ path }) => path)
}

const BAD_NAMES = [
  '../x',
  '../../../../etc/cron.d/x',
  'a/../../x',
  '/etc/passwd',
  '//etc/passwd',
  'C:/x',
  'C:x',
  '..',
  'a/..',
  '..\\x',
  'a\\..\\..\\x',
  'a\\b',
  'a\0b',
  'a\nb',
  'a//b',
  'a/./b',
  'a/',
  '\u202egpj.exe',
  '\\\\host\\share\\x',
  'x'.repeat(300),
  `${'d/'.repeat(40)}x`,
  './../x',
]

describe('names in archives', () => {
  it.each(BAD_NAMES)('T-145 SYS-9: "%s" is in no bundle, whichever kind of archive it is in', async (name) => {
    const inZip = await paths(
      zip([
        { name: 'SKILL.md', content: 'x' },
        { name, content: 'x' },
      ]),
    )
    // a name that ends in a slash is a folder of a zip
    if (name === 'a/') expect(inZip).toEqual(['SKILL.md'])
    else expect(inZip).toMatch(/^SP_REGISTRY_ARCHIVE (?:path|traversal)$/)
    if (name.length > 99 || name.includes('\0')) return
    for (const bytes of [tar, tgz].map((make) =>
      make([
        { name: 'SKILL.md', content: 'x' },
        { name, content: 'x' },
      ]),
    ))
      expect(await paths(bytes)).toMatch(/^SP_REGISTRY_ARCHIVE (?:path|traversal)$/)
    const named = tarMember({ name: 'x', type: 'x', content: pax({ path: name.replaceAll('\n', '') }) })
    const end = Buffer.alloc(1024)
    if (!name.includes('\n'))
      expect(await paths(Buffer.concat([named, tarMember({ name: 'y', content: 'x' }), end]))).toMatch(
        /^SP_REGISTRY_ARCHIVE/,
      )
  })

  it.each([
    ['SKILL.md', 'SKILL.md'],
    ['SKILL.md', 'skill.md'],
    ['SKILL.md', './SKILL.md'],
    ['SKILL.md', 'SKILL.md.'],
    ['SKILL.md', 'SKILL.md '],
    ['stra\u00dfe', 'STRASSE'],
    ['caf\u00e9', 'cafe\u0301'],
    ['\ufb01le', 'file'],
    ['a', 'a/b'],
    ['a/b', 'A'],
    ['a/b/c', 'a/B'],
    ['K', '\u212a'],
  ])('T-145: "%s" and "%s" are one file somewhere: refused', async (one, two) => {
    for (const make of [zip, tar, tgz] as ((entries: readonly Entry[]) => Buffer)[])
      expect(
        await paths(
          make([
            { name: one, content: '1' },
            { name: two, content: '2' },
          ]),
        ),
      ).toMatch(/^SP_REGISTRY_ARCHIVE (?:duplicate|path)$/)
  })

  it('SYS-9: ordinary names are taken, in order, with one folder off when it is alone', async () => {
    const files = [
      { name: './p/b.md', content: '1' },
      { name: 'p/a/ä.md', content: '2' },
    ]
    expect(await paths(tgz(files), 'if-alone')).toEqual(['a/ä.md', 'b.md'])
    expect(await paths(tgz(files))).toEqual(['p/a/ä.md', 'p/b.md'])
    expect(await paths(zip([...files, { name: 'x', content: '' }]), 'if-alone')).toEqual(['p/a/ä.md', 'p/b.md', 'x'])
    expect(await paths(zip([...files, { name: 'x', content: '' }]), 'always')).toBe('SP_REGISTRY_ARCHIVE top')
    expect(await paths(zip([]))).toBe('SP_REGISTRY_ARCHIVE empty')
    // of an office document everything is a file of the bundle as well
    expect(
      await paths(
        zip([
          { name: 'content.xml', content: 'x' },
          { name: 'word/x', content: 'y' },
        ]),
      ),
    ).toEqual(['content.xml', 'word/x'])
  })
})

describe('archives of honest programs', () => {
  const LONG = `a/${'n'.repeat(150)}.md`
  const place = mkdtempSync(join(tmpdir(), 'registry-'))
  afterAll(() => rmSync(place, { recursive: true, force: true }))
  const run = (program: string, ...args: readonly string[]): void =>
    void execFileSync(program, args, {
      cwd: join(place, 'src'),
      stdio: 'ignore',
      env: { ...OWN, PATH: '/usr/bin:/bin' },
    })
  const OWN = {
    HOME: place,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'a',
    GIT_AUTHOR_EMAIL: 'a@b',
    GIT_COMMITTER_NAME: 'a',
    GIT_COMMITTER_EMAIL: 'a@b',
  }

  it('SYS-9: git archive and tar of several kinds come out as they went in', async () => {
    mkdirSync(join(place, 'src/a'), { recursive: true })
    writeFileSync(join(place, 'src/SKILL.md'), 'x')
    writeFileSync(join(place, 'src/a/ünï code.md'), 'y'.repeat(3_000))
    writeFileSync(join(place, 'src', LONG), 'z')
    symlinkSync('SKILL.md', join(place, 'src/link'))
    const out = (name: string): string => join(place, name)
    for (const [kind, name] of [
      ['gnu', '1.tgz'],
      ['pax', '2.tgz'],
    ] as const)
      run('tar', `--format=${kind}`, '-C', place, '-czf', out(name), 'src')
    run('git', 'init', '-q')
    run('git', 'add', '-A')
    run('git', 'commit', '-qm', 'x')
    for (const name of ['3.tar.gz', '4.zip']) run('git', 'archive', '--prefix=src/', '-o', out(name), 'HEAD')
    const files = ['1.tgz', '2.tgz', '3.tar.gz', '4.zip'].map((name) => readFileSync(out(name)))
    for (const bytes of files) {
      const read = await opened(bytes, 'always')
      if (typeof read === 'string') throw new Error(read)
      expect(read.files.map(({ path, bytes: { length } }) => [path, length])).toEqual([
        ['SKILL.md', 1],
        [LONG, 1],
        ['a/ünï code.md', 3_000],
      ])
      expect(read.notes).toHaveLength(1)
    }
  })

  it('SYS-9: packages of npm say a size twice, and say the same', async () => {
    const own = { name: 'package/x', content: 'abc' }
    const bytes = Buffer.concat([
      tarMember({
        name: 'PaxHeader/x',
        type: 'x',
        content: pax({ path: `package/${LONG}`, size: '3', mtime: '499162500' }),
      }),
      tarMember(own),
      Buffer.alloc(1024),
    ])
    expect(await paths(gzipSync(bytes), 'always')).toEqual([LONG])
  })
})

describe('archives that two readers read in two ways', () => {
  const file = { name: 'SKILL.md', content: 'x' }
  const member = tarMember(file)
  const end = Buffer.alloc(1024)
  const extended = (content: string, type = 'x') =>
    Buffer.concat([tarMember({ name: 'h', type, content }), member, end])
  const damaged = Buffer.from(member)
  damaged[20] = 0x41
  const binarySize = Buffer.from(member)
  binarySize[124] = 0x80
  it.each<[string, Buffer, RegExp]>([
    ['another name in front of the data', zip([{ ...file, localName: 'evil.md' }]), /layout/],
    ['a name of the same length', zip([{ ...file, localName: 'SKILL.sh' }]), /layout/],
    ['bytes in front', zip([file], { before: '#!/bin/sh\nexit\n' }), /layout|malformed|SP_REGISTRY_ANSWER/],
    ['bytes between', zip([file, { name: 'b', content: 'y' }], { between: 'z'.repeat(40) }), /layout/],
    ['bytes behind', Buffer.concat([zip([file]), Buffer.from('PK more')]), /malformed/],
    ['a directory in the comment', zip([file], { comment: 'PK\x01\x02 another' }), /layout/],
    [
      'a second name',
      zip([{ ...file, extra: Buffer.from([0x75, 0x70, 9, 0, 1, 0, 0, 0, 0, 0x65, 0x76, 0x69, 0x6c]) }]),
      /layout|malformed/,
    ],
    ['an encrypted member', zip([{ ...file, encrypted: true }]), /encrypted/],
    ['a link that leaves, in a zip', zip([file, { name: 'l', content: '../../x', mode: 0o120777 }]), /symlink/],
    ['a link that leaves', tar([file, { name: 'l', type: '2', target: '/etc/passwd' }]), /symlink/],
    ['a hard link that leaves', tar([file, { name: 'l', type: '1', target: '../x' }]), /symlink/],
    ['a device', tar([file, { name: 'd', type: '3' }]), /special/],
    ['a pipe', tar([file, { name: 'd', type: '6' }]), /special/],
    ['a sparse file', tar([file, { name: 'd', type: 'S' }]), /special/],
    ['a kind of the vendor', tar([file, { name: 'd', type: 'V' }]), /special/],
    ['a sum that is wrong', Buffer.concat([damaged, end]), /layout/],
    ['a size in another notation', Buffer.concat([binarySize, end]), /layout|malformed|special/],
    ['another size', extended(pax({ size: '4096' })), /layout/],
    ['a size for all', extended(pax({ size: '1' }), 'g'), /layout/],
    [
      'another size for the folder',
      Buffer.concat([
        tarMember({ name: 'h', type: 'x', content: pax({ size: '9' }) }),
        tarMember({ name: 'd/', type: '5' }),
        member,
        end,
      ]),
      /layout/,
    ],
    ['a sparse size', extended(pax({ 'GNU.sparse.realsize': '9' })), /layout/],
    ['two names', extended(pax({ path: 'a' }) + pax({ path: 'b' })), /layout/],
    ['a name for all', extended(pax({ path: 'a' }), 'g'), /layout/],
    ['a name with a line break', extended(pax({ path: 'a\n9 path=b' })), /layout/],
    ['a name in a comment', extended(pax({ comment: 'x\n9 path=b' })), /layout/],
    [
      'two names in two ways',
      Buffer.concat([tarMember({ name: 'l', type: 'L', content: 'a' }), extended(pax({ path: 'b' }))]),
      /layout/,
    ],
    ['lengths that lie', extended('99 path=abc\n'), /layout/],
    [
      'two long names',
      Buffer.concat([
        tarMember({ name: 'l', type: 'L', content: 'a' }),
        tarMember({ name: 'l', type: 'L', content: 'b' }),
        member,
        end,
      ]),
      /layout/,
    ],
    ['more behind the end', Buffer.concat([member, end, member, end]), /layout/],
    [
      'more behind half an end',
      Buffer.concat([member, end.subarray(512), tarMember({ name: 'evil', content: 'x' }), end]),
      /layout/,
    ],
    ['half a member', tar([file]).subarray(0, 700), /malformed|layout/],
    ['a folder with content', tar([file, { name: 'd/', type: '5', content: 'xyz' }]), /layout/],
    ['two archives in one file', Buffer.concat([tgz([file]), tgz([{ name: 'evil', content: 'x' }])]), /layout/],
    ['half a gzip', tgz([file]).subarray(0, 60), /malformed/],
  ])('T-145 T-146: %s', async (_name, bytes, reason) => {
    expect(await opened(bytes)).toMatch(reason)
    if (bytes[0] !== 0x50 && bytes[0] !== 0x1f && bytes.length > 300)
      expect(await opened(gzipSync(bytes))).toMatch(reason)
  })
})

describe('archives that nobody made on purpose', () => {
  const content = fc.oneof(fc.string({ maxLength: 200 }), fc.uint8Array({ maxLength: 600 }))
  const name = fc.oneof(
    fc.constantFrom('SKILL.md', 'a/b', 'a/../b', '../x', '/x', 'a\\b', './a', 'ä', 'A/b', 'word/x', '_meta.json'),
    fc.string({ minLength: 1, maxLength: 40 }).filter((text) => !text.includes('\0')),
  )
  const entries = fc.array(fc.record({ name, content }), { maxLength: 6 })
  const flips = fc.array(fc.tuple(fc.nat(1_000_000), fc.nat(255)), { maxLength: 12 })

  const inside = (read: Opened): void => {
    const seen = new Set<string>()
    for (const { path, bytes, mode } of read.files) {
      expect(path).not.toMatch(/^\/|\\|^[A-Za-z]:|(?:^|\/)\.{0,2}(?:\/|$)/)
      // eslint-disable-next-line no-control-regex
      expect(path).not.toMatch(/[\u0000-\u001f]/)
      expect(seen.has(path.toLowerCase())).toBe(false)
      seen.add(path.toLowerCase())
      expect(bytes).toBeInstanceOf(Uint8Array)
      expect([0o644, 0o755]).toContain(mode)
    }
  }
  const damage = (bytes: Buffer, changes: readonly (readonly [number, number])[], cut: number): Buffer => {
    const changed = Buffer.from(bytes)
    for (const [at, value] of changes) changed[at % Math.max(1, changed.length)] = value
    return changed.subarray(0, changed.length - (cut % 50))
  }

  it(
    'T-145 SYS-9: whatever is changed in them, the reader ends, with files that are inside or with a coded error',
    { timeout: 20_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(
          entries,
          flips,
          fc.nat(200),
          fc.constantFrom('zip', 'tar', 'tgz', 'inner'),
          async (all, changes, cut, kind) => {
            const whole = kind === 'zip' ? zip(all) : kind === 'tar' ? tar(all) : tgz(all)
            const bytes =
              kind === 'inner' ? gzipSync(damage(gunzipSync(whole), changes, cut)) : damage(whole, changes, cut)
            const read = await opened(bytes, 'if-alone')
            if (typeof read === 'string') expect(read).toMatch(/^SP_REGISTRY_(?:ARCHIVE|ANSWER)/)
            else inside(read)
          },
        ),
        { numRuns: 600 },
      )
    },
  )

  it('T-145: what is not changed and has good names comes out as it went in', async () => {
    const good = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}(?:\/[a-z]{1,8}){0,2}\.md$/), {
      minLength: 1,
      maxLength: 6,
    })
    await fc.assert(
      fc.asyncProperty(good, content, async (names, text) => {
        const all = names.map((one) => ({ name: one, content: text }))
        for (const bytes of [zip(all), tar(all), tgz(all)]) {
          const read = await opened(bytes)
          if (typeof read === 'string') throw new Error(read)
          expect(read.files.map(({ path }) => path)).toEqual(names.toSorted())
          expect(read.files.every((one) => Buffer.from(text as string).equals(one.bytes))).toBe(true)
        }
      }),
      { numRuns: 40 },
    )
  })
})
