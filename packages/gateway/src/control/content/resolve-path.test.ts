import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { judgeLine } from '../../cli/detect/path.ts'
import { resolvePath } from './resolve-path.ts'

let base = ''
let workspace = ''
const home = '/home/ana'

beforeAll(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'places-')))
  workspace = join(base, 'work')
  for (const directory of ['work/src/deep', 'work/.git/hooks', 'other', 'home/.ssh']) {
    mkdirSync(join(base, directory), { recursive: true })
  }
  writeFileSync(join(workspace, 'src/a.ts'), '')
  writeFileSync(join(base, 'home/.ssh/id_rsa'), '')
  symlinkSync('../other', join(workspace, 'out'))
  symlinkSync(join(base, 'home'), join(workspace, 'src/home'))
  symlinkSync('src', join(workspace, 'inner'))
  symlinkSync('loop', join(workspace, 'loop'))
  symlinkSync('../../nowhere/file', join(workspace, 'broken'))
  symlinkSync('.git/hooks', join(workspace, 'tools'))
  symlinkSync('work', join(base, 'alias'))
})
afterAll(() => rmSync(base, { recursive: true, force: true }))

const judge = (path: string, mode: 'delete' | 'read' | 'write' = 'read', from = workspace): string =>
  resolvePath(path, from, mode, { home }).verdict

describe('AC-6.4.3: paths of a real directory', () => {
  it.each([
    ['src/a.ts', 'clean'],
    ['src/new/file.ts', 'clean'],
    ['inner/deep/../a.ts', 'clean'],
    ['out/x', 'ask'],
    ['out', 'ask'],
    ['inner/home/x', 'ask'],
    ['inner/home/.ssh/id_rsa', 'block'],
    ['src/home/.ssh/../.ssh/id_rsa', 'block'],
    ['loop/x', 'ask'],
    ['broken', 'ask'],
    ['a\u0000b', 'block'],
    [`${'x'.repeat(300)}/y`, 'ask'],
  ])('%j: %s', (path, verdict) => {
    expect(judge(path)).toBe(verdict)
  })
  it('sees what a link in the workspace would write to', () => {
    expect([judge('tools/pre-commit', 'write'), judge('tools/pre-commit')]).toEqual(['ask', 'clean'])
    expect(resolvePath('broken', workspace, 'write', { home }).canonical).not.toContain('work/broken')
  })
  it('takes a linked workspace for the directory that it is', () => {
    const alias = join(base, 'alias')
    expect(judge('src/a.ts', 'write', alias)).toBe('clean')
    expect(judge(join(workspace, 'src/a.ts'), 'write', alias)).toBe('clean')
    expect(judge(join(alias, 'src/a.ts'), 'write')).toBe('clean')
  })
  it('does not take the descriptors and directories of this process for those of the agent', () => {
    for (const path of [
      '/proc/self/cwd/package.json',
      '/proc/self/fd/0',
      '/dev/fd/0',
      '/dev/stdin',
      '/proc/thread-self/environ',
    ])
      expect(judge(path), path).not.toBe('clean')
  })
  it('T-041: closes the own state directory', () => {
    const own = [join(workspace, 'state')]
    expect(resolvePath('state/x', workspace, 'read', { home, own }).verdict).toBe('block')
  })
  it('a verdict is about the moment of the look: a link that is swapped later is seen by the next look only', () => {
    const path = join(workspace, 'swap')
    mkdirSync(path)
    const before = judge('swap/x', 'write')
    rmSync(path, { recursive: true })
    symlinkSync('../other', path)
    const after = judge('swap/x', 'write')
    unlinkSync(path)
    // the first verdict was true and is not any more: what opens the path must be confined
    expect([before, after]).toEqual(['clean', 'ask'])
  })
})

describe('the batch form of detect path', () => {
  it('has the links of the line, and no others', () => {
    const line = { path: 'out/hosts', workspace: '/work/app', mode: 'read', links: { out: '/etc' } }
    expect(judgeLine(line)).toMatchObject({
      verdict: 'ask',
      canonical: '/etc/hosts',
      inside: false,
      links: [{ target: '/etc' }],
    })
    expect(judgeLine({ ...line, links: {} })).toMatchObject({ verdict: 'clean', canonical: '/work/app/out/hosts' })
    expect(judgeLine({ path: '~/x', workspace: '/work/app', home: '/work/app' })).toMatchObject({ verdict: 'clean' })
  })
  it('refuses a line that it cannot judge', () => {
    for (const line of [
      {},
      { path: 'x' },
      { path: 'x', workspace: 'rel' },
      { path: 'x', workspace: '/w', mode: 'run' },
    ]) {
      expect(() => judgeLine(line)).toThrow(/line|mode/)
    }
    expect(() => judgeLine({ path: 'x', workspace: '/w', links: { a: 1 } })).toThrow(/links/)
  })
})
