import { describe, expect, it } from 'vitest'
import { changesOf, isSame, type Entry, type Tree } from './changes.ts'

const file = (digest: string, mode = 0o644): Entry => ({
  kind: 'file',
  mode,
  size: digest.length,
  digest,
  isBinary: false,
})
const directory = (mode = 0o755): Entry => ({ kind: 'directory', mode })
const link = (target: string): Entry => ({ kind: 'link', target })
const other: Entry = { kind: 'other' }
const tree = (entries: Readonly<Record<string, Entry>>): Tree => new Map(Object.entries(entries))
const kinds = (before: Readonly<Record<string, Entry>>, after: Readonly<Record<string, Entry>>): readonly string[] =>
  changesOf(tree(before), tree(after)).map(({ kind, path }) => `${kind} ${path}`)

describe('E-69: what became of a workspace', () => {
  it.each<[string, Entry | undefined, Entry | undefined, readonly string[]]>([
    ['nothing', file('a'), file('a'), []],
    ['a new file', undefined, file('a'), ['added x']],
    ['a new directory', undefined, directory(), ['added x']],
    ['a new link', undefined, link('a'), ['link x']],
    ['a file that is gone', file('a'), undefined, ['deleted x']],
    ['other content', file('a'), file('b'), ['changed x']],
    ['other content and mode', file('a'), file('b', 0o600), ['changed x']],
    ['another mode', file('a'), file('a', 0o600), ['mode x']],
    ['another mode of a directory', directory(), directory(0o700), ['mode x']],
    ['a link that leads elsewhere', link('a'), link('b'), ['link x']],
    ['a file that became a link', file('a'), link('b'), ['link x']],
    ['a link that became a file', link('b'), file('a'), ['changed x']],
    ['a directory that became a file', directory(), file('a'), ['deleted x', 'added x']],
    ['a file that became a directory', file('a'), directory(), ['deleted x', 'added x']],
    ['a directory that became a link', directory(), link('a'), ['deleted x', 'link x']],
    ['what cannot be read', undefined, other, ['added x']],
    ['a file that cannot be read any more', file('a'), other, ['changed x']],
  ])('is %s', (_, before, after, expected) => {
    expect(kinds(before === undefined ? {} : { x: before }, after === undefined ? {} : { x: after })).toEqual(expected)
    expect(isSame(before, after)).toBe(expected.length === 0)
  })

  it('is in the order of paths, with sizes', () => {
    const after = tree({ b: file('12345'), a: directory(), 'a/z': link('b') })
    expect(changesOf(new Map(), after).map(({ path, size }) => [path, size])).toEqual([
      ['a', 0],
      ['a/z', 0],
      ['b', 5],
    ])
  })
})
