import { execFileSync } from 'node:child_process'
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { LANDING_PLACE, SANDBOX_PROFILES, type Change } from '@sallyport/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemRandom } from '../../random.ts'
import { openParent, openRoot } from './beneath.ts'
import { createCopyMaker } from './copy-maker.ts'
import { conflict, naming, unwritable } from './landing-errors.ts'
import { copyWorkspace, sweepCopies, type WorkspaceCopy } from './workspace-copy.ts'

let place = ''
let copies = 0
beforeEach(() => {
  place = realpathSync(mkdtempSync(join(tmpdir(), 'sp-copy-')))
  mkdirSync(join(place, 'work'))
})
afterEach(() => rmSync(place, { recursive: true, force: true }))
const work = (name: string): string => join(place, 'work', name)
function put(path: string, text = 'x'): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
const taken = (bounds = { copySize: 1 << 20, copyEntries: 1_000 }): Promise<WorkspaceCopy> =>
  copyWorkspace({ workspace: join(place, 'work'), stateDir: join(place, 'state'), id: `c${copies++}`, bounds })
const changeOf = (changes: readonly Change[], path: string): Change => {
  const found = changes.find((one) => one.path === path)
  if (found === undefined) throw new Error(`nothing changed at ${path}`)
  return found
}
const deep = (levels: number): string => Array.from({ length: levels }, () => 'd').join('/')

describe('E-69: a copy of a workspace', () => {
  it.each([
    ['bytes', { copySize: 3, copyEntries: 9 }, () => put(work('a'), 'four'), 'more than 3 bytes'],
    [
      'entries',
      { copySize: 99, copyEntries: 1 },
      () => ['a', 'b'].forEach((name) => put(work(name))),
      'more than 1 entries',
    ],
    [
      'directories in each other',
      { copySize: 99, copyEntries: 999 },
      () => put(work(`${deep(130)}/x`)),
      'more than 128 deep',
    ],
  ])('T-144: with too many %s is not taken, and nothing of it is left', async (_what, bounds, make, why) => {
    make()
    await expect(taken(bounds)).rejects.toMatchObject({ code: 'SP_SANDBOX_COPY', detail: expect.stringContaining(why) })
    expect(readdirSync(join(place, 'state/copies'))).toEqual([])
  })

  it('T-140: holds files, directories and links, and nothing else', async () => {
    put(work('file'))
    put(work(`${LANDING_PLACE}/secret`))
    execFileSync('mkfifo', [work('pipe')])
    execFileSync('sh', ['-c', `: >"$1/$(printf '\\377')"`, 'sh', join(place, 'work')])
    const copy = await taken()
    expect(readdirSync(copy.at)).toEqual(['file'])
    execFileSync('mkfifo', [join(copy.at, 'new')])
    const { changes, refused } = await copy.diff()
    expect(changes.map(({ path }) => path)).toEqual(['new'])
    expect(refused).toHaveLength(1)
    await expect(copy.land({ changes, refused })).rejects.toMatchObject({ code: 'SP_SANDBOX_LANDING' })
    await copy.discard()
    expect(readdirSync(join(place, 'state/copies'))).toEqual([])
  })

  it('of an empty directory is one, and with no changes nothing lands', async () => {
    const copy = await taken()
    expect(copy.kind).toBe('plain')
    await copy.land(await copy.diff())
    expect(readdirSync(join(place, 'work'))).toEqual([])
  })

  it('that was made too large, or is gone, lands nothing', async () => {
    const copy = await taken({ copySize: 9, copyEntries: 9 })
    put(join(copy.at, 'large'), 'more than nine')
    await expect(copy.diff()).rejects.toMatchObject({
      code: 'SP_SANDBOX_LANDING',
      detail: expect.stringContaining('9 bytes'),
    })
    rmSync(copy.at, { recursive: true })
    await expect(copy.diff()).rejects.toMatchObject({ detail: 'The copy cannot be read (ENOENT).' })
  })

  it('shows what was and what is, while that is so', async () => {
    for (const name of ['change', 'gone', 'kept']) put(work(name), `old ${name}`)
    const copy = await taken()
    put(join(copy.at, 'change'), 'new')
    put(join(copy.at, 'made'), 'made')
    rmSync(join(copy.at, 'gone'))
    const { changes } = await copy.diff()
    expect(copy.textsOf(changeOf(changes, 'change'))).toEqual({ before: 'old change', after: 'new' })
    expect(copy.textsOf(changeOf(changes, 'made'))).toEqual({ before: '', after: 'made' })
    expect(copy.textsOf(changeOf(changes, 'gone'))).toEqual({ before: 'old gone', after: '' })
    put(work('change'), 'changed outside')
    expect(copy.textsOf(changeOf(changes, 'change')).before).toBe('')
    put(join(copy.at, 'change'), 'newer')
    expect(() => copy.textsOf(changeOf(changes, 'change'))).toThrow('is not what was seen')
    rmSync(join(copy.at, 'made'))
    expect(() => copy.textsOf(changeOf(changes, 'made'))).toThrow('is not what was seen')
  })

  it('is made for a profile that works on one', async () => {
    const { work: profile } = SANDBOX_PROFILES
    if (profile === undefined) throw new Error('no profile')
    const make = createCopyMaker({ random: systemRandom, stateDir: join(place, 'state') })
    expect(await make(join(place, 'work'), profile)).toBeUndefined()
    expect(await make(undefined, { ...profile, workspace: 'copy' })).toBeUndefined()
    const copy = await make(join(place, 'work'), { ...profile, workspace: 'copy' })
    expect(copy?.workspace).toBe(join(place, 'work'))
    await copy?.discard()
  })
})

