import { describe, expect, it } from 'vitest'
import { linkTable } from '../detect/path/walk.ts'
import { protectedClasses } from '../policy/protected.ts'
import { argumentFacts } from './facts.ts'
import { argumentLeaves } from './leaves.ts'
import { UNCLASSIFIED, type RegisteredTool } from './tool.ts'

const tool: RegisteredTool = {
  id: 's.write',
  server: 's',
  name: 'write',
  definition: { name: 'write', inputSchema: {} },
  pin: '',
  annotation: {
    ...UNCLASSIFIED,
    effect: 'write',
    groups: ['group:fs'],
    args: { path: 'selector', target: 'selector', content: 'content' },
  },
  annotated: true,
  elevated: false,
}
const CWD = '/home/ana/work'
const LINKS = {
  out: '/srv/other',
  notes: '/home/ana/.ssh',
  inner: 'src',
  loop: 'loop',
  state: '/srv/gate/state',
}
const factsOf = (path: string, cwd: string | undefined = CWD) => {
  const disk = { home: '/home/ana', look: linkTable(LINKS, CWD) }
  return argumentFacts(tool, { path }, argumentLeaves(tool.annotation, { path }), cwd, disk)
}

describe('paths of arguments as policies see them', () => {
  it.each([
    ['src/a.ts', '/home/ana/work/src/a.ts', 'inside', []],
    ['.', '/home/ana/work', 'workspace', []],
    ['inner/a.ts', '/home/ana/work/src/a.ts', 'inside', ['link']],
    ['out/a.ts', '/srv/other/a.ts', 'outside', ['link', 'link-outside']],
    ['inner/../../a', '/home/ana/work/../a', 'above', []],
    ['/srv/other/a.ts', '/srv/other/a.ts', 'outside', []],
    ['..', '/home/ana', 'above', []],
    ['~/x', '/home/ana/x', 'outside', []],
  ])('AC-6.4.3: %s leads to %s, %s', (path, canonical, where, signs) => {
    const facts = factsOf(path)
    if (!canonical.includes('..')) {
      expect(facts).toMatchObject({ canonical: [canonical], where: [where], pathSigns: signs })
    } else expect(facts.where).not.toEqual(['inside'])
  })

  it('AC-6.4.3: a link is no way around what is protected', () => {
    const touched = (path: string) => protectedClasses(factsOf(path), { path }, ['/srv/gate/state'])
    expect(touched('notes/authorized_keys')).toEqual(['secrets'])
    expect(touched('state/state.db')).toEqual(['sallyport-state'])
    expect(touched('src/authorized_keys')).toEqual([])
    expect(factsOf('notes/id_x').places).toContain('credentials')
  })

  it.each([
    ['..%2f..%2fother/x', 'disguised'],
    ['src/..%c0%af..%c0%afx', 'disguised'],
    ['a%00.png', 'nul'],
    ['C:\\Windows\\x', 'windows-drive'],
    ['loop/x', 'link-loop'],
    ['$HOME2/x', 'variable'],
  ])('T-056: %j has the sign %s', (path, sign) => {
    expect(factsOf(path).pathSigns).toContain(sign)
  })

  it('T-056: what no agent has a use for is told by the place', () => {
    expect(factsOf('/proc/self/environ').places).toContain('kernel')
    expect(factsOf('/var/run/docker.sock').places).toContain('kernel')
    expect(factsOf('src/a.ts').places).toEqual([])
  })

  it('without a working directory says that it does not know', () => {
    expect(argumentFacts(tool, { path: '/srv/a' }, argumentLeaves(tool.annotation, { path: '/srv/a' }))).toMatchObject({
      canonical: ['/srv/a'],
      where: ['unknown'],
      pathSigns: [],
    })
  })

  it('AC-6.4.3: follows links where no name says that it is a path, and takes other names for none', () => {
    const of = (target: string) => {
      const disk = { home: '/home/ana', look: linkTable(LINKS, CWD) }
      return argumentFacts(tool, { target }, argumentLeaves(tool.annotation, { target }), `${CWD}/`, disk)
    }
    expect(of('notes/id_x')).toMatchObject({ canonical: ['/home/ana/.ssh/id_x'], pathSigns: ['link', 'link-outside'] })
    expect(of('keep')).toMatchObject({ canonical: [], where: [], pathSigns: [] })
  })

  it('takes what is written for no path, though it begins like one', () => {
    const args = { path: 'a.ts', content: '// see ../../etc\n/etc/passwd' }
    const facts = argumentFacts(tool, args, argumentLeaves(tool.annotation, args), CWD)
    expect(facts).toMatchObject({ canonical: [`${CWD}/a.ts`], where: ['inside'], pathSigns: [] })
  })

  it('T-160: walks so many paths and no more, and says so', () => {
    const path = Array.from({ length: 20_000 }, (_, n) => `d${n}/x`)
    let looks = 0
    const look = () => ({ kind: ++looks > 0 ? ('plain' as const) : ('missing' as const) })
    const { paths, pathSigns } = argumentFacts(tool, { path }, argumentLeaves(tool.annotation, { path }), CWD, { look })
    expect([paths.length, pathSigns]).toEqual([20_000, ['too-many']])
    expect(looks).toBeLessThan(1_000)
  })

  it('asks the disk once for each step, and not below what is missing', () => {
    const asked: string[] = []
    const look = (path: string) => {
      asked.push(path)
      return { kind: path === '/home/ana/work/new' ? ('missing' as const) : ('plain' as const) }
    }
    const args = { path: 'new/deep/er.ts' }
    argumentFacts(tool, args, argumentLeaves(tool.annotation, args), CWD, { look })
    expect(asked).toEqual(['/home', '/home/ana', '/home/ana/work', '/home/ana/work/new'])
  })
})
