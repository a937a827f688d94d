import { describe, expect, it } from 'vitest'
import { changesOf, type Entry } from './changes.ts'
import { addedText, landingRefusals } from './landing.ts'
import { CHANGED_LATER } from './obeyed.ts'

const FILE: Entry = { kind: 'file', mode: 0o644, size: 1, digest: 'a', isBinary: false }
const NEWER: Entry = { ...FILE, digest: 'b' }
const DIRECTORY: Entry = { kind: 'directory', mode: 0o755 }
const link = (target: string): Entry => ({ kind: 'link', target })
type Entries = Readonly<Record<string, Entry>>
const refused = (after: Entries, before: Entries = {}): readonly string[] => {
  const trees = [new Map(Object.entries(before)), new Map(Object.entries(after))] as const
  return landingRefusals(changesOf(...trees), ...trees).map(({ path }) => path)
}

describe('T-041, T-141: what something obeys later never lands', () => {
  const names = CHANGED_LATER.filter((name) => !name.endsWith('/'))
  it.each(names)('%s, made, changed, removed, filled, and anywhere', (name) => {
    expect(refused({ [name]: FILE })).toEqual([name])
    expect(refused({ [name]: NEWER }, { [name]: FILE })).toEqual([name])
    expect(refused({}, { [name]: FILE })).toEqual([name])
    expect(refused({ [name]: link('x') })).toEqual([name])
    expect(refused({ [`${name}/x`]: FILE })).toEqual([`${name}/x`])
    expect(refused({ [`deep/in/${name}`]: FILE })).toEqual([`deep/in/${name}`])
    expect(refused({ [name.toUpperCase()]: FILE })).toEqual([name.toUpperCase()])
  })

  it.each(['.ENVRC', '.env\u200brc', '.envrc.', '.envrc ', '.\uff45nvrc', 'git~1/config', 'GIT~1/hooks/x'])(
    '%j',
    (name) => {
      expect(refused({ [name]: FILE })).toEqual([name])
    },
  )

  it.each(['.git', '.github'])('%s as anything but a directory', (name) => {
    expect(refused({ [name]: DIRECTORY })).toEqual([])
    for (const entry of [FILE, link('x')]) expect(refused({ [name]: entry })).toEqual([name])
    expect(refused({ [name]: link('x') }, { [name]: DIRECTORY })).toEqual([name])
  })

  it('a directory that git would take for a repository, whatever it is called', () => {
    const bare = { 'x/HEAD': FILE, 'x/objects': DIRECTORY, 'x/refs': DIRECTORY, 'x/config': FILE, 'x/hooks/a': FILE }
    expect(refused(bare)).toEqual(Object.keys(bare).sort())
    expect(refused({ 'x/HEAD': FILE, 'x/config': FILE, 'x/refs': FILE })).toEqual([])
  })

  it('what git itself writes lands', () => {
    const repository = { '.git': DIRECTORY, '.git/HEAD': FILE, '.git/objects': DIRECTORY, '.git/refs': DIRECTORY }
    const more = { '.git/objects/ab': FILE, '.git/refs/heads/main': FILE, '.git/index': FILE, '.git/HEAD': NEWER }
    expect(refused({ ...repository, ...more }, repository)).toEqual([])
  })

  it('what a protected name leads to through a link', () => {
    const before = { '.husky': link('a'), a: link('sub/hooks'), sub: DIRECTORY, 'sub/hooks': DIRECTORY }
    expect(refused({ ...before, 'sub/hooks/x': FILE, 'sub/other': FILE }, before)).toEqual(['sub/hooks/x'])
  })
})

describe('T-140: links that lead out of the workspace never land', () => {
  const out = ['/etc', '/', '..', '../x', 'a/../../x', './../x', 'loop', 'away/../x', 'up/x']
  const tree = { a: DIRECTORY, away: link('../elsewhere'), loop: link('loop'), up: link('a/../..') }
  it.each(out)('%j', (target) => expect(refused({ ...tree, new: link(target) }, tree)).toEqual(['new']))
  it.each(['a', 'a/b', './a', 'a/../b', 'not-there', 'here/here/a', '.'])('%j leads inside', (target) => {
    const before = { ...tree, here: link('.') }
    expect(refused({ ...before, new: link(target) }, before)).toEqual([])
  })
  it('a link on the way counts where it leads', () => {
    const before = { 'a/b': DIRECTORY, c: link('a/b') }
    expect(refused({ ...before, new: link('c/../../x') }, before)).toEqual([])
    expect(refused({ ...before, new: link('c/../../../x') }, before)).toEqual(['new'])
  })
  it('a file with a set-id bit', () => expect(refused({ x: { ...FILE, mode: 0o4755 } })).toEqual(['x']))
  it('what is neither file, directory nor link', () => expect(refused({ x: { kind: 'other' } })).toEqual(['x']))
})

it('T-141: added text is what was not there before', () => {
  expect(addedText('', 'a\nb')).toBe('a\nb')
  expect(addedText('a\nb\nc', 'c\nx\na\ny')).toBe('x\ny')
})