describe('T-140: changes to a workspace that is not what it was', () => {
  it.each<readonly [string, (copy: string) => void, () => void, readonly string[]]>([
    ['a file that was changed', (copy) => put(join(copy, 'a'), 'new'), () => put(work('a'), 'other'), ['a']],
    ['a file that has gone', (copy) => put(join(copy, 'a'), 'new'), () => rmSync(work('a')), ['a']],
    [
      'a file that is a pipe',
      (copy) => put(join(copy, 'a'), 'new'),
      () => void (rmSync(work('a')), execFileSync('mkfifo', [work('a')])),
      ['a'],
    ],
    ['a file where one was made', (copy) => put(join(copy, 'new')), () => put(work('new'), 'other'), ['new']],
    [
      'a way that is none',
      (copy) => put(join(copy, 'd/in'), 'new'),
      () => {
        rmSync(work('d'), { recursive: true })
        put(work('d'))
      },
      ['d/in'],
    ],
    [
      'a directory with more in it',
      (copy) => rmSync(join(copy, 'd'), { recursive: true }),
      () => put(work('d/more')),
      ['d/more'],
    ],
    [
      'another mode',
      (copy) => execFileSync('chmod', ['700', join(copy, 'a')]),
      () => void execFileSync('chmod', ['755', work('a')]),
      ['a'],
    ],
  ])('%s: none of them lands', async (_what, inCopy, inWork, paths) => {
    put(work('a'), 'old')
    put(work('d/in'), 'old')
    const copy = await taken()
    inCopy(copy.at)
    put(join(copy.at, 'also'))
    const diff = await copy.diff()
    inWork()
    const before = execFileSync('ls', ['-lR', '--time-style=+', join(place, 'work')]).toString()
    await expect(copy.land(diff)).rejects.toMatchObject({ code: 'SP_SANDBOX_CONFLICT', details: { paths } })
    expect(execFileSync('ls', ['-lR', '--time-style=+', join(place, 'work')]).toString()).toBe(before)
  })

  it('a directory that turned into a file, and the other way round, lands', async () => {
    put(work('d/in'))
    put(work('f'))
    const copy = await taken()
    rmSync(join(copy.at, 'd'), { recursive: true })
    put(join(copy.at, 'd'), 'a file')
    rmSync(join(copy.at, 'f'))
    put(join(copy.at, 'f/in'), 'in a directory')
    await copy.land(await copy.diff())
    expect([readFileSync(work('d'), 'utf8'), readFileSync(work('f/in'), 'utf8')]).toEqual(['a file', 'in a directory'])
  })

  it('another directory in its place is not the workspace', async () => {
    mkdirSync(join(place, 'other'))
    const copy = await taken()
    put(join(copy.at, 'new'))
    const diff = await copy.diff()
    rmSync(join(place, 'work'), { recursive: true })
    execFileSync('mv', [join(place, 'other'), join(place, 'work')])
    await expect(copy.land(diff)).rejects.toMatchObject({ code: 'SP_SANDBOX_CONFLICT' })
    rmSync(join(place, 'work'), { recursive: true })
    await expect(copy.land(diff)).rejects.toMatchObject({ code: 'SP_SANDBOX_LANDING' })
  })

  it.each(['', 'a//b', '../x', 'a/../b', './x'])('%j is no path of a workspace', (path) => {
    const root = openRoot(join(place, 'work'))
    mkdirSync(work('a'))
    try {
      if (path === '') closeSync(openParent(root, path))
      else expect(() => openParent(root, path)).toThrow('is no path of a workspace')
    } finally {
      closeSync(root)
    }
  })
})

describe('HB-141: what a crash left', () => {
  it('is removed, whatever state it is in, and what is another’s is not', async () => {
    const copies = join(place, 'state/copies')
    put(join(copies, '4194305.begun/journal'), 'no line')
    put(join(copies, '4194305.broken/journal'), 'no JSON\n..')
    put(
      join(copies, '4194305.gone/journal'),
      `${JSON.stringify({ workspace: '/no/such', inode: '1:1', token: 't', steps: [] })}\n`,
    )
    put(join(copies, `${process.pid}.ours/tree/x`))
    put(join(copies, 'named otherwise'))
    await sweepCopies(join(place, 'state'))
    expect(readdirSync(copies).sort()).toEqual([`${process.pid}.ours`, 'named otherwise'].sort())
  })
})

describe('what is said of a landing', () => {
  it('names some paths and counts the rest', () => {
    const paths = Array.from({ length: 13 }, (_, n) => `p${n}`)
    expect(conflict(paths).detail).toMatch(/"p9" and 3 more: not as when/)
    expect(conflict(['a']).detail).toBe('"a": not as when the copy was taken.')
    expect(unwritable(new Error('odd'), 'a').detail).toBe('"a" cannot be written (it failed).')
  })
  it.each([
    ['EEXIST', 'SP_SANDBOX_CONFLICT'],
    ['ENOSPC', 'SP_SANDBOX_LANDING'],
    [undefined, 'SP_SANDBOX_LANDING'],
  ])('an error of the file system, %s, is told with its path', async (code, expected) => {
    const thrown = Object.assign(new Error('no'), code === undefined ? {} : { code })
    await expect(naming('a', () => Promise.reject(thrown))).rejects.toMatchObject({ code: expected })
    await expect(naming('a', () => Promise.reject(conflict(['b'])))).rejects.toMatchObject({
      details: { paths: ['b'] },
    })
  })
})
