import { describe, expect, it } from 'vitest'
import { lexical, linkTable, walkPath, type LinkPort } from './walk.ts'

const walk = (path: string, links: Readonly<Record<string, string>> = {}): string =>
  walkPath(path, linkTable(links, '/w')).canonical

describe('AC-6.4.3: a path is walked as the kernel walks it', () => {
  it.each<[string, Readonly<Record<string, string>>, string]>([
    ['/w/a/./b//c/../d/', {}, '/w/a/b/d'],
    ['/../../etc', {}, '/etc'],
    ['/', {}, '/'],
    ['/w/out/passwd', { '/w/out': '/etc' }, '/etc/passwd'],
    ['/w/out/passwd', { out: '../../etc' }, '/etc/passwd'],
    ['/w/a/b', { '/w/a': 'c', '/w/c': 'd' }, '/w/d/b'],
    ['/w/a/../x', { '/w/a': '/etc/ssh' }, '/etc/x'],
    ['/w/a/b/c', { '/w/a/b': '/w' }, '/w/c'],
    ['/w/a', { '/w/a': '/missing/there' }, '/missing/there'],
    ['/w/a/x', { '/w/a/': './/b/' }, '/w/b/x'],
    ['/w/a', { '/w/a': '' }, '/w'],
    ['/tmp/x', { '/tmp': 'private/tmp' }, '/private/tmp/x'],
  ])('%s with %j leads to %s', (path, links, canonical) => {
    expect(walk(path, links)).toBe(canonical)
  })
  it('gives up on loops after forty links', () => {
    expect(walkPath('/w/a', linkTable({ a: 'b', b: 'a' }, '/w'))).toMatchObject({ trouble: 'link-loop' })
    expect(walkPath('/w/a/x', linkTable({ a: 'a/a' }, '/w')).trouble).toBe('link-loop')
    const chain = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`l${at}`, `l${at + 1}`]))
    expect(walkPath('/w/l0', linkTable(chain, '/w'))).toMatchObject({ canonical: '/w/l40' })
  })
  it('says what it could not read', () => {
    const closed: LinkPort = () => ({ kind: 'unreadable' })
    expect(walkPath('/w/a', closed).trouble).toBe('link-unreadable')
    expect(walkPath(`/${'a/'.repeat(10_000)}`, closed).trouble).toBeDefined()
    expect(walkPath('/w/a', () => ({ kind: 'link', target: 'x'.repeat(10_000) })).trouble).toBe('path-too-long')
    expect(walkPath('/w/a', () => ({ kind: 'missing' }))).toMatchObject({ canonical: '/w/a', missing: true })
  })
  it('takes dots by text', () => {
    expect([lexical('/a/../../b/./c/'), lexical(''), lexical('a')]).toEqual(['/b/c', '/', '/a'])
  })
})
